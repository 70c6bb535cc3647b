//! What resources are called: by us, and by AWS.

use serde::{Deserialize, Serialize, Serializer};
use std::{fmt, marker::PhantomData};

/// A kind of resource, such as `role`: the word used in the YAML, the plan, the events and the errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kind(pub &'static str);

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// What the stack calls a resource within its kind; for most kinds it is AWS's name too.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(transparent)]
pub struct Name(pub String);

impl Name {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Name {
    fn from(text: &str) -> Self {
        Name(text.to_owned())
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a resource stands in the stack, written `role.ecsTaskExecutionRole`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    /// Its kind.
    pub kind: Kind,
    /// Its name within the kind.
    pub name: Name,
}

impl Address {
    /// The address of `name` within `kind`.
    pub fn new(kind: Kind, name: impl Into<Name>) -> Self {
        Address {
            kind,
            name: name.into(),
        }
    }
}

impl From<&Name> for Name {
    fn from(name: &Name) -> Self {
        name.clone()
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.kind.0, self.name.0)
    }
}

impl Serialize for Address {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What AWS calls a resource of kind `R`: an ARN, an id or a name, as `R` says.
pub struct Handle<R> {
    text: String,
    of: PhantomData<fn() -> R>,
}

impl<R> Handle<R> {
    /// A handle that AWS gave, or that follows from a name.
    pub fn new(text: impl Into<String>) -> Self {
        Handle {
            text: text.into(),
            of: PhantomData,
        }
    }

    /// The handle as AWS takes it.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl<R> Clone for Handle<R> {
    fn clone(&self) -> Self {
        Self::new(self.text.clone())
    }
}

impl<R> PartialEq for Handle<R> {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl<R> fmt::Debug for Handle<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl<R> fmt::Display for Handle<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

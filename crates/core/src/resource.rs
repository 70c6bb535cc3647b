//! A value that is desired or observed, and the links between such values.

use crate::{Address, Handle, Kind, Name, Path};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// A value this tool manages: the spec asks for one, AWS shows one, and `==` compares them.
///
/// It holds what we manage and nothing else. Unordered things have unordered types, and one thing
/// has one spelling, so that equality needs no code of its own. Its serialized form is what a plan
/// shows.
pub trait Resource: Clone + fmt::Debug + PartialEq + Serialize + Send + Sync + 'static {
    /// The kind of this resource.
    const KIND: Kind;

    /// Whether taking `observed` to this value publishes a new version, and with it a new handle.
    fn republishes(&self, observed: &Self) -> bool {
        let _ = observed;
        false
    }

    /// Visits every link from this resource to another.
    fn links(&mut self, visit: &mut dyn FnMut(&mut dyn AnyLink)) {
        let _ = visit;
    }

    /// Takes from `observed` what the spec leaves to AWS or to another controller.
    fn inherit(&mut self, observed: &Self) {
        let _ = observed;
    }

    /// Names the field that differs from `observed` and that AWS cannot change in place.
    fn fixed(&self, observed: &Self) -> Option<&'static str> {
        let _ = observed;
        None
    }

    /// Says what carrying out the change does to what runs, such as `rolls 3 tasks`.
    ///
    /// `before` is what is there, with the number of tasks or instances that run on it.
    fn effect(&self, before: Option<(&Self, u64)>) -> Option<String> {
        let _ = before;
        None
    }

    /// Whether the value at `path` of the serialized form must not be shown.
    fn sensitive(&self, path: &Path) -> bool {
        let _ = path;
        false
    }
}

/// A field filled from another resource of the stack.
pub enum Link<R> {
    /// Named in the spec, and not known until that resource is applied.
    To(Name),
    /// Known.
    Is(Handle<R>),
}

impl<R> Link<R> {
    /// A link to the resource that the stack calls `name`.
    pub fn to(name: &str) -> Self {
        Link::To(name.into())
    }

    /// A link that holds what AWS calls the resource.
    pub fn is(handle: impl Into<String>) -> Self {
        Link::Is(Handle::new(handle))
    }

    /// The handle, or nothing while it is still to be known.
    pub fn handle(&self) -> Option<&str> {
        match self {
            Link::To(_) => None,
            Link::Is(handle) => Some(handle.as_str()),
        }
    }
}

impl<R> Clone for Link<R> {
    fn clone(&self) -> Self {
        match self {
            Link::To(name) => Link::To(name.clone()),
            Link::Is(handle) => Link::Is(handle.clone()),
        }
    }
}

impl<R> PartialEq for Link<R> {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Link::To(a), Link::To(b)) => a == b,
            (Link::Is(a), Link::Is(b)) => a == b,
            _ => false,
        }
    }
}

impl<R> Eq for Link<R> {}

impl<R> PartialOrd for Link<R> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<R> Ord for Link<R> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let key = |it: &Self| match it {
            Link::To(name) => (0, name.0.clone()),
            Link::Is(handle) => (1, handle.as_str().to_owned()),
        };
        key(self).cmp(&key(other))
    }
}

impl<R: Resource> fmt::Display for Link<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Link::To(name) => write!(f, "({}.{name})", R::KIND),
            Link::Is(handle) => write!(f, "{handle}"),
        }
    }
}

impl<R: Resource> fmt::Debug for Link<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl<R: Resource> Serialize for Link<R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, R> Deserialize<'de> for Link<R> {
    /// A name; or an ARN, which is a handle already.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Ok(match text.starts_with("arn:") {
            true => Link::is(text),
            false => Link::To(Name(text)),
        })
    }
}

/// A link with its kind erased, for the graph and the executor.
pub trait AnyLink {
    /// The resource this link waits for, if it is still to be filled.
    fn waits_for(&self) -> Option<Address>;
    /// The kind and handle this link holds, if it is filled.
    fn holds(&self) -> Option<(Kind, &str)>;
    /// Fills the link with what AWS calls the resource.
    fn fill(&mut self, handle: &str);
    /// Lets the link wait for the resource of that name.
    fn point(&mut self, name: &Name);
}

impl<R: Resource> AnyLink for Link<R> {
    fn waits_for(&self) -> Option<Address> {
        match self {
            Link::To(name) => Some(Address::new(R::KIND, name)),
            Link::Is(_) => None,
        }
    }

    fn holds(&self) -> Option<(Kind, &str)> {
        self.handle().map(|handle| (R::KIND, handle))
    }

    fn fill(&mut self, handle: &str) {
        *self = Link::is(handle);
    }

    fn point(&mut self, name: &Name) {
        *self = Link::To(name.clone());
    }
}

//! A document of the ECS API with links to other resources in some of its places.

use crate::document::{DocumentKind, normalise};
use serde::{Serialize, Serializer};
use serde_json::Value;
use setpoint_core::{Address, AnyLink, Kind, Name};

/// A document in AWS's own shape, and which of its places are another resource's handle.
///
/// Two are equal if they say the same once normalised, whatever is linked and whatever is written.
#[derive(Clone, Debug)]
pub struct Linked {
    kind: DocumentKind,
    template: Value,
    slots: Vec<Slot>,
}

/// One place that is filled with another resource's handle.
#[derive(Clone, Debug)]
pub struct Slot {
    /// Where it is, as a JSON pointer. Empty for a link that stands nowhere and only orders.
    pub pointer: String,
    /// The kind of the other resource.
    pub kind: Kind,
    /// The other resource.
    pub target: Target,
    /// What follows the handle, such as `:latest` after a repository's URI.
    pub suffix: String,
    /// Whether a tag after the handle stands for the digest that it means at the time.
    pin: bool,
}

/// The other end of a link.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// Named in the spec, not known yet.
    To(Name),
    /// Known.
    Is(String),
}

impl Slot {
    /// A place for the handle of the resource that the stack calls `name`.
    pub fn to(pointer: impl Into<String>, kind: Kind, name: &str) -> Slot {
        Slot {
            pointer: pointer.into(),
            kind,
            target: Target::To(name.into()),
            suffix: String::new(),
            pin: false,
        }
    }

    /// A place that holds a handle.
    pub fn is(pointer: impl Into<String>, kind: Kind, handle: impl Into<String>) -> Slot {
        Slot {
            pointer: pointer.into(),
            kind,
            target: Target::Is(handle.into()),
            suffix: String::new(),
            pin: false,
        }
    }

    /// The same place with something after the handle.
    pub fn followed_by(mut self, suffix: impl Into<String>) -> Slot {
        self.suffix = suffix.into();
        self
    }

    /// The same place, where the tag that follows is to give way to the digest it stands for.
    pub fn pinned(mut self) -> Slot {
        self.pin = true;
        self
    }

    /// The tag that is to give way to a digest and has not yet.
    fn tag(&self) -> Option<&str> {
        self.suffix.strip_prefix(':').filter(|_| self.pin)
    }

    fn text(&self) -> String {
        match &self.target {
            Target::To(name) => format!("({}.{name}){}", self.kind, self.suffix),
            Target::Is(handle) => format!("{handle}{}", self.suffix),
        }
    }
}

impl AnyLink for Slot {
    fn waits_for(&self) -> Option<Address> {
        match &self.target {
            Target::To(name) => Some(Address::new(self.kind, name)),
            Target::Is(_) => None,
        }
    }

    fn holds(&self) -> Option<(Kind, &str)> {
        match &self.target {
            Target::To(_) => None,
            Target::Is(handle) => Some((self.kind, handle)),
        }
    }

    fn fill(&mut self, handle: &str) {
        self.target = Target::Is(handle.to_owned());
    }

    fn point(&mut self, name: &Name) {
        self.target = Target::To(name.clone());
    }
}

impl Linked {
    /// A document as it was written or read, with its links.
    pub fn new(kind: DocumentKind, document: Value, slots: Vec<Slot>) -> Linked {
        Linked {
            kind,
            template: document,
            slots,
        }
    }

    /// The document in normal form, each link as its handle or, while unknown, as `(kind.name)`.
    ///
    /// A place for subnets takes the handle apart: it is ids joined by commas.
    pub fn value(&self) -> Value {
        let mut value = self.template.clone();
        for slot in &self.slots {
            if let Some(place) = value.pointer_mut(&slot.pointer)
                && !slot.pointer.is_empty()
            {
                *place = match (place.is_array(), slot.text()) {
                    (true, text) => text.split(',').map(|it| Value::String(it.into())).collect(),
                    (false, text) => Value::String(text),
                };
            }
        }
        normalise(self.kind, value)
    }

    /// The links.
    pub fn links(&mut self, visit: &mut dyn FnMut(&mut dyn AnyLink)) {
        for slot in &mut self.slots {
            visit(slot);
        }
    }

    /// Puts digests in the place of tags, where `digest` knows the one that a tag of the repository
    /// at the other end of its link stands for.
    pub fn pin(&mut self, mut digest: impl FnMut(&Target, &str) -> Option<String>) {
        for slot in &mut self.slots {
            if let Some(tag) = slot.tag()
                && let Some(digest) = digest(&slot.target, tag)
            {
                slot.suffix = format!("@{digest}");
            }
        }
    }

    /// Puts tags in the place of digests, where `tag` knows the one for a handle and its digest.
    pub fn unpin(&mut self, mut tag: impl FnMut(&str, &str) -> Option<String>) {
        for slot in &mut self.slots {
            if let Target::Is(handle) = &slot.target
                && let Some(digest) = slot.suffix.strip_prefix('@')
                && let Some(tag) = tag(handle, digest)
            {
                slot.suffix = format!(":{tag}");
            }
        }
    }

    /// Changes the document itself, in the form in which it was written.
    pub fn change(&mut self, change: impl FnOnce(&mut Value)) {
        change(&mut self.template);
    }
}

impl PartialEq for Linked {
    fn eq(&self, other: &Self) -> bool {
        self.value() == other.value()
    }
}

impl Serialize for Linked {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value().serialize(serializer)
    }
}

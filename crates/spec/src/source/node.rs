//! A value of a YAML text, and where each part of it stands.

use super::scalar;
use crate::problem::Span;
use serde_json::{Map, Value};

/// A value and its place.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) span: Span,
    pub(crate) holds: Holds,
}

#[derive(Clone, Debug)]
pub(crate) enum Holds {
    /// Text, and whether it is plain: not quoted, and so a number perhaps.
    Scalar { text: String, plain: bool },
    /// A list, and whether it stands in brackets.
    List { items: Vec<Node>, flow: bool },
    /// A map, and whether it stands in braces.
    Map { entries: Vec<Entry>, flow: bool },
}

/// A key and its value.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) key: Node,
    pub(crate) value: Node,
}

/// One step to a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Under a key.
    Key(String),
    /// At an index.
    Index(usize),
}

impl From<&str> for Step {
    fn from(key: &str) -> Self {
        Step::Key(key.to_owned())
    }
}

impl From<usize> for Step {
    fn from(index: usize) -> Self {
        Step::Index(index)
    }
}

impl Node {
    /// The text of a scalar; nothing for a list or a map.
    pub(crate) fn text(&self) -> &str {
        match &self.holds {
            Holds::Scalar { text, .. } => text,
            _ => "",
        }
    }

    /// The value without its places.
    pub(crate) fn value(&self) -> Value {
        match &self.holds {
            Holds::Scalar { text, plain: true } => scalar::value(text),
            Holds::Scalar { text, .. } => Value::String(text.clone()),
            Holds::List { items, .. } => items.iter().map(Node::value).collect(),
            Holds::Map { entries, .. } => {
                let entries = entries.iter();
                let members = entries.map(|it| (it.key.text().to_owned(), it.value.value()));
                Value::Object(members.collect::<Map<_, _>>())
            }
        }
    }

    /// The entry of a map under a key.
    pub(crate) fn entry(&self, key: &str) -> Option<&Entry> {
        match &self.holds {
            Holds::Map { entries, .. } => entries.iter().find(|it| it.key.text() == key),
            _ => None,
        }
    }

    /// The value one step away.
    pub(crate) fn child(&self, step: &Step) -> Option<&Node> {
        match (step, &self.holds) {
            (Step::Key(key), _) => self.entry(key).map(|it| &it.value),
            (Step::Index(index), Holds::List { items, .. }) => items.get(*index),
            _ => None,
        }
    }

    /// The member, with its key, or the element that a place is in.
    pub(crate) fn part_around(&self, place: &Span) -> Option<(Span, &Node)> {
        match &self.holds {
            Holds::Map { entries, .. } => entries
                .iter()
                .map(|it| (it.key.span.through(it.value.span), &it.value))
                .find(|it| it.0.holds(place)),
            Holds::List { items, .. } => items
                .iter()
                .map(|it| (it.span, it))
                .find(|it| it.0.holds(place)),
            Holds::Scalar { .. } => None,
        }
    }

    /// Whether a scalar within stands around a place.
    pub(crate) fn has_text_at(&self, place: &Span) -> bool {
        match &self.holds {
            Holds::Scalar { .. } => self.span.holds(place) && self.span.to != place.to,
            Holds::List { items, .. } => items.iter().any(|it| it.has_text_at(place)),
            Holds::Map { entries, .. } => {
                let parts = entries.iter().flat_map(|it| [&it.key, &it.value]);
                parts.into_iter().any(|it| it.has_text_at(place))
            }
        }
    }

    /// The first scalar within that reads `text`.
    pub(crate) fn find(&self, text: &str) -> Option<&Node> {
        match &self.holds {
            Holds::Scalar { text: it, .. } => (it == text).then_some(self),
            Holds::List { items, .. } => items.iter().find_map(|it| it.find(text)),
            Holds::Map { entries, .. } => entries.iter().find_map(|it| it.value.find(text)),
        }
    }
}

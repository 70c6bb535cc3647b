//! What is wrong with a document, and where.

use std::fmt;

/// One thing that is wrong with a document.
///
/// A member that is missing is reported at the object it is missing from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Leads from the document's root to what is wrong; empty for the root.
    pub path: Vec<Segment>,
    /// Says what is wrong and, where it is short, what is right.
    pub message: String,
    /// What was probably meant, to be written in place of what is there.
    pub suggestion: Option<String>,
}

/// One step into a document.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Segment {
    /// A member of an object, or an entry of a map.
    Key(String),
    /// An element of a list, counted from nought.
    Index(usize),
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, segment) in self.path.iter().enumerate() {
            match segment {
                Segment::Key(key) if position == 0 => write!(formatter, "{key}")?,
                Segment::Key(key) => write!(formatter, ".{key}")?,
                Segment::Index(index) => write!(formatter, "[{index}]")?,
            }
        }
        if !self.path.is_empty() {
            write!(formatter, ": ")?;
        }
        write!(formatter, "{}", self.message)?;
        match &self.suggestion {
            Some(suggestion) => write!(formatter, "; did you mean `{suggestion}`?"),
            None => Ok(()),
        }
    }
}

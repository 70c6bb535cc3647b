//! Words for a reader: lines of spans, each with a tone. Without tones they say the same.

use std::fmt;

/// How a span is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// As it is.
    Plain,
    /// A heading, or a name.
    Strong,
    /// Beside the point.
    Faint,
    /// As it should be.
    Good,
    /// On its way, or to be watched.
    Change,
    /// Not as it should be.
    Bad,
}

/// A line of text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line(pub Vec<(Tone, String)>);

impl Line {
    /// An empty line.
    pub fn new() -> Line {
        Line::default()
    }

    /// The same with more text.
    #[must_use]
    pub fn and(mut self, tone: Tone, text: impl Into<String>) -> Line {
        self.0.push((tone, text.into()));
        self
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|(_, text)| f.write_str(text))
    }
}

/// A number in percent: without decimals from ten on, with one below.
pub(crate) fn percent(value: f64) -> String {
    match value < 9.95 && value > 0.0 {
        true => format!("{value:.1} %"),
        false => format!("{value:.0} %"),
    }
}

/// The last part of an ARN or a path.
pub(crate) fn last(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or_default()
}

/// The first eight characters of an id, which are enough to tell tasks apart.
pub(crate) fn short(id: &str) -> &str {
    id.get(..8).unwrap_or(id)
}

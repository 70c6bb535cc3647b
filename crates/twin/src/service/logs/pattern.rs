//! Filter patterns for lines of text.

use super::invalid;
use crate::Refusal;

/// Terms that a line must, may or must not contain.
#[derive(Debug, PartialEq)]
pub(super) struct Pattern {
    all: Vec<String>,
    any: Vec<String>,
    none: Vec<String>,
}

impl Pattern {
    /// Reads a pattern. Those for JSON, for columns and with regular expressions are not taken.
    pub(super) fn read(text: &str) -> Result<Pattern, Refusal> {
        let mut pattern = Pattern {
            all: Vec::new(),
            any: Vec::new(),
            none: Vec::new(),
        };
        let mut rest = text.trim_start();
        if rest.starts_with(['{', '[', '%']) {
            let kind = "Invalid filter pattern: only patterns for unstructured log events are";
            return Err(invalid(format!("{kind} taken here")));
        }
        while !rest.is_empty() {
            let (terms, after) = match rest.as_bytes()[0] {
                b'-' => (&mut pattern.none, &rest[1..]),
                b'?' => (&mut pattern.any, &rest[1..]),
                _ => (&mut pattern.all, rest),
            };
            let (term, after) = term(after)?;
            if !term.is_empty() {
                terms.push(term);
            }
            rest = after.trim_start();
        }
        Ok(pattern)
    }

    /// Whether a line fits. Optional terms count only where there are no others.
    pub(super) fn matches(&self, line: &str) -> bool {
        let is_in = |term: &String| contains(line, term);
        let is_optional = self.all.is_empty() && self.none.is_empty() && !self.any.is_empty();
        self.all.iter().all(is_in)
            && !self.none.iter().any(is_in)
            && (!is_optional || self.any.iter().any(is_in))
    }
}

/// The term at the beginning, without its quotes, and what follows it.
fn term(text: &str) -> Result<(String, &str), Refusal> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(char::is_whitespace).unwrap_or(text.len());
        let (word, rest) = text.split_at(end);
        let is_word = |it: char| it.is_alphanumeric() || it == '_';
        return match word.chars().all(is_word) {
            true => Ok((word.to_owned(), rest)),
            false => Err(invalid(format!("Invalid character(s) in term '{word}'"))),
        };
    };
    let mut term = String::new();
    let mut chars = quoted.char_indices();
    while let Some((at, char)) = chars.next() {
        match char {
            '"' => return Ok((term, &quoted[at + 1..])),
            '\\' => term.extend(chars.next().map(|(_, it)| it)),
            _ => term.push(char),
        }
    }
    Err(invalid(
        "Invalid filter pattern: a quotation mark is missing",
    ))
}

/// Whether a term stands in a line as whole words; in `[ERROR 400]` that is `ERROR`, in `ERRORS` it
/// is not.
fn contains(line: &str, term: &str) -> bool {
    let is_word = |it: char| it.is_alphanumeric() || it == '_';
    line.match_indices(term).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + term.len()..].chars().next();
        let joins = |inner: Option<char>, outer: Option<char>| {
            inner.is_some_and(is_word) && outer.is_some_and(is_word)
        };
        !joins(term.chars().next(), before) && !joins(term.chars().next_back(), after)
    })
}

//! The rules that a model gives a value.

use crate::model::{Kind, Shape};
use serde_json::Value;

/// A rule.
pub(super) enum Rule {
    /// It is there.
    There,
    /// A text, a list or a map is that long at least.
    Long(f64),
    /// And at most.
    Short(f64),
    /// A number is that at least.
    Least(f64),
    /// And at most.
    Most(f64),
    /// A text is one of these.
    Among(Vec<&'static str>),
    /// A text fits a pattern.
    Pattern(String),
    /// All elements keep all of these.
    Each(&'static str, Vec<Rule>),
}

impl Rule {
    /// The rule in AWS's words.
    pub(super) fn words(&self) -> String {
        match self {
            Rule::There => "Member must not be null".to_owned(),
            Rule::Long(least) => {
                format!("Member must have length greater than or equal to {least}")
            }
            Rule::Short(most) => format!("Member must have length less than or equal to {most}"),
            Rule::Least(least) => {
                format!("Member must have value greater than or equal to {least}")
            }
            Rule::Most(most) => format!("Member must have value less than or equal to {most}"),
            Rule::Among(texts) => {
                format!("Member must satisfy enum value set: [{}]", texts.join(", "))
            }
            Rule::Pattern(pattern) => {
                format!("Member must satisfy regular expression pattern: {pattern}")
            }
            Rule::Each(what, rules) => {
                let rules: Vec<String> = rules.iter().map(Rule::words).collect();
                format!("{what} satisfy constraint: [{}]", rules.join(", "))
            }
        }
    }

    /// What EC2 says that it expects, if it does.
    pub(super) fn expectation(&self) -> String {
        match self {
            Rule::Least(least) => format!(" Expecting a value greater than or equal to {least}."),
            Rule::Most(most) => format!(" Expecting a value less than or equal to {most}."),
            Rule::Long(least) => format!(" Expecting a length of at least {least}."),
            Rule::Short(most) => format!(" Expecting a length of at most {most}."),
            Rule::Pattern(pattern) => format!(" Expecting a value that matches {pattern}."),
            Rule::There | Rule::Among(_) | Rule::Each(..) => String::new(),
        }
    }
}

/// The rules of a shape, in the order in which AWS lists them.
pub(super) fn of(shape: &Shape) -> Vec<Rule> {
    let mut rules = Vec::new();
    let is_number = matches!(shape.kind, Kind::Integer | Kind::Decimal);
    match is_number {
        true => {
            rules.extend(shape.most.map(Rule::Most));
            rules.extend(shape.least.map(Rule::Least));
        }
        false => {
            rules.extend(shape.most.map(Rule::Short));
            rules.extend(shape.least.map(Rule::Long));
        }
    }
    rules.extend(shape.pattern.clone().map(Rule::Pattern));
    if !shape.allowed.is_empty() {
        rules.push(Rule::Among(shape.allowed.iter().copied().collect()));
    }
    rules
}

/// The rules that a value breaks by itself, its parts aside; AWS names the pattern first.
pub(super) fn broken(shape: &Shape, value: &Value) -> Vec<Rule> {
    if !is_ruled(shape) {
        return Vec::new();
    }
    let length = length(shape, value);
    let number = value.as_f64();
    let mut rules = of(shape);
    rules.retain(|rule| match rule {
        Rule::Long(least) => length.is_some_and(|it| it < *least),
        Rule::Short(most) => length.is_some_and(|it| it > *most),
        Rule::Least(least) => number.is_some_and(|it| it < *least),
        Rule::Most(most) => number.is_some_and(|it| it > *most),
        Rule::Among(texts) => value.as_str().is_some_and(|it| !texts.contains(&it)),
        Rule::Pattern(_) => value.as_str().is_some_and(|it| !shape.fits(it)),
        Rule::There | Rule::Each(..) => false,
    });
    rules.sort_by_key(|rule| !matches!(rule, Rule::Pattern(_)));
    rules
}

fn is_ruled(shape: &Shape) -> bool {
    shape.least.is_some()
        || shape.most.is_some()
        || shape.pattern.is_some()
        || !shape.allowed.is_empty()
}

/// The length of a text in characters, of a blob in bytes, of a list or a map in elements.
fn length(shape: &Shape, value: &Value) -> Option<f64> {
    let length = match value {
        Value::String(text) if matches!(shape.kind, Kind::Blob) => {
            let padding = text.bytes().rev().take_while(|it| *it == b'=').count();
            text.len() / 4 * 3 - padding.min(2).min(text.len())
        }
        Value::String(text) => text.chars().count(),
        Value::Array(list) => list.len(),
        Value::Object(map) => map.len(),
        _ => return None,
    };
    Some(length as f64)
}

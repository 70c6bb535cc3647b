//! Whether a document is one that the API takes.

mod words;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Number, Value};

use super::habits::Spelling;
use super::nearest::nearest;
use super::schema::{Bounds, Member, Schema, Shape, schema};
use super::{DocumentKind, Problem, Segment, size};

/// Finds everything that is wrong with a document as a user wrote it.
///
/// It allows what [`normalise`](super::normalise) makes right: null and empty for
/// absent, whole numbers for texts and the other way round, and sizes with units.
/// It knows the shapes and each value by itself; what two resources must agree on
/// is not asked here.
pub fn check(kind: DocumentKind, document: &Value) -> Vec<Problem> {
    let schema = schema();
    let mut check = Check {
        schema,
        path: Vec::new(),
        problems: Vec::new(),
    };
    match document {
        Value::Object(object) => {
            let shown = &schema.root(kind).shown;
            check.members(object, schema.document(kind), shown);
        }
        other => check.wrong_type("an object", other),
    }
    check.problems
}

struct Check {
    schema: &'static Schema,
    path: Vec<Segment>,
    problems: Vec<Problem>,
}

impl Check {
    fn members(
        &mut self,
        object: &Map<String, Value>,
        members: &BTreeMap<String, Member>,
        shown: &BTreeSet<String>,
    ) {
        for (name, value) in object {
            self.path.push(Segment::Key(name.clone()));
            match members.get(name) {
                Some(member) => self.member(value, member),
                None if shown.contains(name) => {
                    self.report("AWS writes this member itself; leave it out".to_owned());
                }
                None => {
                    let meant = nearest(name, members.keys().map(String::as_str));
                    self.suggest("there is no such member".to_owned(), meant);
                }
            }
            self.path.pop();
        }
        for (name, member) in members {
            if member.required && object.get(name).is_none_or(Value::is_null) {
                self.report(format!("`{name}` is missing"));
            }
        }
    }

    fn member(&mut self, value: &Value, member: &Member) {
        let shape = self.schema.of(member);
        match (shape, value) {
            (_, Value::Null) => {}
            (Shape::Text { allowed, .. }, Value::String(text))
                if text.is_empty() && !allowed.is_empty() && !member.required => {}
            (Shape::Text { allowed, .. }, Value::Bool(_))
                if allowed.is_empty() && member.spelling == Some(Spelling::Anything) => {}
            (Shape::List { .. }, Value::Array(list)) => {
                self.value(value, shape, member.bounds);
                self.unique(list, member);
            }
            (Shape::Text { .. }, Value::String(_) | Value::Number(_)) => {
                let before = self.problems.len();
                self.value(value, shape, Bounds::default());
                if self.problems.len() == before {
                    self.spelling(value, member);
                }
            }
            _ => self.value(value, shape, member.bounds),
        }
    }

    fn value(&mut self, value: &Value, shape: &'static Shape, narrower: Bounds) {
        match (shape, value) {
            (_, Value::Null) | (Shape::Anything, _) | (Shape::Flag, Value::Bool(_)) => {}
            (Shape::Object(members), Value::Object(object)) => {
                self.members(object, members, &BTreeSet::new());
            }
            (Shape::Object(_) | Shape::Map { .. }, other) if !other.is_object() => {
                self.wrong_type("an object", other);
            }
            (Shape::Map { value: shape }, Value::Object(entries)) => {
                let shape = self.schema.named(shape);
                for (key, value) in entries {
                    self.path.push(Segment::Key(key.clone()));
                    // A map's texts are whatever a program reads: `true` as well.
                    if !value.is_boolean() {
                        self.value(value, shape, Bounds::default());
                    }
                    self.path.pop();
                }
            }
            (Shape::List { element, length }, Value::Array(list)) => {
                self.bounds(list.len() as i64, narrower.or(*length), "elements");
                let shape = self.schema.named(element);
                for (index, value) in list.iter().enumerate() {
                    self.path.push(Segment::Index(index));
                    self.value(value, shape, Bounds::default());
                    self.path.pop();
                }
            }
            (Shape::List { .. }, other) => self.wrong_type("a list", other),
            (Shape::Text { allowed, length }, Value::String(text)) => {
                if allowed.is_empty() {
                    self.bounds(text.chars().count() as i64, *length, "characters");
                } else if !allowed.contains(text) {
                    let meant = nearest(text, allowed.iter().map(String::as_str));
                    let message = format!("`{text}` is not one of {}", allowed.join(", "));
                    self.suggest(message, meant);
                }
            }
            (Shape::Text { allowed, .. }, Value::Number(number)) if allowed.is_empty() => {
                self.number_for_text(number);
            }
            (Shape::Text { .. }, other) => self.wrong_type("a text", other),
            (Shape::Flag, other) => self.wrong_type("true or false", other),
            (Shape::Integer { bounds }, _) => match words::whole_number(value) {
                Some(number) => self.bounds(number, narrower.or(*bounds), ""),
                None => self.wrong_type("a whole number", value),
            },
            (Shape::Decimal, _) if words::is_number(value) => {}
            (Shape::Decimal, other) => self.wrong_type("a number", other),
            (Shape::Object(_) | Shape::Map { .. }, _) => {}
        }
    }

    /// Refuses `1.10`, which is no longer what its writer wrote.
    fn number_for_text(&mut self, number: &Number) {
        if number.is_f64() {
            self.suggest(
                format!("this is read as the number {number}; write a text in quotes"),
                None,
            );
        }
    }

    fn spelling(&mut self, value: &Value, member: &Member) {
        let text = match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        if member.is_name && !words::is_name(&text) {
            self.report(format!(
                "`{text}` is not a name of 1 to 255 letters, digits, `-` and `_`"
            ));
        }
        let (size, unit) = match member.spelling {
            Some(Spelling::Cpu) => (size::cpu_units(&text), "`256` units or `0.25 vCPU`"),
            Some(Spelling::Memory) => (size::memory_mebibytes(&text), "`512` MiB or `0.5 GB`"),
            _ => return,
        };
        match size {
            Some(size) => self.bounds(size as i64, member.bounds, ""),
            None => self.report(format!("`{text}` is no size; write it like {unit}")),
        }
    }

    fn unique(&mut self, list: &[Value], member: &Member) {
        let Some(key) = member.unique else { return };
        let mut seen = BTreeSet::new();
        for (index, element) in list.iter().enumerate() {
            if let Some(name) = element.get(key).and_then(Value::as_str)
                && !seen.insert(name)
            {
                self.path.push(Segment::Index(index));
                self.path.push(Segment::Key(key.to_owned()));
                self.report(format!("`{name}` is here twice"));
                self.path.truncate(self.path.len() - 2);
            }
        }
    }

    fn bounds(&mut self, number: i64, bounds: Bounds, of: &str) {
        let too_little = bounds.least.is_some_and(|least| number < least);
        let too_much = bounds.most.is_some_and(|most| number > most);
        if too_little || too_much {
            self.report(words::out_of_bounds(number, bounds, of));
        }
    }

    fn wrong_type(&mut self, wanted: &str, found: &Value) {
        self.report(format!(
            "{} stands where {wanted} belongs",
            words::what(found)
        ));
    }

    fn report(&mut self, message: String) {
        self.suggest(message, None);
    }

    fn suggest(&mut self, message: String, suggestion: Option<&str>) {
        self.problems.push(Problem {
            path: self.path.clone(),
            message,
            suggestion: suggestion.map(str::to_owned),
        });
    }
}

#[cfg(test)]
mod tests;

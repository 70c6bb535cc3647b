//! Input held against the model, and output too.

use super::words;
use crate::{
    Refusal,
    model::{Kind, Member, Service, Shape, Speech},
};
use serde_json::{Map, Value};

mod output;
mod rule;

pub use output::misfits;
use rule::Rule;

/// Refuses input that the model forbids, in the service's own words.
pub(super) fn input(
    service: &Service,
    speech: Speech,
    shape: &str,
    members: &Map<String, Value>,
) -> Result<(), Refusal> {
    let mut check = Check {
        service,
        speech,
        broken: Vec::new(),
    };
    check.object(shape, members, "");
    match check.broken.as_slice() {
        [] => Ok(()),
        broken => Err(refusal(service, speech, broken)),
    }
}

/// A rule that a value breaks.
struct Broken {
    path: String,
    value: Option<Value>,
    rule: Rule,
}

struct Check<'a> {
    service: &'a Service,
    speech: Speech,
    broken: Vec<Broken>,
}

impl Check<'_> {
    fn object(&mut self, shape: &str, given: &Map<String, Value>, path: &str) {
        let Kind::Object(members, required) = &self.service.shape(shape).kind else {
            return;
        };
        for member in members {
            let path = self.join(path, member);
            match given.get(member.name) {
                Some(value) => self.value(member.shape, value, &path),
                None if required.contains(&member.name) => self.breaks(&path, None, Rule::There),
                None => {}
            }
        }
    }

    fn value(&mut self, shape_name: &str, value: &Value, path: &str) {
        let shape = self.service.shape(shape_name);
        for rule in rule::broken(shape, value) {
            self.breaks(path, Some(value), rule);
        }
        match (&shape.kind, value) {
            (Kind::Object(..), Value::Object(given)) => self.object(shape_name, given, path),
            (Kind::List(element, _), Value::Array(list)) => self.list(element, list, value, path),
            (Kind::Map(key, shape), Value::Object(map)) => self.map((key, shape), map, value, path),
            _ => {}
        }
    }

    fn list(&mut self, element: &str, list: &[Value], whole: &Value, path: &str) {
        let shape = self.service.shape(element);
        let gathers = is_plain(shape) && self.speech != Speech::Ec2;
        let rules = list
            .iter()
            .filter(|it| !it.is_null())
            .map(|it| rule::broken(shape, it));
        if gathers && rules.into_iter().any(|it| !it.is_empty()) {
            let rule = Rule::Each("Member must", rule::of(shape));
            self.breaks(path, Some(whole), rule);
        }
        for (number, value) in (1..).zip(list) {
            let path = match self.speech {
                Speech::Ec2 => format!("{path}.{number}"),
                _ => format!("{path}.{number}.member"),
            };
            match value {
                Value::Null => self.breaks(&path, None, Rule::There),
                _ if gathers => {}
                value => self.value(element, value, &path),
            }
        }
    }

    fn map(
        &mut self,
        (key, element): (&str, &str),
        map: &Map<String, Value>,
        whole: &Value,
        path: &str,
    ) {
        let breaks = |shape: &Shape, value: &Value| !rule::broken(shape, value).is_empty();
        let keys = self.service.shape(key);
        if map.keys().any(|it| breaks(keys, &Value::from(it.as_str()))) {
            let rule = Rule::Each("Map keys must", rule::of(keys));
            self.breaks(path, Some(whole), rule);
        }
        let values = self.service.shape(element);
        if !is_plain(values) {
            for (key, value) in map {
                self.value(element, value, &format!("{path}.{key}.member"));
            }
        } else if map.values().any(|it| breaks(values, it)) {
            let rule = Rule::Each("Map value must", rule::of(values));
            self.breaks(path, Some(whole), rule);
        }
    }

    fn breaks(&mut self, path: &str, value: Option<&Value>, rule: Rule) {
        self.broken.push(Broken {
            path: path.to_owned(),
            value: value.cloned(),
            rule,
        });
    }

    fn join(&self, path: &str, member: &Member) -> String {
        let name = match self.speech {
            Speech::Ec2 => member.in_ec2(),
            _ => small(member.name),
        };
        match path.is_empty() {
            true => name,
            false => format!("{path}.{name}"),
        }
    }
}

/// Whether values of a shape have no parts.
fn is_plain(shape: &Shape) -> bool {
    !matches!(
        shape.kind,
        Kind::Object(..) | Kind::List(..) | Kind::Map(..)
    )
}

/// A name as AWS's refusals have it.
fn small(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().map(|it| it.to_ascii_lowercase());
    first.into_iter().chain(letters).collect()
}

fn refusal(service: &Service, speech: Speech, broken: &[Broken]) -> Refusal {
    if speech == Speech::Ec2 {
        return in_ec2(&broken[0]);
    }
    let code = words::invalid_code(service.name);
    if service.name == "ecr" {
        return Refusal::new(code, in_ecr(&broken[0]));
    }
    let count = broken.len();
    let plural = if count == 1 { "" } else { "s" };
    let each: Vec<String> = broken.iter().map(in_words).collect();
    let each = each.join("; ");
    Refusal::new(
        code,
        format!("{count} validation error{plural} detected: {each}"),
    )
}

fn in_words(broken: &Broken) -> String {
    let value = match &broken.value {
        Some(value) => format!("'{}'", shown(value)),
        None => "null".to_owned(),
    };
    let path = &broken.path;
    format!(
        "Value {value} at '{path}' failed to satisfy constraint: {}",
        broken.rule.words()
    )
}

fn in_ecr(broken: &Broken) -> String {
    let rule = broken.rule.words().replace("Member must", "must");
    let rule = match rule.split_once("regular expression pattern: ") {
        Some((before, pattern)) => format!("{before}regular expression '{pattern}'"),
        None => rule,
    };
    let path = &broken.path;
    format!("Invalid parameter at '{path}' failed to satisfy constraint: '{rule}'")
}

fn in_ec2(broken: &Broken) -> Refusal {
    let path = &broken.path;
    match &broken.value {
        None => Refusal::new(
            "MissingParameter",
            format!("The request must contain the parameter {path}"),
        ),
        Some(value) => {
            let (value, path) = (shown(value), small(path));
            let expected = broken.rule.expectation();
            Refusal::new(
                "InvalidParameterValue",
                format!("Value ({value}) for parameter {path} is invalid.{expected}"),
            )
        }
    }
}

/// A value as AWS's refusals show it.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(list) => {
            let list: Vec<String> = list.iter().map(shown).collect();
            format!("[{}]", list.join(", "))
        }
        Value::Object(members) => {
            let members = members
                .iter()
                .map(|(key, it)| format!("{key}={}", shown(it)));
            let members: Vec<String> = members.collect();
            format!("{{{}}}", members.join(", "))
        }
        value => value.to_string(),
    }
}

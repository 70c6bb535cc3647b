//! The one form of all documents that say the same.

mod context;
mod order;

use std::collections::BTreeMap;

use serde_json::{Map, Number, Value};

use super::DocumentKind;
use super::habits::{SHOWN_BY_DEPLOYMENT, Spelling};
use super::schema::{Member, Schema, Shape, schema};
use super::size;

pub(super) use context::Context;

/// Gives a document the one form that it shares with all that say the same.
///
/// What is empty, null, at its default, shown but never written, or unknown to the
/// model is left out; lists without order are sorted; texts have AWS's spelling.
/// An object that would be all defaults goes as a whole, and keeps what it must
/// have otherwise: what was fit to be sent before is so after.
///
/// The form of a form is itself. A value of the wrong type is left as it stands,
/// for [`check`](super::check) to refuse.
pub fn normalise(kind: DocumentKind, document: Value) -> Value {
    let mut object = match document {
        Value::Object(object) => object,
        Value::Null => Map::new(),
        other => return other,
    };
    if kind == DocumentKind::Service {
        lift(&mut object);
    }
    let context = Context::of(&object);
    let pass = Pass {
        schema: schema(),
        context,
    };
    let mut object = pass.members(object, pass.schema.document(kind));
    if kind == DocumentKind::TaskDefinition && pass.context.on_fargate {
        object
            .entry("networkMode")
            .or_insert_with(|| Value::from("awsvpc"));
    }
    Value::Object(object)
}

/// Takes from the newest deployment what AWS shows nowhere else.
fn lift(service: &mut Map<String, Value>) {
    let Some(Value::Array(deployments)) = service.remove("deployments") else {
        return;
    };
    let newest = deployments
        .into_iter()
        .find(|deployment| deployment["status"] == "PRIMARY");
    if let Some(Value::Object(mut deployment)) = newest {
        for member in SHOWN_BY_DEPLOYMENT {
            if let (false, Some(value)) =
                (service.contains_key(*member), deployment.remove(*member))
            {
                service.insert((*member).to_owned(), value);
            }
        }
    }
}

struct Pass {
    schema: &'static Schema,
    context: Context,
}

impl Pass {
    fn members(
        &self,
        mut object: Map<String, Value>,
        members: &BTreeMap<String, Member>,
    ) -> Map<String, Value> {
        let mut kept = Map::new();
        for (name, member) in members {
            if let Some(value) = object
                .remove(name)
                .and_then(|value| self.member(value, member))
            {
                kept.insert(name.clone(), value);
            }
        }
        let is_off = |(name, value): (&String, &Value)| members[name].is_switch && *value == false;
        if kept.iter().any(is_off) {
            return Map::new();
        }
        let at_default: Vec<&String> = kept
            .iter()
            .filter(|(name, value)| {
                let default = members[*name].default;
                default.is_some_and(|default| self.context.is_default(default, value, &kept))
            })
            .map(|(name, _)| name)
            .collect();
        if at_default.len() == kept.len() {
            return Map::new();
        }
        let optional: Vec<String> = at_default
            .into_iter()
            .filter(|name| !members[*name].required)
            .cloned()
            .collect();
        for name in optional {
            kept.remove(&name);
        }
        kept
    }

    fn member(&self, value: Value, member: &Member) -> Option<Value> {
        let shape = self.schema.of(member);
        let empty = match value {
            Value::Array(_) => Some(Value::Array(Vec::new())),
            Value::Object(_) => Some(Value::Object(Map::new())),
            _ => None,
        };
        match self.value(value, shape) {
            Some(Value::String(text))
                if text.is_empty() && is_choice(shape) && !member.required =>
            {
                None
            }
            Some(Value::String(text)) => Some(Value::String(spell(text, member.spelling))),
            Some(Value::Array(mut list)) => {
                if let Some(keys) = member.set {
                    list.sort_by(|one, other| order::compare(one, other, keys));
                }
                Some(Value::Array(list))
            }
            // What must be written is written even where it is empty.
            None if member.required => empty,
            other => other,
        }
    }

    fn value(&self, value: Value, shape: &Shape) -> Option<Value> {
        match (shape, value) {
            (_, Value::Null) => None,
            (Shape::Object(members), Value::Object(object)) => {
                let object = self.members(object, members);
                (!object.is_empty()).then_some(Value::Object(object))
            }
            (Shape::List { element, .. }, Value::Array(list)) => {
                let shape = self.schema.named(element);
                let list: Vec<Value> = list
                    .into_iter()
                    .filter_map(|value| self.value(value, shape))
                    .collect();
                (!list.is_empty()).then_some(Value::Array(list))
            }
            (Shape::Map { value: shape }, Value::Object(object)) => {
                let shape = self.schema.named(shape);
                let mut entries: Vec<(String, Value)> = object
                    .into_iter()
                    .filter_map(|(key, value)| Some((key, self.value(value, shape)?)))
                    .collect();
                entries.sort_by(|one, other| one.0.cmp(&other.0));
                (!entries.is_empty()).then(|| Value::Object(entries.into_iter().collect()))
            }
            (Shape::Text { allowed, .. }, Value::Number(number)) if allowed.is_empty() => {
                Some(Value::String(number.to_string()))
            }
            (Shape::Text { allowed, .. }, Value::Bool(flag)) if allowed.is_empty() => {
                Some(Value::String(flag.to_string()))
            }
            (Shape::Integer { .. } | Shape::Decimal, Value::String(text)) => {
                let number = text.trim().parse().ok().map(whole);
                Some(number.map_or(Value::String(text), Value::Number))
            }
            (Shape::Integer { .. } | Shape::Decimal, Value::Number(number)) => {
                Some(Value::Number(whole(number)))
            }
            (Shape::Anything, Value::Object(object)) if object.is_empty() => None,
            (_, value) => Some(value),
        }
    }
}

fn is_choice(shape: &Shape) -> bool {
    matches!(shape, Shape::Text { allowed, .. } if !allowed.is_empty())
}

fn spell(text: String, spelling: Option<Spelling>) -> String {
    let size = match spelling {
        Some(Spelling::Cpu) => size::cpu_units(&text),
        Some(Spelling::Memory) => size::memory_mebibytes(&text),
        Some(Spelling::PlacementField) => match text.to_ascii_lowercase().as_str() {
            "host" | "instanceid" => return "instanceId".to_owned(),
            "cpu" | "memory" => return text.to_ascii_uppercase(),
            _ => None,
        },
        Some(Spelling::Anything) | None => None,
    };
    size.map_or(text, |size| size.to_string())
}

/// Writes `10.0` as `10`, which JSON tells apart and AWS does not.
fn whole(number: Number) -> Number {
    match number.as_f64() {
        Some(decimal) if number.is_f64() && decimal.fract() == 0.0 && decimal.abs() < 1e15 => {
            Number::from(decimal as i64)
        }
        _ => number,
    }
}

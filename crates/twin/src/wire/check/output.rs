//! Output held against the model.

use crate::model::{self, Kind, Service};
use serde_json::Value;

/// What in an action's output its model does not have: members that it does not know, and values
/// of another kind. Each is named by its path. AWS's own output never has any.
pub fn misfits(service: &str, action: &str, output: &Value) -> Vec<String> {
    let Some(service) = model::of(service) else {
        return vec![format!("{service} is no service here")];
    };
    let Some((_, operation)) = service.operation(action) else {
        return vec![format!("{action} is no action of {}", service.name)];
    };
    let mut found = Vec::new();
    match operation.output {
        Some(shape) => compare(service, shape, output, action, &mut found),
        None if output.as_object().is_none_or(|it| !it.is_empty()) && !output.is_null() => {
            found.push(format!("{action} has no output"));
        }
        None => {}
    }
    found
}

fn compare(service: &Service, shape: &str, value: &Value, path: &str, found: &mut Vec<String>) {
    match (&service.shape(shape).kind, value) {
        (Kind::Object(members, _), Value::Object(given)) => {
            for (name, value) in given {
                let path = format!("{path}.{name}");
                match members.iter().find(|it| it.name == name) {
                    Some(member) => compare(service, member.shape, value, &path, found),
                    None => found.push(format!("{path} is no member")),
                }
            }
        }
        (Kind::List(element, _), Value::Array(list)) => {
            for value in list {
                compare(service, element, value, &format!("{path}[]"), found);
            }
        }
        (Kind::Map(_, shape), Value::Object(map)) => {
            for value in map.values() {
                compare(service, shape, value, &format!("{path}{{}}"), found);
            }
        }
        (Kind::Any, _)
        | (Kind::Text | Kind::Blob, Value::String(_))
        | (Kind::Decimal | Kind::Moment, Value::Number(_))
        | (Kind::Flag, Value::Bool(_)) => {}
        (Kind::Integer, Value::Number(number)) if number.is_i64() || number.is_u64() => {}
        (kind, value) => found.push(format!("{path} is {value}, which is no {kind:?}")),
    }
}

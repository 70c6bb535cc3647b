//! The order that lists without order are given.

use std::cmp::Ordering;

use serde_json::Value;

/// Compares by the named members, then by everything.
pub(super) fn compare(one: &Value, other: &Value, keys: &[&str]) -> Ordering {
    keys.iter()
        .map(|key| scalar(one.get(*key), other.get(*key)))
        .find(|order| order.is_ne())
        .unwrap_or_else(|| scalar(Some(one), Some(other)))
}

fn scalar(one: Option<&Value>, other: Option<&Value>) -> Ordering {
    match (one, other) {
        (Some(Value::String(one)), Some(Value::String(other))) => one.cmp(other),
        (Some(Value::Number(one)), Some(Value::Number(other))) => {
            let order = one.as_f64().partial_cmp(&other.as_f64());
            order.unwrap_or(Ordering::Equal)
        }
        (None, None) => Ordering::Equal,
        (None, Some(_)) => Ordering::Less,
        (Some(_), None) => Ordering::Greater,
        (Some(one), Some(other)) => one.to_string().cmp(&other.to_string()),
    }
}

//! Tags, in the three forms that AWS has for them.

use crate::Refusal;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// A resource's tags.
pub type Tags = BTreeMap<String, String>;

/// From a list of `{key, value}` (ECS), or of `{Key, Value}` (the others).
pub fn from_list(list: &[Value]) -> Tags {
    let text = |tag: &Value, lower: &str, upper: &str| {
        let found = tag.get(lower).or_else(|| tag.get(upper));
        found.and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    list.iter()
        .map(|tag| (text(tag, "key", "Key"), text(tag, "value", "Value")))
        .collect()
}

/// From a map (Logs, Application Auto Scaling).
pub fn from_map(map: Option<&Value>) -> Tags {
    let map = map.and_then(Value::as_object);
    map.into_iter()
        .flatten()
        .map(|(key, value)| (key.clone(), value.as_str().unwrap_or_default().to_owned()))
        .collect()
}

/// As a list of `{key, value}`.
pub fn lower(tags: &Tags) -> Value {
    tags.iter()
        .map(|(key, value)| json!({ "key": key, "value": value }))
        .collect()
}

/// As a list of `{Key, Value}`.
pub fn upper(tags: &Tags) -> Value {
    tags.iter()
        .map(|(key, value)| json!({ "Key": key, "Value": value }))
        .collect()
}

/// As a map.
pub fn map(tags: &Tags) -> Value {
    let members: Map<String, Value> = tags
        .iter()
        .map(|(key, value)| (key.clone(), Value::from(value.as_str())))
        .collect();
    Value::Object(members)
}

/// Refuses, with the service's own code, what no service takes: keys that begin with `aws:`, keys
/// or values that are too long, more than fifty tags.
pub fn check(tags: &Tags, code: &str) -> Result<(), Refusal> {
    for (key, value) in tags {
        if key.to_ascii_lowercase().starts_with("aws:") {
            let text =
                format!("{key}: tag keys that begin with aws: are reserved for AWS's own use");
            return Err(Refusal::new(code, text));
        }
        if key.is_empty() || key.chars().count() > 128 || value.chars().count() > 256 {
            let text =
                format!("{key}: a tag has a key of 1 to 128 characters and a value of at most 256");
            return Err(Refusal::new(code, text));
        }
    }
    match tags.len() {
        0..=50 => Ok(()),
        _ => Err(Refusal::new(code, "a resource has at most 50 tags")),
    }
}

//! What a version of a launch template holds.

use super::super::{instance::user_data, refusal::combined, tag};
use crate::{Input, Refusal};
use serde_json::{Map, Value};

/// What a version can have tags for.
const TAGGED: [&str; 4] = [
    "instance",
    "volume",
    "network-interface",
    "spot-instances-request",
];

/// The content that an input gives a version. Whether what it names exists is seen at a launch.
pub(super) fn read(input: &Input) -> Result<Map<String, Value>, Refusal> {
    let data = input.get("LaunchTemplateData").and_then(Value::as_object);
    let mut data = data.cloned().unwrap_or_default();
    // What is empty is not kept.
    data.retain(|_, value| !is_empty(value));
    if let Some(text) = data.get("UserData").and_then(Value::as_str) {
        user_data::decode(text)?;
    }
    let tagged = data.get("TagSpecifications").and_then(Value::as_array);
    tag::specified(tagged.map_or(&[][..], Vec::as_slice), &TAGGED)?;
    if data.contains_key("InstanceType") && data.contains_key("InstanceRequirements") {
        return Err(combined(
            "InstanceType and InstanceRequirements cannot both be specified.",
        ));
    }
    Ok(data)
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(list) => list.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

/// The content as it is shown.
pub(super) fn show(data: &Map<String, Value>) -> Map<String, Value> {
    let mut shown = data.clone();
    if let Some(options) = shown.get_mut("MetadataOptions") {
        options["State"] = "pending".into();
    }
    shown
}

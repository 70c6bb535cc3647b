//! What the tests of several kinds say alike.

use serde_json::{Value, json};
use setpoint_aws::testkit::Answer;
use setpoint_core::Name;
use setpoint_spec::kind::Tags;
use std::collections::BTreeSet;

/// The index, with these ARNs, all of the stack `shop`.
pub(crate) fn index(arns: &[&str]) -> Answer {
    let tagged = |arn: &&str| {
        json!({"ResourceARN": arn, "Tags": [
            {"Key": "setpoint:stack", "Value": "shop"}, {"Key": "team", "Value": "sale"},
        ]})
    };
    let list: Value = arns.iter().map(tagged).collect();
    Answer::ok(json!({"ResourceTagMappingList": list}).to_string())
}

/// The tags of what is the stack's.
pub(crate) fn ours() -> Value {
    json!([{"key": "setpoint:stack", "value": "shop"}, {"key": "team", "value": "sale"}])
}

pub(crate) fn tags(pairs: &[(&str, &str)]) -> Tags {
    pairs
        .iter()
        .map(|(key, value)| ((*key).into(), (*value).into()))
        .collect()
}

pub(crate) fn names(names: &[&str]) -> BTreeSet<Name> {
    names.iter().map(|it| Name::from(*it)).collect()
}

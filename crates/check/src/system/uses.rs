//! Which names a stack asks for.

use super::System;
use serde_json::Value;
use std::collections::BTreeSet;

/// The keys behind which the items of a section are named.
const KEYS: [(&str, &[&str]); 8] = [
    (
        "capacityProviders",
        &["capacityProvider", "capacityProviders"],
    ),
    ("clusters", &["cluster"]),
    ("instanceProfiles", &["instanceProfile"]),
    ("launchTemplates", &["launchTemplate"]),
    (
        "logGroups",
        &["awslogs-group", "cloudWatchLogGroupName", "log_group_name"],
    ),
    (
        "roles",
        &[
            "role",
            "roleArn",
            "executionRoleArn",
            "taskRoleArn",
            "infrastructureRoleArn",
        ],
    ),
    ("securityGroups", &["securityGroups", "from", "to"]),
    ("taskDefinitions", &["taskDefinition"]),
];

impl<'a> System<'a> {
    /// Every text that names something of a section, as it is written.
    pub(crate) fn asked(&self, section: &str) -> BTreeSet<&'a str> {
        let keys = KEYS.iter().find(|it| it.0 == section);
        let mut asked = BTreeSet::new();
        if let Some((_, keys)) = keys {
            collect(&self.source.value, keys, false, &mut asked);
        }
        asked
    }
}

fn collect<'a>(value: &'a Value, keys: &[&str], is_one: bool, asked: &mut BTreeSet<&'a str>) {
    match value {
        Value::String(text) if is_one => {
            asked.insert(text);
        }
        Value::Array(items) => items.iter().for_each(|it| collect(it, keys, is_one, asked)),
        Value::Object(members) => {
            for (key, value) in members {
                collect(value, keys, keys.contains(&key.as_str()), asked);
            }
        }
        _ => {}
    }
}

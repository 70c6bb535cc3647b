//! Reading groups, and their instances.

use super::{
    group,
    refusal::{invalid, paged},
};
use crate::{Action, Answer, Input, Refusal, World, service::tags::Tags};
use serde_json::{Value, json};

pub(super) fn actions() -> Vec<Action> {
    vec![
        Action::new("DescribeAutoScalingGroups", groups),
        Action::new("DescribeAutoScalingInstances", instances),
    ]
}

fn groups(world: &mut World, input: &Input) -> Answer {
    let names = input.texts("AutoScalingGroupNames");
    let most = input.integer("MaxRecords").unwrap_or(50).max(50) as usize;
    if names.len() > most {
        return Err(invalid(format!(
            "You can specify at most {most} Auto Scaling group names."
        )));
    }
    let with_instances = input.get("IncludeInstances") != Some(&json!(false));
    let mut shown = Vec::new();
    for group in world.autoscaling.groups.values() {
        let named = |it: &&str| **it == group.name || **it == group.arn;
        if (names.is_empty() || names.iter().any(named)) && passes(&group.tags, input)? {
            shown.push(group::shown(group, with_instances));
        }
    }
    paged(&shown, input, "AutoScalingGroups", 50, 100)
}

/// Whether a group's tags pass the filters: each of them, by any of its values.
fn passes(tags: &Tags, input: &Input) -> Result<bool, Refusal> {
    for filter in input.list("Filters") {
        let values = filter["Values"].as_array().cloned().unwrap_or_default();
        let asked = |text: &String| values.iter().any(|it| it == text.as_str());
        let name = filter["Name"].as_str().unwrap_or_default();
        let passes = match (name, name.strip_prefix("tag:")) {
            (_, Some(key)) => tags.get(key).is_some_and(asked),
            ("tag-key", _) => tags.keys().any(asked),
            ("tag-value", _) => tags.values().any(asked),
            _ => return Err(invalid(format!("Filter type {name} is not correct."))),
        };
        if !passes {
            return Ok(false);
        }
    }
    Ok(true)
}

fn instances(world: &mut World, input: &Input) -> Answer {
    let ids = input.texts("InstanceIds");
    if ids.len() > 50 {
        return Err(invalid("You can specify at most 50 instance IDs."));
    }
    let mut shown: Vec<Value> = Vec::new();
    for group in world.autoscaling.groups.values() {
        for (id, member) in &group.members {
            if ids.is_empty() || ids.contains(&id.as_str()) {
                let mut one = group::member(id, member);
                one.insert("AutoScalingGroupName".into(), json!(group.name));
                // Here, and only here, the service writes it in capitals.
                let health = member.health.to_ascii_uppercase();
                one.insert("HealthStatus".into(), json!(health));
                shown.push(Value::Object(one));
            }
        }
    }
    paged(&shown, input, "AutoScalingInstances", 50, 50)
}

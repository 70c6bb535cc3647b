//! Tags of groups.

use super::{
    Group, create,
    refusal::{invalid, paged},
};
use crate::{
    Action, Answer, Grant, Input, Refusal, World,
    service::tags::{self, Tags},
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const KIND: &str = "auto-scaling-group";

pub(super) fn actions() -> Vec<Action> {
    vec![
        Action::on("CreateOrUpdateTags", put, needs),
        Action::on("DeleteTags", delete, needs),
        Action::new("DescribeTags", describe),
    ]
}

fn needs(world: &World, input: &Input) -> Vec<Grant> {
    let tags = input.list("Tags");
    let names: BTreeSet<&str> = tags
        .iter()
        .filter_map(|it| it["ResourceId"].as_str())
        .collect();
    let grant = |name: &str| {
        let own = tags.iter().filter(|it| it["ResourceId"] == name);
        own.fold(create::grant(world, name), |grant, tag| {
            let key = tag["Key"].as_str().unwrap_or_default();
            let grant = grant.with("aws:TagKeys", key);
            match tag["Value"].as_str() {
                Some(value) => grant.with(format!("aws:RequestTag/{key}"), value),
                None => grant,
            }
        })
    };
    names.into_iter().map(grant).collect()
}

/// The tags of a list, and the keys of those that instances get. `group` is the one that they are
/// all to name, if they name any.
pub(super) fn given(list: &[Value], group: Option<&str>) -> Result<(Tags, Vec<String>), Refusal> {
    let tags = tags::from_list(list);
    tags::check(&tags, "ValidationError")?;
    if tags.len() < list.len() {
        return Err(invalid("Duplicate tag keys are not allowed."));
    }
    for tag in list {
        let (id, kind) = (tag["ResourceId"].as_str(), tag["ResourceType"].as_str());
        if id.is_some_and(|it| group.is_some_and(|group| group != it))
            || kind.is_some_and(|it| it != KIND)
        {
            return Err(invalid(format!(
                "Invalid tag: the resource must be the {KIND} itself."
            )));
        }
    }
    let propagated = list
        .iter()
        .filter(|it| it["PropagateAtLaunch"] == json!(true));
    let keys = propagated.filter_map(|it| it["Key"].as_str());
    Ok((tags, keys.map(str::to_owned).collect()))
}

/// A group's tags as descriptions.
pub(super) fn shown(group: &Group) -> Vec<Value> {
    let tags = group.tags.iter();
    tags.map(|(key, value)| {
        json!({
            "ResourceId": group.name,
            "ResourceType": KIND,
            "Key": key,
            "Value": value,
            "PropagateAtLaunch": group.propagated.contains(key),
        })
    })
    .collect()
}

/// The tags that an instance gets when it is launched.
pub(super) fn for_instances(group: &Group) -> Tags {
    let tags = group.tags.iter();
    let mut tags: Tags = tags
        .filter(|(key, _)| group.propagated.contains(key))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    tags.insert("aws:autoscaling:groupName".into(), group.name.clone());
    tags
}

/// The group that a tag of a request belongs to.
fn owner<'a>(world: &World, tag: &'a Value) -> Result<&'a str, Refusal> {
    if tag["ResourceType"].as_str() != Some(KIND) {
        return Err(invalid(format!(
            "Only {KIND} is supported as the resource type of a tag."
        )));
    }
    let name = tag["ResourceId"].as_str().unwrap_or_default();
    match super::refusal::lasting(world, name)? == name {
        true => Ok(name),
        false => Err(invalid(
            "The resource ID of a tag must be the name of a group.",
        )),
    }
}

fn put(world: &mut World, input: &Input) -> Answer {
    let list = input.list("Tags");
    let mut names = BTreeSet::new();
    for tag in list {
        names.insert(owner(world, tag)?);
    }
    let own = |name: &str| -> Vec<Value> {
        let own = list.iter().filter(|it| it["ResourceId"] == name);
        own.cloned().collect()
    };
    for name in &names {
        let (tags, _) = given(&own(name), None)?;
        let mut all = world.autoscaling.groups[*name].tags.clone();
        all.extend(tags);
        if all.len() > 50 {
            let text = format!("Auto Scaling group {name} would have more than 50 tags.");
            return Err(Refusal::new("LimitExceeded", text));
        }
    }
    for name in names {
        let (tags, propagated) = given(&own(name), None)?;
        if let Some(group) = world.autoscaling.groups.get_mut(name) {
            group.propagated.retain(|it| !tags.contains_key(it));
            group.propagated.extend(propagated);
            group.tags.extend(tags);
        }
    }
    Ok(json!({}))
}

fn delete(world: &mut World, input: &Input) -> Answer {
    let list = input.list("Tags");
    for tag in list {
        owner(world, tag)?;
    }
    for tag in list {
        let name = tag["ResourceId"].as_str().unwrap_or_default();
        let key = tag["Key"].as_str().unwrap_or_default();
        if let Some(group) = world.autoscaling.groups.get_mut(name) {
            group.tags.remove(key);
            group.propagated.retain(|it| it != key);
        }
    }
    Ok(json!({}))
}

fn describe(world: &mut World, input: &Input) -> Answer {
    let groups = world.autoscaling.groups.values();
    let mut all: Vec<Value> = groups.flat_map(shown).collect();
    for filter in input.list("Filters") {
        let name = filter["Name"].as_str().unwrap_or_default();
        let member = match name {
            "auto-scaling-group" => "ResourceId",
            "key" => "Key",
            "value" => "Value",
            "propagate-at-launch" => "PropagateAtLaunch",
            _ => return Err(invalid(format!("Filter type {name} is not correct."))),
        };
        let values = filter["Values"].as_array().cloned().unwrap_or_default();
        let asked = |it: &Value| match it {
            Value::Bool(flag) => values.iter().any(|it| *it == flag.to_string().as_str()),
            other => values.contains(other),
        };
        all.retain(|it| asked(&it[member]));
    }
    paged(&all, input, "Tags", 50, 100)
}

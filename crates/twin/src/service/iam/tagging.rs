//! Tags of roles, policies and instance profiles.

use super::{
    list, policy, profile,
    refusal::{invalid, quota},
    role,
};
use crate::{
    Answer, Input, Refusal, World,
    service::tags::{self, Tags},
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// How many tags a thing has at most.
const MOST: usize = 50;

/// The tags that an input asks for on a new thing.
pub(super) fn of_new(input: &Input) -> Result<Tags, Refusal> {
    with_more(Tags::new(), input, "")
}

/// Tags with those of an input. Keys that differ only in case are the same key.
fn with_more(mut tags: Tags, input: &Input, quota_name: &str) -> Result<Tags, Refusal> {
    let asked = input.list("Tags");
    let keys = asked.iter().filter_map(|it| it["Key"].as_str());
    let distinct: BTreeSet<String> = keys.map(str::to_lowercase).collect();
    if distinct.len() < asked.len() {
        return Err(invalid(
            "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
        ));
    }
    let asked = tags::from_list(asked);
    tags::check(&asked, "InvalidInput").map_err(|it| it.status(400))?;
    for (key, value) in asked {
        tags.retain(|it, _| it.to_lowercase() != key.to_lowercase());
        tags.insert(key, value);
    }
    match tags.len() > MOST {
        true => Err(quota(quota_name, MOST)),
        false => Ok(tags),
    }
}

fn without(tags: &mut Tags, input: &Input) {
    let keys: Vec<String> = input
        .texts("TagKeys")
        .into_iter()
        .map(str::to_lowercase)
        .collect();
    tags.retain(|it, _| !keys.contains(&it.to_lowercase()));
}

fn shown(input: &Input, tags: &Tags) -> Answer {
    let tags = tags::upper(tags);
    let all: &[Value] = tags.as_array().map_or(&[], Vec::as_slice);
    list::page(input, "Tags", all)
}

pub(super) fn tag_role(world: &mut World, input: &Input) -> Answer {
    let role = role::described(world, input)?;
    role.tags = with_more(role.tags.clone(), input, "TagsPerRole")?;
    Ok(json!({}))
}

pub(super) fn untag_role(world: &mut World, input: &Input) -> Answer {
    without(&mut role::described(world, input)?.tags, input);
    Ok(json!({}))
}

pub(super) fn list_of_role(world: &mut World, input: &Input) -> Answer {
    shown(input, &role::named(world, input)?.tags)
}

pub(super) fn tag_policy(world: &mut World, input: &Input) -> Answer {
    let policy = policy::changed(world, input)?;
    policy.tags = with_more(policy.tags.clone(), input, "TagsPerPolicy")?;
    Ok(json!({}))
}

pub(super) fn untag_policy(world: &mut World, input: &Input) -> Answer {
    without(&mut policy::changed(world, input)?.tags, input);
    Ok(json!({}))
}

pub(super) fn list_of_policy(world: &mut World, input: &Input) -> Answer {
    shown(input, &policy::named(world, input)?.tags)
}

pub(super) fn tag_profile(world: &mut World, input: &Input) -> Answer {
    let profile = profile::changed(world, input)?;
    profile.tags = with_more(profile.tags.clone(), input, "TagsPerInstanceProfile")?;
    Ok(json!({}))
}

pub(super) fn untag_profile(world: &mut World, input: &Input) -> Answer {
    without(&mut profile::changed(world, input)?.tags, input);
    Ok(json!({}))
}

pub(super) fn list_of_profile(world: &mut World, input: &Input) -> Answer {
    shown(input, &profile::changed(world, input)?.tags)
}

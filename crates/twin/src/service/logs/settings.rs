//! What can be set on a group that is there: retention, key, protection.

use super::{
    grants,
    group::{Group, find_mut, missing},
    invalid,
};
use crate::{Action, Answer, Input, Refusal, World};
use serde_json::json;

const DAYS: [i64; 22] = [
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
    3288, 3653,
];

pub(super) fn actions() -> Vec<Action> {
    let on = grants::on_group;
    vec![
        Action::on("PutRetentionPolicy", put_retention, on),
        Action::on("DeleteRetentionPolicy", delete_retention, on),
        Action::on("AssociateKmsKey", associate_key, on),
        Action::on("DisassociateKmsKey", disassociate_key, on),
        Action::on("PutLogGroupDeletionProtection", protect, on),
    ]
}

fn put_retention(world: &mut World, input: &Input) -> Answer {
    let group = find_mut(world, input)?;
    let days = input.integer("retentionInDays").unwrap_or_default();
    if !DAYS.contains(&days) {
        return Err(invalid(format!(
            "1 validation error detected: Value '{days}' at 'retentionInDays' failed to satisfy \
             constraint: Member must satisfy enum value set: {DAYS:?}"
        )));
    }
    if group.class == "DELIVERY" {
        let text = "The retention of log groups of the DELIVERY class cannot be changed.";
        return Err(invalid(text));
    }
    group.retention = Some(days);
    Ok(json!({}))
}

fn delete_retention(world: &mut World, input: &Input) -> Answer {
    find_mut(world, input)?.retention = None;
    Ok(json!({}))
}

fn associate_key(world: &mut World, input: &Input) -> Answer {
    let key = input.text("kmsKeyId");
    check_key(key)?;
    match target(world, input)? {
        Target::Group(group) => group.key = Some(key.to_owned()),
        Target::Queries => world.logs.query_key = Some(key.to_owned()),
    }
    Ok(json!({}))
}

fn disassociate_key(world: &mut World, input: &Input) -> Answer {
    match target(world, input)? {
        Target::Group(group) => group.key = None,
        Target::Queries => world.logs.query_key = None,
    }
    Ok(json!({}))
}

/// Refuses what is no key's ARN.
pub(super) fn check_key(key: &str) -> Result<(), Refusal> {
    let parts: Vec<&str> = key.splitn(6, ':').collect();
    match parts[..] {
        ["arn", _, "kms", _, _, resource] if resource.starts_with("key/") => Ok(()),
        _ => Err(invalid("The specified KMS Key Id is not a valid key ARN.")),
    }
}

/// What a key is for.
enum Target<'a> {
    Group(&'a mut Group),
    Queries,
}

fn target<'a>(world: &'a mut World, input: &Input) -> Result<Target<'a>, Refusal> {
    if input.has("logGroupName") == input.has("resourceIdentifier") {
        let text = "Exactly one of logGroupName and resourceIdentifier must be specified.";
        return Err(invalid(text));
    }
    let Some(arn) = input.maybe("resourceIdentifier") else {
        return Ok(Target::Group(find_mut(world, input)?));
    };
    if arn == world.arn("logs", "query-result:*") {
        return Ok(Target::Queries);
    }
    let group = world.logs.groups.values_mut().find(|it| it.arn == arn);
    group.map(Target::Group).ok_or_else(missing)
}

fn protect(world: &mut World, input: &Input) -> Answer {
    find_mut(world, input)?.protected = input.flag("deletionProtectionEnabled");
    Ok(json!({}))
}

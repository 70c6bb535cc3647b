//! Versions of managed policies.

use super::{
    list,
    policy::{self, Policy},
    refusal::{conflict, limit, no_such},
};
use crate::{Answer, Input, Refusal, World};
use serde_json::{Value, json};

/// How many versions a policy has at most.
pub(super) const MOST: usize = 5;

/// The number in `v3`, if the policy has that version.
fn number(policy: &Policy, id: &str) -> Result<u32, Refusal> {
    let number = id.strip_prefix('v').and_then(|it| it.parse().ok());
    let found = number.filter(|it| policy.versions.contains_key(it));
    found.ok_or_else(|| {
        let arn = &policy.arn;
        no_such(format!(
            "Policy {arn} version {id} does not exist or is not attachable."
        ))
    })
}

/// A version as a list shows it, without its document.
fn brief(policy: &Policy, number: u32) -> Value {
    let made = policy.versions.get(&number).map(|(_, at)| at.value());
    json!({
        "VersionId": format!("v{number}"),
        "IsDefaultVersion": number == policy.default,
        "CreateDate": made,
    })
}

pub(super) fn create(world: &mut World, input: &Input) -> Answer {
    let text = input.text("PolicyDocument");
    let now = world.now;
    let policy = policy::changed(world, input)?;
    policy::fits(text)?;
    if policy.versions.len() >= MOST {
        return Err(limit(format!(
            "A managed policy can have up to {MOST} versions. Before you create a new version, \
             you must delete an existing version."
        )));
    }
    policy.last += 1;
    policy.versions.insert(policy.last, (text.to_owned(), now));
    policy.updated_at = now;
    if input.flag("SetAsDefault") {
        policy.default = policy.last;
    }
    Ok(json!({ "PolicyVersion": brief(policy, policy.last) }))
}

pub(super) fn get(world: &mut World, input: &Input) -> Answer {
    let policy = policy::named(world, input)?;
    let number = number(policy, input.text("VersionId"))?;
    let mut shown = brief(policy, number);
    if let Some((document, _)) = policy.versions.get(&number) {
        shown["Document"] = list::encoded(document).into();
    }
    Ok(json!({ "PolicyVersion": shown }))
}

pub(super) fn list_all(world: &mut World, input: &Input) -> Answer {
    let policy = policy::named(world, input)?;
    let newest = policy.versions.keys().rev();
    let shown: Vec<Value> = newest.map(|it| brief(policy, *it)).collect();
    list::page(input, "Versions", &shown)
}

pub(super) fn set_default(world: &mut World, input: &Input) -> Answer {
    let now = world.now;
    let policy = policy::changed(world, input)?;
    policy.default = number(policy, input.text("VersionId"))?;
    policy.updated_at = now;
    Ok(json!({}))
}

pub(super) fn delete(world: &mut World, input: &Input) -> Answer {
    let policy = policy::changed(world, input)?;
    let number = number(policy, input.text("VersionId"))?;
    if number == policy.default {
        return Err(conflict("Cannot delete the default version of a policy."));
    }
    policy.versions.remove(&number);
    Ok(json!({}))
}

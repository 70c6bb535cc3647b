//! Managed policies on roles: attached, and as boundaries.

use super::{
    list, policy,
    refusal::{no_policy, no_such, quota},
    role,
};
use crate::{Answer, Input, Refusal, World};
use serde_json::{Value, json};

/// How many managed policies a role has at most.
pub(super) const MOST: usize = 10;

/// Refuses a policy that cannot bound what a role may do.
pub(super) fn can_bound(world: &World, arn: &str) -> Result<(), Refusal> {
    match policy::by_arn(world, policy::valid(arn)?) {
        Some(found) if !found.path.starts_with("/aws-service-role/") => Ok(()),
        _ => Err(no_such(format!(
            "Scope ARN: {arn} does not exist or is not attachable."
        ))),
    }
}

pub(super) fn attach(world: &mut World, input: &Input) -> Answer {
    let arn = policy::valid(input.text("PolicyArn"))?;
    role::changed(world, input)?;
    let Some(found) = policy::by_arn(world, arn) else {
        return Err(no_such(format!(
            "Policy {arn} does not exist or is not attachable."
        )));
    };
    if found.path.starts_with("/aws-service-role/") {
        let text = "Cannot attach a Service Role Policy to a Customer Role.";
        return Err(Refusal::new("PolicyNotAttachable", text).status(400));
    }
    let role = role::changed(world, input)?;
    if !role.attached.contains(arn) && role.attached.len() >= MOST {
        return Err(quota("PoliciesPerRole", MOST));
    }
    role.attached.insert(arn.to_owned());
    Ok(json!({}))
}

pub(super) fn detach(world: &mut World, input: &Input) -> Answer {
    let arn = policy::valid(input.text("PolicyArn"))?;
    let role = role::changed(world, input)?;
    match role.attached.remove(arn) {
        true => Ok(json!({})),
        false => Err(no_policy(arn)),
    }
}

pub(super) fn list_of_role(world: &mut World, input: &Input) -> Answer {
    let role = role::named(world, input)?;
    let prefix = input.maybe("PathPrefix").unwrap_or("/");
    let found = role.attached.iter();
    let found = found.filter_map(|it| policy::by_arn(world, it));
    let shown: Vec<Value> = found
        .filter(|it| it.path.starts_with(prefix))
        .map(|it| json!({ "PolicyName": it.name, "PolicyArn": it.arn }))
        .collect();
    list::page(input, "AttachedPolicies", &shown)
}

pub(super) fn list_entities(world: &mut World, input: &Input) -> Answer {
    let policy = policy::named(world, input)?;
    let prefix = input.maybe("PathPrefix").unwrap_or("/");
    let usage = input.maybe("PolicyUsageFilter");
    let kind = input.maybe("EntityFilter").unwrap_or("Role");
    let uses = |it: &&role::Role| {
        let attached = it.attached.contains(&policy.arn);
        let bounded = it.boundary.as_ref() == Some(&policy.arn);
        match usage {
            Some("PermissionsBoundary") => bounded,
            Some(_) => attached,
            None => attached || bounded,
        }
    };
    let roles = world.iam.roles.values().filter(uses);
    let roles = roles.filter(|it| kind == "Role" && it.path.starts_with(prefix));
    let shown: Vec<Value> = roles
        .map(|it| json!({ "RoleName": it.name, "RoleId": it.id }))
        .collect();
    let mut answer = list::page(input, "PolicyRoles", &shown)?;
    answer["PolicyGroups"] = json!([]);
    answer["PolicyUsers"] = json!([]);
    Ok(answer)
}

pub(super) fn put_boundary(world: &mut World, input: &Input) -> Answer {
    role::changed(world, input)?;
    let arn = input.text("PermissionsBoundary");
    can_bound(world, arn)?;
    role::changed(world, input)?.boundary = Some(arn.to_owned());
    Ok(json!({}))
}

pub(super) fn delete_boundary(world: &mut World, input: &Input) -> Answer {
    let role = role::changed(world, input)?;
    let name = role.name.clone();
    match role.boundary.take() {
        Some(_) => Ok(json!({})),
        None => Err(no_such(format!(
            "The role with name {name} does not have a permissions boundary."
        ))),
    }
}

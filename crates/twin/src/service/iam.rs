//! AWS IAM: roles, policies and instance profiles; and whether policies allow something.

mod account;
mod actions;
mod attachment;
pub(crate) mod check;
mod condition;
pub(crate) mod context;
pub(crate) mod denial;
mod document;
mod exclusion;
mod grants;
mod inline;
pub(crate) mod judgement;
mod linked;
mod list;
mod managed;
mod moment;
mod pattern;
pub(crate) mod policy;
mod position;
mod profile;
mod refusal;
pub(crate) mod role;
mod simulate;
mod tagging;
pub(crate) mod trust;
mod version;

#[cfg(test)]
mod tests;

use crate::{
    Action, Caller, Grant, Input, Refusal, World,
    service::{sts, tags::Tags},
};
use context::Context;
use judgement::Standing;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

pub use denial::Denial;
pub use judgement::{Kind, Why};
pub use linked::Deletion;
pub use policy::Policy;
pub use profile::Profile;
pub use role::Role;

/// The service's part of the world.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Iam {
    /// Roles by name in lower case: names that differ only in case are the same name.
    pub roles: BTreeMap<String, Role>,
    /// The account's own managed policies by ARN.
    pub policies: BTreeMap<String, Policy>,
    /// Instance profiles by name in lower case.
    pub profiles: BTreeMap<String, Profile>,
    /// Deletions of service-linked roles by their tasks' ids.
    pub deletions: BTreeMap<String, Deletion>,
}

/// The service's actions.
pub fn actions() -> Vec<Action> {
    actions::all()
}

/// Every tagged resource, by ARN, as the tagging API lists it: policies and instance profiles.
/// AWS's tagging API knows no roles, and shows what is of no region in `us-east-1` only.
pub fn tagged(world: &World) -> Vec<(String, Tags)> {
    if world.region != "us-east-1" {
        return Vec::new();
    }
    let policies = world.iam.policies.values().map(|it| (&it.arn, &it.tags));
    let profiles = world.iam.profiles.values().map(|it| (&it.arn, &it.tags));
    policies
        .chain(profiles)
        .filter(|(_, tags)| !tags.is_empty())
        .map(|(arn, tags)| (arn.clone(), tags.clone()))
        .collect()
}

/// Whether `service`, such as `ecs-tasks.amazonaws.com`, can assume the role by now: it exists, has
/// propagated, and trusts the service.
pub fn assumable(world: &World, role_arn: &str, service: &str) -> bool {
    let role = role::by_arn(world, role_arn);
    role.is_some_and(|it| role::has_spread(world, it) && trust::trusts_service(world, it, service))
}

/// Whether the role's policies allow an action on a resource (`*` for any).
pub fn role_allows(world: &World, role_arn: &str, action: &str, resource: &str) -> bool {
    let Some(role) = role::by_arn(world, role_arn) else {
        return false;
    };
    let caller = Caller {
        access_key: String::new(),
        arn: role_arn.to_owned(),
        user_id: role.id.clone(),
    };
    let context = Context::of(world, &caller, action).with(&Grant::on(resource));
    let standing = Standing::of_role(world, role);
    standing.judge(action, resource, &context).is_ok()
}

/// The ARN of the role in an instance profile that is known elsewhere by now (propagated), by the
/// profile's name or ARN. `Err` tells that there is no such profile yet; `Ok(None)` that it is empty.
#[allow(clippy::result_unit_err)]
pub fn profile_role(world: &World, profile: &str) -> Result<Option<String>, ()> {
    let name = profile.rsplit('/').next().unwrap_or_default();
    let known = |at| world.now.since(at) >= world.habits.iam_propagation;
    let found = profile::by_name(world, name);
    let found = found.filter(|it| it.arn == profile || !profile.starts_with("arn:"));
    let found = found.filter(|it| known(it.created_at)).ok_or(())?;
    let role = found.role.as_ref().filter(|(_, at)| known(*at));
    let role = role.and_then(|(name, _)| role::by_name(world, name));
    Ok(role.map(|it| it.arn.clone()))
}

/// The ARN of the service-linked role of a service such as `ecs.amazonaws.com`, made if need be.
pub fn service_linked_role(world: &mut World, service: &str) -> String {
    linked::ensure(world, service)
}

/// Refuses a call whose caller lacks one of the grants, in the called service's own words.
pub fn judge(world: &World, input: &Input, grants: &[Grant]) -> Result<(), Refusal> {
    if sts::is_shut_out(world, input) {
        let text = "The security token included in the request is invalid";
        return Err(Refusal::new("InvalidClientTokenId", text).status(403));
    }
    let action = policy_action(&input.service, &input.action);
    permitted(world, &input.caller, &action, grants)
        .map_err(|it| it.refusal(&input.service, &input.caller))
}

/// Whether a caller may do something. `action` is what was called, as policies name it, and what
/// grants without an action mean; no grants mean the action on everything. The administrator may
/// do everything, and everyone may ask STS who they are. Whether a role may be assumed is judged
/// when it is.
pub fn permitted(
    world: &World,
    caller: &Caller,
    action: &str,
    grants: &[Grant],
) -> Result<(), Denial> {
    if let "sts:GetCallerIdentity" | "sts:GetSessionToken" | "sts:AssumeRole" = action {
        return Ok(());
    }
    match judgement::lacking(world, caller, action, grants) {
        Some((grant, why)) => Err(Denial::new(grant, why)),
        None => Ok(()),
    }
}

/// The refusal of an action that no policy of the caller allows, in a service's own words. The
/// service is given by its signing name, the action as policies name it.
pub fn denial(service: &str, caller: &Caller, action: &str, resource: &str) -> Refusal {
    let denial = Denial {
        action: action.to_owned(),
        resource: resource.to_owned(),
        why: Why::NotAllowed(Kind::Identity),
    };
    denial.refusal(service, caller)
}

/// An action as policies name it, by its service's signing name: `cloudwatch:PutMetricAlarm` for
/// `monitoring`.
pub fn policy_action(service: &str, action: &str) -> String {
    let prefix = match service {
        "monitoring" => "cloudwatch",
        "tagging" => "tag",
        other => other,
    };
    format!("{prefix}:{action}")
}

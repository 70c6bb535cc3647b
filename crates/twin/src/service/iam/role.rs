//! Roles.

use super::{
    check, inline, list, profile,
    refusal::{conflict, exists, no_role, protected, quota},
    tagging, trust,
};
use crate::{Answer, Input, Refusal, Time, World, habits::ACCOUNT, service::tags::Tags};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// How many roles an account has at most.
pub(super) const MOST: usize = 1000;

/// A role.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Role {
    /// Its name, in the case in which it was made.
    pub name: String,
    /// Its path.
    pub path: String,
    /// Its ARN.
    pub arn: String,
    /// Its unique id, `AROA…`.
    pub id: String,
    /// When it was made.
    pub created_at: Time,
    /// What it is for.
    pub description: Option<String>,
    /// The longest session in seconds.
    pub max_session: i64,
    /// Its trust policy.
    pub trust: String,
    /// The unique ids of the roles that the trust policy names, by ARN.
    pub principals: BTreeMap<String, String>,
    /// The ARN of its permissions boundary.
    pub boundary: Option<String>,
    /// Its tags.
    pub tags: Tags,
    /// The ARNs of the managed policies that are attached.
    pub attached: BTreeSet<String>,
    /// Its inline policies by name.
    pub inline: BTreeMap<String, String>,
    /// The service that it is linked to.
    pub linked_to: Option<String>,
    /// When and in which region it was last assumed.
    pub last_used: Option<(Time, String)>,
}

/// A role by its name, whatever the name's case.
pub(crate) fn by_name<'a>(world: &'a World, name: &str) -> Option<&'a Role> {
    world.iam.roles.get(&name.to_lowercase())
}

/// A role by its ARN.
pub(crate) fn by_arn<'a>(world: &'a World, arn: &str) -> Option<&'a Role> {
    let name = arn.rsplit('/').next()?;
    by_name(world, name).filter(|it| it.arn == arn)
}

/// The role that an input names.
pub(super) fn named<'a>(world: &'a World, input: &Input) -> Result<&'a Role, Refusal> {
    let name = input.text("RoleName");
    by_name(world, name).ok_or_else(|| no_role(name))
}

/// The role that an input names and that it may change.
pub(super) fn changed<'a>(world: &'a mut World, input: &Input) -> Result<&'a mut Role, Refusal> {
    let name = input.text("RoleName");
    let role = world.iam.roles.get_mut(&name.to_lowercase());
    let role = role.ok_or_else(|| no_role(name))?;
    match role.linked_to {
        Some(_) => Err(protected(&role.name)),
        None => Ok(role),
    }
}

/// Whether a role is known to the other services by now.
pub(crate) fn has_spread(world: &World, role: &Role) -> bool {
    world.now.since(role.created_at) >= world.habits.iam_propagation
}

/// The ARN of a role of a name on a path.
pub(super) fn arn(path: &str, name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:role{path}{name}")
}

/// A role as an instance profile shows it.
pub(super) fn briefest(role: &Role, world: &World) -> Value {
    json!({
        "Path": role.path,
        "RoleName": role.name,
        "RoleId": role.id,
        "Arn": role.arn,
        "CreateDate": role.created_at.value(),
        "AssumeRolePolicyDocument": list::encoded(&trust::shown(world, role)),
    })
}

/// A role as a list shows it.
pub(super) fn brief(role: &Role, world: &World) -> Value {
    let mut shown = briefest(role, world);
    shown["MaxSessionDuration"] = role.max_session.into();
    if let Some(description) = &role.description {
        shown["Description"] = description.as_str().into();
    }
    shown
}

/// A role as GetRole shows it.
pub(super) fn full(role: &Role, world: &World) -> Value {
    let mut shown = brief(role, world);
    if let Some(boundary) = &role.boundary {
        shown["PermissionsBoundary"] = json!({
            "PermissionsBoundaryType": "Policy",
            "PermissionsBoundaryArn": boundary,
        });
    }
    if !role.tags.is_empty() {
        shown["Tags"] = crate::service::tags::upper(&role.tags);
    }
    shown["RoleLastUsed"] = match &role.last_used {
        Some((at, region)) => json!({ "LastUsedDate": at.value(), "Region": region }),
        None => json!({}),
    };
    shown
}

pub(super) fn create(world: &mut World, input: &Input) -> Answer {
    let name = input.text("RoleName");
    let path = input.maybe("Path").unwrap_or("/");
    let text = input.text("AssumeRolePolicyDocument");
    if by_name(world, name).is_some() {
        return Err(exists(format!("Role with name {name} already exists.")));
    }
    if world.iam.roles.len() >= MOST {
        return Err(quota("RolesPerAccount", MOST));
    }
    let principals = check::trust(world, text)?;
    trust::fits(text)?;
    let tags = tagging::of_new(input)?;
    let boundary = input.maybe("PermissionsBoundary");
    if let Some(boundary) = boundary {
        super::attachment::can_bound(world, boundary)?;
    }
    let role = Role {
        name: name.to_owned(),
        path: path.to_owned(),
        arn: arn(path, name),
        id: world.ids.iam("AROA"),
        created_at: world.now,
        description: input.maybe("Description").map(str::to_owned),
        max_session: input.integer("MaxSessionDuration").unwrap_or(3600),
        trust: list::compact(text),
        principals,
        boundary: boundary.map(str::to_owned),
        tags,
        attached: BTreeSet::new(),
        inline: BTreeMap::new(),
        linked_to: None,
        last_used: None,
    };
    let mut shown = full(&role, world);
    // AWS's answer to a creation is silent of the defaults and of use.
    if let Some(members) = shown.as_object_mut() {
        members.remove("RoleLastUsed");
        if !input.has("MaxSessionDuration") {
            members.remove("MaxSessionDuration");
        }
    }
    world.iam.roles.insert(name.to_lowercase(), role);
    Ok(json!({ "Role": shown }))
}

pub(super) fn get(world: &mut World, input: &Input) -> Answer {
    let role = named(world, input)?;
    Ok(json!({ "Role": full(role, world) }))
}

pub(super) fn list_all(world: &mut World, input: &Input) -> Answer {
    let prefix = input.maybe("PathPrefix").unwrap_or("/");
    let roles = world.iam.roles.values();
    let roles = roles.filter(|it| it.path.starts_with(prefix));
    let shown: Vec<Value> = roles.map(|it| brief(it, world)).collect();
    list::page(input, "Roles", &shown)
}

pub(super) fn update(world: &mut World, input: &Input) -> Answer {
    if let Some(most) = input.integer("MaxSessionDuration") {
        changed(world, input)?.max_session = most;
    }
    if let Some(description) = input.maybe("Description") {
        described(world, input)?.description = Some(description.to_owned());
    }
    described(world, input)?;
    Ok(json!({}))
}

pub(super) fn update_description(world: &mut World, input: &Input) -> Answer {
    let role = described(world, input)?;
    role.description = Some(input.text("Description").to_owned());
    let role = role.clone();
    Ok(json!({ "Role": brief(&role, world) }))
}

/// The role that an input names, to describe or to tag it: a service's role, too.
pub(super) fn described<'a>(world: &'a mut World, input: &Input) -> Result<&'a mut Role, Refusal> {
    let name = input.text("RoleName");
    let role = world.iam.roles.get_mut(&name.to_lowercase());
    role.ok_or_else(|| no_role(name))
}

pub(super) fn delete(world: &mut World, input: &Input) -> Answer {
    let role = changed(world, input)?.clone();
    if profile::holders(world, &role.name).next().is_some() {
        return Err(conflict(
            "Cannot delete entity, must remove roles from instance profile first.",
        ));
    }
    if !role.attached.is_empty() {
        return Err(conflict(
            "Cannot delete entity, must detach all policies first.",
        ));
    }
    if !inline::is_empty(&role) {
        return Err(conflict(
            "Cannot delete entity, must delete policies first.",
        ));
    }
    world.iam.roles.remove(&role.name.to_lowercase());
    Ok(json!({}))
}

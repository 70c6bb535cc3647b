//! Instance profiles.

use super::{
    list,
    refusal::{conflict, exists, no_profile, no_such, quota},
    role, tagging,
};
use crate::{Answer, Input, Refusal, Time, World, habits::ACCOUNT, service::tags::Tags};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// How many instance profiles an account has at most.
pub(super) const MOST: usize = 1000;

/// An instance profile.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    /// Its name, in the case in which it was made.
    pub name: String,
    /// Its path.
    pub path: String,
    /// Its ARN.
    pub arn: String,
    /// Its unique id, `AIPA…`.
    pub id: String,
    /// When it was made.
    pub created_at: Time,
    /// The name of the role in it, and when it was put there.
    pub role: Option<(String, Time)>,
    /// Its tags.
    pub tags: Tags,
}

/// The instance profiles that hold a role.
pub(super) fn holders<'a>(world: &'a World, role: &'a str) -> impl Iterator<Item = &'a Profile> {
    let holds = move |it: &&Profile| it.role.as_ref().is_some_and(|(name, _)| name == role);
    world.iam.profiles.values().filter(holds)
}

/// The ARN of an instance profile of a name on a path.
pub(super) fn arn(path: &str, name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:instance-profile{path}{name}")
}

/// An instance profile by its name, whatever the name's case.
pub(super) fn by_name<'a>(world: &'a World, name: &str) -> Option<&'a Profile> {
    world.iam.profiles.get(&name.to_lowercase())
}

fn named<'a>(world: &'a World, input: &Input) -> Result<&'a Profile, Refusal> {
    let name = input.text("InstanceProfileName");
    by_name(world, name).ok_or_else(|| no_profile(name))
}

/// The instance profile that an input names, to change it.
pub(super) fn changed<'a>(world: &'a mut World, input: &Input) -> Result<&'a mut Profile, Refusal> {
    let name = input.text("InstanceProfileName");
    let profile = world.iam.profiles.get_mut(&name.to_lowercase());
    profile.ok_or_else(|| no_profile(name))
}

/// An instance profile as a list shows it: without tags.
fn brief(world: &World, profile: &Profile) -> Value {
    let role = profile.role.as_ref();
    let role = role.and_then(|(name, _)| role::by_name(world, name));
    let roles: Vec<Value> = role.iter().map(|it| role::briefest(it, world)).collect();
    json!({
        "Path": profile.path,
        "InstanceProfileName": profile.name,
        "InstanceProfileId": profile.id,
        "Arn": profile.arn,
        "CreateDate": profile.created_at.value(),
        "Roles": roles,
    })
}

fn full(world: &World, profile: &Profile) -> Value {
    let mut shown = brief(world, profile);
    shown["Tags"] = crate::service::tags::upper(&profile.tags);
    shown
}

pub(super) fn create(world: &mut World, input: &Input) -> Answer {
    let name = input.text("InstanceProfileName");
    let path = input.maybe("Path").unwrap_or("/");
    if by_name(world, name).is_some() {
        let text = format!("Instance Profile {name} already exists.");
        return Err(exists(text));
    }
    if world.iam.profiles.len() >= MOST {
        return Err(quota("InstanceProfilesPerAccount", MOST));
    }
    let profile = Profile {
        name: name.to_owned(),
        path: path.to_owned(),
        arn: arn(path, name),
        id: world.ids.iam("AIPA"),
        created_at: world.now,
        role: None,
        tags: tagging::of_new(input)?,
    };
    let shown = full(world, &profile);
    world.iam.profiles.insert(name.to_lowercase(), profile);
    Ok(json!({ "InstanceProfile": shown }))
}

pub(super) fn get(world: &mut World, input: &Input) -> Answer {
    let profile = named(world, input)?;
    Ok(json!({ "InstanceProfile": full(world, profile) }))
}

pub(super) fn delete(world: &mut World, input: &Input) -> Answer {
    let profile = named(world, input)?;
    if profile.role.is_some() {
        return Err(conflict(
            "Cannot delete entity, must remove roles from instance profile first.",
        ));
    }
    let key = profile.name.to_lowercase();
    world.iam.profiles.remove(&key);
    Ok(json!({}))
}

pub(super) fn list_all(world: &mut World, input: &Input) -> Answer {
    let prefix = input.maybe("PathPrefix").unwrap_or("/");
    let profiles = world.iam.profiles.values();
    let profiles = profiles.filter(|it| it.path.starts_with(prefix));
    let shown: Vec<Value> = profiles.map(|it| brief(world, it)).collect();
    list::page(input, "InstanceProfiles", &shown)
}

pub(super) fn list_for_role(world: &mut World, input: &Input) -> Answer {
    let role = role::named(world, input)?;
    let holders = holders(world, &role.name);
    let shown: Vec<Value> = holders.map(|it| brief(world, it)).collect();
    list::page(input, "InstanceProfiles", &shown)
}

pub(super) fn add_role(world: &mut World, input: &Input) -> Answer {
    named(world, input)?;
    let role = role::changed(world, input)?.name.clone();
    let now = world.now;
    let profile = changed(world, input)?;
    if profile.role.is_some() {
        return Err(quota("InstanceSessionsPerInstanceProfile", 1));
    }
    profile.role = Some((role, now));
    Ok(json!({}))
}

pub(super) fn remove_role(world: &mut World, input: &Input) -> Answer {
    named(world, input)?;
    let role = role::changed(world, input)?.name.clone();
    let profile = changed(world, input)?;
    if profile.role.as_ref().is_none_or(|(name, _)| *name != role) {
        let text = format!("The role with name {role} cannot be found.");
        return Err(no_such(text));
    }
    profile.role = None;
    Ok(json!({}))
}

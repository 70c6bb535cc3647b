//! Managed policies.

use super::{
    check, list, managed,
    refusal::{conflict, exists, no_policy, quota, validation},
    tagging,
};
use crate::{Answer, Input, Refusal, Time, World, habits::ACCOUNT, service::tags::Tags};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// How many policies of its own an account has at most.
pub(super) const MOST: usize = 1500;

/// How many characters a managed policy has at most, blanks not counted.
const LONGEST: usize = 6144;

/// A managed policy, the account's or AWS's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Policy {
    /// Its name.
    pub name: String,
    /// Its path.
    pub path: String,
    /// Its ARN.
    pub arn: String,
    /// Its unique id, `ANPA…`.
    pub id: String,
    /// What it is for.
    pub description: Option<String>,
    /// When it was made.
    pub created_at: Time,
    /// When a version of it was made last.
    pub updated_at: Time,
    /// Its versions: documents, and when they were made. AWS's own keep one here.
    pub versions: BTreeMap<u32, (String, Time)>,
    /// The version in effect.
    pub default: u32,
    /// The number of the last version that was made.
    pub last: u32,
    /// Its tags.
    pub tags: Tags,
}

impl Policy {
    /// The document in effect.
    pub(crate) fn document(&self) -> &str {
        let version = self.versions.get(&self.default);
        version.map_or("", |(document, _)| document.as_str())
    }

    /// Whether it is the account's own.
    pub(super) fn is_local(&self) -> bool {
        !self.arn.starts_with("arn:aws:iam::aws:")
    }
}

/// A policy by its ARN.
pub(crate) fn by_arn<'a>(world: &'a World, arn: &str) -> Option<&'a Policy> {
    let local = world.iam.policies.get(arn);
    local.or_else(|| managed::all().get(arn))
}

/// The policy that an input names.
pub(super) fn named<'a>(world: &'a World, input: &Input) -> Result<&'a Policy, Refusal> {
    let arn = valid(input.text("PolicyArn"))?;
    by_arn(world, arn).ok_or_else(|| no_policy(arn))
}

/// The policy that an input names and that it may change: the account's own.
pub(super) fn changed<'a>(world: &'a mut World, input: &Input) -> Result<&'a mut Policy, Refusal> {
    let arn = valid(input.text("PolicyArn"))?;
    if managed::all().contains_key(arn) {
        let (action, who) = (&input.action, &input.caller.arn);
        let text = format!(
            "User: {who} is not authorized to perform: iam:{action} on resource: policy {arn}"
        );
        return Err(Refusal::new("AccessDenied", text).status(403));
    }
    let policy = world.iam.policies.get_mut(arn);
    policy.ok_or_else(|| no_policy(arn))
}

/// An ARN, if it is one.
pub(super) fn valid(arn: &str) -> Result<&str, Refusal> {
    match arn.starts_with("arn:") && arn.splitn(6, ':').count() == 6 {
        true => Ok(arn),
        false => Err(validation(format!("ARN {arn} is not valid."))),
    }
}

/// The ARN of a policy of the account by its name on a path.
pub(super) fn arn(path: &str, name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:policy{path}{name}")
}

/// Refuses a document that cannot be a managed policy.
pub(super) fn fits(text: &str) -> Result<(), Refusal> {
    check::policy(text)?;
    let length = text.chars().filter(|it| !it.is_whitespace()).count();
    match length > LONGEST {
        true => Err(quota("PolicySize", LONGEST)),
        false => Ok(()),
    }
}

/// How many roles a policy is attached to, and how many it bounds.
fn uses(world: &World, arn: &str) -> (usize, usize) {
    let roles = || world.iam.roles.values();
    let attached = roles().filter(|it| it.attached.contains(arn)).count();
    let bounded = roles().filter(|it| it.boundary.as_deref() == Some(arn));
    (attached, bounded.count())
}

/// A policy as a list shows it.
fn brief(world: &World, policy: &Policy) -> Value {
    let (attached, bounded) = uses(world, &policy.arn);
    json!({
        "PolicyName": policy.name,
        "PolicyId": policy.id,
        "Arn": policy.arn,
        "Path": policy.path,
        "DefaultVersionId": format!("v{}", policy.default),
        "AttachmentCount": attached,
        "PermissionsBoundaryUsageCount": bounded,
        "IsAttachable": true,
        "CreateDate": policy.created_at.value(),
        "UpdateDate": policy.updated_at.value(),
    })
}

pub(super) fn create(world: &mut World, input: &Input) -> Answer {
    let name = input.text("PolicyName");
    let path = input.maybe("Path").unwrap_or("/");
    let text = input.text("PolicyDocument");
    let same = |it: &Policy| it.name.eq_ignore_ascii_case(name);
    if world.iam.policies.values().any(same) {
        return Err(exists(format!(
            "A policy called {name} already exists. Duplicate names are not allowed."
        )));
    }
    if world.iam.policies.len() >= MOST {
        return Err(quota("PoliciesPerAccount", MOST));
    }
    fits(text)?;
    let policy = Policy {
        name: name.to_owned(),
        path: path.to_owned(),
        arn: arn(path, name),
        id: world.ids.iam("ANPA"),
        description: input.maybe("Description").map(str::to_owned),
        created_at: world.now,
        updated_at: world.now,
        versions: BTreeMap::from([(1, (text.to_owned(), world.now))]),
        default: 1,
        last: 1,
        tags: tagging::of_new(input)?,
    };
    let mut shown = brief(world, &policy);
    if !policy.tags.is_empty() {
        shown["Tags"] = crate::service::tags::upper(&policy.tags);
    }
    world.iam.policies.insert(policy.arn.clone(), policy);
    Ok(json!({ "Policy": shown }))
}

pub(super) fn get(world: &mut World, input: &Input) -> Answer {
    let policy = named(world, input)?;
    let mut shown = brief(world, policy);
    if let Some(description) = &policy.description {
        shown["Description"] = description.as_str().into();
    }
    shown["Tags"] = crate::service::tags::upper(&policy.tags);
    Ok(json!({ "Policy": shown }))
}

pub(super) fn delete(world: &mut World, input: &Input) -> Answer {
    let policy = changed(world, input)?;
    let (arn, versions) = (policy.arn.clone(), policy.versions.len());
    if uses(world, &arn) != (0, 0) {
        return Err(conflict("Cannot delete a policy attached to entities."));
    }
    if versions > 1 {
        return Err(conflict(
            "This policy has more than one version. Before you delete a policy, you must delete \
             the policy's versions. The default version is deleted with the policy.",
        ));
    }
    world.iam.policies.remove(&arn);
    Ok(json!({}))
}

pub(super) fn list_all(world: &mut World, input: &Input) -> Answer {
    let scope = input.maybe("Scope").unwrap_or("All");
    let prefix = input.maybe("PathPrefix").unwrap_or("/");
    let usage = input.maybe("PolicyUsageFilter");
    let fits = |it: &&Policy| {
        let (attached, bounded) = uses(world, &it.arn);
        let used = match usage {
            Some("PermissionsBoundary") => bounded > 0,
            Some(_) => attached > 0,
            None => attached + bounded > 0,
        };
        // A filter by use shows what is used so; without it, use matters only if asked for.
        let wanted = used || usage.is_none() && !input.flag("OnlyAttached");
        let scoped = match scope {
            "AWS" => !it.is_local(),
            "Local" => it.is_local(),
            _ => true,
        };
        scoped && wanted && it.path.starts_with(prefix)
    };
    let all = world.iam.policies.values().chain(managed::all().values());
    let shown: Vec<Value> = all.filter(fits).map(|it| brief(world, it)).collect();
    list::page(input, "Policies", &shown)
}

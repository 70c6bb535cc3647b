//! Roles and instance profiles.

use super::{Around, Written, Wrong};
use crate::{
    kind::{InstanceProfile, Role, Tags},
    policy::PolicyDocument,
};
use schemars::JsonSchema;
use serde::Deserialize;
use setpoint_core::Link;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct WrittenRole {
    /// Its IAM path; `/setpoint/<stack>/` where nothing is said.
    #[serde(default)]
    #[schemars(example = &"/shop/")]
    path: Option<String>,
    /// What it is for.
    #[serde(default)]
    #[schemars(length(max = 1000))]
    description: String,
    /// Seconds that a session may last.
    #[serde(default = "an_hour")]
    #[schemars(range(min = 3600, max = 43200))]
    max_session_duration: i32,
    /// The AWS services that may assume it.
    #[serde(default)]
    #[schemars(example = ["ecs-tasks.amazonaws.com"])]
    trusted_by: Vec<String>,
    /// The whole trust policy, in place of `trustedBy`.
    #[serde(default)]
    #[schemars(with = "Option<serde_json::Value>")]
    trust: Option<PolicyDocument>,
    /// Managed policies: AWS's by their bare names, others by ARN.
    #[serde(default)]
    #[schemars(example = ["AmazonECSTaskExecutionRolePolicy"])]
    managed_policies: BTreeSet<String>,
    /// Policies of its own, by name.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, serde_json::Value>")]
    inline_policies: BTreeMap<String, PolicyDocument>,
    /// The ARN of the policy beyond which it may do nothing.
    #[serde(default)]
    permissions_boundary: Option<String>,
    /// Its tags, beside those of the whole stack.
    #[serde(default)]
    tags: Tags,
}

fn an_hour() -> i32 {
    3600
}

impl Written for WrittenRole {
    type Resource = Role;

    fn resource(self, name: &str, around: &Around<'_>) -> Result<Role, Vec<Wrong>> {
        let trust = match (self.trust, &self.trusted_by[..]) {
            (Some(trust), []) => Ok(trust),
            (None, services @ [_, ..]) => Ok(PolicyDocument::trusting(
                services.iter().map(String::as_str),
            )),
            (None, []) => Err(
                Wrong::new([], format!("nobody may assume the role `{name}`"))
                    .hint("trustedBy: [ecs-tasks.amazonaws.com]"),
            ),
            (Some(_), _) => Err(Wrong::new(
                ["trustedBy".into()],
                "the role has both `trust` and `trustedBy`: one of them says who may assume it",
            )),
        };
        let mut wrongs: Vec<Wrong> = Vec::new();
        let is_word = |it: char| it.is_ascii_alphanumeric() || "+=,.@_-".contains(it);
        if name.is_empty() || name.len() > 64 || !name.chars().all(is_word) {
            wrongs.push(
                Wrong::new([], format!("`{name}` is no name for a role"))
                    .hint("letters, digits and `+=,.@_-`, 64 of them at most"),
            );
        }
        if !(3600..=43200).contains(&self.max_session_duration) {
            let message = "a session lasts 3600 to 43200 seconds";
            wrongs.push(Wrong::new(["maxSessionDuration".into()], message));
        }
        wrongs.extend(path_problem(self.path.as_deref()));
        let trust = match trust {
            Ok(trust) if wrongs.is_empty() => trust,
            Ok(_) => return Err(wrongs),
            Err(wrong) => {
                wrongs.push(wrong);
                return Err(wrongs);
            }
        };
        Ok(Role {
            path: self.path,
            description: self.description,
            max_session_duration: self.max_session_duration,
            trust,
            managed_policies: self.managed_policies.into_iter().map(bare).collect(),
            inline_policies: self.inline_policies,
            permissions_boundary: self.permissions_boundary,
            tags: around.tagged(self.tags),
        })
    }
}

/// AWS managed policies are known by their bare names, also when they are written as ARNs.
fn bare(policy: String) -> String {
    let is_managed = policy.starts_with("arn:") && policy.contains(":iam::aws:policy/");
    match policy.rsplit_once('/') {
        Some((_, name)) if is_managed => name.to_owned(),
        _ => policy,
    }
}

fn path_problem(path: Option<&str>) -> Option<Wrong> {
    let path = path?;
    let is_path = path.starts_with('/') && path.ends_with('/') && path.len() <= 512;
    (!is_path).then(|| {
        Wrong::new(["path".into()], format!("`{path}` is no path"))
            .hint("a path begins and ends with `/`, such as `/shop/`")
    })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct WrittenProfile {
    /// The role that its instances have.
    #[schemars(with = "String")]
    role: Link<Role>,
    /// Its IAM path; `/setpoint/<stack>/` where nothing is said.
    #[serde(default)]
    #[schemars(example = &"/shop/")]
    path: Option<String>,
    /// Its tags, beside those of the whole stack.
    #[serde(default)]
    tags: Tags,
}

impl Written for WrittenProfile {
    type Resource = InstanceProfile;

    fn resource(self, _: &str, around: &Around<'_>) -> Result<InstanceProfile, Vec<Wrong>> {
        if let Some(wrong) = path_problem(self.path.as_deref()) {
            return Err(vec![wrong]);
        }
        Ok(InstanceProfile {
            path: self.path,
            role: Some(self.role),
            tags: around.tagged(self.tags),
        })
    }
}

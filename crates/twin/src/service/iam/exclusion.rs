//! Policies that a simulation leaves out.

use super::{
    judgement::{Source, Standing},
    pattern::Pattern,
    policy,
    refusal::invalid,
    role,
};
use crate::{Refusal, World};
use serde_json::Value;

/// Takes out of what a role may do the policies that are named: by type, by ARN, or an inline
/// policy by its name and the name of its role.
pub(super) fn apply(
    world: &World,
    arn: &str,
    standing: &mut Standing,
    excluded: &[Value],
) -> Result<(), Refusal> {
    let role = role::by_arn(world, arn);
    for it in excluded {
        if let Some(kind) = it["PolicyType"].as_str() {
            let kind = match kind {
                "inline" => "role",
                other => other,
            };
            if kind == "permission-boundary" {
                standing.boundary = None;
            }
            standing.identity.retain(|it| it.kind != kind);
        }
        if let Some(arn) = it["PolicyArn"].as_str() {
            let pattern = Pattern::new(policy::valid(arn).map_err(|it| invalid(it.message))?);
            let attached = role.into_iter().flat_map(|it| &it.attached);
            let fitting = attached.filter(|it| pattern.matches(it, false));
            let fitting = fitting.filter_map(|it| policy::by_arn(world, it));
            let names: Vec<&str> = fitting.map(|it| it.name.as_str()).collect();
            let is_named = |it: &Source| it.kind.ends_with("-managed") && names.contains(&&*it.id);
            standing.identity.retain(|it| !is_named(it));
        }
        let inline = &it["InlinePolicyIdentifier"];
        if let (Some(role), Some(name)) = (role, inline["PolicyName"].as_str()) {
            let holder = inline["AttachmentName"].as_str().unwrap_or("*");
            let is_role = inline["AttachmentType"]
                .as_str()
                .is_none_or(|it| it == "role");
            if is_role && Pattern::new(holder).matches(&role.name, false) {
                let id = format!("role_{}_{name}", role.name);
                standing.identity.retain(|it| it.id != id);
            }
        }
    }
    Ok(())
}

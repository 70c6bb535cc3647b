//! Reading what a container gets as secrets, before it starts.

use super::super::service::events;
use crate::{
    World,
    service::{iam, ssm},
};
use serde_json::Value;

/// Reads a container's secrets with the execution role; or else says why not, as the agent does.
///
/// AWS Systems Manager's parameters are looked up. There is no Secrets Manager here: its secrets are
/// asked of the role only, and are taken to exist.
pub(super) fn read(world: &World, container: &Value, role: Option<&str>) -> Result<(), String> {
    let secrets = container["secrets"].as_array();
    for secret in secrets.into_iter().flatten() {
        let from = secret["valueFrom"].as_str().unwrap_or_default();
        match from.contains(":secretsmanager:") {
            true => of_manager(world, from, role)?,
            false => of_parameters(world, from, role)?,
        }
    }
    Ok(())
}

fn of_parameters(world: &World, from: &str, role: Option<&str>) -> Result<(), String> {
    let resource = ssm::arn(world, ssm::plain(from));
    let failure = |why: String| {
        Err(format!(
            "Fetching secret data from SSM Parameter Store in {}: {why}",
            world.region
        ))
    };
    if let Some(why) = denied(world, role, "ssm:GetParameters", &resource) {
        return failure(why);
    }
    match ssm::parameter(world, from) {
        Some(_) => Ok(()),
        None => failure(format!("invalid parameters: {from}")),
    }
}

fn of_manager(world: &World, from: &str, role: Option<&str>) -> Result<(), String> {
    // The ARN of a secret has seven parts; a key and a version may follow.
    let arn: Vec<&str> = from.split(':').take(7).collect();
    match denied(world, role, "secretsmanager:GetSecretValue", &arn.join(":")) {
        None => Ok(()),
        Some(why) => Err(format!(
            "Fetching secret data from AWS Secrets Manager in region {}: secret {from}: {why}",
            world.region
        )),
    }
}

fn denied(world: &World, role: Option<&str>, action: &str, resource: &str) -> Option<String> {
    let role = role?;
    let allowed = iam::role_allows(world, role, action, resource);
    let role = events::id(role);
    (!allowed).then(|| {
        format!(
            "AccessDeniedException: User: {role} is not authorized to perform: {action} on \
             resource: {resource} because no identity-based policy allows the {action} action"
        )
    })
}

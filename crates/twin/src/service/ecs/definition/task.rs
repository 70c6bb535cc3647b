//! What AWS checks and fills in of a task as a whole.

use super::size;
use crate::{Refusal, habits::ACCOUNT, service::ecs::cluster::client};
use serde_json::{Value, json};

pub(super) fn check(task: &mut Value) -> Result<(), Refusal> {
    sizes(task)?;
    for member in ["taskRoleArn", "executionRoleArn"] {
        if let Some(role) = task[member].as_str() {
            check_role(role)?;
        }
    }
    if list(task, "placementConstraints").len() > 10 {
        return Err(client("A task can have a maximum of 10 constraints."));
    }
    if let Some(size) = task["ephemeralStorage"]["sizeInGiB"].as_i64()
        && !(21..=200).contains(&size)
    {
        let text = "Invalid ephemeralStorage setting: sizeInGiB must be between 21 and 200.";
        return Err(client(text));
    }
    volumes(task)
}

/// A list of an object; empty if absent.
pub(super) fn list<'a>(object: &'a Value, member: &str) -> &'a [Value] {
    object[member].as_array().map_or(&[], Vec::as_slice)
}

/// A text of an object; empty if absent.
pub(super) fn text<'a>(object: &'a Value, member: &str) -> &'a str {
    object[member].as_str().unwrap_or_default()
}

/// CPU and memory become whole numbers, as texts.
fn sizes(task: &mut Value) -> Result<(), Refusal> {
    if let Some(said) = task["cpu"].as_str() {
        match size::cpu(said) {
            Some(cpu) if (128..=196_608).contains(&cpu) => task["cpu"] = json!(cpu.to_string()),
            _ => return Err(client("Invalid 'cpu' setting for task.")),
        }
    }
    if let Some(said) = task["memory"].as_str() {
        match size::memory(said) {
            Some(memory) if memory >= 6 => task["memory"] = json!(memory.to_string()),
            _ => return Err(client("Invalid 'memory' setting for task.")),
        }
    }
    Ok(())
}

/// A role is given by its ARN or its short name; whether it is there is not looked at.
fn check_role(role: &str) -> Result<(), Refusal> {
    let is_in = |it: char| it.is_ascii_alphanumeric() || "+=,.@_-/".contains(it);
    let name = match role.strip_prefix("arn:aws:iam::") {
        Some(rest) => rest
            .strip_prefix(ACCOUNT)
            .and_then(|it| it.strip_prefix(":role/")),
        None => Some(role),
    };
    match name {
        Some(name) if !name.is_empty() && name.chars().all(is_in) => Ok(()),
        _ => Err(client("Role is not valid")),
    }
}

fn volumes(task: &mut Value) -> Result<(), Refusal> {
    const KINDS: [&str; 5] = [
        "host",
        "dockerVolumeConfiguration",
        "efsVolumeConfiguration",
        "fsxWindowsFileServerVolumeConfiguration",
        "s3filesVolumeConfiguration",
    ];
    let mut names = Vec::new();
    let all = task["volumes"].as_array_mut();
    for volume in all.into_iter().flatten() {
        let name = text(volume, "name").to_owned();
        if !crate::service::ecs::cluster::is_name(&name) {
            return Err(client("Volume.name contains invalid characters."));
        }
        if names.contains(&name) {
            return Err(client(format!("Duplicate volume name '{name}'.")));
        }
        let kinds = KINDS.iter().filter(|it| volume.get(**it).is_some());
        let kinds = kinds.count() + usize::from(volume["configuredAtLaunch"] == true);
        match kinds {
            0 => volume["host"] = json!({}),
            1 => {}
            _ => {
                let text = format!("The volume '{name}' has more than one configuration.");
                return Err(client(text));
            }
        }
        if let Some(efs) = volume.get_mut("efsVolumeConfiguration")
            && efs.get("rootDirectory").is_none()
        {
            efs["rootDirectory"] = json!("/");
        }
        if let Some(docker) = volume.get_mut("dockerVolumeConfiguration") {
            if docker.get("scope").is_none() {
                docker["scope"] = json!("task");
            }
            if docker["autoprovision"] == true && docker["scope"] != "shared" {
                let text = "autoprovision can be set for volumes of scope shared only.";
                return Err(client(text));
            }
        }
        names.push(name);
    }
    Ok(())
}

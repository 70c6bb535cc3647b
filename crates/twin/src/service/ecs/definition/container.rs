//! What AWS checks and fills in of containers.

mod depends;
mod memory;

use super::task::{list, text};
use crate::{
    Refusal,
    service::ecs::cluster::{client, is_name},
};
use serde_json::{Value, json};

pub(super) fn check(task: &mut Value) -> Result<(), Refusal> {
    let containers = list(task, "containerDefinitions");
    check_all(containers)?;
    memory::check(task)?;
    depends::check(containers)?;
    for container in containers {
        check_one(task, container)?;
    }
    let mut filled = containers.to_vec();
    filled.iter_mut().for_each(fill);
    task["containerDefinitions"] = Value::from(filled);
    Ok(())
}

fn check_all(containers: &[Value]) -> Result<(), Refusal> {
    match containers.len() {
        0 => return Err(client("Container list cannot be empty.")),
        1..=10 => {}
        _ => {
            return Err(client(
                "Container list cannot contain more than 10 containers.",
            ));
        }
    }
    for (place, container) in containers.iter().enumerate() {
        let (name, image) = (text(container, "name"), text(container, "image"));
        if name.is_empty() {
            return Err(client("Container.name should not be null or empty."));
        }
        if !is_name(name) {
            return Err(client("Container.name contains invalid characters."));
        }
        if image.is_empty() {
            return Err(client("Container.image should not be null or empty."));
        }
        let is_in = |it: char| it.is_ascii_alphanumeric() || "-_:./#@".contains(it);
        if image.len() > 255 || !image.chars().all(is_in) {
            return Err(client("Container.image contains invalid characters."));
        }
        if containers[..place].iter().any(|it| it["name"] == name) {
            return Err(client(format!("Duplicate container name '{name}'.")));
        }
    }
    match containers.iter().all(|it| it["essential"] == false) {
        true => Err(client(
            "Invalid setting for container. At least one container must be essential.",
        )),
        false => Ok(()),
    }
}

fn check_one(task: &Value, container: &Value) -> Result<(), Refusal> {
    let name = text(container, "name");
    let volumes = list(task, "volumes");
    for mount in list(container, "mountPoints") {
        let volume = text(mount, "sourceVolume");
        if !volumes.iter().any(|it| it["name"] == volume) {
            return Err(client(format!("Unknown volume '{volume}'.")));
        }
        if text(mount, "containerPath").is_empty() {
            return Err(client(
                "MountPoint.containerPath should not be null or empty.",
            ));
        }
    }
    let containers = list(task, "containerDefinitions");
    let is_other = |it: &str| it != name && containers.iter().any(|has| has["name"] == it);
    for from in list(container, "volumesFrom") {
        let source = text(from, "sourceContainer");
        if !is_other(source) {
            return Err(client(format!("Unknown container '{source}'.")));
        }
    }
    for link in list(container, "links").iter().filter_map(Value::as_str) {
        let target = link.split(':').next().unwrap_or_default();
        if !is_other(target) {
            return Err(client(format!("Unknown container '{target}'.")));
        }
    }
    check_secrets(task, container)?;
    check_logs(container)?;
    check_health(container)
}

/// Secrets are fetched with the execution role, and none has the name of a variable.
fn check_secrets(task: &Value, container: &Value) -> Result<(), Refusal> {
    let secrets = list(container, "secrets");
    let logs = list(&container["logConfiguration"], "secretOptions");
    let has_role = task.get("executionRoleArn").is_some();
    let has_secrets = !secrets.is_empty() || !logs.is_empty();
    if has_secrets && !has_role {
        return Err(client(
            "When you are specifying container secrets, you must also specify a value for \
             'executionRoleArn'.",
        ));
    }
    let others = [
        list(container, "environmentFiles").is_empty(),
        container.get("repositoryCredentials").is_none(),
    ];
    if others.contains(&false) && !has_role {
        return Err(client(
            "An execution role is required for environment files and private registry \
             authentication.",
        ));
    }
    for secret in secrets.iter().chain(logs) {
        if !is_reference(text(secret, "valueFrom")) || text(secret, "name").is_empty() {
            return Err(client(
                "The secret valueFrom must be the ARN of a Secrets Manager secret or the ARN or \
                 name of a parameter of the SSM Parameter Store.",
            ));
        }
    }
    let variables = list(container, "environment").iter();
    for (place, secret) in secrets.iter().enumerate() {
        let name = text(secret, "name");
        let mut before = variables.clone().chain(&secrets[..place]);
        if before.any(|it| it["name"] == name) {
            return Err(client(format!(
                "The secret name must be unique and not shared with any new or existing \
                 environment variables set on the container, such as '{name}'."
            )));
        }
    }
    Ok(())
}

fn is_reference(value: &str) -> bool {
    let is_name = |it: char| it.is_ascii_alphanumeric() || "/_.-".contains(it);
    match value.strip_prefix("arn:") {
        Some(rest) => {
            let service = rest.split(':').nth(1).unwrap_or_default();
            let is_whole = rest.split(':').count() >= 5;
            is_whole && ["secretsmanager", "ssm"].contains(&service)
        }
        None => !value.is_empty() && value.chars().all(is_name),
    }
}

fn check_logs(container: &Value) -> Result<(), Refusal> {
    let logs = &container["logConfiguration"];
    if logs["logDriver"] != "awslogs" {
        return Ok(());
    }
    let has = |it: &str| !text(&logs["options"], it).is_empty();
    match has("awslogs-group") && has("awslogs-region") {
        true => Ok(()),
        false => Err(client(
            "Log driver awslogs requires options: awslogs-region, awslogs-group",
        )),
    }
}

fn check_health(container: &Value) -> Result<(), Refusal> {
    let Some(health) = container.get("healthCheck") else {
        return Ok(());
    };
    let command: Vec<&str> = list(health, "command")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    let is_command = match command[..] {
        ["CMD" | "CMD-SHELL", _, ..] => true,
        // A shell's command may stand alone.
        [alone] => !alone.is_empty() && alone != "CMD" && alone != "CMD-SHELL",
        _ => false,
    };
    if !is_command {
        return Err(client(
            "Invalid healthCheck setting for container: the command must start with CMD or \
             CMD-SHELL.",
        ));
    }
    let ranges = [
        ("interval", 5..=300),
        ("timeout", 2..=120),
        ("retries", 1..=10),
        ("startPeriod", 0..=300),
    ];
    for (member, range) in ranges {
        let value = health[member].as_i64();
        if value.is_some_and(|it| !range.contains(&it)) {
            return Err(client(format!(
                "Invalid healthCheck setting for container: {member} must be between {} and {}.",
                range.start(),
                range.end()
            )));
        }
    }
    Ok(())
}

/// What is shown of a container although nobody said it.
fn fill(container: &mut Value) {
    let lists = [
        "portMappings",
        "environment",
        "mountPoints",
        "volumesFrom",
        "systemControls",
    ];
    for member in lists {
        default(container, member, json!([]));
    }
    default(container, "cpu", json!(0));
    default(container, "essential", json!(true));
    if let Some(health) = container.get_mut("healthCheck") {
        default(health, "interval", json!(30));
        default(health, "timeout", json!(5));
        default(health, "retries", json!(3));
    }
}

fn default(object: &mut Value, member: &str, value: Value) {
    if object.get(member).is_none() {
        object[member] = value;
    }
}

//! The order in which containers start.

use super::super::task::{list, text};
use crate::{Refusal, service::ecs::cluster::client};
use serde_json::Value;

pub(super) fn check(containers: &[Value]) -> Result<(), Refusal> {
    for container in containers {
        let name = text(container, "name");
        for dependency in list(container, "dependsOn") {
            let target = text(dependency, "containerName");
            let found = containers.iter().find(|it| it["name"] == target);
            let Some(found) = found.filter(|_| target != name) else {
                let text = format!("Container '{name}' depends on unknown container '{target}'.");
                return Err(client(text));
            };
            check_condition(text(dependency, "condition"), found)?;
        }
    }
    match in_order(containers) {
        true => Ok(()),
        false => Err(client("Container dependencies must not form a cycle.")),
    }
}

fn check_condition(condition: &str, target: &Value) -> Result<(), Refusal> {
    let name = text(target, "name");
    match condition {
        "HEALTHY" if target.get("healthCheck").is_none() => Err(client(format!(
            "The condition HEALTHY requires a health check in container '{name}'."
        ))),
        "COMPLETE" | "SUCCESS" if target["essential"] != false => Err(client(format!(
            "The condition {condition} cannot be set on the essential container '{name}'."
        ))),
        _ => Ok(()),
    }
}

/// Whether there is an order in which each container starts after what it depends on.
fn in_order(containers: &[Value]) -> bool {
    let mut started: Vec<&str> = Vec::new();
    loop {
        let before = started.len();
        for container in containers {
            let name = text(container, "name");
            let mut targets = list(container, "dependsOn").iter();
            let is_ready = targets.all(|it| started.contains(&text(it, "containerName")));
            if is_ready && !started.contains(&name) {
                started.push(name);
            }
        }
        if started.len() == before {
            return before == containers.len();
        }
    }
}

//! What Fargate takes.

use super::task::{list, text};
use crate::{Refusal, service::ecs::cluster::client};
use serde_json::Value;

/// Refuses what Fargate does not take, in its own words where they are known.
pub(super) fn check(task: &Value) -> Result<(), Refusal> {
    match objection(task) {
        Some(text) => Err(client(text)),
        None => Ok(()),
    }
}

/// Why a task cannot run on Fargate, if it cannot.
pub(super) fn objection(task: &Value) -> Option<String> {
    if task["networkMode"] != "awsvpc" {
        return Some("Fargate only supports network mode 'awsvpc'.".into());
    }
    for member in ["cpu", "memory"] {
        if task.get(member).is_none() {
            return Some(format!(
                "Fargate requires that '{member}' be defined at the task level."
            ));
        }
    }
    let number = |member: &str| text(task, member).parse::<i64>().unwrap_or_default();
    let (cpu, memory) = (number("cpu"), number("memory"));
    if !is_offered(cpu, memory) {
        return Some(format!(
            "No Fargate configuration exists for given values: {cpu} CPU, {memory} memory. See the \
             Amazon ECS documentation for the valid values."
        ));
    }
    let not_supported = |what: &str| {
        Some(format!(
            "Fargate compatible task definitions do not support {what}"
        ))
    };
    if !list(task, "placementConstraints").is_empty() {
        return not_supported("placementConstraints");
    }
    for volume in list(task, "volumes") {
        let is_on_host = volume["host"].get("sourcePath").is_some();
        if is_on_host || volume.get("dockerVolumeConfiguration").is_some() {
            return not_supported("volumes of the host");
        }
    }
    let containers = list(task, "containerDefinitions").iter();
    containers.filter_map(|it| objection_to(task, it)).next()
}

fn objection_to(task: &Value, container: &Value) -> Option<String> {
    if container["privileged"] == true {
        return Some("Fargate compatible task definitions do not support privileged".into());
    }
    let driver = text(&container["logConfiguration"], "logDriver");
    if !["", "awslogs", "splunk", "awsfirelens"].contains(&driver) {
        return Some(format!("Fargate does not support log driver {driver}."));
    }
    let has_role = task.get("executionRoleArn").is_some();
    let needs_role = |what: &str| {
        Some(format!(
            "Fargate requires task definition to have execution role ARN to support {what}."
        ))
    };
    if !has_role && is_of_ecr(text(container, "image")) {
        return needs_role("ECR images");
    }
    if driver == "awslogs" && !has_role {
        return needs_role("log driver awslogs");
    }
    let stop = container["stopTimeout"].as_i64().unwrap_or_default();
    (stop > 120).then(|| "Fargate supports a stopTimeout of at most 120 seconds.".into())
}

/// Whether an image is in a private repository of ECR.
pub(super) fn is_of_ecr(image: &str) -> bool {
    let host = image.split('/').next().unwrap_or_default();
    host.contains(".dkr.ecr.") || host.contains(".dkr-ecr.")
}

fn is_offered(cpu: i64, memory: i64) -> bool {
    let gigabytes = |range: std::ops::RangeInclusive<i64>, step: i64| {
        let least = range.start() * 1024;
        let most = range.end() * 1024;
        (least..=most).contains(&memory) && (memory - least) % (step * 1024) == 0
    };
    match cpu {
        256 => [512, 1024, 2048].contains(&memory),
        512 => gigabytes(1..=4, 1),
        1024 => gigabytes(2..=8, 1),
        2048 => gigabytes(4..=16, 1),
        4096 => gigabytes(8..=30, 1),
        8192 => gigabytes(16..=60, 4),
        16_384 => gigabytes(32..=120, 8),
        _ => false,
    }
}

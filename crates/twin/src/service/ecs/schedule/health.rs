//! Whether a task counts as healthy.

use super::{
    super::{definition, deployment, task::Task},
    AGAIN, tasks,
};
use crate::{Time, World, service::elb};
use serde_json::Value;
use std::time::Duration;

/// How a task is, to the scheduler.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Health {
    /// It counts.
    Good,
    /// It does not count yet; nothing is wrong.
    Coming,
    /// Its containers' health checks fail.
    BadContainers,
    /// A target group finds it unhealthy.
    BadTarget,
}

/// How a task is now. With health checks, they decide; without, it has to have run for a while.
pub(super) fn of(world: &World, task: &Task) -> Health {
    if task.status != "RUNNING" {
        return Health::Coming;
    }
    let checked = is_checked(world, task);
    if checked && task.health == "UNHEALTHY" {
        return Health::BadContainers;
    }
    let targets: Vec<Option<String>> = task
        .targets
        .iter()
        .map(|it| elb::health(world, &it.group, &it.id, it.port))
        .collect();
    if targets.iter().any(|it| it.as_deref() == Some("unhealthy")) {
        return Health::BadTarget;
    }
    let healthy = match () {
        () if checked && task.health != "HEALTHY" => false,
        () if !targets.is_empty() => targets.iter().all(|it| it.as_deref() == Some("healthy")),
        () => checked || world.now >= settled_at(world, task),
    };
    if healthy {
        Health::Good
    } else {
        Health::Coming
    }
}

/// When a task without health checks counts as healthy.
fn settled_at(world: &World, task: &Task) -> Time {
    task.started_at.unwrap_or(world.now) + world.habits.healthy_after
}

/// Whether an essential container of a task has a health check.
fn is_checked(world: &World, task: &Task) -> bool {
    let definition = definition::find(world, &task.task_definition);
    let containers = definition.and_then(|it| it.document["containerDefinitions"].as_array());
    containers.into_iter().flatten().any(|it| {
        let command = it["healthCheck"]["command"].as_array();
        let first = command.and_then(|it| it.first()).and_then(Value::as_str);
        it["essential"] != false && first.is_some_and(|it| it != "NONE")
    })
}

/// Notes which tasks have become healthy.
pub(super) fn count(world: &mut World, key: &str) {
    let Some(service) = world.ecs.services.get(key) else {
        return;
    };
    let fresh: Vec<String> = tasks(world, service)
        .filter(|it| !it.was_healthy && of(world, it) == Health::Good)
        .map(|it| it.arn.clone())
        .collect();
    for arn in fresh {
        let task = world.ecs.tasks.get_mut(&arn).expect("it was found");
        task.was_healthy = true;
        if let Some(id) = task.deployment.clone() {
            deployment::task_is_healthy(world, key, &id);
        }
    }
}

/// Until when failing health checks of a task are ignored.
pub(super) fn grace(world: &World, key: &str, task: &Task) -> Time {
    let service = world.ecs.services.get(key);
    let seconds = service.and_then(|it| it.document["healthCheckGracePeriodSeconds"].as_u64());
    let started = task.started_at.unwrap_or(world.now);
    started + Duration::from_secs(seconds.unwrap_or_default())
}

/// When a task's health is to be looked at again, if nothing is heard of it before.
pub(super) fn next(world: &World, key: &str) -> Option<Time> {
    let service = world.ecs.services.get(key)?;
    let running = tasks(world, service).filter(|it| it.status == "RUNNING");
    running
        .filter_map(|task| match of(world, task) {
            Health::Good => None,
            Health::Coming if !task.targets.is_empty() => Some(world.now + AGAIN),
            Health::Coming if is_checked(world, task) => None,
            Health::Coming => Some(settled_at(world, task)),
            Health::BadContainers | Health::BadTarget => Some(grace(world, key, task)),
        })
        .min()
}

//! What a task's processes and health checks do as time goes by.

use super::{super::schedule, begin, life, program};
use crate::{Time, World};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::time::Duration;

/// Something that a container will do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Happening {
    /// When.
    pub at: Time,
    /// The container.
    pub container: String,
    /// What.
    pub what: What,
}

/// What a container does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum What {
    /// Its process ends, with this code.
    Ends(i64),
    /// Its health check has said `HEALTHY` or `UNHEALTHY`.
    Is(String),
}

/// What containers that start now will do.
pub(super) fn plan(containers: &[Value], now: Time) -> Vec<Happening> {
    let mut plan = Vec::new();
    for container in containers {
        let mut add = |delay: Duration, what: What| {
            plan.push(Happening {
                at: now + delay,
                container: container["name"].as_str().unwrap_or_default().to_owned(),
                what,
            });
        };
        if let Some((after, code)) = program::ends(container) {
            add(after, What::Ends(code));
        }
        if let Some((after, health)) = program::health(container) {
            add(after, What::Is(health.to_owned()));
        }
    }
    plan.sort_by_key(|it| it.at);
    plan
}

/// Lets what is due happen.
pub(super) fn happen(world: &mut World, arn: &str) {
    let now = world.now;
    let Some(task) = world.ecs.tasks.get_mut(arn) else {
        return;
    };
    let due = task.plan.partition_point(|it| it.at <= now);
    let due: Vec<Happening> = task.plan.drain(..due).collect();
    for happening in due {
        match happening.what {
            What::Ends(code) => ends(world, arn, &happening.container, code),
            What::Is(health) => is(world, arn, &happening.container, &health),
        }
    }
}

fn ends(world: &mut World, arn: &str, name: &str, code: i64) {
    let Some(task) = world.ecs.tasks.get_mut(arn) else {
        return;
    };
    let mut containers = task.containers.iter_mut();
    let running = |it: &&mut Value| it["name"] == name && it["lastStatus"] == "RUNNING";
    let Some(container) = containers.find(running) else {
        return;
    };
    container["lastStatus"] = json!("STOPPED");
    container["exitCode"] = json!(code);
    let task = task.clone();
    let definitions = begin::containers(world, &task);
    let Some(definition) = definitions.iter().find(|it| it["name"] == name) else {
        return;
    };
    if program::exhausts(definition) {
        let reason = "OutOfMemoryError: Container killed due to memory usage";
        let task = world.ecs.tasks.get_mut(arn).expect("it was found");
        let mut containers = task.containers.iter_mut();
        if let Some(container) = containers.find(|it| it["name"] == name) {
            container["reason"] = json!(reason);
        }
    }
    for line in program::says(definition) {
        begin::log(world, &task, definition, &line);
    }
    begin::log(
        world,
        &task,
        definition,
        &format!("exited with code {code}"),
    );
    if definition["essential"] != false {
        let reason = "Essential container in task exited";
        life::stop(world, arn, "EssentialContainerExited", reason);
    }
}

fn is(world: &mut World, arn: &str, name: &str, health: &str) {
    let Some(task) = world.ecs.tasks.get_mut(arn) else {
        return;
    };
    let mut containers = task.containers.iter_mut();
    let running = |it: &&mut Value| it["name"] == name && it["lastStatus"] == "RUNNING";
    let Some(container) = containers.find(running) else {
        return;
    };
    container["healthStatus"] = json!(health);
    let task = task.clone();
    let definitions = begin::containers(world, &task);
    let checked = definitions
        .iter()
        .filter(|it| it["essential"] != false && program::is_checked(it));
    let states: Vec<&str> = checked
        .filter_map(|it| task.containers.iter().find(|own| own["name"] == it["name"]))
        .filter_map(|it| it["healthStatus"].as_str())
        .collect();
    let whole = match () {
        () if states.contains(&"UNHEALTHY") => "UNHEALTHY",
        () if states.contains(&"UNKNOWN") || states.is_empty() => "UNKNOWN",
        () => "HEALTHY",
    };
    let key = task.service_key();
    let task = world.ecs.tasks.get_mut(arn).expect("it was found");
    task.health = whole.to_owned();
    if let Some(key) = key {
        schedule::soon(world, &key);
    }
}

//! The scheduler: which tasks are started, where they are placed, and which are stopped.

mod daemon;
pub(super) mod expression;
mod health;
mod launch;
pub(super) mod place;
mod prefer;
mod replica;
mod settle;
#[cfg(test)]
mod tests;
mod unhealthy;

use super::{
    Event as EcsEvent,
    service::{Service, delete, events},
    task::{self, Stage, Task},
};
use crate::{Time, World, world::Event};
use std::time::Duration;

/// How soon the scheduler looks at what has changed.
const SOON: Duration = Duration::from_secs(1);
/// How soon it looks again at what it waits for and is not told of.
const AGAIN: Duration = Duration::from_secs(5);

/// Looks at a service, `cluster/name`: starts, places and stops tasks, and moves its deployments on.
pub fn look(world: &mut World, service: &str) {
    let status = world.ecs.services.get(service).map(|it| it.status.as_str());
    match status {
        Some("DRAINING") => delete::wind_down(world, service),
        Some("ACTIVE") => attend(world, service),
        _ => {}
    }
}

/// Something about the instances of a cluster has changed: its services are looked at soon.
pub fn look_at_all(world: &mut World, cluster: &str) {
    let services = world.ecs.services.values();
    let active = services.filter(|it| it.cluster == cluster && it.status == "ACTIVE");
    let keys: Vec<String> = active.map(Service::key).collect();
    for key in keys {
        soon(world, &key);
    }
}

/// Lets a service be looked at soon.
pub(super) fn soon(world: &mut World, key: &str) {
    again(world, key, world.now + SOON);
}

fn again(world: &mut World, key: &str, at: Time) {
    world
        .agenda
        .once(at, Event::Ecs(EcsEvent::Look(key.to_owned())));
}

/// Looks whether a service has something to do that nobody has told the scheduler of.
pub(super) fn look_around(world: &mut World) {
    let restless: Vec<String> = world
        .ecs
        .services
        .values()
        .filter(|it| it.status == "ACTIVE")
        .filter(|service| {
            service.is_daemon()
                || service.document["loadBalancers"] != serde_json::json!([])
                || tasks(world, service).any(|it| is_displaced(world, it))
        })
        .map(Service::key)
        .collect();
    for key in restless {
        soon(world, &key);
    }
}

/// The tasks of a service that the world still holds.
pub(super) fn tasks<'a>(world: &'a World, service: &'a Service) -> impl Iterator<Item = &'a Task> {
    let all = world.ecs.tasks.values();
    all.filter(|it| it.cluster == service.cluster && it.service.as_deref() == Some(&service.name))
}

/// Whether a task waits in PROVISIONING until there is room for it: its capacity provider has
/// managed scaling, or Fargate makes the room.
pub(super) fn waits(world: &World, task: &Task) -> bool {
    if task.is_on_fargate() {
        return true;
    }
    let provider = task.provider.as_ref();
    let provider = provider.and_then(|it| world.ecs.providers.get(it));
    provider.is_some_and(|it| it.managed_scaling["status"] == "ENABLED")
}

/// Whether a task is on an instance that takes no more tasks, or is gone.
fn is_displaced(world: &World, task: &Task) -> bool {
    task.instance.as_ref().is_some_and(|it| {
        let instance = world.ecs.instances.get(it);
        instance.is_none_or(|it| it.status != "ACTIVE")
    })
}

/// A task of a service as the scheduler sees it.
#[derive(Clone, Debug)]
struct Row {
    arn: String,
    deployment: String,
    stage: Stage,
    healthy: bool,
    /// On an instance that drains.
    displaced: bool,
    protected: bool,
    instance: Option<String>,
    created_at: Time,
}

/// The tasks of a service that are to run.
fn rows(world: &World, key: &str) -> Vec<Row> {
    let Some(service) = world.ecs.services.get(key) else {
        return Vec::new();
    };
    let live = tasks(world, service)
        .filter(|it| it.desired_status == "RUNNING" && it.stage() != Stage::Ended);
    live.map(|task| Row {
        arn: task.arn.clone(),
        deployment: task.deployment.clone().unwrap_or_default(),
        stage: task.stage(),
        healthy: health::of(world, task) == health::Health::Good,
        displaced: is_displaced(world, task),
        protected: task.protected_until.is_some_and(|it| it > world.now),
        instance: task.instance.clone(),
        created_at: task.created_at,
    })
    .collect()
}

fn attend(world: &mut World, key: &str) {
    unhealthy::remove_lost(world, key);
    health::count(world, key);
    unhealthy::stop(world, key);
    let waits_until = match world.ecs.services[key].is_daemon() {
        true => daemon::work(world, key),
        false => replica::work(world, key),
    };
    settle::work(world, key);
    let next = [
        waits_until,
        health::next(world, key),
        settle::next(world, key),
    ];
    let next = next.into_iter().flatten().filter(|it| *it > world.now);
    if let Some(at) = next.min() {
        again(world, key, at);
    }
}

/// Stops tasks of a service, as its scheduler does, and says so.
pub(super) fn stop_tasks(world: &mut World, key: &str, arns: &[String]) {
    let service = &world.ecs.services[key];
    let deployment = service.deployments.first();
    let deployment = deployment.map_or("", |it| it.id.as_str());
    let reason = format!("Scaling activity initiated by (deployment {deployment})");
    stop_because(world, key, arns, &reason);
}

fn stop_because(world: &mut World, key: &str, arns: &[String], reason: &str) {
    let in_stage = |stage: Stage| {
        let own = arns.iter().filter_map(|it| world.ecs.tasks.get(it));
        let own = own.filter(|it| it.stage() == stage);
        own.map(|it| (it.arn.clone(), !it.targets.is_empty()))
            .collect::<Vec<_>>()
    };
    let running = in_stage(Stage::Running);
    let coming = in_stage(Stage::Coming);
    for arn in arns {
        task::stop(world, arn, "ServiceSchedulerInitiated", reason);
    }
    let named = |stopped: &[(String, bool)]| events::tasks(stopped.iter().map(|it| it.0.as_str()));
    if !running.is_empty() {
        let count = running.len();
        let text = format!("has stopped {count} running tasks: {}.", named(&running));
        events::say(world, key, &text);
    }
    if !coming.is_empty() {
        let count = coming.len();
        let text = format!("has stopped {count} pending tasks: {}.", named(&coming));
        events::say(world, key, &text);
    }
    let draining = running.iter().filter(|it| it.1).count();
    if draining > 0 {
        let text = format!("has begun draining connections on {draining} tasks.");
        events::say(world, key, &text);
    }
}

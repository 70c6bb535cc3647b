//! How a task gets from one status to the next.

use super::{
    super::{Event as EcsEvent, deployment, instance, schedule, service, service::events},
    Stage, Task, begin, fargate, port, program,
};
use crate::{World, service::elb, world::Event};
use serde_json::{Value, json};
use std::time::Duration;

/// How often a task without room looks for some, and a draining target is looked at.
const AGAIN: Duration = Duration::from_secs(5);
const REGISTERING: Duration = Duration::from_secs(1);
const KEPT: Duration = Duration::from_secs(3600);

/// Lets a task have its next status after `delay`.
fn wait(world: &mut World, arn: &str, delay: Duration) {
    let due = world.now + delay;
    if let Some(task) = world.ecs.tasks.get_mut(arn) {
        task.due = due;
        world
            .agenda
            .at(due, Event::Ecs(EcsEvent::Task(arn.to_owned())));
    }
}

/// Gives a task its status, and lets its service know.
fn turn(world: &mut World, arn: &str, status: &str) {
    let Some(task) = world.ecs.tasks.get_mut(arn) else {
        return;
    };
    task.status = status.to_owned();
    let version = task.more["version"].as_i64().unwrap_or_default();
    task.more["version"] = json!(version + 1);
    if let Some(key) = task.service_key() {
        schedule::soon(world, &key);
    }
}

/// Puts a task of the world on an instance, or lets it wait for one.
pub(in crate::service::ecs) fn put(world: &mut World, task: Task, chosen: Option<String>) {
    let arn = task.arn.clone();
    world.ecs.tasks.insert(arn.clone(), task);
    match chosen {
        Some(instance) => settle(world, &arn, &instance),
        None => wait(world, &arn, AGAIN),
    }
}

fn settle(world: &mut World, arn: &str, on: &str) {
    let Some(task) = world.ecs.tasks.get(arn) else {
        return;
    };
    let (ports, awsvpc) = (task.ports.clone(), task.is_awsvpc());
    let ports = port::take(world, on, ports);
    let found = world.ecs.instances.get(on);
    let zone = found.and_then(|it| it.attributes.get("ecs.availability-zone"));
    let (zone, now) = (zone.cloned(), world.now);
    let host = found.map(|it| it.ec2.clone()).unwrap_or_default();
    let task = world.ecs.tasks.get_mut(arn).expect("it was found");
    task.instance = Some(on.to_owned());
    task.ports = ports;
    task.host = host;
    if let Some(zone) = zone {
        task.more["availabilityZone"] = json!(zone);
    }
    task.more["connectivity"] = json!("CONNECTED");
    task.more["connectivityAt"] = now.value();
    task.more["pullStartedAt"] = now.value();
    if awsvpc {
        task.more["attachments"][0]["status"] = json!("ATTACHING");
    }
    turn(world, arn, "PENDING");
    wait(world, arn, world.habits.task_start);
}

/// Does what is due of a task.
pub(super) fn goes_on(world: &mut World, arn: &str) {
    let Some(task) = world.ecs.tasks.get(arn) else {
        return;
    };
    if world.now < task.due {
        return;
    }
    match task.status.as_str() {
        "PROVISIONING" => look_for_room(world, arn),
        "PENDING" => start(world, arn),
        "ACTIVATING" => run(world, arn),
        "DEACTIVATING" => drained(world, arn),
        "STOPPING" => finish(world, arn),
        "STOPPED" if world.now.since(task.stopped_at.unwrap_or_default()) >= KEPT => {
            world.ecs.tasks.remove(arn);
        }
        _ => {}
    }
}

fn look_for_room(world: &mut World, arn: &str) {
    let task = &world.ecs.tasks[arn];
    if task.is_on_fargate() {
        fargate::attach(world, arn);
        turn(world, arn, "PENDING");
        return wait(world, arn, world.habits.task_start);
    }
    match schedule::place::choose(world, task) {
        Ok(instance) => settle(world, arn, &instance),
        Err(_) => wait(world, arn, AGAIN),
    }
}

fn start(world: &mut World, arn: &str) {
    let now = world.now;
    let outcome = begin::prepare(world, arn);
    let Some(task) = world.ecs.tasks.get_mut(arn) else {
        return;
    };
    task.more["pullStoppedAt"] = now.value();
    match outcome {
        Ok(()) if task.balancers.is_empty() => run(world, arn),
        Ok(()) => {
            turn(world, arn, "ACTIVATING");
            wait(world, arn, REGISTERING);
        }
        Err(failure) => {
            let mut containers = task.containers.iter_mut();
            if let Some(container) = containers.find(|it| it["name"] == *failure.container) {
                container["reason"] = json!(failure.reason);
            }
            let reason = "Task failed to start".to_owned();
            task.stopped = Some(("TaskFailedToStart".into(), reason));
            task.more["stoppingAt"] = now.value();
            finish(world, arn);
        }
    }
}

fn run(world: &mut World, arn: &str) {
    begin::run(world, arn);
    turn(world, arn, "RUNNING");
    service::measure(world);
}

/// Stops a task.
pub(super) fn stop(world: &mut World, arn: &str, code: &str, reason: &str) {
    let now = world.now;
    let Some(task) = world.ecs.tasks.get_mut(arn) else {
        return;
    };
    if task.desired_status == "STOPPED" {
        return;
    }
    task.desired_status = "STOPPED".into();
    task.stopped = Some((code.to_owned(), reason.to_owned()));
    task.more["stoppingAt"] = now.value();
    let there = match &task.instance {
        Some(it) => {
            let instance = world.ecs.instances.get(it);
            instance.is_some_and(|it| it.status != "INACTIVE")
        }
        None => task.is_on_fargate() && task.status != "PROVISIONING",
    };
    match task.stage() {
        _ if !there => finish(world, arn),
        Stage::Running if !task.targets.is_empty() => {
            deregister(world, arn);
            turn(world, arn, "DEACTIVATING");
            wait(world, arn, AGAIN);
        }
        _ => halt(world, arn),
    }
}

/// The instance of a task is gone: it has `stopped` or `terminated`.
pub(in crate::service::ecs) fn lost(world: &mut World, arn: &str, end: &str) {
    let now = world.now;
    let Some(task) = world.ecs.tasks.get_mut(arn) else {
        return;
    };
    task.stopped.get_or_insert_with(|| {
        let reason = format!("Host EC2 (instance {}) {end}.", task.host);
        ("ServiceSchedulerInitiated".into(), reason)
    });
    task.more["stoppingAt"] = now.value();
    deregister(world, arn);
    finish(world, arn);
}

fn deregister(world: &mut World, arn: &str) {
    let Some(task) = world.ecs.tasks.get(arn).cloned() else {
        return;
    };
    for target in &task.targets {
        elb::deregister(world, &target.group, &target.id, target.port);
    }
    events::deregistered(world, &task);
}

fn drained(world: &mut World, arn: &str) {
    let draining = world.ecs.tasks[arn].targets.iter().any(|it| {
        let health = elb::health(world, &it.group, &it.id, it.port);
        health.as_deref() == Some("draining")
    });
    match draining {
        true => wait(world, arn, AGAIN),
        false => halt(world, arn),
    }
}

/// Sends the word to stop to the containers.
fn halt(world: &mut World, arn: &str) {
    turn(world, arn, "STOPPING");
    let Some(task) = world.ecs.tasks.get(arn) else {
        return;
    };
    let running = task
        .containers
        .iter()
        .filter(|it| it["lastStatus"] == "RUNNING");
    let names: Vec<&Value> = running.map(|it| &it["name"]).collect();
    let definition = begin::containers(world, task);
    let stubborn = definition
        .iter()
        .filter(|it| names.contains(&&it["name"]) && !program::heeds(it))
        .map(|it| Duration::from_secs(it["stopTimeout"].as_u64().unwrap_or(30)))
        .max();
    let nothing_runs = names.is_empty() && task.started_at.is_some();
    let delay = match stubborn {
        _ if nothing_runs => Duration::ZERO,
        Some(timeout) => timeout.max(world.habits.task_stop),
        None => world.habits.task_stop,
    };
    wait(world, arn, delay);
}

/// A task has stopped.
fn finish(world: &mut World, arn: &str) {
    let now = world.now;
    let Some(task) = world.ecs.tasks.get(arn) else {
        return;
    };
    let definition = begin::containers(world, task);
    let task = world.ecs.tasks.get_mut(arn).expect("it was found");
    for container in &mut task.containers {
        if container["lastStatus"] == "RUNNING" {
            let own = definition.iter().find(|it| it["name"] == container["name"]);
            let heeds = own.is_none_or(program::heeds);
            container["exitCode"] = json!(if heeds { 0 } else { 137 });
        }
        container["lastStatus"] = json!("STOPPED");
    }
    task.desired_status = "STOPPED".into();
    task.stopped_at = Some(now);
    task.more["executionStoppedAt"] = now.value();
    if task.is_awsvpc() {
        task.more["attachments"][0]["status"] = json!("DELETED");
    }
    task.plan.clear();
    turn(world, arn, "STOPPED");
    wait(world, arn, KEPT);
    let task = world.ecs.tasks[arn].clone();
    deployment::task_ended(world, &task);
    if let Some(on) = &task.instance {
        instance::task_stopped(world, on);
    }
}

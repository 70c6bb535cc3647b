//! What tasks have to do: requests, and the CPU time that they cost.
//!
//! A task does what it is offered as far as its own CPU limit and its instance let it. A burstable
//! instance that has used up its CPU credits is as fast as its baseline.

use crate::{
    Time, World,
    service::{
        ec2::{self, InstanceType},
        ecs::{definition, task::Task},
    },
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, time::Duration};

/// The load, and what it has cost.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Work {
    /// Requests a second that are offered to a service, by `service/<cluster>/<service>`, and
    /// spread over its running tasks.
    pub offered: BTreeMap<String, f64>,
    /// CPU time in vCPU-milliseconds that real requests have cost each task since it was counted.
    pub served: BTreeMap<String, f64>,
    /// What each task used and nobody has asked for yet, by ARN.
    used: BTreeMap<String, Used>,
    /// Until when everything is counted.
    counted: Time,
}

/// CPU that a task used, and over which time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Used {
    /// CPU units times milliseconds.
    cpu: f64,
    /// Milliseconds.
    time: f64,
}

/// What a task has used.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Usage {
    /// CPU units, 1024 to a vCPU.
    pub cpu: f64,
    /// MiB.
    pub memory: f64,
}

/// CPU units that a task uses with nothing to do.
const IDLE: f64 = 2.0;

/// What part of the memory that it may use a task does use.
const MEMORY_USED: f64 = 0.12;

/// Offers a service requests from now on, so many a second; zero: none.
pub fn offer(world: &mut World, cluster: &str, service: &str, rate: f64) {
    count(world);
    let key = format!("service/{cluster}/{service}");
    match rate > 0.0 {
        true => world.work.offered.insert(key, rate),
        false => world.work.offered.remove(&key),
    };
}

/// CPU units (1024 to a vCPU) and MiB of memory that a RUNNING task has used on average since it
/// was last asked, which is a minute or 20 seconds ago; and forgets them.
pub fn take_usage(world: &mut World, task_arn: &str) -> Usage {
    count(world);
    let used = world.work.used.remove(task_arn).unwrap_or_default();
    let Some(task) = world.ecs.tasks.get(task_arn) else {
        return Usage::default();
    };
    Usage {
        cpu: match used.time > 0.0 {
            true => used.cpu / used.time,
            false => 0.0,
        },
        memory: limits(world, task).memory * MEMORY_USED,
    }
}

/// How many CPU units a task could use now, had it the most to do of all on its instance.
pub fn speed(world: &World, task_arn: &str) -> f64 {
    let Some(task) = world.ecs.tasks.get(task_arn) else {
        return 0.0;
    };
    let most = limits(world, task).cpu.unwrap_or(f64::INFINITY);
    let place = task.instance.as_ref().unwrap_or(&task.arn);
    most.min(capacity(world, place))
}

/// Counts what every task has used until now.
fn count(world: &mut World) {
    let (from, to) = (world.work.counted, world.now);
    world.work.counted = to;
    world.work.used.retain(|arn, _| {
        let task = world.ecs.tasks.get(arn);
        task.is_some_and(|it| it.status == "RUNNING")
    });
    if from == Time::default() || to <= from {
        return;
    }
    let served = std::mem::take(&mut world.work.served);
    let mut wanted: BTreeMap<String, Vec<(String, f64, f64)>> = BTreeMap::new();
    for task in world.ecs.tasks.values() {
        let (Some(started), "RUNNING") = (task.started_at, task.status.as_str()) else {
            continue;
        };
        // What Fargate gives is the task's alone.
        let place = task.instance.as_ref().unwrap_or(&task.arn);
        let time = to.since(started.max(from)).as_secs_f64() * 1000.0;
        if time <= 0.0 {
            continue;
        }
        let offered = IDLE + requests(world, task) * cost(world);
        let real = served.get(&task.arn).copied().unwrap_or(0.0) * 1024.0 / time;
        let most = limits(world, task).cpu.unwrap_or(f64::INFINITY);
        let wants = (offered + real).min(most);
        let there = wanted.entry(place.clone()).or_default();
        there.push((task.arn.clone(), wants, time));
    }
    let period = to.since(from);
    for (place, tasks) in wanted {
        let asked: f64 = tasks.iter().map(|(_, wants, _)| wants).sum();
        let share = (capacity(world, &place) / asked).min(1.0);
        let mut busy = 0.0;
        for (arn, wants, time) in tasks {
            let used = world.work.used.entry(arn).or_default();
            used.cpu += wants * share * time;
            used.time += time;
            busy += wants * share * time;
        }
        spend(world, &place, busy / 1024.0 / 60_000.0, period);
    }
}

/// Requests a second that a task is offered.
fn requests(world: &World, task: &Task) -> f64 {
    let Some(service) = &task.service else {
        return 0.0;
    };
    let key = format!("service/{}/{service}", task.cluster);
    let Some(rate) = world.work.offered.get(&key) else {
        return 0.0;
    };
    let sharing = world.ecs.tasks.values().filter(|it| {
        it.cluster == task.cluster && it.service == task.service && it.status == "RUNNING"
    });
    rate / sharing.count().max(1) as f64
}

/// CPU units that one request a second takes.
fn cost(world: &World) -> f64 {
    world.habits.request_cost.as_secs_f64() * 1024.0
}

struct Limits {
    cpu: Option<f64>,
    memory: f64,
}

/// What a task may use: a limit on its CPU only where the task as a whole has one, since a
/// container's own is a share and no limit on Linux.
fn limits(world: &World, task: &Task) -> Limits {
    let document = definition::find(world, &task.task_definition).map(|it| &it.document);
    let number = |name: &str| {
        let value = document?.get(name)?;
        value.as_f64().or_else(|| value.as_str()?.parse().ok())
    };
    let containers = document.and_then(|it| it.get("containerDefinitions")?.as_array());
    let of_containers = containers.into_iter().flatten().map(|it| {
        let memory = it.get("memory").or_else(|| it.get("memoryReservation"));
        memory.and_then(|it| it.as_f64()).unwrap_or(0.0)
    });
    Limits {
        cpu: number("cpu").filter(|it| *it > 0.0),
        memory: number("memory").unwrap_or_else(|| of_containers.sum()),
    }
}

/// CPU units that an instance has to give: all of it, or its baseline without credits. A task on
/// Fargate has as many as it asks for.
fn capacity(world: &World, place: &str) -> f64 {
    if world.ecs.tasks.contains_key(place) {
        return f64::INFINITY;
    }
    let Some((id, kind)) = instance_of(world, place) else {
        return 1024.0;
    };
    let whole = f64::from(kind.vcpus) * 1024.0;
    let instance = ec2::instance(world, &id);
    let is_spent = instance.is_none_or(|it| !it.unlimited && it.credits <= 0.0);
    match kind.burst {
        Some(burst) if is_spent => burst.credits_per_hour / 60.0 * 1024.0,
        _ => whole,
    }
}

/// Takes credits for the vCPU-minutes that were used, and gives those that were earned.
fn spend(world: &mut World, container_instance: &str, used: f64, period: Duration) {
    let Some((id, kind)) = instance_of(world, container_instance) else {
        return;
    };
    if let (Some(burst), Some(instance)) = (kind.burst, ec2::instance_mut(world, &id)) {
        let earned = burst.credits_per_hour * period.as_secs_f64() / 3600.0;
        let most = burst.most_credits.max(burst.launch_credits);
        instance.credits = (instance.credits + earned - used).clamp(0.0, most);
    }
}

fn instance_of(world: &World, container_instance: &str) -> Option<(String, &'static InstanceType)> {
    let id = &world.ecs.instances.get(container_instance)?.ec2;
    let kind = ec2::instance_type(&ec2::instance(world, id)?.instance_type)?;
    Some((id.clone(), kind))
}

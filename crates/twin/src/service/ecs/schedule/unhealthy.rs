//! Tasks that are beyond help: on instances that are gone, or failing their health checks.

use super::{
    super::{
        service::events,
        task::{self, Task},
    },
    health::{self, Health},
    stop_because, tasks,
};
use crate::World;

/// Ends tasks whose instances are gone.
pub(super) fn remove_lost(world: &mut World, key: &str) {
    let service = &world.ecs.services[key];
    let gone = |task: &&Task| {
        task.instance.as_ref().is_some_and(|it| {
            let instance = world.ecs.instances.get(it);
            instance.is_none_or(|it| it.status == "INACTIVE")
        })
    };
    let lost: Vec<String> = tasks(world, service)
        .filter(|it| it.takes_room())
        .filter(gone)
        .map(|it| it.arn.clone())
        .collect();
    for arn in lost {
        task::lost(world, &arn, "terminated");
    }
}

/// Stops tasks whose health checks fail, once their grace period is over. Their replacements are
/// started right after, and not before, as they do not count for anything any more.
pub(super) fn stop(world: &mut World, key: &str) {
    let service = &world.ecs.services[key];
    let failing: Vec<(Task, Health)> = tasks(world, service)
        .filter(|it| it.desired_status == "RUNNING")
        .map(|it| (it, health::of(world, it)))
        .filter(|(_, health)| matches!(health, Health::BadContainers | Health::BadTarget))
        .filter(|(task, _)| health::grace(world, key, task) <= world.now)
        .map(|(task, health)| (task.clone(), health))
        .collect();
    for (task, health) in failing {
        let (text, reason) = words(world, &task, health);
        events::say(world, key, &text);
        stop_because(world, key, std::slice::from_ref(&task.arn), &reason);
    }
}

/// The event, and the reason for which the task is stopped.
fn words(world: &World, task: &Task, health: Health) -> (String, String) {
    let id = events::id(&task.arn);
    let target = task.targets.iter().find(|it| {
        let health = crate::service::elb::health(world, &it.group, &it.id, it.port);
        health.as_deref() == Some("unhealthy")
    });
    match target.filter(|_| health == Health::BadTarget) {
        Some(target) => (
            format!(
                "(instance {}) (port {}) is unhealthy in (target-group {}) due to (reason Health \
                 checks failed).",
                target.id, target.port, target.group
            ),
            format!(
                "Task failed ELB health checks in (target-group {})",
                target.group
            ),
        ),
        None => (
            format!("(task {id}) failed container health checks."),
            "Task failed container health checks".to_owned(),
        ),
    }
}

//! When a service has what it is to have.

use super::{
    super::{deployment, service::events, task::Stage},
    rows, tasks,
};
use crate::{Time, World};
use std::time::Duration;

/// After how long a steady state is told again.
const RETOLD: Duration = Duration::from_secs(6 * 3600);

/// Takes finished deployments away, completes the PRIMARY one, and tells of a steady state.
pub(super) fn work(world: &mut World, key: &str) {
    remove_replaced(world, key);
    if !is_steady(world, key) {
        if let Some(service) = world.ecs.services.get_mut(key) {
            service.steady = None;
        }
        return;
    }
    let service = &world.ecs.services[key];
    let going = service.deployments.first();
    if going.is_some_and(|it| it.rollout == "IN_PROGRESS") {
        deployment::complete(world, key);
    }
    let now = world.now;
    let service = world.ecs.services.get_mut(key).expect("it was found");
    if service.steady.is_none_or(|it| now.since(it) >= RETOLD) {
        service.steady = Some(now);
        events::say(world, key, "has reached a steady state.");
    }
}

/// Deployments that are replaced and have no tasks left are gone.
fn remove_replaced(world: &mut World, key: &str) {
    let Some(service) = world.ecs.services.get(key) else {
        return;
    };
    let left: Vec<String> = tasks(world, service)
        .filter(|it| matches!(it.stage(), Stage::Coming | Stage::Running))
        .filter_map(|it| it.deployment.clone())
        .collect();
    let service = world.ecs.services.get_mut(key).expect("it was found");
    service
        .deployments
        .retain(|it| it.status == "PRIMARY" || left.contains(&it.id));
}

/// Whether the service has its tasks, all healthy, and no others.
fn is_steady(world: &World, key: &str) -> bool {
    let Some(service) = world.ecs.services.get(key) else {
        return false;
    };
    let rows = rows(world, key);
    let leaving = tasks(world, service)
        .any(|it| it.desired_status == "STOPPED" && it.stage() == Stage::Running);
    service.deployments.len() == 1
        && service.deployments[0].rollout != "FAILED"
        && rows.len() as i64 == service.desired
        && rows.iter().all(|it| it.healthy && !it.displaced)
        && !leaving
}

/// When a settled service is looked at again.
pub(super) fn next(world: &World, key: &str) -> Option<Time> {
    let steady = world.ecs.services.get(key)?.steady?;
    Some(steady + RETOLD)
}

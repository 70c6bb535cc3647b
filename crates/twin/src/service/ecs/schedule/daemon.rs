//! Services that keep one task on each instance.

use super::{
    super::{service::events, task},
    AGAIN, Row, launch, place, rows, stop_tasks,
};
use crate::{Time, World};

/// Starts and stops what is to be started and stopped; answers when to look again.
pub(super) fn work(world: &mut World, key: &str) -> Option<Time> {
    let service = world.ecs.services.get(key)?.clone();
    let primary = service.deployments.first()?.clone();
    let rows_before = rows(world, key);
    let definition = super::super::definition::find(world, &service.task_definition)?.clone();
    let order = launch::order(world, &service, &definition);
    let probe = launch::probe(&service, &order, &definition);
    let all = world.ecs.instances.values();
    let homes: Vec<String> = all
        .filter(|it| it.cluster == service.cluster && place::admits(world, it, &probe).is_ok())
        .map(|it| it.arn.clone())
        .collect();
    let desired = homes.len() as i64;
    let held = world.ecs.services.get_mut(key)?;
    held.desired = desired;
    held.deployments.first_mut()?.desired = desired;
    let at_home = |row: &Row| row.instance.as_ref().is_some_and(|it| homes.contains(it));
    let (stay, astray): (Vec<&Row>, Vec<&Row>) = rows_before.iter().partition(|it| at_home(it));
    let mut stopped: Vec<String> = astray.iter().map(|it| it.arn.clone()).collect();
    let old = stay.iter().filter(|it| it.deployment != primary.id);
    let spare = spare(
        &service.document["deploymentConfiguration"],
        desired,
        stay.len() as i64,
    );
    if primary.rollout != "FAILED" {
        stopped.extend(old.take(spare).map(|it| it.arn.clone()));
    }
    if !stopped.is_empty() {
        stop_tasks(world, key, &stopped);
    }
    let empty: Vec<&String> = homes
        .iter()
        .filter(|home| !stay.iter().any(|it| it.instance.as_ref() == Some(home)))
        .collect();
    match primary.rollout == "FAILED" || empty.is_empty() {
        // An instance may join.
        true => Some(world.now + 12 * AGAIN),
        false if world.now < primary.not_before => Some(primary.not_before),
        false => start(world, key, &empty),
    }
}

/// How many instances may be without their task.
fn spare(configuration: &serde_json::Value, desired: i64, have: i64) -> usize {
    let percent = configuration["minimumHealthyPercent"].as_i64().unwrap_or(0);
    let least = (desired * percent + 99) / 100;
    (have - least).max(0) as usize
}

fn start(world: &mut World, key: &str, homes: &[&String]) -> Option<Time> {
    let Some(definition) = launch::definition(world, key, homes.len() as i64) else {
        return Some(launch::retry(world, key));
    };
    let service = world.ecs.services.get(key)?.clone();
    let order = launch::order(world, &service, &definition);
    let mut next = None;
    for home in homes {
        let task = task::make(world, &order, &definition);
        let Some(instance) = world.ecs.instances.get(*home) else {
            continue;
        };
        match place::fits(world, instance, &task) {
            Ok(()) => launch::start_on(world, key, task, home),
            Err(misfit) => {
                let text = events::unplaced(Some(&((*home).clone(), misfit)));
                events::complain(world, key, &text);
                next = Some(world.now + 2 * AGAIN);
            }
        }
    }
    next
}

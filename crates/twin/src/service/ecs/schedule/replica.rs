//! Services that keep a number of tasks.

use super::{
    super::{deployment, service::events, task::Stage},
    Row,
    launch::{self, Launched},
    rows, stop_tasks,
};
use crate::{Time, World};
use serde_json::Value;
use std::{collections::BTreeMap, time::Duration};

/// How many tasks there are to be at least and at most while tasks are replaced.
fn bounds(desired: i64, configuration: &Value) -> (i64, i64) {
    let percent = |member: &str, default: i64| configuration[member].as_i64().unwrap_or(default);
    let least = (desired * percent("minimumHealthyPercent", 100) + 99) / 100;
    let most = desired * percent("maximumPercent", 200) / 100;
    match configuration["strategy"].as_str() {
        None | Some("ROLLING") => (least, most),
        // Where traffic is shifted, all new tasks are there before any old one goes.
        Some(_) => (desired, 2 * desired),
    }
}

/// Starts and stops what is to be started and stopped; answers when to look again, if there is
/// something to wait for.
pub(super) fn work(world: &mut World, key: &str) -> Option<Time> {
    let service = world.ecs.services.get_mut(key)?;
    let desired = service.desired;
    let primary = service.deployments.first_mut()?;
    primary.desired = desired;
    let (id, failed, pause) = (
        primary.id.clone(),
        primary.rollout == "FAILED",
        primary.not_before,
    );
    let bounds = bounds(desired, &service.document["deploymentConfiguration"]);
    let rows = rows(world, key);
    let own = |row: &&Row| row.deployment == id && !row.displaced;
    let have = rows.iter().filter(own).count() as i64;
    let wanted = (desired - have).max(0);
    let room = (bounds.1 - rows.len() as i64).max(0);
    let count = wanted.min(room);
    let mut next = None;
    if count > 0 && !failed {
        next = deployment::held(world, key, false);
        match next {
            Some(_) => {}
            None if world.now < pause => next = Some(pause),
            None => {
                if let Launched::Until(at) = launch::start(world, key, count) {
                    next = Some(at);
                }
            }
        }
    }
    let later = stop(world, key, &id, desired, bounds.0);
    if wanted > 0 && room == 0 && is_stuck(world, key, &id, bounds.0) {
        let text = "was unable to stop or start tasks during a deployment because of the service \
                    deployment configuration. Update the minimumHealthyPercent or maximumPercent \
                    value and try again.";
        events::complain(world, key, text);
    }
    shown(world, key);
    next.into_iter().chain(later).min()
}

/// Whether nothing can be started, and nothing stopped either, however healthy everything gets.
fn is_stuck(world: &World, key: &str, primary: &str, least: i64) -> bool {
    let rows = rows(world, key);
    let settled = rows.iter().all(|it| it.healthy);
    let old = rows.iter().any(|it| it.deployment != primary);
    settled && old && rows.len() as i64 <= least
}

/// Stops what is too much: tasks above the desired count, and those that are replaced, as many as
/// can be missed.
fn stop(world: &mut World, key: &str, primary: &str, desired: i64, least: i64) -> Option<Time> {
    let rows = rows(world, key);
    let (own, old): (Vec<&Row>, Vec<&Row>) = rows
        .iter()
        .partition(|it| it.deployment == primary && !it.displaced);
    let service = &world.ecs.services[key];
    let failed = service.deployments.first()?.rollout == "FAILED";
    let surplus = (own.len() as i64 - desired).max(0) as usize;
    let mut stopped: Vec<String> = scale_in(world, &own, surplus);
    let healthy = own
        .iter()
        .filter(|it| it.healthy && !stopped.contains(&it.arn))
        .count() as i64;
    let mut later = None;
    if !failed && !old.is_empty() {
        later = match deployment_waits(world, key, healthy >= desired) {
            Some(at) => Some(at),
            None => {
                stopped.extend(replaced(&old, healthy, least));
                None
            }
        };
    }
    let held = rows.iter().filter(|it| it.protected);
    let held = held.filter_map(|it| world.ecs.tasks.get(&it.arn)?.protected_until);
    let later = later.into_iter().chain(held).min();
    if !stopped.is_empty() {
        stop_tasks(world, key, &stopped);
    }
    later
}

/// Until when the tasks that are replaced are kept though there are new ones: a hook, or the time
/// that traffic is shifted in.
fn deployment_waits(world: &mut World, key: &str, scaled: bool) -> Option<Time> {
    if scaled && let Some(until) = deployment::held(world, key, true) {
        return Some(until);
    }
    let now = world.now;
    let service = world.ecs.services.get_mut(key)?;
    let bake = bake(&service.document["deploymentConfiguration"]);
    let primary = service.deployments.first_mut()?;
    if !scaled || bake.is_zero() || primary.rolls_back {
        return None;
    }
    let until = *primary.bakes_until.get_or_insert(now + bake);
    (now < until).then_some(until)
}

/// How long old tasks are kept beside the new.
fn bake(configuration: &Value) -> Duration {
    let minutes = |value: &Value| value.as_u64().unwrap_or_default();
    let bake = minutes(&configuration["bakeTimeInMinutes"]);
    let shift = match configuration["strategy"].as_str() {
        Some("LINEAR") => {
            let linear = &configuration["linearConfiguration"];
            let step = linear["stepPercent"].as_f64().unwrap_or(10.0).max(1.0);
            let each = linear["stepBakeTimeInMinutes"].as_u64().unwrap_or(6);
            (100.0 / step).ceil() as u64 * each
        }
        Some("CANARY") => {
            let canary = &configuration["canaryConfiguration"];
            canary["canaryBakeTimeInMinutes"].as_u64().unwrap_or(10)
        }
        _ => 0,
    };
    Duration::from_secs(60 * (bake + shift))
}

/// Which of the PRIMARY deployment's tasks go when it has too many: those that do not run yet
/// first, then the youngest of where the most are.
fn scale_in(world: &World, own: &[&Row], surplus: usize) -> Vec<String> {
    let mut left: Vec<&Row> = own.iter().copied().filter(|it| !it.protected).collect();
    let mut gone = Vec::new();
    while gone.len() < surplus && !left.is_empty() {
        let mut zones: BTreeMap<&str, usize> = BTreeMap::new();
        let zone = |row: &Row| {
            let task = world.ecs.tasks.get(&row.arn);
            task.and_then(|it| it.more["availabilityZone"].as_str())
                .unwrap_or_default()
        };
        for row in &left {
            *zones.entry(zone(row)).or_default() += 1;
        }
        let crowd = |row: &Row| left.iter().filter(|it| it.instance == row.instance).count();
        let rank = |row: &Row| {
            let running = row.stage == Stage::Running;
            (
                !running,
                !row.healthy,
                zones[zone(row)],
                crowd(row),
                row.created_at,
            )
        };
        let Some(index) = (0..left.len()).max_by_key(|it| rank(left[*it])) else {
            break;
        };
        gone.push(left.remove(index).arn.clone());
    }
    gone
}

/// Which of the tasks that are replaced can go: those that do not run yet, and as many of the
/// others as leaves enough.
fn replaced(old: &[&Row], healthy: i64, least: i64) -> Vec<String> {
    let free = |it: &&&Row| !it.protected;
    let coming = old
        .iter()
        .filter(free)
        .filter(|it| it.stage == Stage::Coming);
    let mut gone: Vec<String> = coming.map(|it| it.arn.clone()).collect();
    let mut running: Vec<&&Row> = old.iter().filter(|it| it.stage == Stage::Running).collect();
    let spare = (healthy + running.len() as i64 - least).max(0) as usize;
    running.sort_by_key(|it| (it.healthy, it.created_at));
    let running = running.into_iter().filter(free);
    gone.extend(running.take(spare).map(|it| it.arn.clone()));
    gone
}

/// Lets each deployment show how many tasks it is to have now.
fn shown(world: &mut World, key: &str) {
    let rows = rows(world, key);
    let Some(service) = world.ecs.services.get_mut(key) else {
        return;
    };
    for deployment in service.deployments.iter_mut().skip(1) {
        let own = rows.iter().filter(|it| it.deployment == deployment.id);
        deployment.desired = own.count() as i64;
    }
}

//! The circuit breaker: deployments whose tasks fail, and rolling them back.

use super::{
    super::{
        schedule,
        service::{Service, events},
        task::Task,
    },
    read, revision,
};
use crate::World;
use serde_json::json;
use std::time::Duration;

/// After so many failed starts in a row, the service says that it cannot start tasks.
const TELLING: u32 = 3;
const FIRST_PAUSE: Duration = Duration::from_secs(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(900);

/// How many failed tasks in a row make a deployment of the service fail.
pub(super) fn threshold(service: &Service) -> i64 {
    let breaker = &service.document["deploymentConfiguration"]["deploymentCircuitBreaker"];
    let configured = &breaker["thresholdConfiguration"];
    let value = configured["value"].as_i64().unwrap_or(50);
    let share = (service.desired * value + 99) / 100;
    match configured["type"].as_str() {
        Some("COUNT") => value,
        Some("UNBOUNDED_PERCENT") => share.max(1),
        _ => share.clamp(3, 200),
    }
}

/// A task of a service has stopped. It counts as failed if it did not start, or was never healthy
/// and did not stop because it was told to.
pub(in crate::service::ecs) fn task_ended(world: &mut World, task: &Task) {
    let (Some(key), Some(id)) = (task.service_key(), &task.deployment) else {
        return;
    };
    let code = task.stopped.as_ref().map_or("", |it| it.0.as_str());
    let unstarted = code == "TaskFailedToStart";
    let failed = unstarted || code == "EssentialContainerExited" && !task.was_healthy;
    if failed || task.failed_checks() {
        failures(world, &key, id, 1, unstarted);
    }
}

/// Tasks of the PRIMARY deployment could not even be launched.
pub(in crate::service::ecs) fn failed_to_launch(world: &mut World, key: &str, tasks: i64) {
    let primary = world.ecs.services.get(key);
    let primary = primary.and_then(|it| it.deployments.first());
    if let Some(id) = primary.map(|it| it.id.clone()) {
        failures(world, key, &id, tasks, true);
    }
}

fn failures(world: &mut World, key: &str, id: &str, tasks: i64, unstarted: bool) {
    let now = world.now;
    let Some(service) = world.ecs.services.get_mut(key) else {
        return;
    };
    let threshold = threshold(service);
    let breaker = &service.document["deploymentConfiguration"]["deploymentCircuitBreaker"];
    let breaks = breaker["enable"] == true;
    let Some(deployment) = service.deployments.iter_mut().find(|it| it.id == id) else {
        return;
    };
    // Tasks of one batch fail together; they are one try.
    if unstarted && now >= deployment.not_before {
        let pause = FIRST_PAUSE * 2u32.saturating_pow(deployment.tries.min(7));
        deployment.tries += 1;
        deployment.not_before = now + pause.min(LONGEST_PAUSE);
    }
    let tries = deployment.tries;
    let going = deployment.rollout == "IN_PROGRESS" && deployment.status == "PRIMARY";
    if going {
        deployment.failed += tasks;
        deployment.updated_at = now;
    }
    let tripped = going && breaks && deployment.failed >= threshold;
    if unstarted && tries >= TELLING {
        let text = "is unable to consistently start tasks successfully. For more information, \
                    see the Troubleshooting section of the Amazon ECS Developer Guide.";
        events::complain(world, key, text);
    }
    if tripped {
        trip(world, key);
    }
}

/// A task of a service counts as healthy for the first time.
pub(in crate::service::ecs) fn task_is_healthy(world: &mut World, key: &str, id: &str) {
    let Some(service) = world.ecs.services.get_mut(key) else {
        return;
    };
    let breaker = &service.document["deploymentConfiguration"]["deploymentCircuitBreaker"];
    let resets = breaker["resetOnHealthyTask"] != false;
    if let Some(deployment) = service.deployments.iter_mut().find(|it| it.id == id) {
        deployment.tries = 0;
        if resets {
            deployment.failed = 0;
        }
    }
}

fn trip(world: &mut World, key: &str) {
    let now = world.now;
    let service = world.ecs.services.get_mut(key).expect("it was found");
    let breaker = &service.document["deploymentConfiguration"]["deploymentCircuitBreaker"];
    let rolls_back = breaker["rollback"] == true;
    let primary = &mut service.deployments[0];
    let (id, failed) = (primary.id.clone(), primary.failed);
    let (record, was_rollback) = (primary.service_deployment.clone(), primary.rolls_back);
    let reason = "ECS deployment circuit breaker: tasks failed to start.";
    primary.turn("FAILED", reason.into(), now);
    read::note(world, &record, |record| {
        record["deploymentCircuitBreaker"]["status"] = json!("TRIGGERED");
        record["deploymentCircuitBreaker"]["failureCount"] = json!(failed);
    });
    let text = format!("(deployment {id}) deployment failed: tasks failed to start.");
    events::say(world, key, &text);
    match () {
        () if was_rollback => read::close(world, &record, "ROLLBACK_FAILED", reason),
        () if rolls_back && roll_back(world, key, "ECS deployment circuit breaker", reason) => {}
        () => read::close(world, &record, "STOPPED", reason),
    }
    schedule::soon(world, key);
}

/// Goes back from the PRIMARY deployment to the one that completed last. Answers whether there is
/// one.
pub(super) fn roll_back(world: &mut World, key: &str, who: &str, reason: &str) -> bool {
    let now = world.now;
    let Some(service) = world.ecs.services.get_mut(key) else {
        return false;
    };
    let failed = service.deployments[0].clone();
    let Some(mut target) = service.completed.clone().filter(|it| it.id != failed.id) else {
        return false;
    };
    let (back_to, revision_arn) = (target.id.clone(), target.revision.clone());
    target.status = "PRIMARY".into();
    target.rolls_back = true;
    target.service_deployment = failed.service_deployment.clone();
    (target.failed, target.tries, target.not_before) = (0, 0, now);
    let text = format!("{who}: rolling back to deploymentId {back_to}.");
    target.turn("IN_PROGRESS", text, now);
    service.deployments.retain(|it| it.id != back_to);
    for deployment in &mut service.deployments {
        deployment.status = "ACTIVE".into();
        deployment.hold = None;
    }
    service.deployments.insert(0, target);
    service.steady = None;
    if let Some(revision) = world.ecs.service_revisions.get(&revision_arn) {
        revision::restore(service, revision);
    }
    read::note(world, &failed.service_deployment, |record| {
        record["status"] = json!("ROLLBACK_IN_PROGRESS");
        record["rollback"] = json!({
            "reason": reason, "startedAt": now.value(), "serviceRevisionArn": revision_arn,
        });
    });
    events::say(
        world,
        key,
        &format!("rolling back to deployment {back_to}."),
    );
    true
}

//! Stopping a service deployment.

use super::{breaker, read};
use crate::{Answer, Grant, Input, Refusal, World, service::ecs::schedule};
use serde_json::json;

/// What the caller of an action on one service deployment must be allowed.
pub(super) fn needs(_world: &World, input: &Input) -> Vec<Grant> {
    vec![Grant::on(input.text("serviceDeploymentArn"))]
}

/// The key of the service whose PRIMARY deployment is the work of a service deployment in progress.
pub(super) fn in_progress(world: &World, arn: &str) -> Result<String, Refusal> {
    if !world.ecs.service_deployments.contains_key(arn) {
        return Err(Refusal::new(
            "ServiceDeploymentNotFoundException",
            "Service deployment not found.",
        ));
    }
    let going = world.ecs.services.values().find(|service| {
        service.status == "ACTIVE"
            && service.deployments.first().is_some_and(|it| {
                it.service_deployment == arn && it.rollout == "IN_PROGRESS" && !it.rolls_back
            })
    });
    let conflict = || {
        Refusal::new(
            "ConflictException",
            "The service deployment is not in progress.",
        )
    };
    going.map(|it| it.key()).ok_or_else(conflict)
}

pub(super) fn stop_service_deployment(world: &mut World, input: &Input) -> Answer {
    let arn = input.text("serviceDeploymentArn").to_owned();
    let key = in_progress(world, &arn)?;
    match input.maybe("stopType") {
        Some("ABORT") => abort(world, &key, &arn),
        _ => back(world, &key)?,
    }
    schedule::soon(world, &key);
    Ok(json!({"serviceDeploymentArn": arn}))
}

/// Stops it where it is: it starts no more tasks, and nothing is replaced.
fn abort(world: &mut World, key: &str, arn: &str) {
    let now = world.now;
    let reason = "The service deployment was stopped by a user.";
    if let Some(service) = world.ecs.services.get_mut(key) {
        service.deployments[0].turn("FAILED", reason.into(), now);
    }
    read::close(world, arn, "STOPPED", reason);
}

/// Gives the deployment up for the one that completed last.
pub(super) fn back(world: &mut World, key: &str) -> Result<(), Refusal> {
    let reason = "The service deployment was rolled back by a user.";
    let service = world.ecs.services.get_mut(key).expect("it was found");
    let before = service.deployments[0].clone();
    service.deployments[0].turn("FAILED", reason.into(), world.now);
    if breaker::roll_back(world, key, "ECS deployment stopped", reason) {
        return Ok(());
    }
    let service = world.ecs.services.get_mut(key).expect("it was found");
    service.deployments[0] = before;
    Err(Refusal::new(
        "InvalidParameterException",
        "There is no completed service revision to roll back to.",
    ))
}

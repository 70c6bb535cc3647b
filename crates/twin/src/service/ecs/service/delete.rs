//! Deleting services.

use super::{
    super::{deployment, schedule, task::Stage},
    lookup, show,
};
use crate::{Answer, Input, Refusal, World};
use serde_json::json;

pub(super) fn delete_service(world: &mut World, input: &Input) -> Answer {
    let service = lookup::service(world, input)?;
    let refuse = |text: &str| Err(Refusal::new("InvalidParameterException", text));
    let key = service.key();
    let forced = input.flag("force") || service.is_daemon();
    match service.status.as_str() {
        "INACTIVE" => {
            return Err(Refusal::new(
                "ServiceNotFoundException",
                "Service not found.",
            ));
        }
        "DRAINING" => return Ok(json!({"service": show::service(world, service, false)})),
        _ if forced => {}
        _ if service.desired > 0 => {
            return refuse("The service cannot be stopped while it is scaled above 0.");
        }
        _ if service.deployments.len() > 1 => {
            return refuse("The service cannot be stopped while deployments are active.");
        }
        _ => {}
    }
    deployment::abandon(world, &key);
    let service = world.ecs.services.get_mut(&key).expect("it was found");
    service.status = "DRAINING".into();
    service.desired = 0;
    for deployment in &mut service.deployments {
        deployment.desired = 0;
    }
    schedule::soon(world, &key);
    Ok(json!({"service": show::service(world, &world.ecs.services[&key], false)}))
}

/// Stops what is left of a DRAINING service; it is INACTIVE once its tasks are stopping at least.
pub(in crate::service::ecs) fn wind_down(world: &mut World, key: &str) {
    let service = &world.ecs.services[key];
    let tasks: Vec<String> = schedule::tasks(world, service)
        .filter(|it| it.desired_status == "RUNNING")
        .map(|it| it.arn.clone())
        .collect();
    if !tasks.is_empty() {
        schedule::stop_tasks(world, key, &tasks);
    }
    let service = &world.ecs.services[key];
    let left = schedule::tasks(world, service)
        .any(|it| matches!(it.stage(), Stage::Coming | Stage::Running));
    if !left {
        let service = world.ecs.services.get_mut(key).expect("it was found");
        service.status = "INACTIVE".into();
        service.deployments.clear();
    }
}

//! Taking task definitions out of use, and deleting them.

use super::{find, parts, view};
use crate::{
    Answer, Input, World,
    service::ecs::{
        Event,
        cluster::{client, invalid},
    },
    world,
};
use serde_json::json;
use std::time::Duration;

/// How often it is looked whether a definition that is to go is still used.
const MINUTE: Duration = Duration::from_secs(60);

pub(super) fn deregister(world: &mut World, input: &Input) -> Answer {
    let name = input.text("taskDefinition");
    if parts(name).1.is_none() {
        return Err(client("Specify the revision of the task definition."));
    }
    let found = find(world, name).map(|it| it.arn.clone());
    let now = world.now;
    let found = found.and_then(|it| world.ecs.definitions.get_mut(&it));
    let Some(definition) = found else {
        return Err(client("The specified task definition does not exist."));
    };
    match definition.status.as_str() {
        "ACTIVE" => {
            definition.status = "INACTIVE".into();
            definition.deregistered_at = Some(now);
        }
        // Once more changes nothing.
        "INACTIVE" => {}
        _ => {
            return Err(client(
                "The specified task definition is in the process of being deleted.",
            ));
        }
    }
    Ok(json!({ "taskDefinition": view(definition) }))
}

pub(super) fn delete(world: &mut World, input: &Input) -> Answer {
    let names = input.texts("taskDefinitions");
    if !(1..=10).contains(&names.len()) {
        return Err(invalid(
            "The number of task definitions must be between 1 and 10.",
        ));
    }
    if names.iter().any(|it| parts(it).1.is_none()) {
        return Err(invalid(
            "Specify the revision of each task definition to be deleted.",
        ));
    }
    let (mut deleted, mut failures) = (Vec::new(), Vec::new());
    for name in names {
        match begin(world, name) {
            Ok(shown) => deleted.push(shown),
            Err(reason) => failures.push(json!({ "arn": name, "reason": reason })),
        }
    }
    Ok(json!({ "taskDefinitions": deleted, "failures": failures }))
}

fn begin(world: &mut World, name: &str) -> Result<serde_json::Value, &'static str> {
    let now = world.now;
    let found = find(world, name).map(|it| it.arn.clone());
    let definition = found.and_then(|it| world.ecs.definitions.get_mut(&it)).ok_or(
        "The specified task definition does not exist. Specify a valid account, family, revision \
         and try again.",
    )?;
    match definition.status.as_str() {
        "ACTIVE" => {
            return Err(
                "The specified task definition is still in ACTIVE status. Please deregister the \
                 target and try again.",
            );
        }
        "INACTIVE" => {
            definition.status = "DELETE_IN_PROGRESS".into();
            definition.document["deleteRequestedAt"] = now.value();
        }
        _ => {}
    }
    let shown = view(definition);
    let goes = Event::DefinitionGone(definition.arn.clone());
    world.agenda.once(now + MINUTE, world::Event::Ecs(goes));
    Ok(shown)
}

/// A definition whose deletion was asked for is gone, once nothing uses it.
pub fn gone(world: &mut World, arn: &str) {
    let found = world.ecs.definitions.get(arn);
    if found.is_none_or(|it| it.status != "DELETE_IN_PROGRESS") {
        return;
    }
    if is_used(world, arn) {
        let goes = world::Event::Ecs(Event::DefinitionGone(arn.to_owned()));
        world.agenda.once(world.now + MINUTE, goes);
    } else {
        world.ecs.definitions.remove(arn);
    }
}

fn is_used(world: &World, arn: &str) -> bool {
    let mut services = world.ecs.services.values();
    let by_services = services.any(|it| {
        let mut deployments = it.deployments.iter();
        it.status != "INACTIVE"
            && (it.task_definition == arn || deployments.any(|it| it.task_definition == arn))
    });
    let mut tasks = world.ecs.tasks.values();
    by_services || tasks.any(|it| it.status != "STOPPED" && it.task_definition == arn)
}

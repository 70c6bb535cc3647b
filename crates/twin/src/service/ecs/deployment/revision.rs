//! Service revisions: what a service was written as when a deployment of it began.

use super::super::{
    definition,
    service::{PER_REVISION, Service, copy, lookup},
};
use crate::World;
use serde_json::{Value, json};

/// Keeps the service as it is written now; answers the revision's ARN.
pub(super) fn make(world: &mut World, service: &Service, number: u64) -> String {
    let arn = world.arn(
        "ecs",
        &format!("service-revision/{}/{number}", service.key()),
    );
    let mut revision = json!({
        "serviceRevisionArn": arn,
        "serviceArn": service.arn,
        "clusterArn": lookup::cluster_arn(world, &service.cluster),
        "taskDefinition": service.task_definition,
        "containerImages": images(world, &service.task_definition),
        "guardDutyEnabled": false,
        "createdAt": world.now.value(),
    });
    copy(&service.document, &mut revision, &PER_REVISION);
    let revisions = &mut world.ecs.service_revisions;
    revisions.insert(arn.clone(), revision);
    arn
}

fn images(world: &World, definition: &str) -> Value {
    let definition = definition::find(world, definition);
    let containers = definition.and_then(|it| it.document["containerDefinitions"].as_array());
    containers
        .into_iter()
        .flatten()
        .map(|it| json!({"containerName": it["name"], "image": it["image"]}))
        .collect()
}

/// Writes a service as an earlier revision has it.
pub(super) fn restore(service: &mut Service, revision: &Value) {
    let members = service.document.as_object_mut().expect("it is filled");
    for member in PER_REVISION {
        match revision.get(member) {
            Some(value) => members.insert(member.to_owned(), value.clone()),
            None => members.remove(member),
        };
    }
    if let Some(definition) = revision["taskDefinition"].as_str() {
        service.task_definition = definition.to_owned();
    }
}

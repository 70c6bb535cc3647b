//! A service as AWS shows it.

use super::{
    super::{deployment, task::Stage},
    Service, document, lookup,
};
use crate::{World, service::tags};
use serde_json::{Value, json};

/// The service as DescribeServices shows it.
pub(super) fn service(world: &World, service: &Service, with_tags: bool) -> Value {
    let (running, pending) = running_and_pending(world, service, None);
    let mut shown = json!({
        "serviceArn": service.arn,
        "serviceName": service.name,
        "clusterArn": lookup::cluster_arn(world, &service.cluster),
        "status": service.status,
        "desiredCount": service.desired,
        "runningCount": running,
        "pendingCount": pending,
        "taskDefinition": service.task_definition,
        "deployments": service
            .deployments
            .iter()
            .map(|it| deployment::show(world, service, it))
            .collect::<Vec<Value>>(),
        "events": service
            .events
            .iter()
            .map(|(at, id, message)| json!({
                "id": id, "createdAt": at.value(), "message": message,
            }))
            .collect::<Vec<Value>>(),
        "createdAt": service.created_at.value(),
        "resourceManagementType": "CUSTOMER",
    });
    document::copy(&service.document, &mut shown, &document::SHOWN);
    if !service.deployments.is_empty() {
        shown["currentServiceDeployment"] = json!(service.current);
        shown["currentServiceRevisions"] = service
            .deployments
            .iter()
            .map(|it| deployment::summary(world, service, &it.revision))
            .collect();
    }
    if with_tags {
        shown["tags"] = tags::lower(&service.tags);
    }
    shown
}

/// How many tasks of a service, or of one of its deployments, run, and how many are about to.
pub(in crate::service::ecs) fn running_and_pending(
    world: &World,
    service: &Service,
    deployment: Option<&str>,
) -> (i64, i64) {
    let mut counts = (0, 0);
    for task in world.ecs.tasks.values() {
        let ours = task.cluster == service.cluster
            && task.service.as_deref() == Some(&service.name)
            && (deployment.is_none() || task.deployment.as_deref() == deployment);
        match task.stage() {
            Stage::Coming if ours => counts.1 += 1,
            Stage::Running if ours => counts.0 += 1,
            _ => {}
        }
    }
    counts
}

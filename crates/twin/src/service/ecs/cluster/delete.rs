//! Deleting clusters.

use super::Cluster;
use crate::{
    Answer, Input, Refusal, World,
    service::ecs::provider::{self, Wanted},
};
use serde_json::json;

pub(super) fn run(world: &mut World, input: &Input) -> Answer {
    let cluster = super::active(world, input.maybe("cluster"))?;
    check(world, cluster)?;
    let name = cluster.name.clone();
    let keeps = provider::keeps_any(world, &name);
    if keeps {
        provider::attach(world, &name, Wanted::default());
    }
    if let Some(cluster) = world.ecs.clusters.get_mut(&name) {
        cluster.providers.clear();
        cluster.strategy.clear();
        cluster.status = match keeps {
            true => "DEPROVISIONING".into(),
            false => "INACTIVE".into(),
        };
    }
    let shown = &["SETTINGS", "CONFIGURATIONS", "TAGS", "ATTACHMENTS"];
    Ok(json!({ "cluster": super::view(world, &world.ecs.clusters[&name], shown) }))
}

/// Whether anything stands in the way.
fn check(world: &World, cluster: &Cluster) -> Result<(), Refusal> {
    let ecs = &world.ecs;
    let refused = |code: &str, message: &str| Err(Refusal::new(code, message));
    let services = ecs
        .services
        .values()
        .filter(|it| it.cluster == cluster.name);
    if services.into_iter().any(|it| it.status != "INACTIVE") {
        return refused(
            "ClusterContainsServicesException",
            "The Cluster cannot be deleted while Services are active.",
        );
    }
    let instances = ecs.instances.values();
    if instances
        .filter(|it| it.cluster == cluster.name)
        .any(|it| it.status != "INACTIVE")
    {
        return refused(
            "ClusterContainsContainerInstancesException",
            "The Cluster cannot be deleted while Container Instances are active or draining.",
        );
    }
    let tasks = ecs.tasks.values().filter(|it| it.cluster == cluster.name);
    if tasks.into_iter().any(|it| it.status != "STOPPED") {
        return refused(
            "ClusterContainsTasksException",
            "The Cluster cannot be deleted while Tasks are active.",
        );
    }
    match cluster.is_busy() || cluster.status == "DEPROVISIONING" {
        true => Err(super::busy()),
        false => Ok(()),
    }
}

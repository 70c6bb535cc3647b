//! Deleting capacity providers.

use super::{attachment::clusters, changeable, strategy};
use crate::{Answer, Input, World, service::ecs::Event, world};
use serde_json::json;

/// What is in use is not refused: the deletion is accepted, and has failed.
pub(super) fn run(world: &mut World, input: &Input) -> Answer {
    let mut provider = changeable(world, input.text("capacityProvider"))?;
    match in_the_way(world, &provider.name) {
        Some(reason) => {
            provider.update_status = Some("DELETE_FAILED".into());
            provider.reason = Some(reason);
        }
        None => {
            provider.status = "DEPROVISIONING".into();
            provider.update_status = Some("DELETE_IN_PROGRESS".into());
            provider.reason = None;
            let ends = Event::ProviderChanged(provider.name.clone());
            world.after(world.habits.attachment, world::Event::Ecs(ends));
        }
    }
    let shown = super::show::view(&provider, true);
    world.ecs.providers.insert(provider.name.clone(), provider);
    Ok(json!({ "capacityProvider": shown }))
}

fn in_the_way(world: &World, provider: &str) -> Option<String> {
    let clusters = clusters(world, provider);
    if let Some(cluster) = clusters.first() {
        return Some(format!(
            "The capacity provider cannot be deleted because it is associated with cluster: \
             {cluster}. Remove the capacity provider from the cluster and try again."
        ));
    }
    let mut services = world.ecs.services.values();
    let service = services.find(|it| {
        let strategy = &it.document["capacityProviderStrategy"];
        it.status != "INACTIVE" && strategy::names(strategy, provider)
    })?;
    Some(format!(
        "The capacity provider cannot be deleted because it is in the capacity provider strategy \
         of service: {}. Remove the capacity provider from the service and try again.",
        service.name
    ))
}

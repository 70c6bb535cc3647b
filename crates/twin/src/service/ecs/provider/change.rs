//! Changing capacity providers, and the ends of changes and deletions.

use super::{
    attachment::{clusters, sync},
    changeable,
    create::{check_protection, scaling},
};
use crate::{
    Answer, Input, World,
    service::{
        autoscaling,
        ecs::{
            Event,
            cluster::{client, invalid},
        },
    },
    world,
};
use serde_json::json;

pub(super) fn run(world: &mut World, input: &Input) -> Answer {
    let mut provider = changeable(world, input.text("name"))?;
    let Some(asked) = input.get("autoScalingGroupProvider") else {
        return Err(invalid(
            "An Auto Scaling group capacity provider is updated by autoScalingGroupProvider.",
        ));
    };
    // What is not said of managed scaling is taken to stay as it is.
    provider.managed_scaling = scaling(&provider.managed_scaling, asked.get("managedScaling"))?;
    if let Some(protection) = asked.get("managedTerminationProtection") {
        provider.termination_protection = protection == "ENABLED";
    }
    if let Some(draining) = asked.get("managedDraining") {
        provider.draining = draining == "ENABLED";
    }
    let was_protecting = world.ecs.providers[&provider.name].termination_protection;
    match autoscaling::group(world, &provider.group) {
        // Once it is on, ECS itself takes protection off instances.
        Some(group) if !was_protecting || !provider.is_managed() => {
            check_protection(&provider, group)?;
        }
        _ => {}
    }
    if provider.is_managed() && clusters(world, &provider.name).len() > 1 {
        return Err(client(
            "Managed scaling cannot be enabled for a capacity provider that is associated with \
             more than one cluster.",
        ));
    }
    provider.update_status = Some("UPDATE_IN_PROGRESS".into());
    provider.reason = None;
    let shown = super::show::view(&provider, true);
    let ends = Event::ProviderChanged(provider.name.clone());
    world.after(world.habits.attachment, world::Event::Ecs(ends));
    world.ecs.providers.insert(provider.name.clone(), provider);
    Ok(json!({ "capacityProvider": shown }))
}

/// A change or deletion of a provider ends.
pub fn changed(world: &mut World, name: &str) {
    let Some(provider) = world.ecs.providers.get(name) else {
        return;
    };
    match provider.update_status.as_deref() {
        Some("DELETE_IN_PROGRESS") => {
            world.ecs.scaled.remove(name);
            end(world, name, "DELETE_COMPLETE", None);
        }
        Some("UPDATE_IN_PROGRESS") => {
            let mut ok = true;
            for cluster in clusters(world, name) {
                ok &= sync(world, &cluster, name);
            }
            match ok {
                true => end(world, name, "UPDATE_COMPLETE", None),
                false => end(
                    world,
                    name,
                    "UPDATE_FAILED",
                    Some("The Auto Scaling group of the capacity provider does not exist."),
                ),
            }
        }
        _ => {}
    }
}

fn end(world: &mut World, name: &str, status: &str, reason: Option<&str>) {
    if let Some(provider) = world.ecs.providers.get_mut(name) {
        provider.update_status = Some(status.to_owned());
        provider.reason = reason.map(str::to_owned);
        if status == "DELETE_COMPLETE" {
            provider.status = "INACTIVE".into();
        }
    }
}

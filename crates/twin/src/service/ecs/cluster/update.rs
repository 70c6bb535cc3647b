//! Changing clusters.

use super::create::{checked_configuration, checked_settings, namespace};
use crate::{Answer, Input, World};
use serde_json::json;

pub(super) fn update(world: &mut World, input: &Input) -> Answer {
    let name = super::active(world, input.maybe("cluster"))?.name.clone();
    let settings = match input.has("settings") {
        true => Some(checked_settings(input.list("settings"))?),
        false => None,
    };
    let configuration = match input.get("configuration") {
        Some(configuration) => Some(checked_configuration(configuration)?),
        None => None,
    };
    let namespace = namespace(world, input);
    let Some(cluster) = world.ecs.clusters.get_mut(&name) else {
        return Err(super::not_found("Cluster not found."));
    };
    if let Some(settings) = settings {
        cluster.more["settings"] = settings;
    }
    if let Some(configuration) = configuration {
        cluster.more["configuration"] = configuration;
    }
    if let Some(namespace) = namespace {
        cluster.more["serviceConnectDefaults"] = json!({ "namespace": namespace });
    } else if let (true, Some(more)) = (
        input.has("serviceConnectDefaults"),
        cluster.more.as_object_mut(),
    ) {
        more.remove("serviceConnectDefaults");
    }
    answer(world, &name)
}

pub(super) fn settings(world: &mut World, input: &Input) -> Answer {
    let name = super::active(world, input.maybe("cluster"))?.name.clone();
    let settings = checked_settings(input.list("settings"))?;
    if let Some(cluster) = world.ecs.clusters.get_mut(&name) {
        cluster.more["settings"] = settings;
    }
    answer(world, &name)
}

fn answer(world: &World, name: &str) -> Answer {
    let cluster = &world.ecs.clusters[name];
    let shown = &["SETTINGS", "CONFIGURATIONS", "TAGS"];
    Ok(json!({ "cluster": super::view(world, cluster, shown) }))
}

//! Draining container instances, and taking them back.

use super::{find, look, missing, show, task_stopped};
use crate::{
    Answer, Input, World,
    service::ecs::cluster::{self, invalid},
};
use serde_json::json;

pub(super) fn run(world: &mut World, input: &Input) -> Answer {
    let cluster = cluster::active(world, input.maybe("cluster"))?.name.clone();
    let names = input.texts("containerInstances");
    if !(1..=10).contains(&names.len()) {
        return Err(invalid(
            "The number of container instances must be between 1 and 10.",
        ));
    }
    let status = input.text("status");
    if !["ACTIVE", "DRAINING"].contains(&status) {
        return Err(invalid(
            "Container instances can be set to ACTIVE and DRAINING only.",
        ));
    }
    let (mut changed, mut failures) = (Vec::new(), Vec::new());
    for name in names {
        match find(world, &cluster, name).map(|it| it.arn.clone()) {
            Some(arn) => changed.push(arn),
            None => failures.push(missing(world, &cluster, name)),
        }
    }
    for arn in &changed {
        if let Some(instance) = world.ecs.instances.get_mut(arn) {
            instance.status = status.to_owned();
        }
        task_stopped(world, arn);
    }
    look(world, &cluster);
    let shown = changed.iter().filter_map(|it| world.ecs.instances.get(it));
    let shown: Vec<_> = shown.map(|it| show::view(world, it, &[])).collect();
    Ok(json!({ "containerInstances": shown, "failures": failures }))
}

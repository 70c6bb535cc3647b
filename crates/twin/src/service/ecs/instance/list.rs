//! Listing container instances.

use super::query;
use crate::{
    Answer, Input, World,
    service::ecs::cluster::{self, limit, paged},
};

pub(super) fn run(world: &mut World, input: &Input) -> Answer {
    let cluster = cluster::active(world, input.maybe("cluster"))?.name.clone();
    let limit = limit(input, 100)?;
    let mut arns = Vec::new();
    for instance in world.ecs.instances.values() {
        let is_asked = match input.maybe("status") {
            Some(status) => instance.status == status,
            None => instance.status != "INACTIVE",
        };
        let passes = match input.maybe("filter") {
            Some(filter) => query::matches(world, instance, filter)?,
            None => true,
        };
        if instance.cluster == cluster && is_asked && passes {
            arns.push(instance.arn.clone());
        }
    }
    paged("containerInstanceArns", &arns, input, limit)
}

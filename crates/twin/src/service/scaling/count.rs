//! The count of a service, as ECS tells and takes it.

use super::place;
use crate::{
    World,
    service::ecs::{self, Counts},
};

/// The counts of a service by its resource id, if it is ACTIVE.
pub(super) fn counts(world: &World, resource: &str) -> Option<Counts> {
    let (cluster, service) = place(resource)?;
    #[cfg(test)]
    if let Some(counts) = super::tests::counts(world, cluster, service) {
        return Some(counts);
    }
    ecs::counts(world, cluster, service)
}

/// Sets the desired count of a service by its resource id; answers whether it could be set.
pub(super) fn set_desired(world: &mut World, resource: &str, desired: i64) -> bool {
    let Some((cluster, service)) = place(resource) else {
        return false;
    };
    #[cfg(test)]
    if super::tests::set_desired(world, cluster, service, desired) {
        return true;
    }
    ecs::set_desired(world, cluster, service, desired)
}

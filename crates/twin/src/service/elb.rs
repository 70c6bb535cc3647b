//! Elastic Load Balancing, version 2.

mod attribute;
mod balancer;
mod forward;
mod limit;
mod listener;
mod placement;
mod refusal;
mod rule;
mod tag;
mod target;
mod target_group;
#[cfg(test)]
mod tests;

pub use balancer::Balancer;
pub use listener::Listener;
pub use rule::Rule;
pub use target::Target;
pub use target_group::TargetGroup;

use crate::{Action, World, service::tags::Tags};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The service's part of the world.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Elb {
    /// Load balancers by ARN.
    pub balancers: BTreeMap<String, Balancer>,
    /// Target groups by ARN.
    pub target_groups: BTreeMap<String, TargetGroup>,
    /// Listeners by ARN.
    pub listeners: BTreeMap<String, Listener>,
    /// Rules by ARN, but for each listener's default one.
    pub rules: BTreeMap<String, Rule>,
}

/// The service's actions.
pub fn actions() -> Vec<Action> {
    [
        balancer::actions(),
        placement::actions(),
        target_group::actions(),
        listener::actions(),
        rule::actions(),
        target::actions(),
        attribute::actions(),
        tag::actions(),
        limit::actions(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Every tagged resource, by ARN, as the tagging API lists it.
pub fn tagged(world: &World) -> Vec<(String, Tags)> {
    let elb = &world.elb;
    let balancers = elb.balancers.iter().map(|(arn, it)| (arn, &it.tags));
    let groups = elb.target_groups.iter().map(|(arn, it)| (arn, &it.tags));
    let listeners = elb.listeners.iter().map(|(arn, it)| (arn, &it.tags));
    let rules = elb.rules.iter().map(|(arn, it)| (arn, &it.tags));
    balancers
        .chain(groups)
        .chain(listeners)
        .chain(rules)
        .filter(|(_, tags)| !tags.is_empty())
        .map(|(arn, tags)| (arn.clone(), tags.clone()))
        .collect()
}

/// Whether the target group is used by a listener or a rule; `None` if there is no such group.
pub fn is_attached(world: &World, target_group: &str) -> Option<bool> {
    world.elb.target_groups.get(target_group)?;
    Some(!forward::balancers_of(world, target_group).is_empty())
}

/// The port of a target group, if there is such a group.
pub fn port(world: &World, target_group: &str) -> Option<u16> {
    let group = world.elb.target_groups.get(target_group)?;
    group.document["Port"].as_u64().map(|it| it as u16)
}

/// Registers a target (an instance id, or an address) and its port.
pub fn register(world: &mut World, target_group: &str, target: &str, port: u16) {
    target::register(world, target_group, target, port);
}

/// Begins to drain a target.
pub fn deregister(world: &mut World, target_group: &str, target: &str, port: u16) {
    target::deregister(world, target_group, target, port);
}

/// The health of a target: `initial`, `healthy`, `unhealthy`, `draining`, `unused`; none if it is
/// not registered.
pub fn health(world: &World, target_group: &str, target: &str, port: u16) -> Option<String> {
    let group = world.elb.target_groups.get(target_group)?;
    let target = group.targets.get(&target::key(target, port))?;
    let (state, _, _) = target::health(world, group, target)?;
    Some(state.to_owned())
}

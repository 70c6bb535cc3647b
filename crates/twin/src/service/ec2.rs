//! Amazon EC2: networks, security groups, launch templates, instances.

mod cidr;
mod filter;
mod gateway;
mod group;
pub(crate) mod image;
mod instance;
mod interface;
mod key;
mod kind;
mod listing;
mod once;
mod prefix_list;
mod refusal;
mod route;
mod subnet;
mod tag;
mod template;
#[cfg(test)]
mod tests;
mod volume;
mod vpc;
mod zone;

pub use instance::{
    Event, Instance, Launch, check_template, instance, instance_mut, launch, launch_grants,
    terminate,
};
pub use kind::{Burst, InstanceType, instance_type};

use crate::{Action, World, service::tags::Tags};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The service's part of the world. Everything is by its id, but for key pairs, which are by name.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Ec2 {
    vpcs: BTreeMap<String, vpc::Vpc>,
    subnets: BTreeMap<String, subnet::Subnet>,
    tables: BTreeMap<String, route::RouteTable>,
    gateways: BTreeMap<String, gateway::Gateway>,
    groups: BTreeMap<String, group::Group>,
    lists: BTreeMap<String, prefix_list::PrefixList>,
    keys: BTreeMap<String, key::KeyPair>,
    templates: BTreeMap<String, template::Template>,
    instances: BTreeMap<String, Instance>,
    interfaces: BTreeMap<String, interface::Interface>,
    volumes: BTreeMap<String, volume::Volume>,
    /// The tags of everything but instances.
    tags: BTreeMap<String, Tags>,
    /// What was done, by action and client token.
    tokens: BTreeMap<String, once::Once>,
    /// How many public addresses were given out.
    addresses: u32,
}

/// The service's actions.
pub fn actions() -> Vec<Action> {
    [
        vpc::actions(),
        subnet::actions(),
        zone::actions(),
        route::actions(),
        gateway::actions(),
        interface::actions(),
        group::actions(),
        prefix_list::actions(),
        key::actions(),
        image::actions(),
        kind::actions(),
        template::actions(),
        instance::actions(),
        volume::actions(),
        tag::actions(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Lets it happen.
pub fn happen(world: &mut World, event: Event) {
    instance::happen(world, event);
}

/// Every tagged resource, by ARN, as the tagging API lists it.
pub fn tagged(world: &World) -> Vec<(String, Tags)> {
    tag::tagged(world)
}

/// The network that every account begins with.
pub fn furnish(world: &mut World) {
    prefix_list::furnish(world);
    vpc::furnish(world);
}

/// An address that the internet knows, another one each time.
pub(crate) fn public_address(world: &mut World) -> String {
    interface::public_address(world)
}

/// The zone of a subnet, such as `us-east-1a`, if it exists.
pub fn zone_of(world: &World, subnet: &str) -> Option<String> {
    world.ec2.subnets.get(subnet).map(|it| it.zone.clone())
}

//! Amazon ECS.

pub mod attributes;
pub mod cluster;
pub mod definition;
pub mod deployment;
pub mod instance;
pub mod provider;
pub mod schedule;
pub mod service;
pub mod settings;
pub mod tagging;
pub mod task;
#[cfg(test)]
mod tests;

use crate::{Action, World, service::tags::Tags};
use cluster::Cluster;
use definition::Definition;
use instance::ContainerInstance;
use provider::{Attached, Provider, Scaled};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use service::Service;
use std::collections::BTreeMap;
use task::Task;

/// The service's part of the world.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Ecs {
    /// By name.
    pub clusters: BTreeMap<String, Cluster>,
    /// By name.
    pub providers: BTreeMap<String, Provider>,
    /// Every revision that was ever registered and is not deleted, by ARN.
    pub definitions: BTreeMap<String, Definition>,
    /// The last revision that was given out, by family.
    pub revisions: BTreeMap<String, u64>,
    /// By ARN.
    pub instances: BTreeMap<String, ContainerInstance>,
    /// By `cluster/name`.
    pub services: BTreeMap<String, Service>,
    /// By ARN; those that stopped are kept for an hour.
    pub tasks: BTreeMap<String, Task>,
    /// What DescribeServiceDeployments shows, by ARN.
    pub service_deployments: BTreeMap<String, Value>,
    /// What DescribeServiceRevisions shows, by ARN.
    pub service_revisions: BTreeMap<String, Value>,
    /// The service that a client token made, by `cluster/token`.
    pub tokens: BTreeMap<String, String>,
    /// What capacity providers keep on their groups for clusters, by `cluster/provider`.
    pub attached: BTreeMap<String, Attached>,
    /// What managed scaling remembers of a capacity provider, by its name.
    pub scaled: BTreeMap<String, Scaled>,
    /// Account settings that were set, by `name principal`; `name default` is the account's own.
    pub settings: BTreeMap<String, String>,
}

/// Something that happens by itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Event {
    /// A change of a cluster's capacity providers ends.
    Attached(String),
    /// A change or deletion of a capacity provider ends.
    ProviderChanged(String),
    /// Managed scaling looks at a capacity provider; once a minute.
    Managed(String),
    /// The agent of an EC2 instance tries again to join its cluster.
    Join(String),
    /// A container instance that left is forgotten.
    InstanceForgotten(String),
    /// The scheduler looks at a service, `cluster/name`.
    Look(String),
    /// A task has got as far as its next status.
    Task(String),
    /// A task's process, or its health check, has something to say.
    Process(String),
    /// Metrics of services are published; once a minute, or every 20 s.
    Metrics,
    /// A definition whose deletion was asked for is gone.
    DefinitionGone(String),
}

/// Lets it happen.
pub fn happen(world: &mut World, event: Event) {
    match event {
        Event::Attached(cluster) => provider::attached(world, &cluster),
        Event::ProviderChanged(name) => provider::changed(world, &name),
        Event::Managed(name) => provider::manage(world, &name),
        Event::Join(instance) => instance::agent_started(world, &instance),
        Event::InstanceForgotten(arn) => instance::forget(world, &arn),
        Event::Look(service) => schedule::look(world, &service),
        Event::Task(arn) => task::goes_on(world, &arn),
        Event::Process(arn) => task::process(world, &arn),
        Event::Metrics => service::publish_metrics(world),
        Event::DefinitionGone(arn) => definition::gone(world, &arn),
    }
}

/// The service's actions.
pub fn actions() -> Vec<Action> {
    [
        attributes::actions(),
        cluster::actions(),
        provider::actions(),
        definition::actions(),
        instance::actions(),
        settings::actions(),
        tagging::actions(),
        service::actions(),
        deployment::actions(),
        task::actions(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Every tagged resource, by ARN, as the tagging API lists it; none that has come to its end.
pub fn tagged(world: &World) -> Vec<(String, Tags)> {
    let ecs = &world.ecs;
    let clusters = ecs.clusters.values();
    let clusters = clusters.map(|it| (&it.status, &it.arn, &it.tags));
    let providers = ecs.providers.values();
    let providers = providers.map(|it| (&it.status, &it.arn, &it.tags));
    let definitions = ecs.definitions.values();
    let definitions = definitions.map(|it| (&it.status, &it.arn, &it.tags));
    let services = ecs.services.values();
    let services = services.map(|it| (&it.status, &it.arn, &it.tags));
    let tasks = ecs.tasks.values();
    let tasks = tasks.map(|it| (&it.status, &it.arn, &it.tags));
    let instances = ecs.instances.values();
    let instances = instances.map(|it| (&it.status, &it.arn, &it.tags));
    let ended = ["INACTIVE", "DELETE_IN_PROGRESS", "STOPPED"];
    clusters
        .chain(providers)
        .chain(definitions)
        .chain(services)
        .chain(tasks)
        .chain(instances)
        .filter(|(status, _, tags)| !tags.is_empty() && !ended.contains(&status.as_str()))
        .map(|(_, arn, tags)| (arn.clone(), tags.clone()))
        .collect()
}

/// How many tasks a service has.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Counts {
    /// RUNNING.
    pub running: i64,
    /// Not yet RUNNING.
    pub pending: i64,
    /// To be running.
    pub desired: i64,
    /// Whether a deployment is in progress, during which nothing is scaled in.
    pub deploying: bool,
}

/// The counts of an ACTIVE service.
pub fn counts(world: &World, cluster: &str, service: &str) -> Option<Counts> {
    service::counts(world, cluster, service)
}

/// Sets a service's desired count, as Application Auto Scaling does. Answers whether there is such
/// a service, and it is ACTIVE.
pub fn set_desired(world: &mut World, cluster: &str, service: &str, desired: i64) -> bool {
    service::set_desired(world, cluster, service, desired)
}

/// The agent of an instance has started: it joins the cluster that its user data names, if its
/// role may.
pub fn agent_started(world: &mut World, instance: &str) {
    instance::agent_started(world, instance);
}

/// A group is about to terminate an instance, which waits at managed draining's hook.
pub fn instance_waits(world: &mut World, instance: &str) {
    instance::drain(world, instance);
}

/// An instance is being stopped: its tasks stop, and its agent is away until it starts again.
pub fn instance_stopped(world: &mut World, instance: &str) {
    instance::stopped(world, instance);
}

/// An instance is being terminated: its tasks stop, and it leaves its cluster.
pub fn instance_gone(world: &mut World, instance: &str) {
    instance::gone(world, instance);
}

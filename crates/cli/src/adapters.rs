//! The one place that knows every adapter.

use setpoint_aws::Aws;
use setpoint_core::{Adapters, Name};
use setpoint_image::{Images, Maker, Pinned, Registry, Shelf, Tell};
use setpoint_spec::Stack;
use std::{collections::BTreeMap, path::PathBuf};

/// How the stack's images are made, and where they are kept.
pub struct Making {
    /// Where they are kept.
    pub registry: Registry,
    /// How they are built.
    pub maker: Maker,
    /// The folder that their contexts are relative to.
    pub base: PathBuf,
    /// Hears what is said on the way.
    pub tell: Tell,
}

impl Making {
    /// Images that only stand for those that would be built.
    pub fn stand_in(aws: &Aws) -> Making {
        Making {
            registry: Registry::new(aws, None),
            maker: Maker::StandIn,
            base: PathBuf::new(),
            tell: std::sync::Arc::new(|_, _| {}),
        }
    }
}

/// An adapter for each kind, told what only the stack knows. Revisions of task definitions are kept
/// in the folder `cache`, if there is one.
pub fn adapters(
    aws: &Aws,
    stack: &Stack,
    empty_repositories: bool,
    cache: Option<PathBuf>,
    making: Making,
) -> Adapters {
    let shelf = Shelf::new(aws, making.registry.clone());
    let images = stack.images().clone();
    let paths = stack.paths();
    let network = setpoint_ec2::Network::new(aws);
    let vpcs = names(stack.vpcs_of_security_groups());
    let clusters = names(stack.clusters_of_services());
    let templates = stack.launch_templates().into_iter().map(Name).collect();
    let cluster_reader = setpoint_ecs::ClusterReader::new(aws);
    let by_revision = stack.services_read_by_revision();
    let by_revision = by_revision.into_iter().map(Name).collect();
    let services = setpoint_ecs::ServiceReader::new(aws, clusters.clone());
    let running = stack
        .services_of_task_definitions()
        .into_iter()
        .map(|(family, services)| (Name(family), services.into_iter().map(Name).collect()))
        .collect();
    Adapters::default()
        .with(setpoint_ecr::Repositories::new(aws, empty_repositories))
        .with(Images::new(
            aws,
            making.registry,
            images,
            making.base,
            making.maker,
            making.tell,
        ))
        .with(setpoint_iam::Roles::new(aws, paths.clone()))
        .with(setpoint_iam::InstanceProfiles::new(aws, paths))
        .with(setpoint_logs::LogGroups::new(aws))
        .with(network.vpcs())
        .with(network.subnets())
        .with(setpoint_ec2::SecurityGroups::new(aws, network, vpcs))
        .with(setpoint_ec2::LaunchTemplates::new(aws, templates))
        .with(setpoint_autoscaling::Groups::new(aws))
        .with(setpoint_ecs::Clusters::new(aws, cluster_reader.clone()))
        .with(setpoint_ecs::ClusterCapacityProviders::new(
            aws,
            cluster_reader,
        ))
        .with(setpoint_ecs::CapacityProviders::new(aws))
        .with(Pinned::new(
            setpoint_ecs::TaskDefinitions::new(aws, services.clone(), running, cache),
            shelf,
        ))
        .with(setpoint_ecs::Services::new(aws, services, by_revision))
        .with(setpoint_scaling::Scalings::new(aws, clusters))
}

fn names(texts: BTreeMap<String, String>) -> BTreeMap<Name, Name> {
    texts
        .into_iter()
        .map(|(key, value)| (Name(key), Name(value)))
        .collect()
}

/// Where revisions of task definitions are kept between runs. Losing it costs time only.
pub(crate) fn cache() -> Option<PathBuf> {
    let set = |name| std::env::var_os(name).filter(|it| !it.is_empty());
    let base = set("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| set("HOME").map(|it| PathBuf::from(it).join(".cache")))?;
    Some(base.join("setpoint").join("task-definitions"))
}

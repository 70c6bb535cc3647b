//! The kinds of resource a stack is made of, one file each.

mod auto_scaling_group;
mod capacity_provider;
mod cluster;
mod image;
mod instance_profile;
mod launch_template;
mod log_group;
mod network;
mod repository;
mod role;
mod scaling;
mod security_group;
mod service;
mod task_definition;

pub use auto_scaling_group::AutoScalingGroup;
pub use capacity_provider::{CapacityProvider, ManagedScaling};
pub use cluster::{Cluster, ClusterCapacityProviders, StrategyItem};
pub use image::{Image, Recipe};
pub use instance_profile::InstanceProfile;
pub use launch_template::{LaunchTemplate, RootVolume};
pub use log_group::{LogGroup, RETENTION_DAYS};
pub use network::{Subnets, Vpc};
pub use repository::{Encryption, Repository, TagMutability};
pub use role::Role;
pub use scaling::{
    METRICS, Metric, Policy, Scaling, ScheduledAction, Step, StepScaling, Suspended, TargetTracking,
};
pub use security_group::{Peer, Rule, SecurityGroup};
pub use service::{Autoscaled, Service};
pub use task_definition::{Sensitive, TaskDefinition};

/// A resource's own tags, without those that AWS or this tool adds.
pub type Tags = std::collections::BTreeMap<String, String>;

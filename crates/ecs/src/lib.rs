//! Clusters, capacity providers, task definitions and services, each read and written as one kind.
//!
//! Task definitions and services travel as documents in AWS's own shape, whole in both directions.
//!
//! Absent here: Auto Scaling groups, scaling of services, any order between the kinds, and any
//! waiting for what AWS has accepted.

mod cache;
mod capacity_providers;
mod cluster_capacity_providers;
mod cluster_reader;
mod clusters;
mod failures;
#[cfg(test)]
mod fixtures;
mod hopeless;
mod in_use;
mod memo;
mod raw;
mod revisions;
mod rollout;
mod rollouts;
mod room;
mod runs;
mod service_reader;
mod services;
mod stopped;
mod tags;
mod task_definitions;

pub use capacity_providers::CapacityProviders;
pub use cluster_capacity_providers::ClusterCapacityProviders;
pub use cluster_reader::ClusterReader;
pub use clusters::Clusters;
pub use in_use::{InUse, User, kept, running};
pub use runs::{Run, RunState, Runs};
pub use service_reader::ServiceReader;
pub use services::Services;
pub use task_definitions::TaskDefinitions;

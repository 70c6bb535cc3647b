//! Services.

pub(super) mod check;
pub(super) mod create;
pub(super) mod delete;
mod document;
pub(crate) mod events;
pub(super) mod fargate;
#[cfg(test)]
pub(super) mod fixture;
pub(crate) mod lookup;
mod metrics;
mod read;
pub(super) mod show;
pub(crate) mod strategy;
#[cfg(test)]
mod tests;
mod update;

use super::{Counts, deployment::Deployment, schedule};
use crate::{Action, Time, World, service::tags::Tags};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(super) use document::{PER_REVISION, copy};

/// A service.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Service {
    /// Its name.
    pub name: String,
    /// Its ARN, with the cluster in it.
    pub arn: String,
    /// The cluster.
    pub cluster: String,
    /// `ACTIVE`, `DRAINING`, `INACTIVE`.
    pub status: String,
    /// The ARN of the task definition that it is to run.
    pub task_definition: String,
    /// How many tasks it is to run.
    pub desired: i64,
    /// What was written of it, by the names of the model, with defaults filled in.
    pub document: Value,
    /// Newest first: PRIMARY, then those that are replaced.
    pub deployments: Vec<Deployment>,
    /// Newest first, a hundred at most: the moment, an id, and the text.
    pub events: Vec<(Time, String, String)>,
    /// Its tags.
    pub tags: Tags,
    /// When it was made.
    pub created_at: Time,
    /// The request that made it, and its token.
    pub request: Value,
    /// The ARN of its newest service deployment.
    pub current: String,
    /// The deployment that completed last: what a rollback goes back to.
    pub completed: Option<Deployment>,
    /// Since when it is known to be in a steady state.
    pub steady: Option<Time>,
}

impl Service {
    /// `cluster/name`, as the world keeps it.
    pub fn key(&self) -> String {
        format!("{}/{}", self.cluster, self.name)
    }

    /// Whether it runs one task on each instance.
    pub fn is_daemon(&self) -> bool {
        self.document["schedulingStrategy"] == "DAEMON"
    }
}

/// The actions.
pub fn actions() -> Vec<Action> {
    vec![
        Action::on("CreateService", create::create_service, create::needs),
        Action::on("UpdateService", update::update_service, update::needs),
        Action::on("DeleteService", delete::delete_service, lookup::needs),
        Action::on("DescribeServices", read::describe_services, read::needs),
        Action::on("ListServices", read::list_services, lookup::needs_cluster),
    ]
}

/// The counts of an ACTIVE service.
pub fn counts(world: &World, cluster: &str, service: &str) -> Option<Counts> {
    let key = format!("{cluster}/{service}");
    let service = world.ecs.services.get(&key)?;
    if service.status != "ACTIVE" {
        return None;
    }
    let (running, pending) = show::running_and_pending(world, service, None);
    Some(Counts {
        running,
        pending,
        desired: service.desired,
        deploying: service.deployments.len() > 1
            || service
                .deployments
                .iter()
                .any(|it| it.rollout == "IN_PROGRESS"),
    })
}

/// Sets a service's desired count.
pub fn set_desired(world: &mut World, cluster: &str, service: &str, desired: i64) -> bool {
    let key = format!("{cluster}/{service}");
    match world.ecs.services.get_mut(&key) {
        Some(service) if service.status == "ACTIVE" && !service.is_daemon() => {
            service.desired = desired.max(0);
            schedule::soon(world, &key);
            true
        }
        _ => false,
    }
}

/// Publishes CPUUtilization and MemoryUtilization of every service with running tasks.
pub fn publish_metrics(world: &mut World) {
    metrics::publish(world);
}

pub(super) use metrics::measure;

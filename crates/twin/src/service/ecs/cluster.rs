//! Clusters.

mod create;
mod delete;
mod show;
#[cfg(test)]
mod tests;
mod update;

use super::tagging;
use crate::{Action, Grant, Input, Refusal, Time, World, service::tags::Tags};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(super) use create::create;
pub use show::view;
pub(super) use show::{limit, paged};

/// A cluster.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cluster {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// `ACTIVE` or `INACTIVE`; with capacity providers of its own from the start, `PROVISIONING`
    /// until they are attached, and `DEPROVISIONING` until they are gone.
    pub status: String,
    /// Its capacity providers.
    pub providers: Vec<String>,
    /// Its default strategy, in the shape of the model.
    pub strategy: Vec<Value>,
    /// `UPDATE_IN_PROGRESS`, `UPDATE_COMPLETE`, `UPDATE_FAILED`; none before the first change.
    pub attachments: Option<String>,
    /// `settings`, `configuration`, `serviceConnectDefaults`, by the names of the model.
    pub more: Value,
    /// Its tags.
    pub tags: Tags,
    /// When it was made.
    pub created_at: Time,
}

impl Cluster {
    /// Whether its capacity providers are being changed.
    pub fn is_busy(&self) -> bool {
        self.attachments.as_deref() == Some("UPDATE_IN_PROGRESS")
    }
}

/// The actions.
pub fn actions() -> Vec<Action> {
    vec![
        Action::on("CreateCluster", create::run, create::needs),
        Action::on("DeleteCluster", delete::run, on_cluster),
        Action::on("DescribeClusters", show::describe, show::needs),
        Action::new("ListClusters", show::list),
        Action::on("UpdateCluster", update::update, on_cluster),
        Action::on("UpdateClusterSettings", update::settings, on_cluster),
    ]
}

/// What IAM judges of an action on the cluster that the input names.
pub(super) fn on_cluster(world: &World, input: &Input) -> Vec<Grant> {
    let name = name_of(input.maybe("cluster"));
    vec![grant(world, name)]
}

/// A cluster by its name, as IAM judges it.
fn grant(world: &World, name: &str) -> Grant {
    let tags = world.ecs.clusters.get(name).map(|it| &it.tags);
    tagging::grant(&arn(world, name), tags)
}

/// The ARN that a cluster of that name has.
pub fn arn(world: &World, name: &str) -> String {
    world.arn("ecs", &format!("cluster/{name}"))
}

/// The name of the cluster that an input means: by its name, its ARN, or not at all (`default`).
pub fn name_of(cluster: Option<&str>) -> &str {
    match cluster.filter(|it| !it.is_empty()) {
        None => "default",
        Some(cluster) if cluster.starts_with("arn:") => cluster
            .split_once(":cluster/")
            .map_or(cluster, |(_, name)| name),
        Some(cluster) => cluster,
    }
}

/// A cluster by its name or ARN, in whatever status.
pub fn find<'a>(world: &'a World, cluster: &str) -> Option<&'a Cluster> {
    let found = world.ecs.clusters.get(name_of(Some(cluster)))?;
    (!cluster.starts_with("arn:") || cluster == found.arn).then_some(found)
}

/// The cluster that an input means, which has to be there and not INACTIVE.
pub fn active<'a>(world: &'a World, cluster: Option<&str>) -> Result<&'a Cluster, Refusal> {
    match find(world, cluster.unwrap_or("default")) {
        None => Err(not_found("Cluster not found.")),
        Some(cluster) if cluster.status == "INACTIVE" => {
            Err(not_found("The referenced cluster was inactive."))
        }
        Some(cluster) => Ok(cluster),
    }
}

/// Whether a name is of letters, digits, hyphens and underscores, 255 at most.
pub(super) fn is_name(name: &str) -> bool {
    let is_in = |it: char| it.is_ascii_alphanumeric() || it == '-' || it == '_';
    (1..=255).contains(&name.len()) && name.chars().all(is_in)
}

pub(super) fn invalid(message: impl Into<String>) -> Refusal {
    Refusal::new("InvalidParameterException", message)
}

pub(super) fn client(message: impl Into<String>) -> Refusal {
    Refusal::new("ClientException", message)
}

pub(super) fn not_found(message: &str) -> Refusal {
    Refusal::new("ClusterNotFoundException", message)
}

pub(super) fn busy() -> Refusal {
    Refusal::new(
        "UpdateInProgressException",
        "The specified cluster is in a busy state. Cluster attachments must be in UPDATE_COMPLETE \
         or UPDATE_FAILED state before they can be updated.",
    )
}

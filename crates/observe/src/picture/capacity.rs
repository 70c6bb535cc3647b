//! What tasks are placed on: clusters and capacity providers, as ECS shows them, and Auto Scaling
//! groups.

use super::StrategyItem;
use crate::Moment;
use serde::{Deserialize, Serialize};

/// A cluster.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Cluster {
    /// Its ARN.
    pub cluster_arn: String,
    /// Its name.
    pub cluster_name: String,
    /// `ACTIVE`, `PROVISIONING`, `DEPROVISIONING`, `FAILED` or `INACTIVE`.
    pub status: String,
    /// How many container instances it has.
    pub registered_container_instances_count: i64,
    /// Its capacity providers, by name.
    pub capacity_providers: Vec<String>,
    /// The strategy of services that say nothing of their own.
    pub default_capacity_provider_strategy: Vec<StrategyItem>,
}

/// A capacity provider.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CapacityProvider {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub capacity_provider_arn: String,
    /// `ACTIVE` and others.
    pub status: String,
    /// Its Auto Scaling group; none for Fargate's.
    pub auto_scaling_group_provider: Option<AutoScalingGroupProvider>,
}

impl CapacityProvider {
    /// The name of its group.
    pub fn group(&self) -> Option<&str> {
        let arn = &self.auto_scaling_group_provider.as_ref()?;
        let arn = &arn.auto_scaling_group_arn;
        Some(
            arn.split_once("autoScalingGroupName/")
                .map_or(arn, |it| it.1),
        )
    }
}

/// How a provider uses its Auto Scaling group.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AutoScalingGroupProvider {
    /// The group's ARN.
    pub auto_scaling_group_arn: String,
    /// Whether and how ECS moves the group's desired capacity.
    pub managed_scaling: ManagedScaling,
    /// `ENABLED` or `DISABLED`.
    pub managed_termination_protection: Option<String>,
    /// `ENABLED` or `DISABLED`.
    pub managed_draining: Option<String>,
}

/// How ECS moves a group's desired capacity.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ManagedScaling {
    /// `ENABLED` or `DISABLED`.
    pub status: String,
    /// What part of the group is to be in use, in percent.
    pub target_capacity: Option<i64>,
    /// How many instances are added at least.
    pub minimum_scaling_step_size: Option<i64>,
    /// How many are added at most.
    pub maximum_scaling_step_size: Option<i64>,
    /// After how long, in seconds, a new instance counts.
    pub instance_warmup_period: Option<i64>,
}

/// An Auto Scaling group.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Group {
    /// Its name.
    pub name: String,
    /// The fewest instances.
    pub min_size: i64,
    /// The most instances.
    pub max_size: i64,
    /// How many there are to be.
    pub desired_capacity: i64,
    /// The instances.
    pub instances: Vec<GroupInstance>,
    /// Processes that are suspended, such as `Launch`.
    pub suspended: Vec<String>,
    /// Whether it is being deleted, in AWS's words.
    pub status: Option<String>,
}

/// An instance of a group.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GroupInstance {
    /// Its id.
    pub id: String,
    /// `Pending`, `InService`, `Terminating:Wait` and others.
    pub lifecycle: String,
    /// `Healthy` or `Unhealthy`.
    pub health: String,
    /// Its availability zone.
    pub zone: String,
    /// Whether scaling in spares it.
    pub protected: bool,
}

/// Something that a group did.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GroupActivity {
    /// Its id.
    pub id: String,
    /// The group.
    pub group: String,
    /// What: `Launching a new EC2 instance: i-…`.
    pub description: String,
    /// Because of what.
    pub cause: String,
    /// When it began.
    pub started_at: Moment,
    /// When it ended, if it has.
    pub ended_at: Option<Moment>,
    /// `Successful`, `Failed`, `InProgress` and others.
    pub status: String,
    /// Why it failed, in AWS's words.
    pub status_message: Option<String>,
    /// How far it is, in percent.
    pub progress: i64,
}

impl GroupActivity {
    /// The instance that it is about.
    pub fn instance(&self) -> Option<&str> {
        let words = self
            .description
            .split(|it: char| it.is_whitespace() || it == ',');
        words
            .rev()
            .map(|it| it.trim_end_matches('.'))
            .find(|it| it.starts_with("i-"))
    }
}

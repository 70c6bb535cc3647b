//! Capacity providers, and the managed scaling of their groups.

mod attachment;
mod change;
mod create;
mod delete;
mod demand;
mod put;
mod scaling;
mod show;
mod strategy;
#[cfg(test)]
mod tests;

use crate::{Action, Grant, Input, Refusal, Time, World, service::tags::Tags};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use attachment::{Attached, Policy, attached};
pub(super) use attachment::{Wanted, attach, attachments, keeps_any};
pub use change::changed;
pub(super) use put::wanted;
pub use scaling::{Scaled, manage};
pub use strategy::check as check_strategy;

/// The hook of managed draining, by which terminating instances wait until their tasks are gone.
pub const HOOK: &str = "ecs-managed-draining-termination-hook";

/// A capacity provider of an Auto Scaling group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Provider {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// `ACTIVE`, `DEPROVISIONING` or `INACTIVE`.
    pub status: String,
    /// `CREATE_COMPLETE`, `UPDATE_IN_PROGRESS`, `DELETE_COMPLETE`, …
    pub update_status: Option<String>,
    /// Why an update or deletion failed.
    pub reason: Option<String>,
    /// The group ARN.
    pub group: String,
    /// `managedScaling`, in full.
    pub managed_scaling: Value,
    /// `managedTerminationProtection`: whether it is enabled.
    pub termination_protection: bool,
    /// `managedDraining`: whether it is enabled.
    pub draining: bool,
    /// Its tags.
    pub tags: Tags,
    /// When it was made.
    pub created_at: Time,
}

impl Provider {
    /// Whether ECS sets the size of its group.
    pub fn is_managed(&self) -> bool {
        self.managed_scaling["status"] == "ENABLED"
    }

    /// Whether the last change asked for has not ended.
    fn is_busy(&self) -> bool {
        let status = self.update_status.as_deref().unwrap_or_default();
        status.ends_with("_IN_PROGRESS")
    }

    /// A number of its managed scaling.
    fn setting(&self, name: &str) -> i64 {
        self.managed_scaling[name].as_i64().unwrap_or_default()
    }
}

/// The actions.
pub fn actions() -> Vec<Action> {
    vec![
        Action::on("CreateCapacityProvider", create::run, create::needs),
        Action::on("DeleteCapacityProvider", delete::run, |world, input| {
            vec![grant(world, input.text("capacityProvider"))]
        }),
        Action::on("DescribeCapacityProviders", show::describe, show::needs),
        Action::on(
            "PutClusterCapacityProviders",
            put::run,
            |world, input: &Input| {
                let grants = super::cluster::on_cluster(world, input).into_iter();
                let names = input.texts("capacityProviders");
                let with = |grant: Grant| {
                    let names = names.iter();
                    names.fold(grant, |grant, it| grant.with("ecs:capacity-provider", *it))
                };
                grants.map(with).collect()
            },
        ),
        Action::on("UpdateCapacityProvider", change::run, |world, input| {
            vec![grant(world, input.text("name"))]
        }),
    ]
}

fn grant(world: &World, name: &str) -> Grant {
    let name = name_of(name);
    let tags = world.ecs.providers.get(name).map(|it| &it.tags);
    super::tagging::grant(&arn(world, name), tags)
}

fn arn(world: &World, name: &str) -> String {
    world.arn("ecs", &format!("capacity-provider/{name}"))
}

/// The name in a provider's name or ARN.
fn name_of(name_or_arn: &str) -> &str {
    match name_or_arn.split_once(":capacity-provider/") {
        Some((_, name)) if name_or_arn.starts_with("arn:") => name,
        _ => name_or_arn,
    }
}

/// Whether that is one of the two providers that every account has.
pub fn is_fargate(name: &str) -> bool {
    ["FARGATE", "FARGATE_SPOT"].contains(&name)
}

/// A provider by its name or ARN, unless it is INACTIVE.
fn find<'a>(world: &'a World, name: &str) -> Option<&'a Provider> {
    let found = world.ecs.providers.get(name_of(name))?;
    (found.status != "INACTIVE").then_some(found)
}

/// The provider to be changed or deleted.
fn changeable(world: &World, name: &str) -> Result<Provider, Refusal> {
    if is_fargate(name_of(name)) {
        return Err(super::cluster::client(
            "The FARGATE and FARGATE_SPOT capacity providers are reserved and can't be changed.",
        ));
    }
    let found = find(world, name).cloned().ok_or_else(|| {
        super::cluster::client(
            "The specified capacity provider does not exist. Specify a valid name or ARN and try \
             again.",
        )
    })?;
    match found.is_busy() {
        false => Ok(found),
        true => Err(Refusal::new(
            "UpdateInProgressException",
            "The specified capacity provider is in a busy state. Wait for its last update to end \
             and try again.",
        )),
    }
}

/// The provider whose group has the EC2 instance, if the cluster has that provider.
pub(super) fn of_group(world: &World, cluster: &str, group: &str) -> Option<String> {
    let arn = &crate::service::autoscaling::group(world, group)?.arn;
    let cluster = world.ecs.clusters.get(cluster)?;
    let there = cluster.providers.iter();
    there
        .filter_map(|it| find(world, it))
        .find(|it| it.group == *arn)
        .map(|it| it.name.clone())
}

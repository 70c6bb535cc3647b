use super::{LaunchTemplate, Subnets, Tags};
use serde::Serialize;
use setpoint_core::{AnyLink, Kind, Link, Resource};

/// An EC2 Auto Scaling group. Its handle is its name.
///
/// Defaults are those of `CreateAutoScalingGroupType`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AutoScalingGroup {
    /// The launch template, at one version.
    pub launch_template: Link<LaunchTemplate>,
    /// Where its instances are.
    pub subnets: Link<Subnets>,
    /// The fewest instances.
    pub min_size: i32,
    /// The most instances.
    pub max_size: i32,
    /// How many there should be; nothing leaves it to managed scaling.
    pub desired_capacity: Option<i32>,
    /// Whether new instances are protected from scale-in.
    pub protect_from_scale_in: bool,
    /// `EC2`, `ELB`, …
    pub health_check_type: String,
    /// Seconds before a new instance's health is looked at.
    pub health_check_grace_period: i32,
    /// Seconds between two simple scaling activities.
    pub default_cooldown: i32,
    /// Seconds until a new instance counts in the metrics of its group.
    pub default_instance_warmup: Option<i32>,
    /// Which instance goes first, in order.
    pub termination_policies: Vec<String>,
    /// Seconds after which an instance is replaced; 0 for never.
    pub max_instance_lifetime: i32,
    /// Whether Spot instances at risk are replaced early.
    pub capacity_rebalance: bool,
    /// Its tags, which its instances get too.
    pub tags: Tags,
}

impl Resource for AutoScalingGroup {
    const KIND: Kind = Kind("autoScalingGroup");

    fn links(&mut self, visit: &mut dyn FnMut(&mut dyn AnyLink)) {
        visit(&mut self.launch_template);
        visit(&mut self.subnets);
    }

    fn inherit(&mut self, observed: &Self) {
        self.desired_capacity = self.desired_capacity.or(observed.desired_capacity);
    }

    fn effect(&self, before: Option<(&Self, u64)>) -> Option<String> {
        match before {
            None => Some(match self.desired_capacity.unwrap_or(self.min_size) {
                0 => "starts no instance yet".into(),
                1 => "starts 1 instance".into(),
                count => format!("starts {count} instances"),
            }),
            Some((before, running)) => {
                let count = i32::try_from(running).unwrap_or(i32::MAX);
                match () {
                    () if self.max_size < count => Some(format!(
                        "ends {} of {count} instances",
                        count - self.max_size
                    )),
                    () if self.min_size > count => {
                        Some(format!("starts {} more instances", self.min_size - count))
                    }
                    () if self.launch_template != before.launch_template => {
                        Some("new instances only".into())
                    }
                    () => Some("no instance is replaced".into()),
                }
            }
        }
    }
}

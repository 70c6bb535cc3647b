use super::{AutoScalingGroup, Tags};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use setpoint_core::{AnyLink, Kind, Link, Resource};

/// An ECS capacity provider over an Auto Scaling group. Its handle is its name.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CapacityProvider {
    /// The group. Cannot be changed, and no two providers may share one.
    pub auto_scaling_group: Link<AutoScalingGroup>,
    /// How ECS moves the group's desired capacity.
    pub managed_scaling: ManagedScaling,
    /// Whether instances that run tasks are protected from scale-in.
    pub managed_termination_protection: bool,
    /// Whether instances are drained before they end.
    pub managed_draining: bool,
    /// Its tags.
    pub tags: Tags,
}

/// `ManagedScaling`, with the defaults of the ECS model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ManagedScaling {
    /// Whether ECS scales the group.
    pub enabled: bool,
    /// Percent of the instances that should be in use, 1 to 100.
    #[schemars(range(min = 1, max = 100))]
    pub target_capacity: i32,
    /// The fewest instances added at once.
    #[schemars(range(min = 1, max = 10000))]
    pub minimum_scaling_step_size: i32,
    /// The most instances added at once.
    #[schemars(range(min = 1, max = 10000))]
    pub maximum_scaling_step_size: i32,
    /// Seconds until a new instance counts.
    #[schemars(range(min = 0, max = 10000))]
    pub instance_warmup_period: i32,
}

impl Default for ManagedScaling {
    fn default() -> Self {
        ManagedScaling {
            enabled: true,
            target_capacity: 100,
            minimum_scaling_step_size: 1,
            maximum_scaling_step_size: 10_000,
            instance_warmup_period: 300,
        }
    }
}

impl Resource for CapacityProvider {
    const KIND: Kind = Kind("capacityProvider");

    fn links(&mut self, visit: &mut dyn FnMut(&mut dyn AnyLink)) {
        visit(&mut self.auto_scaling_group);
    }

    fn fixed(&self, observed: &Self) -> Option<&'static str> {
        // A group that is gone and is made anew is the same group: its name is its handle.
        let is_known = self.auto_scaling_group.handle().is_some();
        let differs = self.auto_scaling_group != observed.auto_scaling_group;
        (is_known && differs).then_some("autoScalingGroup")
    }
}

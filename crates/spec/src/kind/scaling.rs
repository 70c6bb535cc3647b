use super::{Service, Tags};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use setpoint_core::{AnyLink, Kind, Link, Resource};
use std::collections::BTreeMap;

/// How Application Auto Scaling moves a service's desired count: the scalable target with its
/// policies and scheduled actions. It bears its service's name; its handle is its resource id,
/// `service/<cluster>/<service>`.
///
/// The three are one resource because AWS makes them one: only the target has an owner's tag, and
/// deregistering it deletes the others.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Scaling {
    /// The service.
    pub service: Link<Service>,
    /// The fewest tasks.
    pub min_capacity: i32,
    /// The most tasks.
    pub max_capacity: i32,
    /// What is switched off.
    pub suspended: Suspended,
    /// Policies by name.
    pub policies: BTreeMap<String, Policy>,
    /// Scheduled actions by name.
    pub scheduled_actions: BTreeMap<String, ScheduledAction>,
    /// The target's tags.
    pub tags: Tags,
}

/// `SuspendedState`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Suspended {
    /// No policy scales in.
    pub dynamic_scaling_in: bool,
    /// No policy scales out.
    pub dynamic_scaling_out: bool,
    /// No scheduled action runs.
    pub scheduled_scaling: bool,
}

/// A scaling policy. Its type cannot be changed under its name, so it is deleted and put again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Policy {
    /// Keeps a metric near a target.
    TargetTracking(TargetTracking),
    /// Adds or removes by how far an alarm is breached.
    Step(StepScaling),
}

/// `TargetTrackingScalingPolicyConfiguration`, with ECS's default cooldowns of 300 s.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TargetTracking {
    /// The metric.
    pub metric: Metric,
    /// The value to keep it near.
    #[schemars(range(min = 0))]
    pub target: f64,
    /// Seconds after a scale-out during which only a larger one follows.
    #[serde(default = "five_minutes")]
    #[schemars(range(min = 0))]
    pub scale_out_cooldown: i32,
    /// Seconds after a scale-in during which no other follows.
    #[serde(default = "five_minutes")]
    #[schemars(range(min = 0))]
    pub scale_in_cooldown: i32,
    /// Whether it never scales in.
    #[serde(default)]
    pub disable_scale_in: bool,
}

fn five_minutes() -> i32 {
    300
}

/// The predefined metrics of ECS services (application-autoscaling, `MetricType`).
pub const METRICS: [&str; 5] = [
    "ECSServiceAverageCPUUtilization",
    "ECSServiceAverageMemoryUtilization",
    "ECSServiceAverageCPUUtilizationHighResolution",
    "ECSServiceAverageMemoryUtilizationHighResolution",
    "ALBRequestCountPerTarget",
];

/// What a target-tracking policy looks at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Metric {
    /// A predefined metric by name, such as `ECSServiceAverageCPUUtilization`.
    Predefined(#[schemars(extend("enum" = crate::kind::METRICS))] String),
    /// A predefined metric of a load balancer's target group.
    #[serde(rename_all = "camelCase")]
    Labelled {
        /// `ALBRequestCountPerTarget`.
        predefined: String,
        /// `app/<load balancer>/<id>/targetgroup/<target group>/<id>`.
        resource_label: String,
    },
    /// `CustomizedMetricSpecification`, with names as in the API but in camelCase.
    #[serde(rename_all = "camelCase")]
    Customized {
        /// Such as `MyApp`.
        namespace: String,
        /// Such as `QueueLength`.
        metric_name: String,
        /// Which of them.
        #[serde(default)]
        dimensions: BTreeMap<String, String>,
        /// `Average`, `Minimum`, `Maximum`, `SampleCount` or `Sum`.
        statistic: String,
        /// Such as `Percent`.
        #[serde(default)]
        unit: Option<String>,
    },
}

/// `StepScalingPolicyConfiguration`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StepScaling {
    /// What the adjustments are: a number of tasks, a percentage, or the count itself.
    #[schemars(extend("enum" = ["ChangeInCapacity", "PercentChangeInCapacity", "ExactCapacity"]))]
    pub adjustment_type: String,
    /// The steps, from the lowest bound.
    pub steps: Vec<Step>,
    /// The least that a percentage changes.
    #[serde(default)]
    pub min_adjustment_magnitude: Option<i32>,
    /// Seconds between two activities.
    #[serde(default = "five_minutes")]
    #[schemars(range(min = 0))]
    pub cooldown: i32,
    /// How the alarm's values are taken together.
    #[serde(default = "average")]
    #[schemars(extend("enum" = ["Average", "Minimum", "Maximum"]))]
    pub metric_aggregation_type: String,
}

fn average() -> String {
    "Average".into()
}

/// `StepAdjustment`; bounds are relative to the alarm's threshold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Step {
    /// Where it begins, inclusive; open if absent.
    #[serde(default)]
    pub lower: Option<f64>,
    /// Where it ends, exclusive; open if absent.
    #[serde(default)]
    pub upper: Option<f64>,
    /// By how much.
    pub adjustment: i32,
}

/// A scheduled action: at its time it sets the fewest and the most tasks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ScheduledAction {
    /// `at(…)`, `rate(…)` or `cron(…)`.
    #[schemars(example = &"cron(0 6 * * ? *)")]
    pub schedule: String,
    /// An IANA time zone; UTC if absent.
    #[serde(default)]
    pub timezone: Option<String>,
    /// When it begins to apply, RFC 3339 in UTC.
    #[serde(default)]
    #[schemars(example = &"2026-11-27T18:00:00Z")]
    pub start_time: Option<String>,
    /// When it stops applying, RFC 3339 in UTC.
    #[serde(default)]
    pub end_time: Option<String>,
    /// The fewest tasks from then on.
    #[serde(default)]
    #[schemars(range(min = 0))]
    pub min_capacity: Option<i32>,
    /// The most tasks from then on.
    #[serde(default)]
    #[schemars(range(min = 0))]
    pub max_capacity: Option<i32>,
}

impl Resource for Scaling {
    const KIND: Kind = Kind("scaling");

    fn links(&mut self, visit: &mut dyn FnMut(&mut dyn AnyLink)) {
        visit(&mut self.service);
    }

    /// A minimum or maximum that one of the stack's own scheduled actions has set stands.
    fn inherit(&mut self, observed: &Self) {
        let set = |action: &&ScheduledAction| {
            action.min_capacity.unwrap_or(self.min_capacity) == observed.min_capacity
                && action.max_capacity.unwrap_or(self.max_capacity) == observed.max_capacity
        };
        if self.scheduled_actions.values().find(set).is_some() {
            self.min_capacity = observed.min_capacity;
            self.max_capacity = observed.max_capacity;
        }
    }

    fn effect(&self, before: Option<(&Self, u64)>) -> Option<String> {
        let (before, _) = before?;
        Some(match () {
            () if self.min_capacity > before.min_capacity => {
                format!("at least {} tasks from now on", self.min_capacity)
            }
            () if self.max_capacity < before.max_capacity => {
                format!("at most {} tasks from now on", self.max_capacity)
            }
            () => "no task restarts".into(),
        })
    }
}

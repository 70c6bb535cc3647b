//! Targets, policies and activities, as Application Auto Scaling shows them.

use crate::Moment;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A scalable target.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(
    rename_all(deserialize = "PascalCase", serialize = "camelCase"),
    default
)]
pub struct Target {
    /// `service/<cluster>/<service>`.
    pub resource_id: String,
    /// `ecs:service:DesiredCount`.
    pub scalable_dimension: String,
    /// The fewest tasks.
    pub min_capacity: i64,
    /// The most tasks.
    pub max_capacity: i64,
    /// What is suspended.
    pub suspended_state: SuspendedState,
}

/// Which kinds of scaling are suspended.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(
    rename_all(deserialize = "PascalCase", serialize = "camelCase"),
    default
)]
pub struct SuspendedState {
    /// Policies do not scale in.
    pub dynamic_scaling_in_suspended: bool,
    /// Policies do not scale out.
    pub dynamic_scaling_out_suspended: bool,
    /// Scheduled actions do nothing.
    pub scheduled_scaling_suspended: bool,
}

/// A scaling policy.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(
    rename_all(deserialize = "PascalCase", serialize = "camelCase"),
    default
)]
pub struct Policy {
    /// Its name.
    pub policy_name: String,
    /// Its ARN.
    #[serde(rename(deserialize = "PolicyARN"))]
    pub policy_arn: String,
    /// `service/<cluster>/<service>`.
    pub resource_id: String,
    /// `ecs:service:DesiredCount`.
    pub scalable_dimension: String,
    /// `TargetTrackingScaling`, `StepScaling` or `PredictiveScaling`.
    pub policy_type: String,
    /// Its configuration in AWS's own shape, for target tracking.
    pub target_tracking_scaling_policy_configuration: Value,
    /// Its configuration in AWS's own shape, for steps.
    pub step_scaling_policy_configuration: Value,
    /// The alarms that it made.
    pub alarms: Vec<PolicyAlarm>,
}

impl Policy {
    /// The metric that is tracked, such as `ECSServiceAverageCPUUtilization`.
    pub fn metric(&self) -> Option<&str> {
        let tracking = &self.target_tracking_scaling_policy_configuration;
        tracking["PredefinedMetricSpecification"]["PredefinedMetricType"].as_str()
    }

    /// The value that the metric is kept at.
    pub fn target(&self) -> Option<f64> {
        self.target_tracking_scaling_policy_configuration["TargetValue"].as_f64()
    }

    /// The line that the service's CPU, in percent, is kept at, if it is CPU that is tracked.
    pub fn cpu_target(&self) -> Option<f64> {
        let metric = self.metric()?;
        let is_cpu = metric.starts_with("ECSServiceAverageCPUUtilization");
        self.target().filter(|_| is_cpu)
    }

    /// For how long nothing follows a scale-out, in seconds; AWS's default is 300 where the policy
    /// says nothing.
    pub fn scale_out_cooldown(&self) -> i64 {
        self.cooldown("ScaleOutCooldown")
    }

    /// The same after a scale-in.
    pub fn scale_in_cooldown(&self) -> i64 {
        self.cooldown("ScaleInCooldown")
    }

    fn cooldown(&self, name: &str) -> i64 {
        let tracking = self.target_tracking_scaling_policy_configuration[name].as_i64();
        let step = self.step_scaling_policy_configuration["Cooldown"].as_i64();
        tracking.or(step).unwrap_or(300)
    }
}

/// An alarm that a policy made.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(
    rename_all(deserialize = "PascalCase", serialize = "camelCase"),
    default
)]
pub struct PolicyAlarm {
    /// Its name.
    pub alarm_name: String,
    /// Its ARN.
    #[serde(rename(deserialize = "AlarmARN"))]
    pub alarm_arn: String,
}

/// Something that Application Auto Scaling did, or did not.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(
    rename_all(deserialize = "PascalCase", serialize = "camelCase"),
    default
)]
pub struct ScalingActivity {
    /// Its id.
    pub activity_id: String,
    /// `service/<cluster>/<service>`.
    pub resource_id: String,
    /// `ecs:service:DesiredCount`.
    pub scalable_dimension: String,
    /// What: `Setting desired count to 3.`.
    pub description: String,
    /// Because of what.
    pub cause: String,
    /// When it began.
    pub start_time: Moment,
    /// When it ended, if it has.
    pub end_time: Option<Moment>,
    /// `Pending`, `InProgress`, `Successful`, `Overridden`, `Unfulfilled` or `Failed`.
    pub status_code: String,
    /// The same in words.
    pub status_message: Option<String>,
    /// Why nothing was done.
    pub not_scaled_reasons: Vec<NotScaledReason>,
}

impl ScalingActivity {
    /// The count that it set.
    pub fn count(&self) -> Option<i64> {
        let (_, rest) = self.description.split_once("desired count to ")?;
        rest.trim_end_matches('.').parse().ok()
    }
}

/// Why an activity did nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(
    rename_all(deserialize = "PascalCase", serialize = "camelCase"),
    default
)]
pub struct NotScaledReason {
    /// Such as `AlreadyAtMaxCapacity` or `AutoScalingAnticipatedFlapping`.
    pub code: String,
    /// The most tasks, where that is the reason.
    pub max_capacity: Option<i64>,
    /// The fewest tasks, where that is the reason.
    pub min_capacity: Option<i64>,
    /// How many tasks there were.
    pub current_capacity: Option<i64>,
}

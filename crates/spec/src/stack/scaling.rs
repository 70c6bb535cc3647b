//! How a service's desired count moves.

use super::{Around, Written, Wrong, read::unknown};
use crate::kind::{Metric, Policy, Scaling, ScheduledAction, Suspended, Tags};
use serde::Deserialize;
use setpoint_core::Link;
use std::collections::BTreeMap;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct WrittenScaling {
    min_capacity: i32,
    max_capacity: i32,
    #[serde(default)]
    suspended: Suspended,
    #[serde(default)]
    policies: BTreeMap<String, Policy>,
    #[serde(default)]
    scheduled_actions: BTreeMap<String, ScheduledAction>,
    #[serde(default)]
    tags: Tags,
}

/// The predefined metrics of ECS services (application-autoscaling, `MetricType`).
const METRICS: [&str; 5] = [
    "ECSServiceAverageCPUUtilization",
    "ECSServiceAverageMemoryUtilization",
    "ECSServiceAverageCPUUtilizationHighResolution",
    "ECSServiceAverageMemoryUtilizationHighResolution",
    "ALBRequestCountPerTarget",
];

impl Written for WrittenScaling {
    type Resource = Scaling;

    fn resource(self, name: &str, around: &Around<'_>) -> Result<Scaling, Vec<Wrong>> {
        let mut wrongs = Vec::new();
        let (min, max) = (self.min_capacity, self.max_capacity);
        if min < 0 || max < min {
            let message = format!("minCapacity is {min} and maxCapacity is {max}");
            let wrong = Wrong::new(["maxCapacity".into()], message);
            wrongs.push(wrong.hint("0 ≤ minCapacity ≤ maxCapacity"));
        }
        for (policy, it) in &self.policies {
            let Policy::TargetTracking(it) = it else {
                continue;
            };
            let path = || {
                [
                    "policies".into(),
                    policy.as_str().into(),
                    "targetTracking".into(),
                ]
            };
            if it.target.is_nan() || it.target <= 0.0 {
                let path = path().into_iter().chain(["target".into()]);
                wrongs.push(Wrong::new(path, "the target is more than 0"));
            }
            for (key, cooldown) in [
                ("scaleOutCooldown", it.scale_out_cooldown),
                ("scaleInCooldown", it.scale_in_cooldown),
            ] {
                if cooldown < 0 {
                    let path = path().into_iter().chain([key.into()]);
                    wrongs.push(Wrong::new(path, "a cooldown is 0 seconds or more"));
                }
            }
            if let Metric::Predefined(metric) = &it.metric
                && !METRICS.contains(&metric.as_str())
            {
                let mut wrong = unknown("metric", metric, METRICS.into_iter());
                wrong.path = path().into_iter().chain(["metric".into()]).collect();
                wrongs.push(wrong);
            }
        }
        for (action, it) in &self.scheduled_actions {
            if it.min_capacity.is_none() && it.max_capacity.is_none() {
                let path = ["scheduledActions".into(), action.as_str().into()];
                let message = "a scheduled action sets `minCapacity`, `maxCapacity` or both";
                wrongs.push(Wrong::new(path, message));
            }
        }
        if !wrongs.is_empty() {
            return Err(wrongs);
        }
        Ok(Scaling {
            service: Link::to(name),
            min_capacity: min,
            max_capacity: max,
            suspended: self.suspended,
            policies: self.policies,
            scheduled_actions: self.scheduled_actions,
            tags: around.tagged(self.tags),
        })
    }
}

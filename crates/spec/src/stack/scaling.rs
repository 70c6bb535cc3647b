//! How a service's desired count moves.

use super::{Around, Written, Wrong, read::unknown};
use crate::kind::{METRICS, Metric, Policy, Scaling, ScheduledAction, Step, Suspended, Tags};
use schemars::JsonSchema;
use serde::Deserialize;
use setpoint_core::Link;
use std::collections::BTreeMap;

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct WrittenScaling {
    /// The fewest tasks.
    #[schemars(range(min = 0))]
    min_capacity: i32,
    /// The most tasks.
    #[schemars(range(min = 0))]
    max_capacity: i32,
    /// What is switched off.
    #[serde(default)]
    suspended: Suspended,
    /// Scaling policies by name.
    #[serde(default)]
    policies: BTreeMap<String, Policy>,
    /// What happens at set times, by name.
    #[serde(default)]
    scheduled_actions: BTreeMap<String, ScheduledAction>,
    /// Its tags, beside those of the whole stack.
    #[serde(default)]
    tags: Tags,
}

impl Written for WrittenScaling {
    type Resource = Scaling;

    fn resource(mut self, name: &str, around: &Around<'_>) -> Result<Scaling, Vec<Wrong>> {
        let mut wrongs = Vec::new();
        let (min, max) = (self.min_capacity, self.max_capacity);
        if min < 0 || max < min {
            let message = format!("minCapacity is {min} and maxCapacity is {max}");
            let wrong = Wrong::new(["maxCapacity".into()], message);
            wrongs.push(wrong.hint("0 ≤ minCapacity ≤ maxCapacity"));
        }
        for (policy, it) in &mut self.policies {
            let it = match it {
                Policy::TargetTracking(it) => it,
                Policy::Step(it) => {
                    let lower = |it: &Step| it.lower.unwrap_or(f64::NEG_INFINITY);
                    it.steps.sort_by(|a, b| lower(a).total_cmp(&lower(b)));
                    continue;
                }
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
        for (action, it) in &mut self.scheduled_actions {
            // What is left out is UTC, and is shown as left out.
            it.timezone = it.timezone.take().filter(|it| it != "UTC");
            for (key, time) in [("startTime", &it.start_time), ("endTime", &it.end_time)] {
                if let Some(time) = time.as_deref().filter(|it| !is_utc_time(it)) {
                    let path = [
                        "scheduledActions".into(),
                        action.as_str().into(),
                        key.into(),
                    ];
                    let wrong = Wrong::new(path, format!("`{time}` is no time in UTC"));
                    wrongs.push(wrong.hint("2026-11-27T18:00:00Z"));
                }
            }
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

/// Whether a text is `YYYY-MM-DDThh:mm:ssZ`, the one form in which times are compared.
fn is_utc_time(text: &str) -> bool {
    let form = "dddd-dd-ddTdd:dd:ddZ";
    let fits = |(it, form): (char, char)| match form {
        'd' => it.is_ascii_digit(),
        form => it == form,
    };
    text.chars().count() == form.len() && text.chars().zip(form.chars()).all(fits)
}

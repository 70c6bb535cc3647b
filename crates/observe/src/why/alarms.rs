//! Alarms of scaling policies that do not do their part.

use super::{Case, Cause};
use crate::{
    Part,
    picture::{Alarm, Policy},
};
use std::time::Duration;

/// How long an alarm may be without data, beyond the time that it looks back over, before something
/// is wrong.
const PATIENCE: Duration = Duration::from_secs(300);

pub(super) fn find(case: &mut Case<'_>) {
    let (picture, service) = (case.picture, case.service);
    if picture.gap(Part::Alarms).is_some() || picture.gap(Part::Scaling).is_some() {
        return;
    }
    for policy in picture.policies_of(service) {
        if policy.policy_type == "TargetTrackingScaling" && policy.alarms.is_empty() {
            gone(case, policy, "the policy has no alarm".to_owned());
        }
        for own in &policy.alarms {
            let Some(alarm) = picture.alarm(&own.alarm_name) else {
                gone(case, policy, format!("{} does not exist", own.alarm_name));
                continue;
            };
            if !alarm.actions_enabled {
                case.wrong(
                    Cause::AlarmActionsDisabled,
                    format!(
                        "an alarm of the scaling policy {} does nothing",
                        policy.policy_name
                    ),
                    vec![format!("the actions of {} are disabled", alarm.name)],
                    vec![format!(
                        "aws cloudwatch enable-alarm-actions --alarm-names {}",
                        alarm.name
                    )],
                );
            }
            if is_blind(case, alarm) {
                let since = alarm.changed_at.unwrap_or_default().clock();
                case.wrong(
                    Cause::AlarmWithoutData,
                    format!("the scaling policy {} sees no data", policy.policy_name),
                    vec![format!(
                        "{} is INSUFFICIENT_DATA since {since}: {}",
                        alarm.name, alarm.reason
                    )],
                    vec![format!(
                        "aws cloudwatch list-metrics --namespace {} --metric-name {}",
                        alarm.namespace.as_deref().unwrap_or("AWS/ECS"),
                        alarm.metric.as_deref().unwrap_or("CPUUtilization")
                    )],
                );
            }
        }
    }
}

fn gone(case: &mut Case<'_>, policy: &Policy, evidence: String) {
    case.wrong(
        Cause::AlarmDeleted,
        format!(
            "an alarm of the scaling policy {} is gone",
            policy.policy_name
        ),
        vec![evidence],
        vec![format!(
            "the policy makes its alarms when it is put: let setpoint put it again by changing \
             scaling.{}.policies.{}, and setpoint apply",
            case.name(),
            policy.policy_name
        )],
    );
}

fn is_blind(case: &Case<'_>, alarm: &Alarm) -> bool {
    let seconds = alarm.period.unwrap_or(60).max(1) * alarm.evaluation_periods.max(1);
    let looks_back = Duration::from_secs(u64::try_from(seconds).unwrap_or(0));
    let long = alarm
        .changed_at
        .is_some_and(|it| case.picture.at.since(it) > looks_back + PATIENCE);
    alarm.state == "INSUFFICIENT_DATA" && long && case.service.running_count > 0
}

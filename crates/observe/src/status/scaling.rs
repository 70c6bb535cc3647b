//! What scaling does just now.

use crate::{
    Moment, Picture,
    picture::{Policy, ScalingActivity, Service},
};
use serde::Serialize;
use std::{fmt, time::Duration};

/// A state of a service's scaling. Several may hold at once.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", tag = "state")]
pub enum ScalingState {
    /// Nothing holds it up and nothing is to be done.
    Idle,
    /// A policy has scaled out, and does not do so by a smaller count until then.
    CoolingDownOut {
        /// Until when.
        until: Moment,
    },
    /// A policy has scaled in, and does not do so again until then.
    CoolingDownIn {
        /// Until when.
        until: Moment,
    },
    /// Policies do not scale out, not in, or scheduled actions do nothing.
    Suspended {
        /// Which: `scale-out`, `scale-in`, `scheduled`.
        what: Vec<&'static str>,
    },
    /// There are as many tasks as it allows.
    AtMax {
        /// How many.
        count: i64,
    },
    /// There are bounds, and no policy moves the count.
    WithoutPolicy,
}

impl fmt::Display for ScalingState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ScalingState::Idle => f.write_str("idle"),
            ScalingState::CoolingDownOut { until } => {
                write!(f, "cooling down after scaling out, until {}", until.clock())
            }
            ScalingState::CoolingDownIn { until } => {
                write!(f, "cooling down after scaling in, until {}", until.clock())
            }
            ScalingState::Suspended { what } => write!(f, "suspended: {}", what.join(", ")),
            ScalingState::AtMax { count } => write!(f, "at max ({count})"),
            ScalingState::WithoutPolicy => f.write_str("no policy moves the count"),
        }
    }
}

/// The states of a service's scaling; none without a target.
pub(crate) fn states(picture: &Picture, service: &Service) -> Vec<ScalingState> {
    let Some(target) = picture.target_of(service) else {
        return Vec::new();
    };
    let mut states = Vec::new();
    let suspended = &target.suspended_state;
    let what = [
        (suspended.dynamic_scaling_out_suspended, "scale-out"),
        (suspended.dynamic_scaling_in_suspended, "scale-in"),
        (suspended.scheduled_scaling_suspended, "scheduled"),
    ];
    let what: Vec<&str> = what.into_iter().filter(|it| it.0).map(|it| it.1).collect();
    if !what.is_empty() {
        states.push(ScalingState::Suspended { what });
    }
    if service.desired_count >= target.max_capacity {
        let count = target.max_capacity;
        states.push(ScalingState::AtMax { count });
    }
    states.extend(cooling(picture, service));
    if picture.policies_of(service).next().is_none() {
        states.push(ScalingState::WithoutPolicy);
    }
    if states.is_empty() {
        states.push(ScalingState::Idle);
    }
    states
}

/// Whether the last activity of a policy is so near that its cooldown is not over.
fn cooling(picture: &Picture, service: &Service) -> Option<ScalingState> {
    let done: Vec<&ScalingActivity> = picture
        .scaling_activities_of(service)
        .filter(|it| it.status_code == "Successful" && it.count().is_some())
        .collect();
    let newest = done
        .iter()
        .position(|it| it.cause.contains("triggered policy"))?;
    let activity = done[newest];
    let policy = picture
        .policies_of(service)
        .find(|it| triggered(activity, it))?;
    let before = done.get(newest + 1).and_then(|it| it.count());
    let is_out = match before {
        Some(before) => activity.count() > Some(before),
        None => !activity.cause.contains("AlarmLow"),
    };
    let cooldown = match is_out {
        true => policy.scale_out_cooldown(),
        false => policy.scale_in_cooldown(),
    };
    let cooldown = Duration::from_secs(u64::try_from(cooldown).unwrap_or(0));
    let until = activity.end_time.unwrap_or(activity.start_time) + cooldown;
    (until > picture.at).then_some(match is_out {
        true => ScalingState::CoolingDownOut { until },
        false => ScalingState::CoolingDownIn { until },
    })
}

/// Whether a policy caused an activity. AWS says so at the end of the cause.
fn triggered(activity: &ScalingActivity, policy: &Policy) -> bool {
    let named = activity.cause.split_once("triggered policy ");
    named.is_some_and(|(_, name)| name.trim_end_matches('.') == policy.policy_name)
}

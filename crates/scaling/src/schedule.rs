//! Scheduled actions, from AWS's shape and to it.

use aws_sdk_applicationautoscaling::{
    primitives::{DateTime, DateTimeFormat},
    types::{ScalableTargetAction, ScheduledAction as Shown},
};
use setpoint_core::{AdapterError, ErrorKind, Result};
use setpoint_spec::kind::ScheduledAction;

/// A scheduled action as AWS shows it.
pub(crate) fn observed(shown: &Shown) -> ScheduledAction {
    let capacity = shown.scalable_target_action();
    let text = |it: &DateTime| it.fmt(DateTimeFormat::DateTime).ok();
    ScheduledAction {
        schedule: shown.schedule().to_owned(),
        // The zone of a schedule that names none.
        timezone: shown
            .timezone()
            .filter(|it| *it != "UTC")
            .map(str::to_owned),
        start_time: shown.start_time().and_then(text),
        end_time: shown.end_time().and_then(text),
        min_capacity: capacity.and_then(|it| it.min_capacity()),
        max_capacity: capacity.and_then(|it| it.max_capacity()),
    }
}

/// What an action sets.
pub(crate) fn capacity(desired: &ScheduledAction) -> ScalableTargetAction {
    ScalableTargetAction::builder()
        .set_min_capacity(desired.min_capacity)
        .set_max_capacity(desired.max_capacity)
        .build()
}

/// A time as it is sent.
pub(crate) fn time(text: Option<&String>) -> Result<Option<DateTime>> {
    let parsed = text.map(|it| DateTime::from_str(it, DateTimeFormat::DateTimeWithOffset));
    parsed.transpose().map_err(|err| AdapterError {
        operation: "application-autoscaling:PutScheduledAction".into(),
        kind: ErrorKind::Refused,
        source: err.into(),
    })
}

//! CloudWatch alarms.

use crate::Moment;
use serde::Serialize;

/// An alarm on a metric.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Alarm {
    /// Its name.
    pub name: String,
    /// `OK`, `ALARM` or `INSUFFICIENT_DATA`.
    pub state: String,
    /// Why, in CloudWatch's words.
    pub reason: String,
    /// When it last changed its state.
    pub changed_at: Option<Moment>,
    /// The metric's name.
    pub metric: Option<String>,
    /// The metric's namespace.
    pub namespace: Option<String>,
    /// The line.
    pub threshold: Option<f64>,
    /// `GreaterThanThreshold` and others.
    pub comparison: String,
    /// The period, in seconds.
    pub period: Option<i64>,
    /// How many periods are looked at.
    pub evaluation_periods: i64,
    /// How many of them must be beyond the line; AWS's default is all.
    pub datapoints_to_alarm: Option<i64>,
    /// Whether it does anything.
    pub actions_enabled: bool,
    /// What a period without data counts as.
    pub treat_missing_data: Option<String>,
}

/// A change of an alarm's state, as `cloudwatch:DescribeAlarmHistory` shows it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AlarmChange {
    /// The alarm's name.
    pub alarm: String,
    /// When.
    pub at: Moment,
    /// The state before.
    pub from: String,
    /// The state since.
    pub to: String,
    /// Why, in CloudWatch's words.
    pub reason: String,
    /// The newest values that decided it, newest last.
    pub values: Vec<f64>,
    /// The line.
    pub threshold: Option<f64>,
}

//! How alarms come to their states.

use super::{
    Event,
    alarm::{self, Watch},
    data, reason,
};
use crate::{Time, World, world};
use serde_json::Value;
use std::time::Duration;

/// How many periods more than it evaluates an alarm looks back for values. AWS does not say.
const FURTHER: usize = 2;

const MINUTE: Duration = Duration::from_secs(60);

/// What an alarm saw.
pub(crate) struct Seen {
    /// The starts of the periods it looked at and their values, newest first.
    pub(crate) points: Vec<(Time, Option<f64>)>,
}

/// What an alarm makes of what it saw.
pub(crate) struct Verdict {
    pub(crate) state: &'static str,
    /// The values that counted, newest first.
    pub(crate) evaluated: Vec<(Time, f64)>,
    /// How many missing ones were taken for something.
    pub(crate) filled: usize,
}

/// By how much an alarm is breached.
pub(crate) struct Breach {
    /// Its newest values, newest first: as many as it evaluates, or fewer.
    pub(crate) values: Vec<f64>,
    pub(crate) threshold: f64,
    /// Whether it is breached by what is greater.
    pub(crate) is_above: bool,
}

/// When an alarm is evaluated next: once a minute, or once a period if that is shorter, soon after
/// the values of a period arrive.
pub(crate) fn next(world: &World, watch: &Watch) -> Time {
    let pace = watch.period.min(MINUTE);
    let offset =
        (world.habits.metric_delay + Duration::from_secs(5)).as_millis() % pace.as_millis();
    let offset = Duration::from_millis(offset as u64);
    let mut next = world.now.floor(pace) + offset;
    while next <= world.now {
        next = next + pace;
    }
    next
}

/// An alarm looks at its metric.
pub(crate) fn evaluate(world: &mut World, name: &str) {
    let Some(alarm) = world.cloudwatch.alarms.get(name) else {
        return;
    };
    let at = next(world, &alarm.watch);
    let seen = look(world, &alarm.watch);
    let verdict = judge(&alarm.watch, &seen);
    let told = verdict
        .filter(|it| it.state != alarm.state.value)
        .map(|it| reason::of(&alarm.watch, &it, world.now));
    let event = world::Event::Cloudwatch(Event::Evaluate(name.to_owned()));
    world.agenda.once(at, event);
    match told {
        Some((state, text, data)) => alarm::enter(world, name, state, text, Some(data), false),
        None => alarm::tell(world, name, false),
    }
}

/// By how much an alarm is breached now, or by as much as whoever set its state said.
pub(crate) fn breach(world: &World, name: &str) -> Option<Breach> {
    let alarm = world.cloudwatch.alarms.get(name)?;
    let is_above = alarm.watch.comparison.starts_with("Greater");
    let said = alarm.state.data.as_deref().filter(|_| alarm.state.by_hand);
    let said = said.and_then(|it| serde_json::from_str::<Value>(it).ok());
    if let Some(said) = said {
        let points = said.get("recentDatapoints").and_then(Value::as_array);
        let values = points.into_iter().flatten().rev().filter_map(Value::as_f64);
        let threshold = said.get("threshold").and_then(Value::as_f64);
        return Some(Breach {
            values: values.collect(),
            threshold: threshold.unwrap_or(alarm.watch.threshold),
            is_above,
        });
    }
    let seen = look(world, &alarm.watch).points;
    let values = seen.into_iter().filter_map(|(_, it)| it);
    Some(Breach {
        values: values.take(alarm.watch.evaluation_periods).collect(),
        threshold: alarm.watch.threshold,
        is_above,
    })
}

/// The values of whole periods. The newest counts once it has arrived, or should have.
fn look(world: &World, watch: &Watch) -> Seen {
    let whole = world.now.floor(watch.period);
    let due = (world.now - world.habits.metric_delay).floor(watch.period);
    let count = watch.evaluation_periods + FURTHER;
    let length = watch.period * u32::try_from(count).unwrap_or(u32::MAX);
    let answers = data::answers(world, &watch.queries, due - length, whole);
    let series = answers
        .ok()
        .and_then(|mut it| it.remove(&watch.id))
        .unwrap_or_default();
    let is_early = due < whole && series.contains_key(&(whole - watch.period));
    let end = if is_early { whole } else { due };
    let starts = std::iter::successors(Some(end - watch.period), |it| Some(*it - watch.period));
    let points = starts.take(count).map(|at| (at, series.get(&at).copied()));
    Seen {
        points: points.collect(),
    }
}

/// Whether a value is beyond the threshold.
pub(crate) fn is_breaching(watch: &Watch, value: f64) -> bool {
    match watch.comparison.as_str() {
        "GreaterThanThreshold" => value > watch.threshold,
        "GreaterThanOrEqualToThreshold" => value >= watch.threshold,
        "LessThanThreshold" => value < watch.threshold,
        _ => value <= watch.threshold,
    }
}

/// The state that follows from what is seen; none, if it stays as it is.
fn judge(watch: &Watch, seen: &Seen) -> Option<Verdict> {
    let count = watch.evaluation_periods;
    let needed = watch.datapoints_to_alarm.unwrap_or(count);
    let real: Vec<(Time, f64)> = seen
        .points
        .iter()
        .filter_map(|(at, value)| Some((*at, (*value)?)))
        .take(count)
        .collect();
    let breaching = real
        .iter()
        .filter(|(_, it)| is_breaching(watch, *it))
        .count();
    let lacking = count - real.len();
    let verdict = |state: &'static str, filled: usize| {
        Some(Verdict {
            state,
            evaluated: real.clone(),
            filled,
        })
    };
    let of = |breaching: usize| if breaching >= needed { "ALARM" } else { "OK" };
    if lacking == 0 || breaching >= needed {
        return verdict(of(breaching), 0);
    }
    match watch.missing.as_str() {
        "breaching" => verdict(of(breaching + lacking), lacking),
        "notBreaching" => verdict(of(breaching), lacking),
        _ if breaching < real.len() => verdict("OK", 0),
        "ignore" => None,
        _ if real.is_empty() => verdict("INSUFFICIENT_DATA", 0),
        // All there is breaches: an alarm, if it began as long ago as an alarm takes.
        _ => {
            let oldest = seen.points.iter().rposition(|(_, it)| it.is_some());
            let is_long_enough = oldest.is_some_and(|it| it + 1 >= needed);
            is_long_enough.then(|| verdict("ALARM", 0)).flatten()
        }
    }
}

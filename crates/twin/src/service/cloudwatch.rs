//! Amazon CloudWatch: metrics and alarms.

mod alarm;
mod composite;
mod data;
mod describe;
mod evaluation;
mod expression;
mod history;
mod list;
mod math;
mod metric;
mod publish;
mod query;
mod reason;
mod retag;
mod statistic;
mod statistics;
mod write;

use crate::{Action, Time, World, service::tags::Tags};
use composite::Composite;
use history::Item;
use metric::Metric;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, time::Duration};

pub(crate) use alarm::Alarm;
pub(crate) use evaluation::{Breach, breach};
pub(crate) use write::define;

/// The service's part of the world.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Cloudwatch {
    /// By namespace, name and dimensions.
    metrics: BTreeMap<String, Metric>,
    /// By name.
    alarms: BTreeMap<String, Alarm>,
    /// By name.
    composites: BTreeMap<String, Composite>,
    /// What happened to alarms, oldest first.
    history: Vec<Item>,
}

impl Cloudwatch {
    /// A metric alarm by its name.
    pub(crate) fn alarm(&self, name: &str) -> Option<&Alarm> {
        self.alarms.get(name)
    }

    /// Every metric alarm, by name.
    pub(crate) fn alarms(&self) -> impl Iterator<Item = &Alarm> {
        self.alarms.values()
    }
}

/// The service's actions.
pub fn actions() -> Vec<Action> {
    [
        publish::actions(),
        data::actions(),
        statistics::actions(),
        list::actions(),
        write::actions(),
        describe::actions(),
        history::actions(),
        alarm::actions(),
        composite::actions(),
        retag::actions(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Something that happens by itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Event {
    /// An alarm looks at its metric.
    Evaluate(String),
}

/// Lets it happen.
pub fn happen(world: &mut World, event: Event) {
    match event {
        Event::Evaluate(alarm) => evaluation::evaluate(world, &alarm),
    }
}

/// Every tagged resource, by ARN, as the tagging API lists it.
pub fn tagged(world: &World) -> Vec<(String, Tags)> {
    let cloudwatch = &world.cloudwatch;
    let alarms = cloudwatch.alarms.values().map(|it| (&it.arn, &it.tags));
    let composites = cloudwatch.composites.values();
    alarms
        .chain(composites.map(|it| (&it.arn, &it.tags)))
        .filter(|(_, tags)| !tags.is_empty())
        .map(|(arn, tags)| (arn.clone(), tags.clone()))
        .collect()
}

/// One value of a metric.
#[derive(Clone, Debug, PartialEq)]
pub struct Datum {
    /// Such as `AWS/ECS`.
    pub namespace: String,
    /// Such as `CPUUtilization`.
    pub name: String,
    /// Such as ClusterName and ServiceName.
    pub dimensions: BTreeMap<String, String>,
    /// The moment it speaks of.
    pub at: Time,
    /// The value.
    pub value: f64,
    /// Such as `Percent`.
    pub unit: String,
}

/// Takes in a value, as PutMetricData does.
pub fn put(world: &mut World, datum: Datum) {
    let sample = metric::Sample::of(datum.at.floor(Duration::from_secs(1)), datum.value);
    let key = metric::key(&datum.namespace, &datum.name, &datum.dimensions);
    let new = || Metric::new(&datum.namespace, &datum.name, &datum.dimensions);
    let metric = world.cloudwatch.metrics.entry(key).or_insert_with(new);
    metric.add(&datum.unit, sample, world.now);
}

/// An alarm that a service makes for itself (target tracking, managed scaling).
#[derive(Clone, Debug, PartialEq)]
pub struct NewAlarm {
    /// Its name.
    pub name: String,
    /// Its description.
    pub description: String,
    /// The namespace, metric, dimensions and statistic it watches.
    pub namespace: String,
    /// Such as `CPUUtilization`.
    pub metric: String,
    /// Such as ClusterName and ServiceName.
    pub dimensions: BTreeMap<String, String>,
    /// Such as `Average`.
    pub statistic: String,
    /// Such as `Percent`.
    pub unit: Option<String>,
    /// `GreaterThanThreshold`, `LessThanThreshold`, …
    pub comparison: String,
    /// The threshold.
    pub threshold: f64,
    /// The length of a period.
    pub period: Duration,
    /// How many periods are looked at.
    pub evaluation_periods: u32,
    /// ARNs that are told while it is in ALARM.
    pub actions: Vec<String>,
}

/// Makes or overwrites an alarm; answers its ARN.
pub fn put_alarm(world: &mut World, alarm: NewAlarm) -> String {
    write::put(world, alarm)
}

/// Deletes an alarm, if it is there.
pub fn delete_alarm(world: &mut World, name: &str) {
    alarm::remove(world, name);
}

/// The newest value of a metric by period, newest first: averages over whole periods, those that
/// have arrived by now (`Habits::metric_delay`).
pub fn averages(
    world: &World,
    namespace: &str,
    metric: &str,
    dimensions: &BTreeMap<String, String>,
    period: Duration,
    count: usize,
) -> Vec<Option<f64>> {
    let key = metric::key(namespace, metric, dimensions);
    let Some(metric) = world.cloudwatch.metrics.get(&key) else {
        return vec![None; count];
    };
    let end = (world.now - world.habits.metric_delay).floor(period);
    let starts = std::iter::successors(Some(end - period), |it| Some(*it - period));
    starts
        .take(count)
        .map(|from| {
            let pool = metric.pool(None, from, from + period)?;
            Some(statistic::Statistic::Average.of(&pool))
        })
        .collect()
}

#[cfg(test)]
mod tests;

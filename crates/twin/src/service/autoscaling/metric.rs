//! A group's own metrics.

use super::{
    Event, create,
    refusal::{invalid, lasting},
    types::METRICS,
};
use crate::{
    Action, Answer, Input, Refusal, World,
    service::cloudwatch::{self, Datum},
    world,
};
use serde_json::json;
use std::{collections::BTreeMap, time::Duration};

const MINUTE: Duration = Duration::from_secs(60);

pub(super) fn actions() -> Vec<Action> {
    vec![
        Action::on("EnableMetricsCollection", enable, create::on_group),
        Action::on("DisableMetricsCollection", disable, create::on_group),
    ]
}

/// The metrics that a request names; all of them if it names none.
fn named(input: &Input) -> Result<Vec<&str>, Refusal> {
    let names = input.texts("Metrics");
    match names.iter().find(|it| !METRICS.contains(it)) {
        Some(other) => Err(invalid(format!("Invalid metric: {other}"))),
        None if names.is_empty() => Ok(METRICS.to_vec()),
        None => Ok(names),
    }
}

fn enable(world: &mut World, input: &Input) -> Answer {
    let name = lasting(world, input.text("AutoScalingGroupName"))?;
    if input.text("Granularity") != "1Minute" {
        return Err(invalid("The only valid granularity is 1Minute."));
    }
    let metrics = named(input)?;
    if let Some(group) = world.autoscaling.groups.get_mut(&name) {
        group.metrics.extend(metrics.into_iter().map(str::to_owned));
    }
    watch(world, &name);
    Ok(json!({}))
}

fn disable(world: &mut World, input: &Input) -> Answer {
    let name = lasting(world, input.text("AutoScalingGroupName"))?;
    let metrics = named(input)?;
    if let Some(group) = world.autoscaling.groups.get_mut(&name) {
        group.metrics.retain(|it| !metrics.contains(&it.as_str()));
    }
    Ok(json!({}))
}

fn watch(world: &mut World, name: &str) {
    let at = world.now.floor(MINUTE) + MINUTE;
    let event = world::Event::Autoscaling(Event::Metrics(name.to_owned()));
    world.agenda.once(at, event);
}

/// Publishes what is enabled, and again in a minute.
pub(super) fn publish(world: &mut World, name: &str) {
    let Some(group) = world.autoscaling.groups.get(name) else {
        return;
    };
    if group.metrics.is_empty() {
        return;
    }
    let count = |prefix: &str| {
        let members = group.members.values();
        members
            .filter(|it| it.lifecycle.starts_with(prefix))
            .count() as i64
    };
    let value = |metric: &str| match metric {
        "GroupMinSize" => group.min,
        "GroupMaxSize" => group.max,
        "GroupDesiredCapacity" | "GroupAndWarmPoolDesiredCapacity" => group.desired,
        "GroupInServiceInstances" | "GroupInServiceCapacity" => count("InService"),
        "GroupPendingInstances" | "GroupPendingCapacity" => count("Pending"),
        "GroupStandbyInstances" | "GroupStandbyCapacity" => count("Standby"),
        "GroupTerminatingInstances" | "GroupTerminatingCapacity" => count("Terminating"),
        metric if metric.starts_with("WarmPool") => 0,
        _ => group.members.len() as i64,
    };
    let dimensions = BTreeMap::from([("AutoScalingGroupName".to_owned(), name.to_owned())]);
    let data: Vec<Datum> = group
        .metrics
        .iter()
        .map(|metric| Datum {
            namespace: "AWS/AutoScaling".into(),
            name: metric.clone(),
            dimensions: dimensions.clone(),
            at: world.now,
            value: value(metric) as f64,
            unit: "None".into(),
        })
        .collect();
    for datum in data {
        cloudwatch::put(world, datum);
    }
    watch(world, name);
}

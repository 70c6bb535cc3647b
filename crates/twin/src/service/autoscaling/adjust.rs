//! What scaling policies do.

use super::{
    Group, Policy, ask, capacity, create, policy,
    refusal::{invalid, lasting},
};
use crate::{Action, Answer, Input, Refusal, World, service::cloudwatch};
use serde_json::{Value, json};
use std::{collections::BTreeMap, time::Duration};

pub(super) fn actions() -> Vec<Action> {
    vec![Action::on("ExecutePolicy", execute, create::on_group)]
}

fn execute(world: &mut World, input: &Input) -> Answer {
    let asked = (input.text("AutoScalingGroupName"), input.text("PolicyName"));
    let (group, name) = policy::find(world, asked.0, asked.1)?;
    let group = lasting(world, &group)?;
    let group = &world.autoscaling.groups[&group];
    let policy = &group.policies[&name];
    let breach = match (input.number("MetricValue"), input.number("BreachThreshold")) {
        (Some(value), Some(threshold)) => Some(value - threshold),
        _ => None,
    };
    let by = match policy.kind() {
        "SimpleScaling" => policy.document["ScalingAdjustment"].as_i64(),
        "StepScaling" => {
            let breach = breach.ok_or_else(|| {
                invalid("MetricValue and BreachThreshold are required for step scaling policies.")
            })?;
            Some(step(policy, breach).ok_or_else(|| {
                invalid("The metric value does not correspond to a step adjustment of the policy.")
            })?)
        }
        other => {
            return Err(invalid(format!(
                "A policy of type {other} cannot be executed."
            )));
        }
    };
    if input.flag("HonorCooldown") && policy.kind() == "SimpleScaling" {
        capacity::check_cooldown(world, group)?;
    }
    let cause = format!("a user request executed policy {name}");
    let group = group.name.clone();
    adjust(world, &group, &name, by.unwrap_or(0), &cause)?;
    Ok(json!({}))
}

/// The adjustment of the step that a breach falls into, counted from the alarm's threshold.
fn step(policy: &Policy, breach: f64) -> Option<i64> {
    let steps = policy.document["StepAdjustments"].as_array()?;
    let falls = |it: &&Value| {
        let lower = it["MetricIntervalLowerBound"].as_f64();
        let upper = it["MetricIntervalUpperBound"].as_f64();
        // Above the threshold a step begins at its lower bound, below it at its upper one.
        match breach >= 0.0 {
            true => lower.is_none_or(|it| breach >= it) && upper.is_none_or(|it| breach < it),
            false => lower.is_none_or(|it| breach > it) && upper.is_none_or(|it| breach <= it),
        }
    };
    steps.iter().find(falls)?["ScalingAdjustment"].as_i64()
}

/// Changes the capacity as a simple or a step policy says.
fn adjust(
    world: &mut World,
    name: &str,
    policy: &str,
    by: i64,
    cause: &str,
) -> Result<(), Refusal> {
    let group = super::refusal::named(world, name)?;
    let policy = &group.policies[policy];
    let simple = policy.kind() == "SimpleScaling";
    let kind = policy.document["AdjustmentType"].as_str();
    let least = policy.document["MinAdjustmentMagnitude"].as_i64();
    let least = least.or(policy.document["MinAdjustmentStep"].as_i64());
    let desired = match kind.unwrap_or_default() {
        "ExactCapacity" => by,
        "PercentChangeInCapacity" => {
            let change = rounded(group.desired as f64 * by as f64 / 100.0);
            let least = least.unwrap_or(1).max(0) * by.signum();
            group.desired
                + if change.abs() < least.abs() {
                    least
                } else {
                    change
                }
        }
        _ => group.desired + by,
    };
    let desired = desired.max(group.min).min(group.max);
    let cooldown = policy.document["Cooldown"].as_i64();
    let cooldown = cooldown.or(group.number("DefaultCooldown")).unwrap_or(300);
    let changes = desired != group.desired;
    capacity::change(world, name, desired, cause);
    let now = world.now;
    if let Some(group) = world
        .autoscaling
        .groups
        .get_mut(name)
        .filter(|_| changes && simple)
    {
        group.cooldown = cooldown;
        group.cooling_until = Some(now + seconds(cooldown));
    }
    Ok(())
}

/// A percentage of a capacity is rounded towards zero, but to one at least.
fn rounded(change: f64) -> i64 {
    match change.abs() < 1.0 {
        true => change.signum() as i64,
        false => change.trunc() as i64,
    }
}

fn seconds(count: i64) -> Duration {
    Duration::from_secs(count.max(0) as u64)
}

/// A scaling activity ended: the cooldown that a simple policy asked for begins.
pub(super) fn cool(world: &mut World, name: &str) {
    let now = world.now;
    if let Some(group) = world
        .autoscaling
        .groups
        .get_mut(name)
        .filter(|it| it.cooldown > 0)
    {
        group.cooling_until = Some(now + seconds(group.cooldown));
        if group.size() == group.desired {
            group.cooldown = 0;
        }
    }
}

/// An alarm asks a policy to act.
pub(super) fn alarm_fires(world: &mut World, action: &str, alarm: &str) {
    let Ok((group, name)) = policy::find(world, "", action) else {
        return;
    };
    let it = &world.autoscaling.groups[&group];
    let policy = it.policies[&name].clone();
    let enabled = policy.document["Enabled"] != json!(false);
    // What ECS keeps, ECS does.
    if policy.managed || !enabled || it.deleting || it.is_suspended("AlarmNotification") {
        return;
    }
    let cause = format!("a monitor alarm {alarm} in state ALARM triggered policy {name}");
    match policy.kind() {
        "SimpleScaling" if capacity::check_cooldown(world, it).is_ok() => {
            let by = policy.document["ScalingAdjustment"].as_i64().unwrap_or(0);
            let _refused = adjust(world, &group, &name, by, &cause);
        }
        "StepScaling" => {
            let by = breach(world, alarm).and_then(|it| step(&policy, it));
            if let Some(by) = by.filter(|by| *by > 0 || is_calm(world, &group)) {
                let _refused = adjust(world, &group, &name, by, &cause);
            }
        }
        "TargetTrackingScaling" => track(world, &group, &policy, &cause),
        _ => {}
    }
}

/// Whether no instance is on its way in or warming up.
fn is_calm(world: &World, group: &str) -> bool {
    let Some(group) = world.autoscaling.groups.get(group) else {
        return false;
    };
    let warmup = seconds(group.warmup());
    group.size() >= group.desired
        && group.live().all(|(_, it)| {
            it.in_service_at
                .is_some_and(|since| world.now.since(since) >= warmup)
        })
}

/// By how much the metric of an alarm is above its threshold.
fn breach(world: &mut World, alarm: &str) -> Option<f64> {
    let found = ask(
        world,
        "monitoring",
        "DescribeAlarms",
        json!({ "AlarmNames": [alarm] }),
    )?;
    let alarm = found["MetricAlarms"].get(0)?;
    let dimensions = alarm["Dimensions"].as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let dimensions: BTreeMap<String, String> = dimensions
        .iter()
        .map(|it| (text(&it["Name"]), text(&it["Value"])))
        .collect();
    let newest = newest(
        world,
        &text(&alarm["Namespace"]),
        &text(&alarm["MetricName"]),
        &dimensions,
        alarm["Period"].as_u64().unwrap_or(60),
    )?;
    Some(newest - alarm["Threshold"].as_f64()?)
}

fn newest(
    world: &World,
    namespace: &str,
    metric: &str,
    dimensions: &BTreeMap<String, String>,
    period: u64,
) -> Option<f64> {
    let period = Duration::from_secs(period);
    let values = cloudwatch::averages(world, namespace, metric, dimensions, period, 3);
    values.into_iter().flatten().next()
}

/// Moves the capacity so that the metric comes near its target.
fn track(world: &mut World, name: &str, policy: &Policy, cause: &str) {
    let configuration = &policy.document["TargetTrackingConfiguration"];
    let target = configuration["TargetValue"].as_f64().unwrap_or(0.0);
    let Some(metric) = policy::metric(name, configuration) else {
        return;
    };
    let value = newest(
        world,
        &metric.namespace,
        &metric.name,
        &metric.dimensions,
        metric.period,
    );
    let Some(group) = world.autoscaling.groups.get(name) else {
        return;
    };
    let (Some(value), true) = (value, target > 0.0) else {
        return;
    };
    let mut desired = wanted(group, value / target);
    if desired < group.desired {
        if configuration["DisableScaleIn"] == json!(true) || !is_calm(world, name) {
            return;
        }
        desired = desired.max(group.desired - world.habits.scale_in_step.max(1));
    }
    super::set_desired(world, name, desired, cause);
}

/// How many instances the load would keep at the target: rounded up, and not fewer than would keep
/// it at or below.
fn wanted(group: &Group, load: f64) -> i64 {
    let serving = group.live().filter(|(_, it)| it.in_service()).count();
    let wanted = (serving as f64 * load).ceil() as i64;
    match load > 1.0 {
        true => wanted.max(group.desired),
        false => wanted.max(0),
    }
}

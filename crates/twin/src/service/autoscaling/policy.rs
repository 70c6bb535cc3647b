//! Scaling policies.

use super::{
    create,
    refusal::{invalid, lasting, named, paged},
};
use crate::{
    Action, Answer, Input, Refusal, World,
    service::cloudwatch::{self, NewAlarm},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::{collections::BTreeMap, time::Duration};

/// A scaling policy.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Policy {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// What DescribePolicies shows of it, but for its group and alarms.
    pub document: Value,
    /// The names and ARNs of the alarms that it made, or that were made for it.
    pub alarms: Value,
    /// Whether ECS keeps it, and does what it says.
    pub managed: bool,
}

impl Policy {
    /// `SimpleScaling`, `StepScaling`, `TargetTrackingScaling`, …
    pub(super) fn kind(&self) -> &str {
        self.document["PolicyType"].as_str().unwrap_or_default()
    }
}

pub(super) fn actions() -> Vec<Action> {
    vec![
        Action::on("PutScalingPolicy", put, create::on_group),
        Action::on("DeletePolicy", delete, create::on_group),
        Action::new("DescribePolicies", describe),
    ]
}

fn put(world: &mut World, input: &Input) -> Answer {
    let group = lasting(world, input.text("AutoScalingGroupName"))?;
    let name = input.text("PolicyName");
    let kind = input.maybe("PolicyType").unwrap_or("SimpleScaling");
    check(input, kind)?;
    let mut document = json!({
        "PolicyName": name,
        "PolicyType": kind,
        "Enabled": input.get("Enabled") != Some(&json!(false)),
    });
    let members = [
        "AdjustmentType",
        "MinAdjustmentStep",
        "MinAdjustmentMagnitude",
        "ScalingAdjustment",
        "Cooldown",
        "MetricAggregationType",
        "StepAdjustments",
        "EstimatedInstanceWarmup",
        "TargetTrackingConfiguration",
        "PredictiveScalingConfiguration",
    ];
    for member in members {
        if let Some(value) = input.get(member) {
            document[member] = value.clone();
        }
    }
    if kind == "TargetTrackingScaling" {
        let configuration = &mut document["TargetTrackingConfiguration"];
        if configuration.get("DisableScaleIn").is_none() {
            configuration["DisableScaleIn"] = json!(false);
        }
    }
    if kind == "StepScaling" && document.get("MetricAggregationType").is_none() {
        document["MetricAggregationType"] = json!("Average");
    }
    let old = world.autoscaling.groups[&group].policies.get(name).cloned();
    let arn = match &old {
        Some(old) => old.arn.clone(),
        None => new_arn(world, &group, name),
    };
    // A policy of the user's own keeps the alarms that the user gave it.
    let mut alarms = json!([]);
    if let Some(old) = &old {
        drop_alarms(world, old);
    }
    if kind == "TargetTrackingScaling" {
        alarms = make_alarms(
            world,
            &group,
            &arn,
            &document["TargetTrackingConfiguration"],
        );
    }
    let policy = Policy {
        name: name.to_owned(),
        arn: arn.clone(),
        document,
        alarms: alarms.clone(),
        managed: false,
    };
    if let Some(group) = world.autoscaling.groups.get_mut(&group) {
        group.policies.insert(name.to_owned(), policy);
    }
    Ok(json!({ "PolicyARN": arn, "Alarms": alarms }))
}

fn new_arn(world: &mut World, group: &str, name: &str) -> String {
    let id = world.ids.uuid();
    let rest = format!("scalingPolicy:{id}:autoScalingGroupName/{group}:policyName/{name}");
    world.arn("autoscaling", &rest)
}

fn check(input: &Input, kind: &str) -> Result<(), Refusal> {
    let needs: &[&str] = match kind {
        "SimpleScaling" => &["AdjustmentType", "ScalingAdjustment"],
        "StepScaling" => &["AdjustmentType", "StepAdjustments"],
        "TargetTrackingScaling" => &["TargetTrackingConfiguration"],
        "PredictiveScaling" => &["PredictiveScalingConfiguration"],
        _ => return Err(invalid(format!("Invalid policy type: {kind}"))),
    };
    if let Some(missing) = needs.iter().find(|it| !input.has(it)) {
        return Err(invalid(format!(
            "You must specify {missing} for policy type: {kind}"
        )));
    }
    let types = super::types::ADJUSTMENTS;
    if let Some(other) = input
        .maybe("AdjustmentType")
        .filter(|it| !types.contains(it))
    {
        return Err(invalid(format!("Invalid adjustment type: {other}")));
    }
    if kind == "TargetTrackingScaling" {
        let configuration = input.get("TargetTrackingConfiguration");
        let has = |name: &str| configuration.is_some_and(|it| it.get(name).is_some());
        let (given, own) = (
            has("PredefinedMetricSpecification"),
            has("CustomizedMetricSpecification"),
        );
        if given == own {
            return Err(invalid(
                "You must specify either a predefined or a customized metric specification.",
            ));
        }
    }
    Ok(())
}

/// The metric that a target tracking policy watches: namespace, name, dimensions, statistic, unit.
pub(super) struct Metric {
    pub(super) namespace: String,
    pub(super) name: String,
    pub(super) dimensions: BTreeMap<String, String>,
    pub(super) statistic: String,
    pub(super) unit: Option<String>,
    pub(super) period: u64,
}

/// The metric of a target tracking configuration. None if it is an expression over several.
pub(super) fn metric(group: &str, configuration: &Value) -> Option<Metric> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let own = &configuration["CustomizedMetricSpecification"];
    if let Some(name) = own["MetricName"].as_str() {
        let dimensions = own["Dimensions"].as_array().cloned().unwrap_or_default();
        return Some(Metric {
            namespace: text(&own["Namespace"]),
            name: name.to_owned(),
            dimensions: dimensions
                .iter()
                .map(|it| (text(&it["Name"]), text(&it["Value"])))
                .collect(),
            statistic: own["Statistic"].as_str().unwrap_or("Average").to_owned(),
            unit: own["Unit"].as_str().map(str::to_owned),
            period: own["Period"].as_u64().unwrap_or(60),
        });
    }
    let given = &configuration["PredefinedMetricSpecification"];
    let kind = given["PredefinedMetricType"].as_str()?;
    let mut metric = Metric {
        namespace: "AWS/EC2".into(),
        name: "CPUUtilization".into(),
        dimensions: BTreeMap::from([("AutoScalingGroupName".into(), group.to_owned())]),
        statistic: "Average".into(),
        unit: None,
        period: 60,
    };
    match kind {
        "ASGAverageNetworkIn" => metric.name = "NetworkIn".into(),
        "ASGAverageNetworkOut" => metric.name = "NetworkOut".into(),
        "ASGAverageCPUUtilizationHighResolution" => metric.period = 20,
        "ALBRequestCountPerTarget" => {
            // `app/<name>/<id>/targetgroup/<name>/<id>`
            let label = text(&given["ResourceLabel"]);
            let place = label.find("targetgroup/")?;
            let (balancer, target) = label.split_at(place);
            metric.namespace = "AWS/ApplicationELB".into();
            metric.name = "RequestCountPerTarget".into();
            metric.statistic = "Sum".into();
            metric.dimensions = BTreeMap::from([
                ("LoadBalancer".into(), balancer.trim_matches('/').to_owned()),
                ("TargetGroup".into(), target.to_owned()),
            ]);
        }
        _ => {}
    }
    Some(metric)
}

fn make_alarms(world: &mut World, group: &str, arn: &str, configuration: &Value) -> Value {
    let target = configuration["TargetValue"].as_f64().unwrap_or(0.0);
    let Some(metric) = metric(group, configuration) else {
        // An expression over several metrics has no single one to be watched.
        return json!([]);
    };
    let low = configuration["DisableScaleIn"] != json!(true);
    let kinds = [
        ("AlarmHigh", "GreaterThanThreshold", target, 3),
        ("AlarmLow", "LessThanThreshold", target * 0.9, 15),
    ];
    let mut made = Vec::new();
    for (kind, comparison, threshold, evaluation_periods) in kinds {
        if kind == "AlarmLow" && !low {
            continue;
        }
        let name = format!("TargetTracking-{group}-{kind}-{}", world.ids.uuid());
        let alarm = NewAlarm {
            name: name.clone(),
            description: format!("DO NOT EDIT OR DELETE. For TargetTrackingScaling policy {arn}."),
            namespace: metric.namespace.clone(),
            metric: metric.name.clone(),
            dimensions: metric.dimensions.clone(),
            statistic: metric.statistic.clone(),
            unit: metric.unit.clone(),
            comparison: comparison.into(),
            threshold,
            period: Duration::from_secs(metric.period),
            evaluation_periods,
            actions: vec![arn.to_owned()],
        };
        let arn = cloudwatch::put_alarm(world, alarm);
        made.push(json!({ "AlarmName": name, "AlarmARN": arn }));
    }
    made.into()
}

/// Deletes the alarms of a target tracking policy. Those of other policies are the user's.
pub(super) fn drop_alarms(world: &mut World, policy: &Policy) {
    if policy.managed || policy.kind() != "TargetTrackingScaling" {
        return;
    }
    let alarms = policy.alarms.as_array().cloned().unwrap_or_default();
    for alarm in alarms.iter().filter_map(|it| it["AlarmName"].as_str()) {
        cloudwatch::delete_alarm(world, alarm);
    }
}

/// Adds or replaces a policy that ECS keeps; answers its ARN.
pub(super) fn put_managed(
    world: &mut World,
    group: &str,
    name: &str,
    configuration: Value,
    alarms: Value,
) -> String {
    let Some(it) = world.autoscaling.groups.get(group) else {
        return String::new();
    };
    let old = it.policies.get(name).map(|it| it.arn.clone());
    let arn = old.unwrap_or_else(|| new_arn(world, group, name));
    let policy = Policy {
        name: name.to_owned(),
        arn: arn.clone(),
        document: json!({
            "PolicyName": name,
            "PolicyType": "TargetTrackingScaling",
            "EstimatedInstanceWarmup": 300,
            "TargetTrackingConfiguration": configuration,
            "Enabled": true,
        }),
        alarms,
        managed: true,
    };
    if let Some(group) = world.autoscaling.groups.get_mut(group) {
        group.policies.insert(name.to_owned(), policy);
    }
    arn
}

/// The group and the name of a policy by its name or ARN.
pub(super) fn find(world: &World, group: &str, policy: &str) -> Result<(String, String), Refusal> {
    if group.is_empty() && !policy.starts_with("arn:") {
        return Err(invalid(
            "AutoScalingGroupName is required when PolicyName is not an ARN",
        ));
    }
    if !group.is_empty() {
        named(world, group)?;
    }
    let name = super::group::name_in(group);
    for it in world.autoscaling.groups.values() {
        let found = it.policies.values();
        let mut found = found.filter(|it| it.name == policy || it.arn == policy);
        if let Some(found) = found.next().filter(|_| group.is_empty() || it.name == name) {
            return Ok((it.name.clone(), found.name.clone()));
        }
    }
    Err(invalid(format!(
        "Policy name not found - No such policy: {policy}"
    )))
}

fn delete(world: &mut World, input: &Input) -> Answer {
    let asked = (input.text("AutoScalingGroupName"), input.text("PolicyName"));
    let (group, name) = find(world, asked.0, asked.1)?;
    let policies = world.autoscaling.groups.get_mut(&group);
    if let Some(policy) = policies.and_then(|it| it.policies.remove(&name)) {
        drop_alarms(world, &policy);
    }
    Ok(json!({}))
}

fn describe(world: &mut World, input: &Input) -> Answer {
    let group = input.maybe("AutoScalingGroupName");
    if let Some(group) = group {
        named(world, group)?;
    }
    let group = group.map(super::group::name_in);
    let (names, kinds) = (input.texts("PolicyNames"), input.texts("PolicyTypes"));
    if names.len() > 50 {
        return Err(invalid("You can specify at most 50 policy names."));
    }
    let mut shown = Vec::new();
    for it in world.autoscaling.groups.values() {
        if group.is_some_and(|name| name != it.name) {
            continue;
        }
        for policy in it.policies.values() {
            let both = [policy.name.as_str(), policy.arn.as_str()];
            let named = names.is_empty() || both.iter().any(|it| names.contains(it));
            if named && (kinds.is_empty() || kinds.contains(&policy.kind())) {
                let mut one = policy.document.clone();
                one["AutoScalingGroupName"] = json!(it.name);
                one["PolicyARN"] = json!(policy.arn);
                one["Alarms"] = policy.alarms.clone();
                shown.push(one);
            }
        }
    }
    paged(&shown, input, "ScalingPolicies", 50, 100)
}

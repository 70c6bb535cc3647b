//! Target tracking: a metric is kept near a value by two alarms.

use super::{count, invalid, place, policy::Policy, target::Target};
use crate::{Refusal, World, service::cloudwatch};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// The greatest target that is taken: two to the power of 360.
const GREATEST: f64 = 2.348_542_582_773_833e108;

/// What a cooldown lasts where none is given, in seconds.
pub(super) const COOLDOWN: i64 = 300;

/// The alarms of a policy, by name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Alarms {
    pub(super) high: String,
    /// None, if the policy does not scale in.
    pub(super) low: Option<String>,
}

impl Alarms {
    /// The names of both.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        [Some(&self.high), self.low.as_ref()]
            .into_iter()
            .flatten()
            .map(String::as_str)
    }
}

/// The value that a policy aims at.
pub(super) fn target_value(configuration: &Value) -> f64 {
    let target = configuration.get("TargetValue").and_then(Value::as_f64);
    target.unwrap_or_default()
}

/// Whether a policy scales out only.
pub(super) fn never_scales_in(configuration: &Value) -> bool {
    configuration.get("DisableScaleIn").and_then(Value::as_bool) == Some(true)
}

/// Refuses what no policy can follow.
pub(super) fn check(
    world: &World,
    target: &Target,
    name: &str,
    configuration: &Value,
) -> Result<(), Refusal> {
    let value = target_value(configuration);
    if value <= 0.0 || value > GREATEST {
        return Err(invalid(
            "TargetValue must be greater than 0 and at most 2^360.",
        ));
    }
    for name in ["ScaleOutCooldown", "ScaleInCooldown"] {
        if configuration
            .get(name)
            .and_then(Value::as_i64)
            .is_some_and(|it| it < 0)
        {
            return Err(invalid(format!(
                "{name} must be greater than or equal to 0."
            )));
        }
    }
    let predefined = configuration.get("PredefinedMetricSpecification");
    let customized = configuration.get("CustomizedMetricSpecification");
    match (predefined, customized) {
        (Some(metric), None) => check_predefined(world, target, metric)?,
        (None, Some(metric)) => check_customized(metric)?,
        _ => {
            return Err(invalid(
                "Exactly one of PredefinedMetricSpecification and CustomizedMetricSpecification \
                 must be specified.",
            ));
        }
    }
    let same = |it: &&Policy| {
        it.name != name
            && it.kind == "TargetTrackingScaling"
            && it.configuration.get("PredefinedMetricSpecification") == predefined
            && it.configuration.get("CustomizedMetricSpecification") == customized
    };
    match target.policies.values().find(same) {
        None => Ok(()),
        Some(_) => Err(invalid(
            "Only one TargetTrackingScaling policy for a given metric specification is allowed.",
        )),
    }
}

fn check_predefined(world: &World, target: &Target, metric: &Value) -> Result<(), Refusal> {
    let named = text(metric, "PredefinedMetricType");
    let label = metric.get("ResourceLabel").and_then(Value::as_str);
    if named == "ALBRequestCountPerTarget" {
        let parts: Vec<&str> = label.unwrap_or_default().split('/').collect();
        let is_label = parts.len() == 6 && parts[0] == "app" && parts[3] == "targetgroup";
        return match is_label {
            true => Ok(()),
            false => Err(invalid(
                "ResourceLabel must be of the form app/<load-balancer-name>/<load-balancer-id>/\
                 targetgroup/<target-group-name>/<target-group-id> for ALBRequestCountPerTarget.",
            )),
        };
    }
    if label.is_some_and(|it| !it.is_empty()) {
        return Err(invalid(format!(
            "ResourceLabel cannot be specified for {named}."
        )));
    }
    match named {
        "ECSServiceAverageCPUUtilization" | "ECSServiceAverageMemoryUtilization" => Ok(()),
        "ECSServiceAverageCPUUtilizationHighResolution"
        | "ECSServiceAverageMemoryUtilizationHighResolution" => {
            check_resolution(world, target, named)
        }
        _ => Err(invalid(format!(
            "Predefined metric type {named} is not supported for service namespace ecs."
        ))),
    }
}

/// The service must publish the metric every 20 seconds already.
fn check_resolution(world: &World, target: &Target, named: &str) -> Result<(), Refusal> {
    let metric = named
        .trim_start_matches("ECSServiceAverage")
        .trim_end_matches("HighResolution");
    let Some((cluster, service)) = place(&target.resource) else {
        return Err(invalid("The resource is no service."));
    };
    let service_key = format!("{cluster}/{service}");
    let document = world.ecs.services.get(&service_key).map(|it| &it.document);
    let configurations = document.and_then(|it| it.pointer("/monitoring/metricConfigurations"));
    let is_fine = |it: &Value| {
        let names = it.get("metricNames").and_then(Value::as_array);
        let mut names = names.into_iter().flatten().filter_map(Value::as_str);
        it.get("resolutionSeconds").and_then(Value::as_i64) == Some(20)
            && names.any(|it| it == metric)
    };
    let mut configurations = configurations
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let is_deploying = count::counts(world, &target.resource).is_some_and(|it| it.deploying);
    match configurations.any(is_fine) && !is_deploying {
        true => Ok(()),
        false => Err(invalid(format!(
            "High-resolution metrics must be enabled in Amazon ECS for {} before a policy with \
             {named} is created.",
            target.resource
        ))),
    }
}

fn check_customized(metric: &Value) -> Result<(), Refusal> {
    let has = |name: &str| metric.get(name).is_some();
    let is_one = has("MetricName") && has("Namespace") && has("Statistic");
    let is_any = ["MetricName", "Namespace", "Statistic", "Dimensions", "Unit"]
        .into_iter()
        .any(has);
    match has("Metrics") {
        true if is_any => Err(invalid(
            "Metrics cannot be specified together with a single metric.",
        )),
        false if !is_one => Err(invalid(
            "MetricName, Namespace and Statistic are required in a customized metric specification.",
        )),
        _ => Ok(()),
    }
}

/// Whether the alarms of a policy can stay if it is configured like this.
pub(super) fn has_same_alarms(world: &World, policy: &Policy, new: &Value) -> bool {
    let old = &policy.configuration;
    let same = |name: &str| old.get(name) == new.get(name);
    let is_there = |it: &str| world.cloudwatch.alarm(it).is_some();
    same("PredefinedMetricSpecification")
        && same("CustomizedMetricSpecification")
        && target_value(old) == target_value(new)
        && never_scales_in(old) == never_scales_in(new)
        && policy.alarms.iter().flat_map(Alarms::names).all(is_there)
}

/// Makes the alarms of a policy, with new names.
pub(super) fn make_alarms(world: &mut World, policy: &Policy) -> Result<Alarms, Refusal> {
    let action = format!("{}:createdBy/{}", policy.arn, world.ids.uuid());
    let target = target_value(&policy.configuration);
    let high = Side {
        name: "AlarmHigh",
        comparison: "GreaterThanThreshold",
        threshold: target,
        periods: 3,
    };
    let low = Side {
        name: "AlarmLow",
        comparison: "LessThanThreshold",
        threshold: target * 9.0 / 10.0,
        periods: 15,
    };
    let high = make(world, policy, &action, &high)?;
    let low = match never_scales_in(&policy.configuration) {
        true => None,
        false => Some(make(world, policy, &action, &low)?),
    };
    Ok(Alarms { high, low })
}

struct Side {
    name: &'static str,
    comparison: &'static str,
    threshold: f64,
    periods: u32,
}

fn make(world: &mut World, policy: &Policy, action: &str, side: &Side) -> Result<String, Refusal> {
    let id = world.ids.uuid();
    let name = format!("TargetTracking-{}-{}-{id}", policy.resource, side.name);
    let description = format!("DO NOT EDIT OR DELETE. For TargetTrackingScaling policy {action}.");
    let mut members = metric(policy);
    let mut put = |name: &str, value: Value| members.insert(name.to_owned(), value);
    put("AlarmName", name.as_str().into());
    put("AlarmDescription", description.into());
    put("AlarmActions", json!([action]));
    put("EvaluationPeriods", side.periods.into());
    put("Threshold", side.threshold.into());
    put("ComparisonOperator", side.comparison.into());
    put("TreatMissingData", "missing".into());
    cloudwatch::define(world, &members).map_err(|it| invalid(it.message))?;
    Ok(name)
}

/// The metric of a policy, as PutMetricAlarm takes it.
fn metric(policy: &Policy) -> Map<String, Value> {
    let predefined = policy.configuration.get("PredefinedMetricSpecification");
    let customized = policy.configuration.get("CustomizedMetricSpecification");
    let members = match (predefined, customized) {
        (Some(metric), _) => predefined_metric(&policy.resource, metric),
        (None, Some(metric)) => customized_metric(metric),
        (None, None) => Value::Null,
    };
    members.as_object().cloned().unwrap_or_default()
}

fn predefined_metric(resource: &str, metric: &Value) -> Value {
    let named = text(metric, "PredefinedMetricType");
    if named == "ALBRequestCountPerTarget" {
        let label = text(metric, "ResourceLabel");
        let (balancer, group) = label.split_once("/targetgroup/").unwrap_or_default();
        return json!({
            "Namespace": "AWS/ApplicationELB",
            "MetricName": "RequestCountPerTarget",
            "Dimensions": [
                { "Name": "TargetGroup", "Value": format!("targetgroup/{group}") },
                { "Name": "LoadBalancer", "Value": balancer },
            ],
            "Statistic": "Sum",
            "Period": 60,
        });
    }
    let (cluster, service) = place(resource).unwrap_or_default();
    let is_fine = named.ends_with("HighResolution");
    json!({
        "Namespace": "AWS/ECS",
        "MetricName": if named.contains("CPU") { "CPUUtilization" } else { "MemoryUtilization" },
        "Dimensions": [
            { "Name": "ClusterName", "Value": cluster },
            { "Name": "ServiceName", "Value": service },
        ],
        "Statistic": "Average",
        "Unit": "Percent",
        "Period": if is_fine { 20 } else { 60 },
    })
}

fn customized_metric(metric: &Value) -> Value {
    let Some(queries) = metric.get("Metrics").and_then(Value::as_array) else {
        let mut members = metric.clone();
        members["Period"] = 60.into();
        return members;
    };
    let with_period = |query: &Value| {
        let mut query = query.clone();
        if query.get("MetricStat").is_some() {
            query["MetricStat"]["Period"] = 60.into();
        }
        query
    };
    json!({ "Metrics": queries.iter().map(with_period).collect::<Vec<_>>() })
}

fn text<'a>(of: &'a Value, name: &str) -> &'a str {
    of.get(name).and_then(Value::as_str).unwrap_or_default()
}

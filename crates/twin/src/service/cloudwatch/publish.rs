//! Putting data.

use super::metric::{self, Metric, Sample};
use crate::{Action, Answer, Grant, Input, Refusal, Time, World};
use serde_json::{Value, json};
use std::{collections::BTreeMap, time::Duration};

/// The greatest value that CloudWatch takes: two to the power of 360.
const GREATEST: f64 = 2.348_542_582_773_833e108;

pub(crate) fn actions() -> Vec<Action> {
    vec![Action::on("PutMetricData", put_metric_data, |_, input| {
        vec![Grant::on("*").with("cloudwatch:namespace", input.text("Namespace"))]
    })]
}

fn put_metric_data(world: &mut World, input: &Input) -> Answer {
    let namespace = input.text("Namespace");
    let of_entities = input.list("EntityMetricData").iter().filter_map(|it| {
        let data = it.get("MetricData")?.as_array()?;
        Some(data.as_slice())
    });
    let data: Vec<&Value> = of_entities
        .flatten()
        .chain(input.list("MetricData"))
        .collect();
    if data.is_empty() {
        let text = "The parameter MetricData is required.";
        return Err(Refusal::new("MissingParameter", text));
    }
    if data.len() > 1000 {
        return Err(invalid(
            "The collection MetricData must not have a size greater than 1000.",
        ));
    }
    let read = data
        .iter()
        .enumerate()
        .map(|(index, datum)| read(datum, index + 1, world.now));
    for (name, dimensions, unit, sample) in read.collect::<Result<Vec<_>, _>>()? {
        let key = metric::key(namespace, &name, &dimensions);
        let new = || Metric::new(namespace, &name, &dimensions);
        let metric = world.cloudwatch.metrics.entry(key).or_insert_with(new);
        metric.add(&unit, sample, world.now);
    }
    Ok(json!({}))
}

fn invalid(text: impl Into<String>) -> Refusal {
    Refusal::new("InvalidParameterValue", text)
}

fn combination(text: impl Into<String>) -> Refusal {
    Refusal::new("InvalidParameterCombination", text)
}

type Read = (String, BTreeMap<String, String>, String, Sample);

fn read(datum: &Value, place: usize, now: Time) -> Result<Read, Refusal> {
    let member = |name: &str| format!("MetricData.member.{place}.{name}");
    let dimensions = datum.get("Dimensions").and_then(Value::as_array);
    let dimensions = dimensions.map_or(&[][..], Vec::as_slice);
    if dimensions.len() > 30 {
        let place = member("Dimensions");
        return Err(invalid(format!(
            "The collection {place} must not have a size greater than 30."
        )));
    }
    let named = super::query::dimensions(dimensions);
    if named.len() < dimensions.len() {
        let place = member("Dimensions");
        return Err(invalid(format!(
            "The dimensions of {place} must have different names."
        )));
    }
    let resolution = match datum.get("StorageResolution").and_then(Value::as_i64) {
        None | Some(60) => 60,
        Some(1) => 1,
        Some(other) => {
            let place = member("StorageResolution");
            return Err(invalid(format!(
                "The value {other} for parameter {place} is invalid. Valid values are 1 and 60."
            )));
        }
    };
    let at = moment(datum, &member("Timestamp"), now)?;
    let at = at.floor(Duration::from_secs(resolution));
    let unit = datum.get("Unit").and_then(Value::as_str).unwrap_or("None");
    let name = datum
        .get("MetricName")
        .and_then(Value::as_str)
        .unwrap_or_default();
    Ok((
        name.to_owned(),
        named,
        unit.to_owned(),
        sample(datum, at, &member)?,
    ))
}

/// The moment a datum speaks of: at most two weeks ago and two hours ahead.
fn moment(datum: &Value, member: &str, now: Time) -> Result<Time, Refusal> {
    let Some(seconds) = datum.get("Timestamp").and_then(Value::as_f64) else {
        return Ok(now);
    };
    let at = Time((seconds * 1000.0).max(0.0) as u64);
    if at < now - Duration::from_secs(14 * 86_400) {
        return Err(invalid(format!(
            "The parameter {member} must specify a time no more than two weeks in the past."
        )));
    }
    if at > now + Duration::from_secs(7200) {
        return Err(invalid(format!(
            "The parameter {member} must specify a time no more than two hours in the future."
        )));
    }
    Ok(at)
}

fn sample(datum: &Value, at: Time, member: &dyn Fn(&str) -> String) -> Result<Sample, Refusal> {
    let single = datum.get("Value").and_then(Value::as_f64);
    let summary = datum.get("StatisticValues");
    let values = datum.get("Values").and_then(Value::as_array);
    let sample = match (single, summary, values) {
        (Some(value), None, None) => Sample::of(at, value),
        (None, Some(summary), None) => {
            let of = |name: &str| {
                summary
                    .get(name)
                    .and_then(Value::as_f64)
                    .unwrap_or_default()
            };
            let (count, sum) = (of("SampleCount"), of("Sum"));
            let (min, max) = (of("Minimum"), of("Maximum"));
            if count <= 0.0 || min > max {
                let place = member("StatisticValues");
                return Err(invalid(format!("The statistic set {place} is not valid.")));
            }
            Sample::summary(at, count, sum, min, max)
        }
        (None, None, Some(values)) => of_values(datum, values, at, member)?,
        (None, None, None) => {
            let text = "At least one of the parameters Value, StatisticValues and Values must be \
                specified for ";
            return Err(Refusal::new(
                "MissingParameter",
                text.to_owned() + &member("Value"),
            ));
        }
        _ => {
            return Err(combination(format!(
                "The parameters {}, {} and {} are mutually exclusive and you have specified more than one.",
                member("Value"),
                member("StatisticValues"),
                member("Values")
            )));
        }
    };
    match sample.min.abs() <= GREATEST && sample.max.abs() <= GREATEST {
        true => Ok(sample),
        false => Err(invalid(format!(
            "The value for parameter {} is out of range.",
            member("Value")
        ))),
    }
}

fn of_values(
    datum: &Value,
    values: &[Value],
    at: Time,
    member: &dyn Fn(&str) -> String,
) -> Result<Sample, Refusal> {
    let counts = datum.get("Counts").and_then(Value::as_array);
    if values.is_empty() || values.len() > 150 {
        let place = member("Values");
        return Err(invalid(format!(
            "The collection {place} must have a size of 1 to 150."
        )));
    }
    if counts.is_some_and(|it| it.len() != values.len()) {
        let (values, counts) = (member("Values"), member("Counts"));
        return Err(invalid(format!(
            "The parameters {values} and {counts} must have the same size."
        )));
    }
    let number = |it: &Value| it.as_f64().unwrap_or_default();
    let counted: Vec<(f64, f64)> = values
        .iter()
        .enumerate()
        .map(|(index, value)| (number(value), counts.map_or(1.0, |it| number(&it[index]))))
        .collect();
    if counted.iter().any(|(_, count)| *count <= 0.0) {
        let place = member("Counts");
        return Err(invalid(format!(
            "The values of {place} must be greater than 0."
        )));
    }
    Sample::of_values(at, &counted).ok_or_else(|| invalid("Values must not be empty."))
}

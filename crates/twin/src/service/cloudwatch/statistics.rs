//! Statistics of one metric.

use super::{data, metric, query, statistic::Statistic};
use crate::{Action, Answer, Input, Refusal, Time, World};
use serde_json::{Map, Value, json};
use std::time::Duration;

/// How many datapoints one call answers at most.
const MOST: u128 = 1440;

pub(crate) fn actions() -> Vec<Action> {
    vec![Action::new("GetMetricStatistics", get_metric_statistics)]
}

fn invalid(text: impl Into<String>) -> Refusal {
    Refusal::new("InvalidParameterValue", text)
}

fn combination(text: impl Into<String>) -> Refusal {
    Refusal::new("InvalidParameterCombination", text)
}

fn get_metric_statistics(world: &mut World, input: &Input) -> Answer {
    let period = input.integer("Period").unwrap_or_default().max(0) as u64;
    let period = query::this_period(period).map_err(|it| invalid(it.message))?;
    let (start, end) = span(input, period)?;
    let statistics = named(input)?;
    let key = metric::key(
        input.text("Namespace"),
        input.text("MetricName"),
        &query::dimensions(input.list("Dimensions")),
    );
    let mut points = Vec::new();
    if let Some(metric) = world.cloudwatch.metrics.get(&key) {
        let wanted = |it: &&str| input.maybe("Unit").is_none_or(|unit| unit == *it);
        let starts = std::iter::successors(Some(start), |it| Some(*it + period));
        for at in starts.take_while(|it| *it < end) {
            for unit in metric.units().filter(wanted) {
                let pool = metric.pool(Some(unit), at, at + period);
                points.extend(pool.map(|it| point(at, unit, &it, &statistics)));
            }
        }
    }
    Ok(json!({ "Label": input.text("MetricName"), "Datapoints": points }))
}

/// From the start of a period, and until when.
fn span(input: &Input, period: Duration) -> Result<(Time, Time), Refusal> {
    let start = data::moment(input.get("StartTime")).unwrap_or_default();
    let end = data::moment(input.get("EndTime")).unwrap_or_default();
    if start >= end {
        return Err(combination(
            "The parameter StartTime must be less than the parameter EndTime.",
        ));
    }
    let minute = Duration::from_secs(60);
    let asked = end
        .since(start)
        .as_millis()
        .div_ceil(period.as_millis().max(1));
    if asked > MOST {
        return Err(combination(format!(
            "You have requested up to {asked} datapoints, which exceeds the limit of {MOST}. You \
             may reduce the datapoints requested by increasing Period, or decreasing the time range."
        )));
    }
    // Periods are counted from the start, not from the hour.
    Ok((start.floor(period.min(minute)), end))
}

fn named(input: &Input) -> Result<Vec<(String, Statistic)>, Refusal> {
    let (plain, extended) = (input.texts("Statistics"), input.texts("ExtendedStatistics"));
    let names = match (plain.is_empty(), extended.is_empty()) {
        (false, true) => plain,
        (true, false) => extended,
        (true, true) => {
            return Err(Refusal::new(
                "MissingParameter",
                "At least one of the parameters Statistics and ExtendedStatistics must be specified.",
            ));
        }
        (false, false) => {
            return Err(combination(
                "The parameters Statistics and ExtendedStatistics cannot be specified together.",
            ));
        }
    };
    let parsed = names.into_iter().map(|name| match Statistic::parse(name) {
        Some(statistic) => Ok((name.to_owned(), statistic)),
        None => Err(invalid(format!(
            "The value {name} for a statistic is not supported."
        ))),
    });
    parsed.collect()
}

fn point(at: Time, unit: &str, pool: &metric::Sample, statistics: &[(String, Statistic)]) -> Value {
    let mut point = Map::new();
    let mut extended = Map::new();
    point.insert("Timestamp".to_owned(), at.value());
    point.insert("Unit".to_owned(), unit.into());
    for (name, statistic) in statistics {
        let of = match statistic {
            Statistic::Percentile(_) | Statistic::TrimmedMean(..) => &mut extended,
            _ => &mut point,
        };
        of.insert(name.clone(), statistic.of(pool).into());
    }
    if !extended.is_empty() {
        point.insert("ExtendedStatistics".to_owned(), extended.into());
    }
    point.into()
}

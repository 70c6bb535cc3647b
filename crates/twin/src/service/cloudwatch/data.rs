//! Metrics and expressions over a span of time.

use super::{
    expression,
    math::{self, Scope, Series},
    metric,
    query::{self, Query, Source, Watched, invalid},
};
use crate::{Action, Answer, Input, Refusal, Time, World, call::page};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

pub(crate) fn actions() -> Vec<Action> {
    vec![Action::new("GetMetricData", get_metric_data)]
}

/// A moment from a member of an input.
pub(crate) fn moment(value: Option<&Value>) -> Option<Time> {
    let seconds = value?.as_f64()?;
    Some(Time((seconds.max(0.0) * 1000.0).round() as u64))
}

/// The values of a metric by period, from the one that begins at or before `start` until `end`.
pub(crate) fn series(world: &World, watched: &Watched, start: Time, end: Time) -> Series {
    let key = metric::key(&watched.namespace, &watched.name, &watched.dimensions);
    let Some(metric) = world.cloudwatch.metrics.get(&key) else {
        return Series::new();
    };
    let Some((oldest, newest)) = metric.span() else {
        return Series::new();
    };
    let from = start.max(oldest).floor(watched.period);
    let to = end.min(newest + Duration::from_millis(1));
    let starts = std::iter::successors(Some(from), |it| Some(*it + watched.period));
    starts
        .take_while(|it| *it < to)
        .filter_map(|at| {
            let pool = metric.pool(watched.unit.as_deref(), at, at + watched.period)?;
            Some((at, watched.statistic.of(&pool)))
        })
        .collect()
}

/// What questions come to, by their ids.
pub(crate) fn answers(
    world: &World,
    queries: &[Query],
    start: Time,
    end: Time,
) -> Result<BTreeMap<String, Series>, Refusal> {
    let metrics = queries.iter().filter_map(|it| match &it.source {
        Source::Metric(watched) => Some((it.id.clone(), series(world, watched, start, end))),
        Source::Expression(_) => None,
    });
    let mut known: BTreeMap<String, Series> = metrics.collect();
    let metrics: Vec<String> = queries
        .iter()
        .filter(|it| matches!(it.source, Source::Metric(_)))
        .map(|it| it.id.clone())
        .collect();
    let mut waiting: Vec<&Query> = queries
        .iter()
        .filter(|it| matches!(it.source, Source::Expression(_)))
        .collect();
    // Each round computes those that refer only to what is known, until nothing changes.
    while !waiting.is_empty() {
        let before = waiting.len();
        let mut why = None;
        for query in std::mem::take(&mut waiting) {
            match computed(query, queries, &known, &metrics, start, end) {
                Ok(series) => {
                    known.insert(query.id.clone(), series);
                }
                Err(text) => {
                    why = Some(format!("Error in expression '{}': {text}", query.id));
                    waiting.push(query);
                }
            }
        }
        if waiting.len() == before {
            return Err(invalid(why.unwrap_or_default()));
        }
    }
    Ok(known)
}

fn computed(
    query: &Query,
    queries: &[Query],
    known: &BTreeMap<String, Series>,
    metrics: &[String],
    start: Time,
    end: Time,
) -> Result<Series, String> {
    let Source::Expression(text) = &query.source else {
        return Ok(Series::new());
    };
    let period = query.period.unwrap_or_else(|| longest(queries));
    let starts = std::iter::successors(Some(start.floor(period)), |it| Some(*it + period));
    let moments: Vec<Time> = starts.take_while(|it| *it < end).collect();
    let scope = Scope {
        known,
        metrics,
        moments: &moments,
        period,
    };
    let expression = expression::parse(text)?;
    math::compute(&expression, &scope)?.series(&scope)
}

/// The longest period of the metrics asked for, which is the period of their expressions.
pub(crate) fn longest(queries: &[Query]) -> Duration {
    let periods = queries.iter().filter_map(|it| match &it.source {
        Source::Metric(watched) => Some(watched.period),
        Source::Expression(_) => it.period,
    });
    periods.max().unwrap_or(Duration::from_secs(60))
}

fn get_metric_data(world: &mut World, input: &Input) -> Answer {
    let queries = input.list("MetricDataQueries");
    if queries.is_empty() || queries.len() > 500 {
        let text = "The collection MetricDataQueries must have a size of 1 to 500.";
        return Err(invalid(text));
    }
    let queries = query::read(queries)?;
    let (start, end) = span(input)?;
    let known = answers(world, &queries, start, end)?;
    let shown: Vec<&Query> = queries.iter().filter(|it| it.returned).collect();
    let newest_first = input.maybe("ScanBy") != Some("TimestampAscending");
    let points: Vec<(usize, Time, f64)> = shown
        .iter()
        .enumerate()
        .flat_map(|(place, query)| {
            let mut series: Vec<_> = known[&query.id]
                .iter()
                .map(|it| (place, *it.0, *it.1))
                .collect();
            if newest_first {
                series.reverse();
            }
            series
        })
        .collect();
    let limit = match input.integer("MaxDatapoints") {
        None => 100_800,
        Some(limit @ 1..=100_800) => limit as usize,
        Some(_) => return Err(invalid("MaxDatapoints must be between 1 and 100800.")),
    };
    let token = input.maybe("NextToken");
    let (points, next) = page(&points, token, limit).ok_or_else(|| {
        Refusal::new("InvalidNextToken", "The specified next token is not valid.")
    })?;
    // The last question of a page may go on in the next.
    let unfinished = points.last().filter(|_| next.is_some()).map(|it| it.0);
    let named: BTreeSet<usize> = points.iter().map(|it| it.0).collect();
    let results: Vec<Value> = shown
        .iter()
        .enumerate()
        .filter(|(place, _)| named.contains(place) || token.is_none() && next.is_none())
        .map(|(place, query)| {
            let mine = || points.iter().filter(move |it| it.0 == place);
            json!({
                "Id": query.id,
                "Label": label(query),
                "Timestamps": mine().map(|it| it.1.value()).collect::<Vec<_>>(),
                "Values": mine().map(|it| it.2).collect::<Vec<_>>(),
                "StatusCode": if unfinished == Some(place) { "PartialData" } else { "Complete" },
            })
        })
        .collect();
    let mut answer = json!({ "MetricDataResults": results, "Messages": [] });
    if let Some(next) = next {
        answer["NextToken"] = next.into();
    }
    Ok(answer)
}

/// The label that is given, or else the metric's name or the expression's id.
fn label(query: &Query) -> &str {
    match (&query.label, &query.source) {
        (Some(label), _) => label,
        (None, Source::Metric(watched)) => &watched.name,
        (None, Source::Expression(_)) => &query.id,
    }
}

/// From when until when.
fn span(input: &Input) -> Result<(Time, Time), Refusal> {
    let start = moment(input.get("StartTime")).unwrap_or_default();
    let end = moment(input.get("EndTime")).unwrap_or_default();
    match start < end {
        true => Ok((start, end)),
        false => Err(invalid(
            "The parameter StartTime must be less than the parameter EndTime.",
        )),
    }
}

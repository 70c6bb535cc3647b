//! Making alarms.

use super::{
    Event, NewAlarm,
    alarm::{self, Alarm, State, Watch},
    data, evaluation, history,
    query::{self, Query, Source, invalid},
    statistic::Statistic,
};
use crate::{
    Action, Answer, Grant, Input, Refusal, World,
    service::tags::{self, Tags},
    world,
};
use serde_json::{Map, Value, json};
use std::time::Duration;

const DAY: u64 = 86_400;

/// The comparisons that need no model of anomalies.
const COMPARISONS: [&str; 4] = [
    "GreaterThanOrEqualToThreshold",
    "GreaterThanThreshold",
    "LessThanThreshold",
    "LessThanOrEqualToThreshold",
];

/// What belongs to an alarm on one metric only.
const OF_ONE_METRIC: [&str; 7] = [
    "MetricName",
    "Namespace",
    "Dimensions",
    "Period",
    "Unit",
    "Statistic",
    "ExtendedStatistic",
];

pub(crate) fn actions() -> Vec<Action> {
    let needs = |world: &World, input: &Input| {
        let arn = alarm::arn(world, input.text("AlarmName"));
        let new = tags::from_list(input.list("Tags"));
        let tagged = |grant: Grant| {
            new.iter().fold(grant, |grant, (key, value)| {
                grant.with(format!("aws:RequestTag/{key}"), value)
            })
        };
        let tagging = || tagged(Grant::of("cloudwatch:TagResource", arn.as_str()));
        let tagging = (!new.is_empty()).then(tagging);
        [tagged(Grant::on(arn.as_str()))]
            .into_iter()
            .chain(tagging)
            .collect()
    };
    vec![Action::on("PutMetricAlarm", put_metric_alarm, needs)]
}

fn put_metric_alarm(world: &mut World, input: &Input) -> Answer {
    let tags = tags::from_list(input.list("Tags"));
    tags::check(&tags, "ValidationError")?;
    let mut members = input.members.clone();
    members.remove("Tags");
    write(world, &members, tags)?;
    Ok(json!({}))
}

/// Makes or overwrites an alarm from the members of PutMetricAlarm; answers its ARN.
pub(crate) fn define(world: &mut World, members: &Map<String, Value>) -> Result<String, Refusal> {
    write(world, members, Tags::new())
}

/// Makes or overwrites an alarm of a service.
pub(crate) fn put(world: &mut World, alarm: NewAlarm) -> String {
    let arn = alarm::arn(world, &alarm.name);
    let mut members = json!({
        "AlarmName": alarm.name,
        "AlarmDescription": alarm.description,
        "AlarmActions": alarm.actions,
        "MetricName": alarm.metric,
        "Namespace": alarm.namespace,
        "Statistic": alarm.statistic,
        "Dimensions": query::shown_dimensions(&alarm.dimensions),
        "Period": alarm.period.as_secs(),
        "EvaluationPeriods": alarm.evaluation_periods,
        "Threshold": alarm.threshold,
        "ComparisonOperator": alarm.comparison,
        "TreatMissingData": "missing",
    });
    if let Some(unit) = alarm.unit {
        members["Unit"] = unit.into();
    }
    if let Value::Object(members) = members {
        // What a service makes for itself is as CloudWatch wants it.
        write(world, &members, Tags::new()).ok();
    }
    arn
}

/// The state of an alarm that is overwritten stays; tags count only for a new one.
fn write(world: &mut World, members: &Map<String, Value>, tags: Tags) -> Result<String, Refusal> {
    let name = members
        .get("AlarmName")
        .and_then(Value::as_str)
        .unwrap_or_default();
    if name.is_empty() || name.chars().any(|it| it.is_ascii_control()) {
        return Err(invalid(
            "AlarmName must not be empty or contain control characters.",
        ));
    }
    if world.cloudwatch.composites.contains_key(name) {
        return Err(invalid(format!("{name} is the name of a composite alarm.")));
    }
    let watch = watch(members)?;
    let mut document = members.clone();
    fill(&mut document);
    check_actions(&document)?;
    let now = world.now;
    let old = world.cloudwatch.alarms.get(name);
    let before = old.map(|it| it.document.clone());
    let alarm = Alarm {
        name: name.to_owned(),
        arn: alarm::arn(world, name),
        document: document.clone(),
        watch,
        state: old.map_or_else(|| State::new(now), |it| it.state.clone()),
        configured_at: now,
        told_at: old.and_then(|it| it.told_at),
        tags: old.map_or(tags, |it| it.tags.clone()),
    };
    let (arn, next) = (alarm.arn.clone(), evaluation::next(world, &alarm.watch));
    world.cloudwatch.alarms.insert(name.to_owned(), alarm);
    history::configured(world, name, "MetricAlarm", before.as_ref(), &document);
    let event = world::Event::Cloudwatch(Event::Evaluate(name.to_owned()));
    world.agenda.once(next, event);
    Ok(arn)
}

/// Fills in what AWS shows of what was left out.
pub(crate) fn fill(document: &mut Map<String, Value>) {
    let empty = ["OKActions", "AlarmActions", "InsufficientDataActions"];
    for name in empty {
        document.entry(name).or_insert_with(|| json!([]));
    }
    document
        .entry("ActionsEnabled")
        .or_insert_with(|| json!(true));
    if document.contains_key("MetricName") {
        document.entry("Dimensions").or_insert_with(|| json!([]));
    }
}

/// Actions are ARNs, at most five for a state.
pub(crate) fn check_actions(document: &Map<String, Value>) -> Result<(), Refusal> {
    for state in ["OK", "ALARM", "INSUFFICIENT_DATA"] {
        let actions = alarm::actions_for(document, state);
        if actions.len() > 5 {
            return Err(invalid("There can be at most 5 actions for a state."));
        }
        let is_arn = |it: &&str| it.starts_with("arn:") && it.split(':').count() >= 6;
        if let Some(action) = actions.iter().find(|it| !is_arn(it)) {
            return Err(invalid(format!("Invalid arn syntax: {action}")));
        }
    }
    Ok(())
}

fn watch(members: &Map<String, Value>) -> Result<Watch, Refusal> {
    let text = |name: &str| members.get(name).and_then(Value::as_str);
    let number = |name: &str| members.get(name).and_then(Value::as_u64);
    if members.contains_key("EvaluationCriteria") || members.contains_key("ThresholdMetricId") {
        return Err(invalid(
            "Alarms on PromQL and on anomalies are not available.",
        ));
    }
    let (queries, id) = queries(members)?;
    let period = data::longest(&queries);
    let required = |name: &str| invalid(format!("The parameter {name} is required."));
    let evaluation_periods =
        number("EvaluationPeriods").ok_or_else(|| required("EvaluationPeriods"))?;
    let datapoints_to_alarm = number("DatapointsToAlarm");
    check_length(period, evaluation_periods, datapoints_to_alarm)?;
    let threshold = members.get("Threshold").and_then(Value::as_f64);
    let comparison = text("ComparisonOperator").ok_or_else(|| required("ComparisonOperator"))?;
    if !COMPARISONS.contains(&comparison) {
        return Err(invalid(format!(
            "The comparison operator {comparison} is only for alarms on anomalies."
        )));
    }
    let missing = text("TreatMissingData").unwrap_or("missing");
    if !["breaching", "notBreaching", "ignore", "missing"].contains(&missing) {
        return Err(invalid(format!(
            "Option {missing} is not supported for parameter TreatMissingData. Supported options \
             are [breaching, notBreaching, ignore, missing]."
        )));
    }
    Ok(Watch {
        queries,
        id,
        period,
        evaluation_periods: evaluation_periods as usize,
        datapoints_to_alarm: datapoints_to_alarm.map(|it| it as usize),
        threshold: threshold.ok_or_else(|| required("Threshold"))?,
        comparison: comparison.to_owned(),
        missing: missing.to_owned(),
    })
}

fn check_length(period: Duration, count: u64, to_alarm: Option<u64>) -> Result<(), Refusal> {
    let seconds = period.as_secs();
    if ![10, 20, 30].contains(&seconds) && !seconds.is_multiple_of(60) {
        return Err(invalid("Valid periods are 10, 20, 30 or a multiple of 60."));
    }
    if to_alarm.is_some_and(|it| it > count) {
        return Err(invalid(
            "DatapointsToAlarm must be less than or equal to EvaluationPeriods.",
        ));
    }
    let longest = if seconds < 3600 { DAY } else { 7 * DAY };
    match seconds.saturating_mul(count) <= longest {
        true => Ok(()),
        false => Err(invalid(format!(
            "Metrics cannot be checked across more than {longest} seconds (EvaluationPeriods * \
             Period must be <= {longest})."
        ))),
    }
}

/// The questions of an alarm, and the one whose answer is compared.
fn queries(members: &Map<String, Value>) -> Result<(Vec<Query>, String), Refusal> {
    let Some(list) = members.get("Metrics").and_then(Value::as_array) else {
        return of_one_metric(members);
    };
    if let Some(name) = OF_ONE_METRIC.iter().find(|it| members.contains_key(**it)) {
        return Err(invalid(format!(
            "Metrics list and {name} cannot be specified together."
        )));
    }
    let queries = query::read(list)?;
    let returned: Vec<&Query> = queries.iter().filter(|it| it.returned).collect();
    let [watched] = returned[..] else {
        return Err(invalid(
            "Exactly one element of the metrics list should return data.",
        ));
    };
    let of_metrics = |it: &&Query| matches!(it.source, Source::Metric(_));
    let metrics = queries.iter().filter(of_metrics).count();
    if metrics > 10 || queries.len() - metrics > 10 {
        let text = "The metrics list can hold at most 10 metrics and 10 expressions.";
        return Err(invalid(text));
    }
    let id = watched.id.clone();
    Ok((queries, id))
}

fn of_one_metric(members: &Map<String, Value>) -> Result<(Vec<Query>, String), Refusal> {
    let text = |name: &str| members.get(name).and_then(Value::as_str);
    let required = |name: &str| invalid(format!("The parameter {name} is required."));
    if text("MetricName").is_none() {
        return Err(invalid("Either MetricName or Metrics must be specified."));
    }
    let namespace = text("Namespace").ok_or_else(|| required("Namespace"))?;
    let period = members.get("Period").and_then(Value::as_u64);
    let period = period.ok_or_else(|| required("Period"))?;
    let named = match (text("Statistic"), text("ExtendedStatistic")) {
        (Some(it), None) | (None, Some(it)) => it,
        _ => {
            return Err(invalid(
                "Exactly one of Statistic and ExtendedStatistic must be given.",
            ));
        }
    };
    let statistic = Statistic::parse(named).ok_or_else(|| {
        invalid(format!(
            "The value {named} for a statistic is not supported."
        ))
    })?;
    let list = members.get("Dimensions").and_then(Value::as_array);
    let list = list.map_or(&[][..], Vec::as_slice);
    let query = Query {
        id: "m1".to_owned(),
        source: Source::Metric(query::Watched {
            namespace: namespace.to_owned(),
            name: text("MetricName").unwrap_or_default().to_owned(),
            dimensions: query::dimensions(list),
            period: query::this_period(period)?,
            statistic,
            unit: text("Unit").map(str::to_owned),
        }),
        label: None,
        returned: true,
        period: None,
    };
    Ok((vec![query], "m1".to_owned()))
}

//! Showing alarms.

use super::{
    alarm::{self, Alarm, actions_for},
    composite,
    history::bad_token,
    query::{self, Source, invalid},
    statistic::Statistic,
};
use crate::{Action, Answer, Input, World, call::page};
use serde_json::{Map, Value, json};
use std::time::Duration;

pub(crate) fn actions() -> Vec<Action> {
    vec![
        Action::on("DescribeAlarms", describe_alarms, alarm::on_alarms),
        Action::new("DescribeAlarmsForMetric", describe_alarms_for_metric),
    ]
}

fn describe_alarms(world: &mut World, input: &Input) -> Answer {
    let names = input.texts("AlarmNames");
    if names.len() > 100 {
        return Err(invalid(
            "AlarmNames must have length less than or equal to 100.",
        ));
    }
    if !names.is_empty() && input.has("AlarmNamePrefix") {
        return Err(invalid(
            "AlarmNames and AlarmNamePrefix cannot be specified together.",
        ));
    }
    let all = match relatives(world, input)? {
        Some(related) => related,
        None => asked(world, input, &names),
    };
    let limit = input.integer("MaxRecords").unwrap_or(50).clamp(1, 100) as usize;
    let (shown, next) = page(&all, input.maybe("NextToken"), limit).ok_or_else(bad_token)?;
    let of = |composite: bool| -> Vec<&Value> {
        let mine = shown.iter().filter(|it| it.0 == composite);
        mine.map(|it| &it.1).collect()
    };
    let mut answer = json!({ "CompositeAlarms": of(true), "MetricAlarms": of(false) });
    if let Some(next) = next {
        answer["NextToken"] = next.into();
    }
    Ok(answer)
}

/// Every alarm that is asked for, and whether it is a composite one.
fn asked(world: &World, input: &Input, names: &[&str]) -> Vec<(bool, Value)> {
    let types = input.texts("AlarmTypes");
    let wants = |kind: &str, otherwise: bool| match types.is_empty() {
        true => otherwise,
        false => types.contains(&kind),
    };
    let is_asked = |name: &str, state: &str, document: &Map<String, Value>| {
        let prefix = input.text("AlarmNamePrefix");
        let acts = |prefix: &str| {
            let states = ["OK", "ALARM", "INSUFFICIENT_DATA"].into_iter();
            let mut actions = states.flat_map(|it| actions_for(document, it));
            actions.any(|it| it.starts_with(prefix))
        };
        (names.is_empty() || names.contains(&name))
            && name.starts_with(prefix)
            && input.maybe("StateValue").is_none_or(|it| it == state)
            && input.maybe("ActionPrefix").is_none_or(acts)
    };
    let composites = world.cloudwatch.composites.values();
    let composites = composites
        .filter(|it| {
            wants("CompositeAlarm", false) && is_asked(&it.name, &it.state.value, &it.document)
        })
        .map(|it| (true, it.shown()));
    let metrics = world.cloudwatch.alarms.values();
    let metrics = metrics
        .filter(|it| {
            wants("MetricAlarm", true) && is_asked(&it.name, &it.state.value, &it.document)
        })
        .map(|it| (false, it.shown()));
    composites.chain(metrics).collect()
}

/// The children or the parents of an alarm, if those are asked for: only some of their members.
fn relatives(world: &World, input: &Input) -> Result<Option<Vec<(bool, Value)>>, crate::Refusal> {
    let children = input.maybe("ChildrenOfAlarmName");
    let parents = input.maybe("ParentsOfAlarmName");
    if children.or(parents).is_none() {
        return Ok(None);
    }
    let allowed = [
        "ChildrenOfAlarmName",
        "ParentsOfAlarmName",
        "MaxRecords",
        "NextToken",
    ];
    let others = input
        .members
        .keys()
        .any(|it| !allowed.contains(&it.as_str()));
    if others || children.is_some() && parents.is_some() {
        let text = "ChildrenOfAlarmName and ParentsOfAlarmName cannot be combined with others.";
        return Err(invalid(text));
    }
    let members: &[&str] = match children {
        Some(_) => &[
            "AlarmName",
            "AlarmArn",
            "StateValue",
            "StateUpdatedTimestamp",
        ],
        None => &["AlarmName", "AlarmArn"],
    };
    let few = |shown: Value| -> Value {
        let members = members.iter();
        let some = members.filter_map(|it| Some(((*it).to_owned(), shown.get(*it)?.clone())));
        Value::Object(some.collect())
    };
    let composites = world.cloudwatch.composites.values();
    let found: Vec<(bool, Value)> = match (children, parents) {
        (Some(name), _) => {
            let named = composite::children(world, name);
            let is_child = |it: &str| named.iter().any(|child| child == it);
            let metrics = world.cloudwatch.alarms.values();
            let metrics = metrics
                .filter(|it| is_child(&it.name))
                .map(|it| (false, few(it.shown())));
            let composites = composites.filter(|it| is_child(&it.name));
            composites
                .map(|it| (true, few(it.shown())))
                .chain(metrics)
                .collect()
        }
        (None, name) => composites
            .filter(|it| {
                let named = composite::children(world, &it.name);
                named.iter().any(|child| Some(child.as_str()) == name)
            })
            .map(|it| (true, few(it.shown())))
            .collect(),
    };
    Ok(Some(found))
}

fn describe_alarms_for_metric(world: &mut World, input: &Input) -> Answer {
    let dimensions = query::dimensions(input.list("Dimensions"));
    let named = input
        .maybe("Statistic")
        .or(input.maybe("ExtendedStatistic"));
    let period = input
        .integer("Period")
        .map(|it| Duration::from_secs(it.max(0) as u64));
    let watches = |alarm: &&Alarm| {
        alarm.watch.queries.iter().any(|it| match &it.source {
            Source::Metric(it) => {
                it.namespace == input.text("Namespace")
                    && it.name == input.text("MetricName")
                    && it.dimensions == dimensions
                    && named.is_none_or(|named| Statistic::parse(named) == Some(it.statistic))
                    && period.is_none_or(|period| period == it.period)
                    && input
                        .maybe("Unit")
                        .is_none_or(|unit| it.unit.as_deref() == Some(unit))
            }
            Source::Expression(_) => false,
        })
    };
    let alarms = world.cloudwatch.alarms.values().filter(watches);
    let alarms: Vec<Value> = alarms.map(Alarm::shown).collect();
    Ok(json!({ "MetricAlarms": alarms }))
}

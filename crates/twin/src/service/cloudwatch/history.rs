//! What happened to alarms.

use super::{alarm::State, data::moment, query::invalid};
use crate::{Action, Answer, Grant, Input, Refusal, Time, World, call::page};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// How many items are kept. AWS keeps those of thirty days.
const KEPT: usize = 500;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Item {
    alarm: String,
    /// `MetricAlarm` or `CompositeAlarm`.
    alarm_type: String,
    at: Time,
    /// `ConfigurationUpdate`, `StateUpdate`, `Action`.
    kind: String,
    summary: String,
    data: String,
}

/// An alarm was made or overwritten.
pub(crate) fn configured(
    world: &mut World,
    name: &str,
    alarm_type: &str,
    before: Option<&Map<String, Value>>,
    after: &Map<String, Value>,
) {
    let (what, data) = match before {
        None => (
            "created",
            json!({ "type": "Create", "createdAlarm": after }),
        ),
        Some(before) => {
            let data = json!({ "type": "Update", "originalAlarm": before, "updatedAlarm": after });
            ("updated", data)
        }
    };
    let summary = format!("Alarm \"{name}\" {what}");
    add(
        world,
        name,
        alarm_type,
        "ConfigurationUpdate",
        summary,
        data,
    );
}

/// An alarm was deleted.
pub(crate) fn deleted(
    world: &mut World,
    name: &str,
    alarm_type: &str,
    document: &Map<String, Value>,
) {
    let data = json!({ "type": "Delete", "deletedAlarm": document });
    let summary = format!("Alarm \"{name}\" deleted");
    add(
        world,
        name,
        alarm_type,
        "ConfigurationUpdate",
        summary,
        data,
    );
}

/// An alarm changed its state.
pub(crate) fn changed(
    world: &mut World,
    name: &str,
    alarm_type: &str,
    before: &State,
    after: &State,
) {
    let shown = |state: &State| {
        let data = state.data.as_deref();
        json!({
            "stateValue": state.value,
            "stateReason": state.reason,
            "stateReasonData": data.and_then(|it| serde_json::from_str::<Value>(it).ok()),
        })
    };
    let data = json!({ "oldState": shown(before), "newState": shown(after) });
    let summary = format!("Alarm updated from {} to {}", before.value, after.value);
    add(world, name, alarm_type, "StateUpdate", summary, data);
}

/// An action of an alarm was done.
pub(crate) fn acted(world: &mut World, name: &str, alarm_type: &str, action: &str) {
    let data = json!({ "actionState": "Succeeded", "notificationResource": action });
    let summary = format!("Successfully executed action {action}");
    add(world, name, alarm_type, "Action", summary, data);
}

fn add(
    world: &mut World,
    name: &str,
    alarm_type: &str,
    kind: &str,
    summary: String,
    mut data: Value,
) {
    data["version"] = "1.0".into();
    let at = world.now;
    let history = &mut world.cloudwatch.history;
    history.push(Item {
        alarm: name.to_owned(),
        alarm_type: alarm_type.to_owned(),
        at,
        kind: kind.to_owned(),
        summary,
        data: data.to_string(),
    });
    let gone = history.len().saturating_sub(KEPT);
    history.drain(..gone);
}

pub(crate) fn actions() -> Vec<Action> {
    let needs = |world: &World, input: &Input| match input.maybe("AlarmName") {
        Some(name) => vec![Grant::on(super::alarm::arn(world, name))],
        None => Vec::new(),
    };
    vec![Action::on(
        "DescribeAlarmHistory",
        describe_alarm_history,
        needs,
    )]
}

fn describe_alarm_history(world: &mut World, input: &Input) -> Answer {
    let (start, end) = (moment(input.get("StartDate")), moment(input.get("EndDate")));
    if start.zip(end).is_some_and(|(start, end)| start > end) {
        return Err(invalid("StartDate must be before EndDate."));
    }
    let types = match input.texts("AlarmTypes") {
        types if types.is_empty() => vec!["MetricAlarm"],
        types => types,
    };
    let is_asked = |it: &&Item| {
        input.maybe("AlarmName").is_none_or(|name| name == it.alarm)
            && input
                .maybe("HistoryItemType")
                .is_none_or(|kind| kind == it.kind)
            && types.contains(&it.alarm_type.as_str())
            && start.is_none_or(|start| it.at >= start)
            && end.is_none_or(|end| it.at <= end)
    };
    let mut items: Vec<Value> = world
        .cloudwatch
        .history
        .iter()
        .filter(is_asked)
        .map(shown)
        .collect();
    if input.maybe("ScanBy") != Some("TimestampAscending") {
        items.reverse();
    }
    let limit = input.integer("MaxRecords").unwrap_or(50).clamp(1, 100) as usize;
    let (items, next) = page(&items, input.maybe("NextToken"), limit).ok_or_else(bad_token)?;
    let mut answer = json!({ "AlarmHistoryItems": items });
    if let Some(next) = next {
        answer["NextToken"] = next.into();
    }
    Ok(answer)
}

/// What is answered to a token that no page gave.
pub(crate) fn bad_token() -> Refusal {
    Refusal::new("InvalidNextToken", "The specified next token is not valid.")
}

fn shown(item: &Item) -> Value {
    json!({
        "AlarmName": item.alarm,
        "AlarmType": item.alarm_type,
        "Timestamp": item.at.value(),
        "HistoryItemType": item.kind,
        "HistorySummary": item.summary,
        "HistoryData": item.data,
    })
}

//! Alarms: their states, and who is told of them.

use super::{composite, history, query::Query};
use crate::{
    Action, Answer, Grant, Input, Refusal, Time, World,
    service::{autoscaling, scaling, tags::Tags},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::time::Duration;

/// How often a scaling policy is told of an alarm that lasts.
const AGAIN: Duration = Duration::from_secs(60);

/// An alarm on a metric or on an expression of metrics.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Alarm {
    pub(crate) name: String,
    pub(crate) arn: String,
    /// What was asked for, with defaults filled in, by the names of the model.
    pub(crate) document: Map<String, Value>,
    pub(crate) watch: Watch,
    pub(crate) state: State,
    pub(crate) configured_at: Time,
    /// When scaling policies were last told of its state.
    pub(crate) told_at: Option<Time>,
    pub(crate) tags: Tags,
}

/// What an alarm looks at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Watch {
    pub(crate) queries: Vec<Query>,
    /// The question whose answer is compared.
    pub(crate) id: String,
    pub(crate) period: Duration,
    pub(crate) evaluation_periods: usize,
    /// How many of them must breach; all, if it is not said.
    pub(crate) datapoints_to_alarm: Option<usize>,
    pub(crate) threshold: f64,
    /// `GreaterThanThreshold`, …
    pub(crate) comparison: String,
    /// `missing`, `ignore`, `breaching`, `notBreaching`.
    pub(crate) missing: String,
}

/// The state of an alarm.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct State {
    /// `OK`, `ALARM`, `INSUFFICIENT_DATA`.
    pub(crate) value: String,
    pub(crate) reason: String,
    pub(crate) data: Option<String>,
    /// Whether SetAlarmState said so.
    pub(crate) by_hand: bool,
    pub(crate) updated_at: Time,
    pub(crate) changed_at: Time,
}

impl State {
    /// As a new alarm is.
    pub(crate) fn new(now: Time) -> State {
        State {
            value: "INSUFFICIENT_DATA".to_owned(),
            reason: "Unchecked: Initial alarm creation".to_owned(),
            data: None,
            by_hand: false,
            updated_at: now,
            changed_at: now,
        }
    }

    /// As DescribeAlarms shows it.
    pub(crate) fn show(&self, document: &mut Map<String, Value>) {
        let mut put = |name: &str, value: Value| document.insert(name.to_owned(), value);
        put("StateValue", self.value.as_str().into());
        put("StateReason", self.reason.as_str().into());
        if let Some(data) = &self.data {
            put("StateReasonData", data.as_str().into());
        }
        put("StateUpdatedTimestamp", self.updated_at.value());
        put("StateTransitionedTimestamp", self.changed_at.value());
    }
}

impl Alarm {
    /// As DescribeAlarms shows it.
    pub(crate) fn shown(&self) -> Value {
        let mut shown = self.document.clone();
        shown.insert("AlarmArn".to_owned(), self.arn.as_str().into());
        shown.insert(
            "AlarmConfigurationUpdatedTimestamp".to_owned(),
            self.configured_at.value(),
        );
        self.state.show(&mut shown);
        shown.into()
    }

    /// Who is told while it is in ALARM.
    pub(crate) fn alarm_actions(&self) -> Vec<&str> {
        actions_for(&self.document, "ALARM")
    }
}

/// Who is told of a state, as a document says.
pub(crate) fn actions_for<'a>(document: &'a Map<String, Value>, state: &str) -> Vec<&'a str> {
    let name = match state {
        "OK" => "OKActions",
        "ALARM" => "AlarmActions",
        _ => "InsufficientDataActions",
    };
    let list = document.get(name).and_then(Value::as_array);
    list.into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

/// Gives an alarm a state, and tells those who are to know.
pub(crate) fn enter(
    world: &mut World,
    name: &str,
    value: &str,
    reason: String,
    data: Option<String>,
    by_hand: bool,
) {
    let now = world.now;
    let Some(alarm) = world.cloudwatch.alarms.get_mut(name) else {
        return;
    };
    let before = alarm.state.clone();
    let is_change = before.value != value;
    alarm.state = State {
        value: value.to_owned(),
        reason,
        data,
        by_hand,
        updated_at: now,
        changed_at: if is_change { now } else { before.changed_at },
    };
    if !is_change {
        return;
    }
    alarm.told_at = None;
    let after = alarm.state.clone();
    history::changed(world, name, "MetricAlarm", &before, &after);
    tell(world, name, true);
    composite::look(world, name);
}

/// Does an alarm's actions: all of them on a change, and those that scale each minute after it.
pub(crate) fn tell(world: &mut World, name: &str, is_change: bool) {
    let now = world.now;
    let Some(alarm) = world.cloudwatch.alarms.get_mut(name) else {
        return;
    };
    let is_enabled = alarm.document.get("ActionsEnabled") != Some(&Value::Bool(false));
    let is_due = alarm.told_at.is_none_or(|it| now.since(it) >= AGAIN);
    if !is_enabled || !is_change && !is_due {
        return;
    }
    alarm.told_at = Some(now);
    let actions = actions_for(&alarm.document, &alarm.state.value);
    let actions: Vec<String> = actions.into_iter().map(str::to_owned).collect();
    for action in actions {
        if is_change {
            history::acted(world, name, "MetricAlarm", &action);
        }
        if action.contains(":resource/ecs/service/") {
            scaling::alarm_fires(world, &action, name);
        } else if action.contains(":scalingPolicy:") && action.contains(":autoScalingGroupName/") {
            autoscaling::alarm_fires(world, &action, name);
        }
    }
}

/// Deletes a metric alarm; answers whether there was one.
pub(crate) fn remove(world: &mut World, name: &str) -> bool {
    let Some(alarm) = world.cloudwatch.alarms.remove(name) else {
        return false;
    };
    history::deleted(world, name, "MetricAlarm", &alarm.document);
    true
}

pub(crate) fn actions() -> Vec<Action> {
    vec![
        Action::on("DeleteAlarms", delete_alarms, on_alarms),
        Action::on("SetAlarmState", set_alarm_state, on_alarm),
        Action::on("EnableAlarmActions", enable_alarm_actions, on_alarms),
        Action::on("DisableAlarmActions", disable_alarm_actions, on_alarms),
    ]
}

/// The ARN of an alarm of that name.
pub(crate) fn arn(world: &World, name: &str) -> String {
    world.arn("cloudwatch", &format!("alarm:{name}"))
}

/// What acts on the alarms of AlarmNames.
pub(crate) fn on_alarms(world: &World, input: &Input) -> Vec<Grant> {
    let names = input.texts("AlarmNames").into_iter();
    names.map(|it| granted(world, it)).collect()
}

/// What acts on the alarm of AlarmName.
pub(crate) fn on_alarm(world: &World, input: &Input) -> Vec<Grant> {
    vec![granted(world, input.text("AlarmName"))]
}

fn granted(world: &World, name: &str) -> Grant {
    let alarm = world.cloudwatch.alarms.get(name);
    let tags = alarm.map(|it| it.tags.clone()).unwrap_or_default();
    tags.iter()
        .fold(Grant::on(arn(world, name)), |grant, (key, value)| {
            grant.with(format!("aws:ResourceTag/{key}"), value)
        })
}

/// Deletes those that are there, as the documentation says, and names those that are not.
fn delete_alarms(world: &mut World, input: &Input) -> Answer {
    let names = input.texts("AlarmNames");
    let is_composite = |it: &&&str| world.cloudwatch.composites.contains_key(**it);
    if names.iter().filter(is_composite).count() > 1 {
        let text = "At most one composite alarm can be deleted at a time.";
        return Err(super::query::invalid(text));
    }
    for name in names.iter().filter(is_composite) {
        composite::check_unused(world, name)?;
    }
    let mut missing = Vec::new();
    for name in names {
        if !remove(world, name) && !composite::remove(world, name) {
            missing.push(name);
        }
    }
    match missing.is_empty() {
        true => Ok(json!({})),
        false => Err(not_found(&missing.join(", "))),
    }
}

fn not_found(name: &str) -> Refusal {
    Refusal::new("ResourceNotFound", format!("Alarm {name} does not exist"))
}

fn set_alarm_state(world: &mut World, input: &Input) -> Answer {
    let name = input.text("AlarmName");
    let data = input.maybe("StateReasonData").map(str::to_owned);
    if data
        .as_deref()
        .is_some_and(|it| serde_json::from_str::<Value>(it).is_err())
    {
        let text = "TemplateSyntax: StateReasonData was not syntactically valid JSON";
        return Err(Refusal::new("InvalidFormat", text));
    }
    let (value, reason) = (
        input.text("StateValue"),
        input.text("StateReason").to_owned(),
    );
    if world.cloudwatch.composites.contains_key(name) {
        composite::enter(world, name, value, reason, data);
        return Ok(json!({}));
    }
    if !world.cloudwatch.alarms.contains_key(name) {
        return Err(not_found(name));
    }
    enter(world, name, value, reason, data, true);
    Ok(json!({}))
}

fn enable_alarm_actions(world: &mut World, input: &Input) -> Answer {
    set_enabled(world, input, true)
}

fn disable_alarm_actions(world: &mut World, input: &Input) -> Answer {
    set_enabled(world, input, false)
}

/// Names that no alarm has are passed over.
fn set_enabled(world: &mut World, input: &Input, is_enabled: bool) -> Answer {
    for name in input.texts("AlarmNames") {
        let metric = world
            .cloudwatch
            .alarms
            .get_mut(name)
            .map(|it| &mut it.document);
        let composites = &mut world.cloudwatch.composites;
        let composite = composites.get_mut(name).map(|it| &mut it.document);
        for document in metric.into_iter().chain(composite) {
            document.insert("ActionsEnabled".to_owned(), is_enabled.into());
        }
    }
    Ok(json!({}))
}

//! Scheduled actions.

use super::{
    Event, capacity, create,
    cron::Cron,
    look,
    refusal::{invalid, lasting, named, paged},
};
use crate::{Action, Answer, Input, Refusal, Time, World, world};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A scheduled action.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Schedule {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// When it starts for the first time, or at all.
    pub start: Option<Time>,
    /// When it no longer recurs.
    pub end: Option<Time>,
    /// When it is due next.
    pub next: Option<Time>,
    /// The rest, by the names of the model.
    pub more: Value,
}

pub(super) fn actions() -> Vec<Action> {
    vec![
        Action::on("PutScheduledUpdateGroupAction", put_one, create::on_group),
        Action::on(
            "BatchPutScheduledUpdateGroupAction",
            put_many,
            create::on_group,
        ),
        Action::on("DeleteScheduledAction", delete_one, create::on_group),
        Action::on("BatchDeleteScheduledAction", delete_many, create::on_group),
        Action::new("DescribeScheduledActions", describe),
    ]
}

/// A timestamp of a request.
fn time(value: &Value) -> Option<Time> {
    value.as_f64().map(|it| Time((it.max(0.0) * 1000.0) as u64))
}

fn put_one(world: &mut World, input: &Input) -> Answer {
    let group = lasting(world, input.text("AutoScalingGroupName"))?;
    put(world, &group, &Value::Object(input.members.clone()))?;
    Ok(json!({}))
}

fn put_many(world: &mut World, input: &Input) -> Answer {
    let group = lasting(world, input.text("AutoScalingGroupName"))?;
    let given = input.list("ScheduledUpdateGroupActions");
    if given.len() > 50 {
        return Err(invalid("You can specify at most 50 scheduled actions."));
    }
    let mut failed = Vec::new();
    for one in given {
        if let Err(refusal) = put(world, &group, one) {
            failed.push(json!({
                "ScheduledActionName": one["ScheduledActionName"],
                "ErrorCode": refusal.code,
                "ErrorMessage": refusal.message,
            }));
        }
    }
    Ok(json!({ "FailedScheduledUpdateGroupActions": failed }))
}

/// Adds a scheduled action, or changes what is given of it.
fn put(world: &mut World, group: &str, given: &Value) -> Result<(), Refusal> {
    let name = given["ScheduledActionName"].as_str().unwrap_or_default();
    let schedules = &world.autoscaling.groups[group].schedules;
    let mut schedule = schedules.get(name).cloned().unwrap_or_default();
    if schedule.name.is_empty() {
        let id = world.ids.uuid();
        let rest = format!(
            "scheduledUpdateGroupAction:{id}:autoScalingGroupName/{group}:\
             scheduledActionName/{name}"
        );
        schedule.arn = world.arn("autoscaling", &rest);
        schedule.name = name.to_owned();
        schedule.more = json!({});
    }
    // `Time` is the old name of the start.
    let start = time(&given["StartTime"]).or(time(&given["Time"]));
    if start.is_some_and(|it| it < world.now) {
        return Err(invalid("Given start time is in the past"));
    }
    schedule.start = start.or(schedule.start);
    schedule.end = time(&given["EndTime"]).or(schedule.end);
    for member in [
        "Recurrence",
        "MinSize",
        "MaxSize",
        "DesiredCapacity",
        "TimeZone",
    ] {
        if let Some(value) = given.get(member) {
            schedule.more[member] = value.clone();
        }
    }
    check(&schedule)?;
    schedule.next = next(&schedule, world.now);
    watch(world, group, &schedule);
    if let Some(group) = world.autoscaling.groups.get_mut(group) {
        group.schedules.insert(name.to_owned(), schedule);
    }
    Ok(())
}

fn check(schedule: &Schedule) -> Result<(), Refusal> {
    let sizes = ["MinSize", "MaxSize", "DesiredCapacity"];
    if !sizes.iter().any(|it| schedule.more.get(it).is_some()) {
        return Err(invalid(
            "At least one of MinSize, MaxSize and DesiredCapacity must be specified.",
        ));
    }
    let cron = schedule.more["Recurrence"].as_str();
    if cron.is_some_and(|it| Cron::parse(it).is_none()) {
        return Err(invalid("Given recurrence string is invalid"));
    }
    if cron.is_none() && schedule.start.is_none() {
        return Err(invalid(
            "At least one of start time and recurrence must be specified.",
        ));
    }
    let (start, end) = (schedule.start, schedule.end);
    if let (Some(start), Some(end)) = (start, end)
        && end <= start
    {
        return Err(invalid("Given end time is before the start time"));
    }
    Ok(())
}

/// When an action is due for the first time from `from`.
fn next(schedule: &Schedule, from: Time) -> Option<Time> {
    if let Some(start) = schedule.start.filter(|it| *it >= from) {
        return Some(start);
    }
    let cron = Cron::parse(schedule.more["Recurrence"].as_str()?)?;
    let zone = schedule.more["TimeZone"].as_str().unwrap_or_default();
    let next = cron.next(from, super::cron::offset(zone))?;
    (schedule.end.is_none_or(|end| next <= end)).then_some(next)
}

fn watch(world: &mut World, group: &str, schedule: &Schedule) {
    let Some(at) = schedule.next else {
        return;
    };
    let event = Event::Scheduled {
        group: group.to_owned(),
        action: schedule.name.clone(),
    };
    world.agenda.at(at, world::Event::Autoscaling(event));
}

/// A scheduled action is due, unless it was put off.
pub(super) fn run(world: &mut World, name: &str, action: &str) {
    let Some(group) = world.autoscaling.groups.get(name) else {
        return;
    };
    let schedule = group.schedules.get(action).cloned();
    let Some(mut schedule) = schedule.filter(|it| it.next.is_some_and(|at| at <= world.now)) else {
        return;
    };
    let stopped = group.is_suspended("ScheduledActions") || group.deleting;
    schedule.next = next(&schedule, Time(world.now.0 + 1));
    watch(world, name, &schedule);
    let over = schedule.next.is_none();
    let more = schedule.more.clone();
    if let Some(group) = world.autoscaling.groups.get_mut(name) {
        match over {
            // What will not happen again is not shown any more.
            true => group.schedules.remove(action),
            false => group.schedules.insert(action.to_owned(), schedule),
        };
    }
    if !stopped {
        apply(world, name, &more);
    }
}

fn apply(world: &mut World, name: &str, sizes: &Value) {
    let Some(group) = world.autoscaling.groups.get_mut(name) else {
        return;
    };
    let min = sizes["MinSize"].as_i64().unwrap_or(group.min);
    let max = sizes["MaxSize"].as_i64().unwrap_or(group.max).max(min);
    let desired = sizes["DesiredCapacity"].as_i64().unwrap_or(group.desired);
    let desired = desired.max(min).min(max);
    (group.min, group.max) = (min, max);
    let cause = format!(
        "a scheduled action update of AutoScalingGroup constraints to min: {min}, max: {max}, \
         desired: {desired}"
    );
    capacity::change(world, name, desired, &cause);
    look::soon(world, name);
}

fn remove(world: &mut World, group: &str, action: &str) -> Result<(), Refusal> {
    let groups = &mut world.autoscaling.groups;
    let removed = groups
        .get_mut(group)
        .and_then(|it| it.schedules.remove(action));
    removed.map(|_| ()).ok_or_else(|| {
        invalid(format!(
            "Scheduled action name not found: {action} in Auto Scaling group {group}"
        ))
    })
}

fn delete_one(world: &mut World, input: &Input) -> Answer {
    let group = named(world, input.text("AutoScalingGroupName"))?
        .name
        .clone();
    remove(world, &group, input.text("ScheduledActionName"))?;
    Ok(json!({}))
}

fn delete_many(world: &mut World, input: &Input) -> Answer {
    let group = named(world, input.text("AutoScalingGroupName"))?
        .name
        .clone();
    let mut failed = Vec::new();
    for name in input.texts("ScheduledActionNames") {
        if let Err(refusal) = remove(world, &group, name) {
            failed.push(json!({
                "ScheduledActionName": name,
                "ErrorCode": refusal.code,
                "ErrorMessage": refusal.message,
            }));
        }
    }
    Ok(json!({ "FailedScheduledActions": failed }))
}

fn describe(world: &mut World, input: &Input) -> Answer {
    let group = input.maybe("AutoScalingGroupName");
    if let Some(group) = group {
        named(world, group)?;
    }
    let names = input.texts("ScheduledActionNames");
    let bound = |name: &str| input.get(name).and_then(time);
    let (from, to) = (bound("StartTime"), bound("EndTime"));
    let mut shown = Vec::new();
    for it in world.autoscaling.groups.values() {
        if group.is_some_and(|name| super::group::name_in(name) != it.name) {
            continue;
        }
        for action in it.schedules.values() {
            let named = names.is_empty() || names.contains(&action.name.as_str());
            let late = from.is_none_or(|from| action.next.is_some_and(|it| it >= from));
            let early = to.is_none_or(|to| action.next.is_some_and(|it| it <= to));
            // Times are ignored where names are given.
            if named && (!names.is_empty() || late && early) {
                shown.push(as_shown(&it.name, action));
            }
        }
    }
    paged(&shown, input, "ScheduledUpdateGroupActions", 50, 100)
}

fn as_shown(group: &str, action: &Schedule) -> Value {
    let mut shown = action.more.clone();
    shown["AutoScalingGroupName"] = json!(group);
    shown["ScheduledActionName"] = json!(action.name);
    shown["ScheduledActionARN"] = json!(action.arn);
    // Of an action that recurs, the next time is shown as its start.
    if let Some(next) = action.next {
        shown["StartTime"] = next.value();
        shown["Time"] = next.value();
    }
    if let Some(end) = action.end {
        shown["EndTime"] = end.value();
    }
    shown
}

//! Scheduled actions: bounds that are set at their times.

use super::{
    DIMENSION, Event, activity, describe, invalid, not_found, on_target,
    schedule::Schedule,
    target::{Target, check_bounds, keep_within},
    target_of, zone,
};
use crate::{Action, Answer, Input, Refusal, Time, World, call::object, world};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::time::Duration;

/// How many scheduled actions a target has at most.
const MOST: usize = 200;

/// A scheduled action.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Scheduled {
    name: String,
    arn: String,
    resource: String,
    schedule: String,
    timezone: Option<String>,
    start: Option<Time>,
    end: Option<Time>,
    min: Option<i64>,
    max: Option<i64>,
    created_at: Time,
    /// When it is due.
    next: Option<Time>,
}

impl Scheduled {
    fn shown(&self) -> Value {
        let action = object([
            ("MinCapacity", self.min.map(Value::from)),
            ("MaxCapacity", self.max.map(Value::from)),
        ]);
        object([
            ("ScheduledActionName", Some(self.name.as_str().into())),
            ("ScheduledActionARN", Some(self.arn.as_str().into())),
            ("ServiceNamespace", Some("ecs".into())),
            ("Schedule", Some(self.schedule.as_str().into())),
            ("Timezone", self.timezone.as_deref().map(Value::from)),
            ("ResourceId", Some(self.resource.as_str().into())),
            ("ScalableDimension", Some(DIMENSION.into())),
            ("StartTime", self.start.map(Time::value)),
            ("EndTime", self.end.map(Time::value)),
            ("ScalableTargetAction", Some(action)),
            ("CreationTime", Some(self.created_at.value())),
        ])
    }

    /// The first time after a moment at which it runs; or what is wrong with it.
    fn time_after(&self, after: Time) -> Result<Option<Time>, Refusal> {
        let name = self.timezone.as_deref().unwrap_or("UTC");
        let zone = zone::find(name).ok_or_else(|| invalid(format!("Invalid time zone: {name}")))?;
        let schedule = Schedule::parse(&self.schedule, zone)
            .ok_or_else(|| invalid(format!("Invalid schedule expression: {}", self.schedule)))?;
        let moment = Duration::from_millis(1);
        let from = self.start.map_or(after, |start| after.max(start - moment));
        let next = schedule.next(from, self.start.unwrap_or(self.created_at));
        Ok(next.filter(|it| self.end.is_none_or(|end| *it <= end)))
    }

    /// What it sets, in words.
    fn words(&self) -> String {
        match (self.min, self.max) {
            (Some(min), Some(max)) => format!("min capacity to {min} and max capacity to {max}"),
            (Some(min), None) => format!("min capacity to {min}"),
            (None, max) => format!("max capacity to {}", max.unwrap_or_default()),
        }
    }
}

pub(super) fn actions() -> Vec<Action> {
    vec![
        Action::on("PutScheduledAction", put_scheduled_action, on_target),
        Action::on("DeleteScheduledAction", delete_scheduled_action, on_target),
        Action::new("DescribeScheduledActions", describe_scheduled_actions),
    ]
}

fn put_scheduled_action(world: &mut World, input: &Input) -> Answer {
    let target = target_of(world, input)?.clone();
    let name = input.text("ScheduledActionName");
    let old = target.actions.get(name);
    if old.is_none() && target.actions.len() >= MOST {
        let text = format!("There can be at most {MOST} scheduled actions per scalable target.");
        return Err(Refusal::new("LimitExceededException", text));
    }
    let mut action = read(world, input, &target, old)?;
    action.next = action.time_after(world.now)?;
    arrange(world, &action);
    target_of(world, input)?
        .actions
        .insert(name.to_owned(), action);
    Ok(json!({}))
}

/// What is left out stays as it is, but for the start and the end, which go.
fn read(
    world: &mut World,
    input: &Input,
    target: &Target,
    old: Option<&Scheduled>,
) -> Result<Scheduled, Refusal> {
    let name = input.text("ScheduledActionName");
    let text = |member: &str, old: Option<&String>| {
        let given = input.maybe(member).map(str::to_owned);
        given.or(old.cloned())
    };
    let schedule = text("Schedule", old.map(|it| &it.schedule));
    let schedule =
        schedule.ok_or_else(|| invalid("A schedule is required to create a scheduled action."))?;
    let (min, max) = match input.get("ScalableTargetAction") {
        Some(set) => {
            let number = |name: &str| set.get(name).and_then(Value::as_i64);
            (number("MinCapacity"), number("MaxCapacity"))
        }
        None => (old.and_then(|it| it.min), old.and_then(|it| it.max)),
    };
    if min.is_none() && max.is_none() {
        return Err(invalid(
            "At least one of MinCapacity and MaxCapacity is required in ScalableTargetAction.",
        ));
    }
    check_bounds(min.unwrap_or_default(), max.unwrap_or(i64::MAX))?;
    if max.is_some_and(|it| it < 0) {
        return Err(invalid(
            "Maximum capacity must be greater than or equal to 0",
        ));
    }
    let moment = |name: &str| {
        let seconds = input.number(name)?;
        Some(Time((seconds.max(0.0) * 1000.0) as u64))
    };
    let (start, end) = (moment("StartTime"), moment("EndTime"));
    if start.zip(end).is_some_and(|(start, end)| start >= end) {
        return Err(invalid("The end time must be after the start time."));
    }
    let arn = match old {
        Some(old) => old.arn.clone(),
        None => {
            let id = world.ids.uuid();
            let resource = &target.resource;
            world.arn(
                "autoscaling",
                &format!("scheduledAction:{id}:resource/ecs/{resource}:scheduledActionName/{name}"),
            )
        }
    };
    Ok(Scheduled {
        name: name.to_owned(),
        arn,
        resource: target.resource.clone(),
        schedule,
        timezone: text("Timezone", old.and_then(|it| it.timezone.as_ref())),
        start,
        end,
        min,
        max,
        created_at: old.map_or(world.now, |it| it.created_at),
        next: None,
    })
}

fn arrange(world: &mut World, action: &Scheduled) {
    if let Some(at) = action.next {
        let event = Event::Due(action.resource.clone(), action.name.clone(), at);
        world.agenda.once(at, world::Event::Scaling(event));
    }
}

fn delete_scheduled_action(world: &mut World, input: &Input) -> Answer {
    let missing = || not_found("scheduled action", input);
    let target = target_of(world, input).map_err(|_| missing())?;
    let action = target.actions.remove(input.text("ScheduledActionName"));
    action.ok_or_else(missing)?;
    Ok(json!({}))
}

fn describe_scheduled_actions(world: &mut World, input: &Input) -> Answer {
    let names = input.texts("ScheduledActionNames");
    let targets = world.scaling.targets.values();
    let actions = targets.flat_map(|it| it.actions.values());
    let asked = actions.filter(|it| names.is_empty() || names.contains(&it.name.as_str()));
    let shown = asked.map(Scheduled::shown).collect();
    describe(input, "ScheduledActions", shown, 50)
}

/// A scheduled action is due: sets the bounds, and brings the count within them. One that has run
/// for the last time stays listed.
pub(super) fn run(world: &mut World, resource: &str, name: &str, at: Time) {
    let now = world.now;
    let Some(target) = world.scaling.targets.get_mut(resource) else {
        return;
    };
    let Some(action) = target
        .actions
        .get_mut(name)
        .filter(|it| it.next == Some(at))
    else {
        return;
    };
    action.next = action.time_after(now).ok().flatten();
    let action = action.clone();
    if target.suspended.scheduled {
        arrange(world, &action);
        return;
    }
    // A bound that is not set gives way to the one that is.
    match (action.min, action.max) {
        (Some(min), Some(max)) => (target.min, target.max) = (min, max),
        (Some(min), None) => (target.min, target.max) = (min, target.max.max(min)),
        (None, Some(max)) => (target.min, target.max) = (target.min.min(max), max),
        (None, None) => (),
    }
    arrange(world, &action);
    let cause = format!("scheduled action name {name} was triggered");
    activity::set_bounds(world, resource, &action.words(), cause);
    keep_within(world, resource);
}

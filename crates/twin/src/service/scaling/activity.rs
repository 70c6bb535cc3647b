//! What was done to services' counts, and what was left.

use super::{DIMENSION, Event, count, describe};
use crate::{Action, Answer, Input, Time, World, call::object, world};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::time::Duration;

/// AWS keeps activities for six weeks.
const KEPT: Duration = Duration::from_secs(42 * 86_400);

/// And here, at most so many.
const MOST: usize = 1000;

/// How often it is looked whether a service has come to its count.
const PACE: Duration = Duration::from_secs(5);

/// How long it is waited for that. AWS does not say.
const PATIENCE: Duration = Duration::from_secs(3600);

/// An activity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Activity {
    id: String,
    resource: String,
    description: String,
    cause: String,
    started_at: Time,
    ended_at: Option<Time>,
    /// `InProgress`, `Successful`, `Overridden`, `Unfulfilled`, `Failed`.
    status: String,
    message: Option<String>,
    /// The count that was set.
    desired: Option<i64>,
    /// Why nothing was done.
    not_scaled: Option<Value>,
}

impl Activity {
    fn shown(&self) -> Value {
        object([
            ("ActivityId", Some(self.id.as_str().into())),
            ("ServiceNamespace", Some("ecs".into())),
            ("ResourceId", Some(self.resource.as_str().into())),
            ("ScalableDimension", Some(DIMENSION.into())),
            ("Description", Some(self.description.as_str().into())),
            ("Cause", Some(self.cause.as_str().into())),
            ("StartTime", Some(self.started_at.value())),
            ("EndTime", self.ended_at.map(Time::value)),
            ("StatusCode", Some(self.status.as_str().into())),
            ("StatusMessage", self.message.as_deref().map(Value::from)),
            ("NotScaledReasons", self.not_scaled.clone()),
        ])
    }
}

pub(super) fn actions() -> Vec<Action> {
    vec![Action::new(
        "DescribeScalingActivities",
        describe_scaling_activities,
    )]
}

fn describe_scaling_activities(world: &mut World, input: &Input) -> Answer {
    let with_not_scaled = input.flag("IncludeNotScaledActivities");
    let activities = world.scaling.activities.iter().rev();
    let recent = activities.filter(|it| world.now.since(it.started_at) <= KEPT);
    let asked = recent.filter(|it| with_not_scaled || it.not_scaled.is_none());
    let shown = asked.map(Activity::shown).collect();
    describe(input, "ScalingActivities", shown, 50)
}

fn new(world: &mut World, resource: &str, description: String, cause: String) -> Activity {
    Activity {
        id: world.ids.uuid(),
        resource: resource.to_owned(),
        description,
        cause,
        started_at: world.now,
        ended_at: None,
        status: "InProgress".to_owned(),
        message: None,
        desired: None,
        not_scaled: None,
    }
}

fn add(world: &mut World, activity: Activity) {
    let activities = &mut world.scaling.activities;
    activities.push(activity);
    let gone = activities.len().saturating_sub(MOST);
    activities.drain(..gone);
}

/// Sets a service's count; answers whether that could be done.
pub(super) fn set_desired(world: &mut World, resource: &str, desired: i64, cause: String) -> bool {
    let now = world.now;
    let under_way = |it: &&mut Activity| it.resource == resource && it.status == "InProgress";
    for activity in world.scaling.activities.iter_mut().filter(under_way) {
        activity.status = "Overridden".to_owned();
        activity.ended_at = Some(now);
    }
    let is_set = count::set_desired(world, resource, desired);
    let description = format!("Setting desired count to {desired}.");
    let mut activity = new(world, resource, description, cause);
    activity.desired = Some(desired);
    match is_set {
        true => {
            activity.message = Some(format!(
                "Successfully set desired count to {desired}. Waiting for change to be fulfilled by ecs."
            ));
            let event = Event::Fulfilled(activity.id.clone());
            world.after(PACE, world::Event::Scaling(event));
        }
        false => {
            activity.status = "Failed".to_owned();
            activity.ended_at = Some(now);
            activity.message = Some(format!(
                "Failed to set desired count to {desired}. Reason: the service is not active."
            ));
        }
    }
    add(world, activity);
    is_set
}

/// Notes that a target's bounds were set.
pub(super) fn set_bounds(world: &mut World, resource: &str, what: &str, cause: String) {
    let mut activity = new(world, resource, format!("Setting {what}"), cause);
    activity.status = "Successful".to_owned();
    activity.message = Some(format!("Successfully set {what}"));
    activity.ended_at = Some(world.now);
    add(world, activity);
}

/// Notes why nothing was done, unless that is what was noted last.
pub(super) fn not_scaled(world: &mut World, resource: &str, cause: String, reason: Value) {
    let reasons = json!([reason]);
    let mut newest = world.scaling.activities.iter().rev();
    let is_known = newest
        .find(|it| it.resource == resource)
        .is_some_and(|it| it.cause == cause && it.not_scaled.as_ref() == Some(&reasons));
    if is_known {
        return;
    }
    let description = "Attempting to scale due to alarm triggered".to_owned();
    let mut activity = new(world, resource, description, cause);
    activity.status = "Failed".to_owned();
    activity.ended_at = Some(world.now);
    activity.not_scaled = Some(reasons);
    add(world, activity);
}

/// Looks whether the service has come to the count that an activity set.
pub(super) fn look(world: &mut World, id: &str) {
    let now = world.now;
    let is_it = |it: &Activity| it.id == id && it.status == "InProgress";
    let Some(index) = world.scaling.activities.iter().position(is_it) else {
        return;
    };
    let activity = &world.scaling.activities[index];
    let counts = count::counts(world, &activity.resource);
    let desired = activity.desired.unwrap_or_default();
    let is_over = now.since(activity.started_at) >= PATIENCE;
    let (status, outcome) = match counts {
        Some(counts) if counts.running == desired => ("Successful", "successfully fulfilled"),
        Some(_) if !is_over => {
            let event = Event::Fulfilled(id.to_owned());
            world.after(PACE, world::Event::Scaling(event));
            return;
        }
        _ => ("Unfulfilled", "not fulfilled"),
    };
    let activity = &mut world.scaling.activities[index];
    activity.status = status.to_owned();
    activity.ended_at = Some(now);
    activity.message = Some(format!(
        "Successfully set desired count to {desired}. Change {outcome} by ecs."
    ));
}

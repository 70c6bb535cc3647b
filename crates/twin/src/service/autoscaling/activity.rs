//! Scaling activities: what a group did, and why.

use super::refusal::{invalid, named, paged};
use crate::{Action, Answer, Input, Time, World};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::time::Duration;

/// How long activities can be read.
const KEPT: Duration = Duration::from_secs(6 * 7 * 86_400);

/// Something that a group does or did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Activity {
    /// Its id.
    pub id: String,
    /// The group's name.
    pub group: String,
    /// The group's ARN.
    pub arn: String,
    /// `Launching a new EC2 instance: i-…`
    pub description: String,
    /// Why it began.
    pub cause: String,
    /// When it began.
    pub started_at: Time,
    /// When it ended.
    pub ended_at: Option<Time>,
    /// `InProgress`, `Successful`, `Failed`, …
    pub status: String,
    /// What went wrong.
    pub message: Option<String>,
    /// From 0 to 100.
    pub progress: i64,
    /// JSON: the subnet and the zone.
    pub details: String,
    /// Whether its group is gone.
    pub deleted: bool,
}

pub(super) fn actions() -> Vec<Action> {
    vec![Action::new("DescribeScalingActivities", describe)]
}

/// A moment as causes write it: `2026-11-27T00:00:00Z`.
pub(super) fn stamp(at: Time) -> String {
    format!("{}Z", &at.to_string()[..19])
}

/// The details of an activity in a subnet.
pub(super) fn details(subnet: &str, zone: &str) -> String {
    match subnet {
        "" => json!({ "Availability Zone": zone }).to_string(),
        _ => format!(r#"{{"Subnet ID":"{subnet}","Availability Zone":"{zone}"}}"#),
    }
}

/// Begins an activity; answers its id.
pub(super) fn begin(
    world: &mut World,
    group: &str,
    description: String,
    cause: String,
    details: String,
) -> String {
    let id = world.ids.uuid();
    let arn = world.autoscaling.groups.get(group).map(|it| it.arn.clone());
    let oldest = world.now - KEPT;
    let activities = &mut world.autoscaling.activities;
    activities.retain(|it| it.started_at >= oldest);
    activities.push(Activity {
        id: id.clone(),
        group: group.to_owned(),
        arn: arn.unwrap_or_default(),
        description,
        cause,
        started_at: world.now,
        ended_at: None,
        status: "InProgress".into(),
        message: None,
        progress: 50,
        details,
        deleted: false,
    });
    id
}

/// Sets how far an activity is that has not ended.
pub(super) fn reach(world: &mut World, id: &str, status: &str, progress: i64) {
    if let Some(activity) = find(world, id).filter(|it| it.ended_at.is_none()) {
        activity.status = status.to_owned();
        activity.progress = progress;
    }
}

/// Ends an activity that has not ended, with `Successful`, `Failed` or `Cancelled`.
pub(super) fn end(world: &mut World, id: &str, status: &str, message: Option<String>) {
    let now = world.now;
    if let Some(activity) = find(world, id).filter(|it| it.ended_at.is_none()) {
        activity.status = status.to_owned();
        activity.progress = 100;
        activity.ended_at = Some(now);
        activity.message = message;
    }
}

fn find<'a>(world: &'a mut World, id: &str) -> Option<&'a mut Activity> {
    let activities = world.autoscaling.activities.iter_mut();
    activities.rev().find(|it| it.id == id)
}

/// Marks the activities of a group that is gone.
pub(super) fn orphan(world: &mut World, arn: &str) {
    let activities = world.autoscaling.activities.iter_mut();
    for activity in activities.filter(|it| it.arn == arn) {
        activity.deleted = true;
    }
}

/// An activity as DescribeScalingActivities shows it.
pub(super) fn shown(activity: &Activity) -> Value {
    let mut shown = json!({
        "ActivityId": activity.id,
        "AutoScalingGroupName": activity.group,
        "AutoScalingGroupARN": activity.arn,
        "Description": activity.description,
        "Cause": activity.cause,
        "StartTime": activity.started_at.value(),
        "StatusCode": activity.status,
        "Progress": activity.progress,
        "Details": activity.details,
    });
    if let Some(ended) = activity.ended_at {
        // The end is given in whole seconds.
        shown["EndTime"] = ended.floor(Duration::from_secs(1)).value();
    }
    if let Some(message) = &activity.message {
        let text: String = message.chars().take(255).collect();
        shown["StatusMessage"] = json!(text);
    }
    if activity.deleted {
        shown["AutoScalingGroupState"] = json!("Deleted");
    }
    shown
}

/// An activity by its id, as shown.
pub(super) fn shown_by_id(world: &World, id: &str) -> Value {
    let mut activities = world.autoscaling.activities.iter().rev();
    activities.find(|it| it.id == id).map_or(Value::Null, shown)
}

fn describe(world: &mut World, input: &Input) -> Answer {
    let deleted = input.flag("IncludeDeletedGroups");
    let name = input.maybe("AutoScalingGroupName");
    if let Some(name) = name.filter(|_| !deleted) {
        named(world, name)?;
    }
    let ids = input.texts("ActivityIds");
    if ids.len() > 50 {
        return Err(invalid("At most 50 activity IDs can be given."));
    }
    let oldest = world.now - KEPT;
    let mut found: Vec<&Activity> = world.autoscaling.activities.iter().collect();
    found.retain(|it| it.started_at >= oldest && (deleted || !it.deleted));
    found.retain(|it| name.is_none_or(|name| it.group == super::group::name_in(name)));
    found.retain(|it| ids.is_empty() || ids.contains(&it.id.as_str()));
    for filter in input.list("Filters") {
        apply(&mut found, filter)?;
    }
    let shown: Vec<Value> = found.into_iter().rev().map(shown).collect();
    paged(&shown, input, "Activities", 100, 100)
}

fn apply(found: &mut Vec<&Activity>, filter: &Value) -> Result<(), crate::Refusal> {
    let values: Vec<&str> = filter["Values"]
        .as_array()
        .map(|it| it.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    // ISO 8601 in UTC sorts as text as far as the seconds.
    let second = |text: &str| text.chars().take(19).collect::<String>();
    let bound = values.first().map(|it| second(it)).unwrap_or_default();
    match filter["Name"].as_str().unwrap_or_default() {
        "Status" => found.retain(|it| values.contains(&it.status.as_str())),
        "StartTimeLowerBound" => found.retain(|it| second(&it.started_at.to_string()) >= bound),
        "StartTimeUpperBound" => found.retain(|it| second(&it.started_at.to_string()) <= bound),
        other => return Err(invalid(format!("Filter type {other} is not correct."))),
    }
    Ok(())
}

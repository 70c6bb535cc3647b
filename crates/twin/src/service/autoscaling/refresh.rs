//! Instance refreshes: starting, reading and cancelling them.

use super::{
    Group, create, look,
    refusal::{invalid, lasting, named, paged},
    shape,
};
use crate::{Action, Answer, Input, Refusal, Time, World};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// An instance refresh.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Refresh {
    /// Its id.
    pub id: String,
    /// `Pending`, `InProgress`, `Successful`, …
    pub status: String,
    /// Why it is in that state.
    pub reason: Option<String>,
    /// When it was started.
    pub started_at: Time,
    /// When it ended.
    pub ended_at: Option<Time>,
    /// The preferences, with defaults filled in.
    pub preferences: Value,
    /// The desired configuration; null if none was given.
    pub desired: Value,
    /// What instances were made from before, as the group shows it.
    pub before: Value,
    /// The instances that are still to be replaced.
    pub targets: Vec<String>,
    /// How many there were to replace.
    pub total: i64,
    /// How many are replaced, and warm.
    pub done: i64,
    /// When it last got on.
    pub moved_at: Time,
    /// Until when it rests at a checkpoint, or bakes.
    pub rests_until: Option<Time>,
    /// How many checkpoints it has passed.
    pub checkpoints: usize,
    /// Since when it is rolled back, why, and how far it had come.
    pub rollback: Option<Rollback>,
    /// Whether a cancellation waits for instances on their way.
    pub waits: bool,
}

/// The rolling back of an instance refresh.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rollback {
    /// Since when.
    pub started_at: Time,
    /// Why.
    pub reason: String,
    /// How much had been done, in percent, and was left.
    pub percentage: i64,
    /// How many instances had not been replaced.
    pub left: i64,
}

impl Refresh {
    /// Whether it still goes on.
    pub(super) fn is_active(&self) -> bool {
        let going = [
            "Pending",
            "InProgress",
            "Baking",
            "Cancelling",
            "RollbackInProgress",
        ];
        going.contains(&self.status.as_str())
    }

    /// What instances are made from meanwhile, if that is another thing than the group's.
    pub(super) fn configuration(&self) -> Option<Value> {
        match (&self.rollback, &self.desired) {
            (_, Value::Null) => None,
            (Some(_), _) => Some(self.before.clone()),
            (None, desired) => Some(desired.clone()),
        }
    }

    /// How much is done, in percent.
    pub(super) fn percentage(&self) -> i64 {
        match self.total {
            0 => 100,
            total => (self.done * 100 / total).clamp(0, 100),
        }
    }
}

pub(super) fn actions() -> Vec<Action> {
    vec![
        Action::on("StartInstanceRefresh", start, create::on_group),
        Action::on("CancelInstanceRefresh", cancel, create::on_group),
        Action::new("DescribeInstanceRefreshes", describe),
    ]
}

fn start(world: &mut World, input: &Input) -> Answer {
    let name = lasting(world, input.text("AutoScalingGroupName"))?;
    let group = named(world, &name)?;
    if group.refreshes.last().is_some_and(|it| it.is_active()) {
        return Err(Refusal::new(
            "InstanceRefreshInProgress",
            "An Instance Refresh is already in progress and blocks the execution of this \
             Instance Refresh.",
        ));
    }
    if input.text("Strategy") == "ReplaceRootVolume" {
        return Err(invalid(
            "The strategy ReplaceRootVolume is not available for this Auto Scaling group.",
        ));
    }
    let given = input.get("Preferences").cloned().unwrap_or(json!({}));
    let preferences = preferences(group, &given)?;
    let before = source(group);
    let desired = match input.get("DesiredConfiguration") {
        Some(desired) => configuration(world, desired)?,
        None => Value::Null,
    };
    if preferences["AutoRollback"] == json!(true) {
        super::rollback::check(&desired, &before)?;
    }
    let refresh = Refresh {
        id: world.ids.uuid(),
        status: "Pending".into(),
        started_at: world.now,
        moved_at: world.now,
        preferences,
        desired,
        before,
        ..Refresh::default()
    };
    let id = refresh.id.clone();
    if let Some(group) = world.autoscaling.groups.get_mut(&name) {
        group.surge = 0;
        group.refreshes.push(refresh);
    }
    look::soon(world, &name);
    Ok(json!({ "InstanceRefreshId": id }))
}

/// What a group's instances are made from, as it shows it.
fn source(group: &Group) -> Value {
    let mut source = json!({});
    for way in ["LaunchTemplate", "MixedInstancesPolicy"] {
        if let Some(value) = group.more.get(way) {
            source[way] = value.clone();
        }
    }
    source
}

fn configuration(world: &mut World, given: &Value) -> Result<Value, Refusal> {
    match (
        given.get("LaunchTemplate"),
        given.get("MixedInstancesPolicy"),
    ) {
        (Some(template), None) => {
            Ok(json!({ "LaunchTemplate": shape::template(world, template)? }))
        }
        (None, Some(policy)) => Ok(json!({ "MixedInstancesPolicy": shape::mixed(world, policy)? })),
        _ => Err(invalid(
            "A desired configuration must contain either LaunchTemplate or MixedInstancesPolicy.",
        )),
    }
}

/// The preferences with their defaults.
fn preferences(group: &Group, given: &Value) -> Result<Value, Refusal> {
    let policy = &group.more["InstanceMaintenancePolicy"];
    let (least, most) = (
        &given["MinHealthyPercentage"],
        &given["MaxHealthyPercentage"],
    );
    if most.is_i64() && !least.is_i64() {
        return Err(invalid(
            "You must specify MinHealthyPercentage if you specify MaxHealthyPercentage.",
        ));
    }
    if let (Some(least), Some(most)) = (least.as_i64(), most.as_i64())
        && most - least > 100
    {
        return Err(invalid(
            "The difference between MinHealthyPercentage and MaxHealthyPercentage cannot be \
             greater than 100.",
        ));
    }
    let checkpoints = given["CheckpointPercentages"].as_array();
    if given.get("CheckpointDelay").is_some() && checkpoints.is_none() {
        return Err(invalid(
            "CheckpointPercentages must be specified if CheckpointDelay is.",
        ));
    }
    let mut filled = json!({
        "MinHealthyPercentage": policy["MinHealthyPercentage"].as_i64().unwrap_or(90),
        "InstanceWarmup": group.warmup(),
        "SkipMatching": false,
        "AutoRollback": false,
        "ScaleInProtectedInstances": "Wait",
        "StandbyInstances": "Wait",
    });
    if let Some(most) = policy["MaxHealthyPercentage"].as_i64() {
        filled["MaxHealthyPercentage"] = json!(most);
    }
    if checkpoints.is_some() {
        filled["CheckpointDelay"] = json!(3600);
    }
    for (name, value) in given.as_object().into_iter().flatten() {
        filled[name] = value.clone();
    }
    Ok(filled)
}

/// What is answered where no refresh is active.
pub(super) fn none_active(name: &str) -> Refusal {
    let text =
        format!("No in progress or pending Instance Refresh found for Auto Scaling group {name}");
    Refusal::new("ActiveInstanceRefreshNotFound", text)
}

fn cancel(world: &mut World, input: &Input) -> Answer {
    let name = lasting(world, input.text("AutoScalingGroupName"))?;
    let now = world.now;
    let group = world.autoscaling.groups.get_mut(&name);
    let refresh = group.and_then(|it| it.refreshes.last_mut());
    let Some(refresh) = refresh.filter(|it| it.is_active()) else {
        return Err(none_active(&name));
    };
    let id = refresh.id.clone();
    if refresh.status == "Pending" {
        refresh.status = "Cancelled".into();
        refresh.ended_at = Some(now);
    } else {
        refresh.status = "Cancelling".into();
        refresh.waits = input.get("WaitForTransitioningInstances") != Some(&json!(false));
    }
    refresh.reason = Some("Cancelled due to user request.".into());
    look::soon(world, &name);
    Ok(json!({ "InstanceRefreshId": id }))
}

fn describe(world: &mut World, input: &Input) -> Answer {
    let group = named(world, input.text("AutoScalingGroupName"))?;
    let ids = input.texts("InstanceRefreshIds");
    let refreshes = group.refreshes.iter().rev();
    let shown: Vec<Value> = refreshes
        .filter(|it| ids.is_empty() || ids.contains(&it.id.as_str()))
        .map(|it| shown(&group.name, it))
        .collect();
    paged(&shown, input, "InstanceRefreshes", 50, 100)
}

fn shown(group: &str, refresh: &Refresh) -> Value {
    let mut shown = json!({
        "InstanceRefreshId": refresh.id,
        "AutoScalingGroupName": group,
        "Status": refresh.status,
        "Preferences": refresh.preferences,
        "Strategy": "Rolling",
    });
    if let Some(reason) = &refresh.reason {
        shown["StatusReason"] = json!(reason);
    }
    if refresh.status != "Pending" {
        shown["StartTime"] = refresh.started_at.value();
        shown["PercentageComplete"] = json!(refresh.percentage());
        shown["InstancesToUpdate"] = json!((refresh.total - refresh.done).max(0));
    }
    if let Some(ended) = refresh.ended_at {
        shown["EndTime"] = ended.value();
    }
    if !refresh.desired.is_null() {
        shown["DesiredConfiguration"] = refresh.desired.clone();
    }
    if let Some(rollback) = &refresh.rollback {
        shown["RollbackDetails"] = json!({
            "RollbackReason": rollback.reason,
            "RollbackStartTime": rollback.started_at.value(),
            "PercentageCompleteOnRollback": rollback.percentage,
            "InstancesToUpdateOnRollback": rollback.left,
        });
    }
    shown
}

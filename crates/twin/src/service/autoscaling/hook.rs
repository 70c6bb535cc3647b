//! Lifecycle hooks.

use super::{
    create,
    refusal::{invalid, lasting, named},
    wait,
};
use crate::{Action, Answer, Input, Refusal, World};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// How many hooks a group may have.
const MOST: usize = 50;

/// A lifecycle hook.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Hook {
    /// Its name.
    pub name: String,
    /// The transition at which instances wait.
    pub transition: String,
    /// For how many seconds they wait without a heartbeat.
    pub heartbeat: u64,
    /// `CONTINUE` or `ABANDON`: what happens then.
    pub result: String,
    /// Where notifications go, by the names of the model.
    pub more: Value,
}

impl Hook {
    /// Whether an instance goes on when the hook has waited for long enough.
    pub(super) fn continues(&self) -> bool {
        self.result == "CONTINUE"
    }

    /// For how many seconds an instance waits at most.
    pub(super) fn global(&self) -> u64 {
        (self.heartbeat * 100).min(172_800)
    }
}

pub(super) fn actions() -> Vec<Action> {
    vec![
        Action::on("PutLifecycleHook", put_hook, create::on_group),
        Action::on("DeleteLifecycleHook", delete, create::on_group),
        Action::new("DescribeLifecycleHooks", describe),
    ]
}

/// Checks a hook as it is given.
pub(super) fn check(given: &Value, new: bool) -> Result<(), Refusal> {
    match given["LifecycleTransition"].as_str() {
        Some(wait::LAUNCHING | wait::TERMINATING) => {}
        None if !new => {}
        None => {
            return Err(invalid(
                "LifecycleTransition is required for a new lifecycle hook.",
            ));
        }
        Some(other) => {
            return Err(invalid(format!("Invalid lifecycle transition: {other}")));
        }
    }
    let heartbeat = given["HeartbeatTimeout"].as_i64();
    if heartbeat.is_some_and(|it| !(30..=7200).contains(&it)) {
        return Err(invalid(
            "Heartbeat timeout must be between 30 and 7200 seconds.",
        ));
    }
    match given["DefaultResult"].as_str() {
        None | Some("CONTINUE" | "ABANDON") => Ok(()),
        Some(other) => Err(invalid(format!("Invalid lifecycle action result: {other}"))),
    }
}

/// Adds a hook to a group, or changes what is given of it.
pub(super) fn put(world: &mut World, group: &str, given: &Value) {
    let name = given["LifecycleHookName"].as_str().unwrap_or_default();
    let Some(group) = world.autoscaling.groups.get_mut(group) else {
        return;
    };
    let hook = group.hooks.entry(name.to_owned()).or_insert_with(|| Hook {
        name: name.to_owned(),
        heartbeat: 3600,
        result: "ABANDON".into(),
        more: json!({}),
        ..Hook::default()
    });
    if let Some(transition) = given["LifecycleTransition"].as_str() {
        hook.transition = transition.to_owned();
    }
    if let Some(heartbeat) = given["HeartbeatTimeout"].as_u64() {
        hook.heartbeat = heartbeat;
    }
    if let Some(result) = given["DefaultResult"].as_str() {
        hook.result = result.to_owned();
    }
    for name in ["NotificationTargetARN", "RoleARN", "NotificationMetadata"] {
        if let Some(value) = given.get(name) {
            hook.more[name] = value.clone();
        }
    }
}

/// Puts the hook that managed draining uses.
pub(super) fn put_managed(world: &mut World, group: &str, hook: &str, heartbeat: u64) {
    let given = json!({
        "LifecycleHookName": hook,
        "LifecycleTransition": wait::TERMINATING,
        "HeartbeatTimeout": heartbeat,
        "DefaultResult": "CONTINUE",
    });
    put(world, group, &given);
}

/// Removes a hook. What waits at it is completed first: launches are abandoned, terminations go
/// on. Answers whether there was such a hook.
pub(super) fn remove(world: &mut World, name: &str, hook: &str) -> bool {
    let Some(group) = world.autoscaling.groups.get_mut(name) else {
        return false;
    };
    if group.hooks.remove(hook).is_none() {
        return false;
    }
    let waiting = group.members.iter().filter(|(_, member)| {
        let mut waits = member.waits.iter();
        waits.any(|it| it.hook == hook)
    });
    let waiting: Vec<(String, bool)> = waiting
        .map(|(id, member)| (id.clone(), member.ending()))
        .collect();
    for (instance, ending) in waiting {
        wait::complete(world, name, &instance, hook, ending);
    }
    true
}

fn put_hook(world: &mut World, input: &Input) -> Answer {
    let name = lasting(world, input.text("AutoScalingGroupName"))?;
    let hooks = &named(world, &name)?.hooks;
    let new = !hooks.contains_key(input.text("LifecycleHookName"));
    let given = Value::Object(input.members.clone());
    check(&given, new)?;
    if new && hooks.len() >= MOST {
        let text = format!("An Auto Scaling group can have at most {MOST} lifecycle hooks.");
        return Err(Refusal::new("LimitExceeded", text));
    }
    put(world, &name, &given);
    Ok(json!({}))
}

fn delete(world: &mut World, input: &Input) -> Answer {
    let name = named(world, input.text("AutoScalingGroupName"))?
        .name
        .clone();
    let hook = input.text("LifecycleHookName");
    match remove(world, &name, hook) {
        true => Ok(json!({})),
        false => Err(invalid(format!(
            "No Lifecycle Hook found with name {hook} for AutoScalingGroup {name}."
        ))),
    }
}

fn describe(world: &mut World, input: &Input) -> Answer {
    let group = named(world, input.text("AutoScalingGroupName"))?;
    let names = input.texts("LifecycleHookNames");
    let hooks = group.hooks.values();
    let shown: Vec<Value> = hooks
        .filter(|it| names.is_empty() || names.contains(&it.name.as_str()))
        .map(|hook| {
            let mut shown = hook.more.clone();
            shown["LifecycleHookName"] = json!(hook.name);
            shown["AutoScalingGroupName"] = json!(group.name);
            shown["LifecycleTransition"] = json!(hook.transition);
            shown["HeartbeatTimeout"] = json!(hook.heartbeat);
            shown["GlobalTimeout"] = json!(hook.global());
            shown["DefaultResult"] = json!(hook.result);
            shown
        })
        .collect();
    Ok(json!({ "LifecycleHooks": shown }))
}

//! Instances that wait at lifecycle hooks.

use super::{
    Event, activity, create, group, launch,
    refusal::{invalid, lasting},
    termination,
};
use crate::{Action, Answer, Input, Refusal, Time, World, service::ecs, world};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::time::Duration;

/// The transition of an instance that is launched.
pub(super) const LAUNCHING: &str = "autoscaling:EC2_INSTANCE_LAUNCHING";
/// The transition of an instance that is terminated.
pub(super) const TERMINATING: &str = "autoscaling:EC2_INSTANCE_TERMINATING";
/// The hook at which ECS drains instances.
const DRAINING: &str = "ecs-managed-draining-termination-hook";

/// What an instance waits for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Wait {
    /// The hook.
    pub hook: String,
    /// The token of the lifecycle action.
    pub token: String,
    /// Until when the hook waits, unless there is a heartbeat.
    pub until: Time,
    /// Until when it waits at most.
    pub at_most: Time,
}

pub(super) fn actions() -> Vec<Action> {
    vec![
        Action::on("CompleteLifecycleAction", complete_action, create::on_group),
        Action::on(
            "RecordLifecycleActionHeartbeat",
            heartbeat,
            create::on_group,
        ),
    ]
}

/// Lets a member wait at the group's hooks of a transition. Answers whether there are any.
pub(super) fn begin(world: &mut World, name: &str, instance: &str, transition: &str) -> bool {
    let Some(group) = world.autoscaling.groups.get(name) else {
        return false;
    };
    let hooks = group
        .hooks
        .values()
        .filter(|it| it.transition == transition);
    let hooks: Vec<_> = hooks.cloned().collect();
    if hooks.is_empty() {
        return false;
    }
    let mut waits = Vec::new();
    for hook in &hooks {
        let token = world.ids.uuid();
        let until = world.now + Duration::from_secs(hook.heartbeat);
        let at_most = world.now + Duration::from_secs(hook.global());
        watch(world, name, instance, &token, until);
        waits.push(Wait {
            hook: hook.name.clone(),
            token,
            until,
            at_most,
        });
    }
    let (lifecycle, status) = match transition {
        LAUNCHING => ("Pending:Wait", "MidLifecycleAction"),
        _ => ("Terminating:Wait", "MidTerminatingLifecycleAction"),
    };
    if let Some(member) = group::member_mut(world, name, instance) {
        member.lifecycle = lifecycle.into();
        member.waits = waits;
        let activity = member.activity.clone();
        activity::reach(world, &activity, status, 50);
    }
    if hooks.iter().any(|it| it.name == DRAINING) && transition == TERMINATING {
        ecs::instance_waits(world, instance);
    }
    true
}

fn watch(world: &mut World, group: &str, instance: &str, token: &str, at: Time) {
    let event = Event::Timeout {
        group: group.to_owned(),
        instance: instance.to_owned(),
        token: token.to_owned(),
    };
    world.agenda.at(at, world::Event::Autoscaling(event));
}

/// A hook's patience with an instance is at an end, unless there was a heartbeat.
pub(super) fn timeout(world: &mut World, name: &str, instance: &str, token: &str) {
    let Some(group) = world.autoscaling.groups.get(name) else {
        return;
    };
    let waits = group.members.get(instance).map(|it| it.waits.as_slice());
    let Some(wait) = waits.and_then(|it| it.iter().find(|it| it.token == token)) else {
        return;
    };
    let until = wait.until.min(wait.at_most);
    if until > world.now {
        watch(world, name, instance, token, until);
        return;
    }
    let hook = wait.hook.clone();
    let continues = group.hooks.get(&hook).is_some_and(|it| it.continues());
    finish(world, name, instance, &hook, continues, "Heartbeat Timeout");
}

/// Ends what an instance waits for at a hook. Answers whether it did.
pub(super) fn complete(
    world: &mut World,
    name: &str,
    instance: &str,
    hook: &str,
    continues: bool,
) -> bool {
    let why = "Lifecycle Action Completed with ABANDON Result";
    finish(world, name, instance, hook, continues, why)
}

fn finish(
    world: &mut World,
    name: &str,
    instance: &str,
    hook: &str,
    continues: bool,
    why: &str,
) -> bool {
    let Some(member) = group::member_mut(world, name, instance) else {
        return false;
    };
    let Some(index) = member.waits.iter().position(|it| it.hook == hook) else {
        return false;
    };
    let wait = member.waits.remove(index);
    let done = member.waits.is_empty();
    if member.ending() {
        // To abandon an instance that ends anyway is to wait for no other hook.
        if done || !continues {
            termination::proceed(world, name, instance);
        }
    } else if !continues {
        let message = format!(
            "Instance failed to complete user's Lifecycle Action: Lifecycle Action with token {} \
             was abandoned: {why}",
            wait.token
        );
        member.lifecycle = "Terminating".into();
        let activity = member.activity.clone();
        activity::end(world, &activity, "Cancelled", Some(message));
        termination::proceed(world, name, instance);
        super::look::soon(world, name);
    } else if done {
        member.lifecycle = "Pending:Proceed".into();
        launch::in_service(world, name, instance);
    }
    true
}

/// The group, and the instance that waits for the lifecycle action that a request names.
fn waiting(world: &World, input: &Input) -> Result<(String, String), Refusal> {
    let name = input.text("AutoScalingGroupName");
    let group = super::refusal::named(world, name)?;
    let hook = input.text("LifecycleHookName");
    let (token, id) = (
        input.maybe("LifecycleActionToken"),
        input.maybe("InstanceId"),
    );
    let mut members = group.members.iter();
    let found = members.find(|(instance, member)| {
        let named = id.is_none_or(|it| it == instance.as_str());
        let mut waits = member.waits.iter();
        named && waits.any(|it| it.hook == hook && token.is_none_or(|token| token == it.token))
    });
    match (found, token, id) {
        (_, None, None) => Err(invalid(
            "Either an instance ID or a lifecycle action token must be specified.",
        )),
        (Some((instance, _)), ..) => Ok((group.name.clone(), instance.clone())),
        (None, Some(token), _) => Err(invalid(format!(
            "No active Lifecycle Action found with token {token}"
        ))),
        (None, None, Some(id)) => Err(invalid(format!(
            "No active Lifecycle Action found with instance ID {id}"
        ))),
    }
}

fn complete_action(world: &mut World, input: &Input) -> Answer {
    let continues = match input.text("LifecycleActionResult") {
        "CONTINUE" => true,
        "ABANDON" => false,
        other => {
            return Err(invalid(format!(
                "{other} is not a valid lifecycle action result. Valid values are: CONTINUE, \
                 ABANDON"
            )));
        }
    };
    let (name, instance) = waiting(world, input)?;
    let hook = input.text("LifecycleHookName");
    complete(world, &name, &instance, hook, continues);
    Ok(json!({}))
}

fn heartbeat(world: &mut World, input: &Input) -> Answer {
    let (name, instance) = waiting(world, input)?;
    let name = lasting(world, &name)?;
    let hook = input.text("LifecycleHookName");
    let heartbeat = world.autoscaling.groups[&name].hooks.get(hook);
    let until = world.now + Duration::from_secs(heartbeat.map_or(3600, |it| it.heartbeat));
    if let Some(member) = group::member_mut(world, &name, &instance) {
        for wait in member.waits.iter_mut().filter(|it| it.hook == hook) {
            wait.until = until;
        }
    }
    Ok(json!({}))
}

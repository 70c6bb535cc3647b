//! Amazon EC2 Auto Scaling.

mod activity;
mod adjust;
mod capacity;
mod choice;
mod create;
mod cron;
mod delete;
mod describe;
mod group;
mod health;
mod hook;
mod instance;
mod launch;
mod look;
mod metric;
mod policy;
mod process;
mod progress;
mod refresh;
mod refusal;
mod rollback;
mod schedule;
mod shape;
mod standby;
mod tag;
mod termination;
#[cfg(test)]
mod tests;
mod traffic;
mod types;
mod update;
mod wait;

pub use activity::Activity;
pub use group::{Group, Member};
pub use hook::Hook;
pub use policy::Policy;
pub use refresh::Refresh;
pub use schedule::Schedule;
pub use wait::Wait;

use crate::{Action, Input, World, service::tags::Tags};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// The service's part of the world.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Autoscaling {
    /// By name.
    pub groups: BTreeMap<String, Group>,
    /// Oldest first, of the last six weeks; those of groups that are gone, too.
    pub activities: Vec<Activity>,
}

/// Something that happens by itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Event {
    /// A group looks after its instances.
    Look(String),
    /// A lifecycle hook's patience with an instance may be at an end.
    Timeout {
        /// The group.
        group: String,
        /// The instance that waits.
        instance: String,
        /// The token of what it waits for.
        token: String,
    },
    /// A scheduled action is due.
    Scheduled {
        /// The group.
        group: String,
        /// The action.
        action: String,
    },
    /// A group's metrics are published; once a minute where that is enabled.
    Metrics(String),
}

/// Lets it happen.
pub fn happen(world: &mut World, event: Event) {
    match event {
        Event::Look(group) => look::look(world, &group),
        Event::Timeout {
            group,
            instance,
            token,
        } => wait::timeout(world, &group, &instance, &token),
        Event::Scheduled { group, action } => schedule::run(world, &group, &action),
        Event::Metrics(group) => metric::publish(world, &group),
    }
}

/// The service's actions.
pub fn actions() -> Vec<Action> {
    [
        create::actions(),
        update::actions(),
        delete::actions(),
        describe::actions(),
        activity::actions(),
        capacity::actions(),
        instance::actions(),
        standby::actions(),
        hook::actions(),
        wait::actions(),
        policy::actions(),
        adjust::actions(),
        schedule::actions(),
        refresh::actions(),
        rollback::actions(),
        tag::actions(),
        process::actions(),
        metric::actions(),
        traffic::actions(),
        types::actions(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Every tagged resource, by ARN, as the tagging API lists it.
pub fn tagged(world: &World) -> Vec<(String, Tags)> {
    let groups = world.autoscaling.groups.values();
    groups
        .filter(|it| !it.tags.is_empty())
        .map(|it| (it.arn.clone(), it.tags.clone()))
        .collect()
}

/// A group by its name or its ARN.
pub fn group<'a>(world: &'a World, name_or_arn: &str) -> Option<&'a Group> {
    world.autoscaling.groups.get(group::name_in(name_or_arn))
}

/// The group that an instance belongs to.
pub fn group_of<'a>(world: &'a World, instance: &str) -> Option<&'a Group> {
    let mut groups = world.autoscaling.groups.values();
    groups.find(|it| it.members.contains_key(instance))
}

/// Sets a group's desired capacity within its bounds, as a policy does. `cause` is the text of the
/// activity that follows. Answers whether there is such a group.
pub fn set_desired(world: &mut World, group: &str, desired: i64, cause: &str) -> bool {
    let name = group::name_in(group);
    let Some(it) = world.autoscaling.groups.get(name) else {
        return false;
    };
    if !it.deleting {
        let desired = desired.max(it.min).min(it.max);
        capacity::change(world, name, desired, cause);
    }
    true
}

/// Tags a group for a service of AWS (`AmazonECSManaged`). Instances get the tag, too.
pub fn tag(world: &mut World, group: &str, key: &str, value: &str) {
    let groups = &mut world.autoscaling.groups;
    if let Some(it) = groups.get_mut(group::name_in(group)) {
        it.tags.insert(key.to_owned(), value.to_owned());
        if !it.propagated.iter().any(|it| it == key) {
            it.propagated.push(key.to_owned());
        }
    }
}

/// Adds or replaces a target-tracking policy that ECS keeps on a group; answers its ARN.
/// `configuration` is its TargetTrackingConfiguration, `alarms` its alarms' names and ARNs.
pub fn put_managed_policy(
    world: &mut World,
    group: &str,
    policy: &str,
    configuration: Value,
    alarms: Value,
) -> String {
    policy::put_managed(world, group::name_in(group), policy, configuration, alarms)
}

/// Removes a policy from a group, if it is there. Its alarms are left to who made them.
pub fn remove_policy(world: &mut World, group: &str, policy: &str) {
    let groups = &mut world.autoscaling.groups;
    if let Some(it) = groups.get_mut(group::name_in(group)) {
        it.policies.remove(policy);
    }
}

/// An alarm that names a scaling policy of a group among its actions changed to ALARM, or is in
/// ALARM still a minute later. `action` is the policy's ARN as it stands among the alarm's actions.
pub fn alarm_fires(world: &mut World, action: &str, alarm: &str) {
    adjust::alarm_fires(world, action, alarm);
}

/// Puts the hook on terminating instances that managed draining uses.
pub fn put_termination_hook(world: &mut World, group: &str, hook: &str, heartbeat: u64) {
    hook::put_managed(world, group::name_in(group), hook, heartbeat);
}

/// Removes a hook; instances that it holds go on.
pub fn remove_hook(world: &mut World, group: &str, hook: &str) {
    hook::remove(world, group::name_in(group), hook);
}

/// Lets an instance that waits at a hook go on.
pub fn complete_hook(world: &mut World, group: &str, hook: &str, instance: &str) {
    wait::complete(world, group::name_in(group), instance, hook, true);
}

/// Protects an instance of a group from scale-in, or no longer.
pub fn protect(world: &mut World, instance: &str, protected: bool) {
    let Some(name) = group_of(world, instance).map(|it| it.name.clone()) else {
        return;
    };
    if let Some(member) = group::member_mut(world, &name, instance) {
        member.protected = protected;
    }
    look::soon(world, &name);
}

/// An instance that a group launched runs now.
pub fn instance_running(world: &mut World, instance: &str) {
    launch::running(world, instance);
}

/// An instance of a group was stopped, by whomever: its group is to see that soon.
pub fn instance_stopped(world: &mut World, instance: &str) {
    if let Some(name) = group_of(world, instance).map(|it| it.name.clone()) {
        look::soon(world, &name);
    }
}

/// An instance of a group was terminated, by whomever.
pub fn instance_gone(world: &mut World, instance: &str) {
    termination::gone(world, instance);
}

/// What another service answers to a read.
fn ask(world: &mut World, service: &str, action: &str, members: Value) -> Option<Value> {
    let Value::Object(members) = members else {
        return None;
    };
    let input = Input {
        service: service.to_owned(),
        action: action.to_owned(),
        members,
        ..Input::default()
    };
    crate::service::run(world, &input).ok()
}

//! Terminating instances.

use super::{
    activity::{self, stamp},
    group, health, look, traffic, wait,
};
use crate::{World, service::ec2};

/// Begins the end of a member: through the group's hooks, unless the group itself is deleted.
/// Answers the activity's id.
pub(super) fn begin(world: &mut World, name: &str, instance: &str, cause: String) -> String {
    let Some(group) = world.autoscaling.groups.get(name) else {
        return String::new();
    };
    let deleting = group.deleting;
    let Some(member) = group.members.get(instance) else {
        return String::new();
    };
    let before = member.activity.clone();
    if member.ending() {
        if deleting && !member.waits.is_empty() {
            proceed(world, name, instance);
        }
        return before;
    }
    let details = activity::details(&member.subnet, &member.zone);
    activity::end(world, &before, "Cancelled", None);
    let text = format!("Terminating EC2 instance: {instance}");
    let id = activity::begin(world, name, text, cause, details);
    if let Some(member) = group::member_mut(world, name, instance) {
        member.activity = id.clone();
        member.waits.clear();
        member.lifecycle = "Terminating".into();
    }
    traffic::leave(world, name, instance);
    if deleting
        || !exists(world, instance)
        || !wait::begin(world, name, instance, wait::TERMINATING)
    {
        proceed(world, name, instance);
    }
    id
}

/// Whether EC2 still has the instance, and not on its way out.
fn exists(world: &World, instance: &str) -> bool {
    let state = ec2::instance(world, instance).map(|it| it.state.as_str());
    matches!(state, Some("pending" | "running" | "stopping" | "stopped"))
}

/// Ends a member that no hook holds any more.
pub(super) fn proceed(world: &mut World, name: &str, instance: &str) {
    let Some(member) = group::member_mut(world, name, instance) else {
        return;
    };
    if member.lifecycle == "Terminating:Wait" {
        member.lifecycle = "Terminating:Proceed".into();
    }
    member.waits.clear();
    let activity = member.activity.clone();
    activity::reach(world, &activity, "InProgress", 50);
    match ec2::instance(world, instance).map(|it| it.state.as_str()) {
        None | Some("terminated") => gone(world, instance),
        // It will be told when it is gone.
        Some("shutting-down") => {}
        Some(_) => ec2::terminate(world, instance),
    }
}

/// An instance is gone, by whomever it was ended.
pub(super) fn gone(world: &mut World, instance: &str) {
    let Some(name) = super::group_of(world, instance).map(|it| it.name.clone()) else {
        return;
    };
    traffic::leave(world, &name, instance);
    let Some(group) = world.autoscaling.groups.get_mut(&name) else {
        return;
    };
    let Some(member) = group.members.remove(instance) else {
        return;
    };
    if member.ending() {
        activity::end(world, &member.activity, "Successful", None);
    } else {
        group.replacing.push(health::REPLACES.into());
        activity::end(world, &member.activity, "Cancelled", None);
        let text = format!("Terminating EC2 instance: {instance}");
        let cause = format!("At {} {}", stamp(world.now), health::TERMINATED);
        let details = activity::details(&member.subnet, &member.zone);
        let id = activity::begin(world, &name, text, cause, details);
        activity::end(world, &id, "Successful", None);
    }
    super::adjust::cool(world, &name);
    look::soon(world, &name);
}

//! Which instances are to be replaced.

use super::{Group, Member, activity::stamp, group, termination};
use crate::{
    World,
    service::{ec2, elb},
};
use std::time::Duration;

/// What the launch of a replacement is told to be for.
pub(super) const REPLACES: &str =
    "an instance was launched in response to an unhealthy instance needing to be replaced.";

/// What an instance that someone else ended is taken out for.
pub(super) const TERMINATED: &str = "an instance was taken out of service in response to an EC2 \
     health check indicating it has been terminated or stopped.";

/// Whether a group asks load balancers how its instances are.
pub(super) fn asks_balancers(group: &Group) -> bool {
    group.text("HealthCheckType").contains("ELB")
        && !super::traffic::targets(group).is_empty()
        && !group.members.is_empty()
}

/// Marks instances that are not healthy, and takes them out of service.
pub(super) fn check(world: &mut World, name: &str) {
    let Some(group) = world.autoscaling.groups.get(name) else {
        return;
    };
    let replaces = !group.is_suspended("ReplaceUnhealthy") && !group.is_suspended("Terminate");
    let live = group.live();
    let found: Vec<(String, &'static str)> = live
        .filter_map(|(id, it)| Some((id.clone(), verdict(world, group, id, it)?)))
        .collect();
    for (instance, text) in found {
        if let Some(member) = group::member_mut(world, name, &instance) {
            member.health = "Unhealthy".into();
        }
        if !replaces {
            continue;
        }
        if let Some(group) = world.autoscaling.groups.get_mut(name) {
            group.replacing.push(REPLACES.into());
        }
        let cause = format!("At {} {text}", stamp(world.now));
        termination::begin(world, name, &instance, cause);
    }
}

/// Why an instance is to be taken out of service, if it is.
fn verdict(world: &World, group: &Group, id: &str, member: &Member) -> Option<&'static str> {
    let old = group.number("MaxInstanceLifetime").unwrap_or(0);
    let age = world.now.since(member.launched_at);
    if old > 0 && member.in_service() && age >= Duration::from_secs(old as u64) {
        return Some(
            "an instance was taken out of service in response to maximum instance lifetime.",
        );
    }
    let marked = (member.health == "Unhealthy")
        .then_some("an instance was taken out of service in response to a user health-check.");
    if group.is_suspended("HealthCheck") {
        return marked;
    }
    let state = ec2::instance(world, id).map(|it| it.state.as_str());
    match state {
        Some("pending" | "running") => {}
        _ => return Some(TERMINATED),
    }
    marked.or_else(|| balancers_say(world, group, id, member))
}

fn balancers_say(world: &World, group: &Group, id: &str, member: &Member) -> Option<&'static str> {
    let grace = group.number("HealthCheckGracePeriod").unwrap_or(0).max(0);
    let since = member.in_service_at?;
    let waits = world.now.since(since) < Duration::from_secs(grace as u64);
    if waits || !asks_balancers(group) {
        return None;
    }
    let unhealthy = super::traffic::targets(group).into_iter().any(|target| {
        let port = elb::port(world, &target).unwrap_or(0);
        elb::health(world, &target, id, port).as_deref() == Some("unhealthy")
    });
    unhealthy.then_some(
        "an instance was taken out of service in response to an ELB system health check failure.",
    )
}

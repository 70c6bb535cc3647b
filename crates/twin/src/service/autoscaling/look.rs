//! How a group looks after its instances.

use super::{Event, Group, choice, delete, group, health, launch, progress, termination};
use crate::{Time, World, service::ec2, world};
use std::{collections::BTreeMap, time::Duration};

/// Lets a group look after its instances soon.
pub(super) fn soon(world: &mut World, name: &str) {
    let at = world.now + world.habits.group_period;
    look_at(world, name, at);
}

/// Lets a group look after its instances at a time, if it does not do so before.
pub(super) fn look_at(world: &mut World, name: &str, at: Time) {
    let event = Event::Look(name.to_owned());
    world.agenda.once(at, world::Event::Autoscaling(event));
}

/// A group looks after its instances.
pub(super) fn look(world: &mut World, name: &str) {
    let Some(group) = world.autoscaling.groups.get(name) else {
        return;
    };
    if group.deleting {
        delete::goes_on(world, name);
        return;
    }
    health::check(world, name);
    progress::goes_on(world, name);
    settle(world, name);
    again(world, name);
}

/// Brings the number of instances to what is desired.
fn settle(world: &mut World, name: &str) {
    let Some(group) = world.autoscaling.groups.get(name) else {
        return;
    };
    let refreshing = group.refreshes.last().is_some_and(|it| it.is_active());
    if !refreshing && group.surge > 0 && group.live().all(|(_, it)| it.in_service()) {
        // A rebalancing is through with its launches.
        set_surge(world, name, 0);
    } else if !refreshing && crowded(world, group) {
        let zones = zones_of(group);
        set_surge(world, name, 1);
        let text = format!(
            "instances were launched to balance instances in zones {zones} with other zones \
             resulting in more than desired number of instances in the group."
        );
        if let Some(group) = world.autoscaling.groups.get_mut(name) {
            group.replacing.push(text);
        }
    }
    let Some(group) = world.autoscaling.groups.get(name) else {
        return;
    };
    let (size, wanted) = (group.size(), group.desired + group.surge);
    if size < wanted {
        launch::launch(world, name, wanted - size);
    } else if size > wanted {
        shrink(world, name, size - wanted);
    }
    if let Some(group) = world.autoscaling.groups.get_mut(name) {
        group.causes.clear();
        if group.size() >= group.desired + group.surge {
            group.replacing.clear();
        }
    }
}

fn set_surge(world: &mut World, name: &str, surge: i64) {
    if let Some(group) = world.autoscaling.groups.get_mut(name) {
        group.surge = surge;
    }
}

/// Terminates instances that are not protected.
fn shrink(world: &mut World, name: &str, count: i64) {
    for _ in 0..count {
        let Some(group) = world.autoscaling.groups.get(name) else {
            return;
        };
        if group.is_suspended("Terminate") {
            return;
        }
        let Some(instance) = choice::next(world, group) else {
            return;
        };
        let size = group.size();
        let stamp = super::activity::stamp(world.now);
        let mut causes = group.causes.clone();
        causes.push(format!(
            "At {stamp} an instance was taken out of service in response to a difference between \
             desired and actual capacity, shrinking the capacity from {size} to {}.",
            size - 1
        ));
        causes.push(format!(
            "At {stamp} instance {instance} was selected for termination."
        ));
        termination::begin(world, name, &instance, causes.join("  "));
    }
}

/// Whether instances are to be moved between zones: one is in a zone that is none of the group's,
/// or one zone has two more than another.
fn crowded(world: &World, group: &Group) -> bool {
    let settled = group.size() == group.desired && group.surge == 0 && group.desired > 0;
    let calm = group.members.values().all(|it| it.in_service());
    let suspended = ["AZRebalance", "Launch", "Terminate"];
    if !settled || !calm || suspended.iter().any(|it| group.is_suspended(it)) {
        return false;
    }
    let Some(leaving) = choice::next(world, group) else {
        return false;
    };
    let mut counts: BTreeMap<String, i64> = BTreeMap::new();
    for subnet in &group.subnets {
        counts.insert(ec2::zone_of(world, subnet).unwrap_or_default(), 0);
    }
    for (_, member) in group.live() {
        match counts.get_mut(&member.zone) {
            Some(count) => *count += 1,
            None => return !group.members[&leaving].protected,
        }
    }
    let from = counts.get(&group.members[&leaving].zone).copied();
    let least = counts.values().min().copied();
    from.unwrap_or(0) - least.unwrap_or(0) > 1
}

fn zones_of(group: &Group) -> String {
    let mut zones: Vec<&str> = group.live().map(|(_, it)| it.zone.as_str()).collect();
    zones.sort_unstable();
    zones.dedup();
    zones.join(" ")
}

/// Looks again when there will be something to do.
fn again(world: &mut World, name: &str) {
    let Some(group) = world.autoscaling.groups.get(name) else {
        return;
    };
    let (size, wanted) = (group.size(), group.desired + group.surge);
    let launches = size < wanted && !group.is_suspended("Launch");
    let shrinks =
        size > wanted && !group.is_suspended("Terminate") && choice::next(world, group).is_some();
    let now = world.now;
    let mut due = Vec::new();
    if launches {
        let retry = group.retry_at.filter(|it| *it > now);
        due.push(retry.unwrap_or(now + world.habits.group_period));
    }
    let refreshing = group.refreshes.last().is_some_and(|it| it.is_active());
    if shrinks || refreshing {
        due.push(now + world.habits.group_period);
    }
    due.extend(lifetime_ends(group).filter(|it| *it > now));
    if health::asks_balancers(group) {
        due.push(now + Duration::from_secs(30));
    }
    if let Some(at) = due.into_iter().min() {
        look_at(world, name, at);
    }
}

/// When instances will have been in the group for as long as they may.
fn lifetime_ends(group: &Group) -> impl Iterator<Item = Time> {
    let most = group.number("MaxInstanceLifetime").unwrap_or(0);
    let most = Duration::from_secs(most.max(0) as u64);
    let members = group.live().filter(move |_| !most.is_zero());
    members.map(move |(_, it): (&String, &group::Member)| it.launched_at + most)
}

//! Which instance a group parts with.

use super::{Group, Member, group};
use crate::{World, service::ec2};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

type Candidate<'a> = (&'a String, &'a Member);

/// The instance that goes next when a group is scaled in, by its termination policies. Those that
/// are protected never do.
pub(super) fn next(world: &World, group: &Group) -> Option<String> {
    let mut left: Vec<Candidate> = group.live().filter(|(_, it)| !it.protected).collect();
    by_zone(world, group, &mut left);
    let policies = group.more["TerminationPolicies"].as_array();
    let policies = policies.map(Vec::as_slice).unwrap_or_default();
    for policy in policies.iter().filter_map(Value::as_str) {
        apply(world, group, &mut left, policy);
    }
    let first = left.iter().min_by_key(|(id, it)| (it.launched_at, *id));
    first.map(|(id, _)| (*id).clone())
}

/// Keeps those in zones that are no longer the group's, or else in the zone with the most
/// instances.
fn by_zone(world: &World, group: &Group, left: &mut Vec<Candidate>) {
    let subnets = group.subnets.iter();
    let zones: BTreeSet<String> = subnets.filter_map(|it| ec2::zone_of(world, it)).collect();
    if left.iter().any(|(_, it)| !zones.contains(&it.zone)) {
        left.retain(|(_, it)| !zones.contains(&it.zone));
        return;
    }
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, member) in group.live() {
        *counts.entry(&member.zone).or_default() += 1;
    }
    let count = |it: &Candidate| counts.get(it.1.zone.as_str()).copied();
    let most = left.iter().filter_map(count).max();
    left.retain(|it| count(it) == most);
}

fn apply(world: &World, group: &Group, left: &mut Vec<Candidate>, policy: &str) {
    match policy {
        "OldestInstance" => keep_least(left, |it| it.launched_at.0),
        "NewestInstance" => keep_least(left, |it| u64::MAX - it.launched_at.0),
        "OldestLaunchTemplate" => keep_least(left, |it| age(group, it)),
        "ClosestToNextInstanceHour" => keep_least(left, |it| {
            let hour = 3_600_000;
            hour - world.now.0.saturating_sub(it.launched_at.0) % hour
        }),
        "Default" => {
            keep_least(left, |it| age(group, it));
            keep_least(left, |it| it.launched_at.0);
        }
        // The others speak of Spot Instances, launch configurations and functions.
        _ => {}
    }
}

fn keep_least<K: Ord + Copy>(left: &mut Vec<Candidate>, key: impl Fn(&Member) -> K) {
    let least = left.iter().map(|(_, it)| key(it)).min();
    left.retain(|(_, it)| Some(key(it)) == least);
}

/// Where an instance's launch template stands among others: other templates come first, then lower
/// versions.
fn age(group: &Group, member: &Member) -> (bool, u64) {
    let current = group::template_in(&group.more);
    let same = member.template["LaunchTemplateId"] == current["LaunchTemplateId"];
    let version = member.template["Version"].as_str().unwrap_or_default();
    (same, version.parse().unwrap_or(0))
}

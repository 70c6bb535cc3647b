//! Launching instances.

use super::{
    Group, Member,
    activity::{self, stamp},
    group, look, traffic, wait,
};
use crate::{
    World,
    service::ec2::{self, Launch},
};
use serde_json::{Value, json};
use std::time::Duration;

/// After how long a failed launch is tried again at first, and at most.
const PAUSE: (u64, u64) = (15, 300);

/// Launches instances, balanced over the group's zones. The first failure ends it for a while,
/// and for longer with each.
pub(super) fn launch(world: &mut World, name: &str, count: i64) {
    let Some(group) = world.autoscaling.groups.get(name) else {
        return;
    };
    let waits = group.retry_at.is_some_and(|it| it > world.now);
    if waits || group.is_suspended("Launch") {
        return;
    }
    let size = group.size();
    for _ in 0..count {
        let success = launch_one(world, name, size, size + count);
        let now = world.now;
        let Some(group) = world.autoscaling.groups.get_mut(name) else {
            return;
        };
        if success {
            (group.failures, group.retry_at) = (0, None);
            continue;
        }
        let pause = PAUSE.0 << group.failures.min(6);
        group.failures += 1;
        group.retry_at = Some(now + Duration::from_secs(pause.min(PAUSE.1)));
        return;
    }
}

fn launch_one(world: &mut World, name: &str, from: i64, to: i64) -> bool {
    let Some(group) = world.autoscaling.groups.get_mut(name) else {
        return false;
    };
    let stamp = stamp(world.now);
    let mut causes = group.causes.clone();
    causes.push(match group.replacing.pop() {
        Some(text) => format!("At {stamp} {text}"),
        None => format!(
            "At {stamp} an instance was started in response to a difference between desired and \
             actual capacity, increasing the capacity from {from} to {to}."
        ),
    });
    let cause = causes.join("  ");
    let group = group.clone();
    let (subnet, zone) = place(world, &group);
    let details = activity::details(&subnet, &zone);
    let launch = Launch {
        template: group.template(),
        subnet: subnet.clone(),
        group: group.name.clone(),
        tags: super::tag::for_instances(&group),
    };
    match ec2::launch(world, &launch) {
        Ok(id) => {
            let text = format!("Launching a new EC2 instance: {id}");
            let activity = activity::begin(world, name, text, cause, details);
            activity::reach(world, &activity, "PreInService", 30);
            join(world, &group, &id, Some(activity), (subnet, zone));
            true
        }
        Err(words) => {
            let words = words.trim_end_matches('.');
            let message = format!("{words}. Launching EC2 instance failed.");
            let text = format!("Launching a new EC2 instance.  Status Reason: {message}");
            let activity = activity::begin(world, name, text, cause, details);
            activity::end(world, &activity, "Failed", Some(message));
            false
        }
    }
}

/// Takes an instance in as a member that is `Pending`.
pub(super) fn join(
    world: &mut World,
    group: &Group,
    id: &str,
    activity: Option<String>,
    (subnet, zone): (String, String),
) {
    let instance = ec2::instance(world, id);
    let template = instance.and_then(|it| it.template.clone());
    let member = Member {
        lifecycle: "Pending".into(),
        protected: group.protect_new,
        health: "Healthy".into(),
        zone: match instance {
            Some(instance) if !instance.zone.is_empty() => instance.zone.clone(),
            _ => zone,
        },
        launched_at: world.now,
        template: shown_template(group, template),
        subnet,
        instance_type: instance
            .map(|it| it.instance_type.clone())
            .unwrap_or_default(),
        in_service_at: None,
        waits: Vec::new(),
        activity: activity.unwrap_or_default(),
    };
    if let Some(group) = world.autoscaling.groups.get_mut(&group.name) {
        group.members.insert(id.to_owned(), member);
    }
}

/// The template that an instance was launched from, with the version's number.
fn shown_template(group: &Group, launched: Option<(String, u64)>) -> Value {
    let Some((id, version)) = launched else {
        return Value::Null;
    };
    let template = group.template();
    let mut shown = json!({ "LaunchTemplateId": id, "Version": version.to_string() });
    if template["LaunchTemplateId"] == shown["LaunchTemplateId"] {
        shown["LaunchTemplateName"] = template["LaunchTemplateName"].clone();
    }
    shown
}

/// The subnet and the zone with the fewest instances.
fn place(world: &World, group: &Group) -> (String, String) {
    let zone = |subnet: &str| ec2::zone_of(world, subnet).unwrap_or_default();
    let crowd = |subnet: &&String| {
        let zone = zone(subnet);
        let in_zone = group.live().filter(|(_, it)| it.zone == zone).count();
        let in_subnet = group.live().filter(|(_, it)| it.subnet == **subnet).count();
        (in_zone, in_subnet)
    };
    let subnet = group.subnets.iter().min_by_key(crowd).cloned();
    let subnet = subnet.unwrap_or_default();
    let zone = zone(&subnet);
    (subnet, zone)
}

/// An instance that was launched runs.
pub(super) fn running(world: &mut World, instance: &str) {
    let Some(group) = super::group_of(world, instance) else {
        return;
    };
    if group.members[instance].lifecycle != "Pending" {
        return;
    }
    let name = group.name.clone();
    if !wait::begin(world, &name, instance, wait::LAUNCHING) {
        in_service(world, &name, instance);
    }
}

/// An instance is in service now.
pub(super) fn in_service(world: &mut World, name: &str, instance: &str) {
    let now = world.now;
    let Some(member) = group::member_mut(world, name, instance) else {
        return;
    };
    member.lifecycle = "InService".into();
    member.in_service_at = Some(now);
    let activity = member.activity.clone();
    activity::end(world, &activity, "Successful", None);
    super::adjust::cool(world, name);
    traffic::join(world, name, instance);
    look::soon(world, name);
}

//! Target groups of a group: its instances are registered with them.

use super::{
    Group, create,
    refusal::{invalid, lasting, named, paged},
};
use crate::{Action, Answer, Input, World, service::elb};
use serde_json::{Value, json};

pub(super) fn actions() -> Vec<Action> {
    vec![
        Action::on("AttachLoadBalancerTargetGroups", attach, create::on_group),
        Action::on("DetachLoadBalancerTargetGroups", detach, create::on_group),
        Action::new("DescribeLoadBalancerTargetGroups", describe),
        Action::on("AttachTrafficSources", attach_sources, create::on_group),
        Action::on("DetachTrafficSources", detach_sources, create::on_group),
        Action::new("DescribeTrafficSources", describe_sources),
    ]
}

/// The ARNs of a group's target groups.
pub(super) fn targets(group: &Group) -> Vec<String> {
    let arns = group.more["TargetGroupARNs"].as_array();
    let sources = group.more["TrafficSources"].as_array();
    let sources = sources.into_iter().flatten().map(|it| &it["Identifier"]);
    let mut found: Vec<String> = Vec::new();
    for arn in arns.into_iter().flatten().chain(sources) {
        let arn = arn.as_str().unwrap_or_default();
        if arn.contains(":targetgroup/") && !found.iter().any(|it| it == arn) {
            found.push(arn.to_owned());
        }
    }
    found
}

/// Registers an instance that came into service.
pub(super) fn join(world: &mut World, name: &str, instance: &str) {
    let Some(group) = world.autoscaling.groups.get(name) else {
        return;
    };
    if !group.is_suspended("AddToLoadBalancer") {
        for target in targets(group) {
            let port = elb::port(world, &target).unwrap_or(0);
            elb::register(world, &target, instance, port);
        }
    }
}

/// Deregisters an instance that goes out of service.
pub(super) fn leave(world: &mut World, name: &str, instance: &str) {
    let Some(group) = world.autoscaling.groups.get(name) else {
        return;
    };
    for target in targets(group) {
        let port = elb::port(world, &target).unwrap_or(0);
        elb::deregister(world, &target, instance, port);
    }
}

/// Registers every instance in service with the group's target groups.
pub(super) fn settle(world: &mut World, name: &str) {
    let Some(group) = world.autoscaling.groups.get(name) else {
        return;
    };
    if targets(group).is_empty() {
        return;
    }
    let live = group.live().filter(|(_, it)| it.in_service());
    let live: Vec<String> = live.map(|(id, _)| id.clone()).collect();
    for instance in live {
        join(world, name, &instance);
    }
}

/// Adds to a list of a group's settings, or takes away from it.
fn list(world: &mut World, name: &str, member: &str, change: impl FnOnce(&mut Vec<Value>)) {
    if let Some(group) = world.autoscaling.groups.get_mut(name) {
        let list = &mut group.more[member];
        if !list.is_array() {
            *list = json!([]);
        }
        list.as_array_mut().map(change);
    }
}

fn check(world: &World, arns: &[&str]) -> Result<(), crate::Refusal> {
    match arns.iter().find(|it| elb::port(world, it).is_none()) {
        None => Ok(()),
        Some(_) => Err(invalid("Provided Target Groups may not be valid.")),
    }
}

fn attach(world: &mut World, input: &Input) -> Answer {
    let name = lasting(world, input.text("AutoScalingGroupName"))?;
    let arns = input.texts("TargetGroupARNs");
    check(world, &arns)?;
    list(world, &name, "TargetGroupARNs", |list| {
        for arn in arns {
            if !list.iter().any(|it| it == arn) {
                list.push(json!(arn));
            }
        }
    });
    settle(world, &name);
    Ok(json!({}))
}

/// Deregisters the group's instances from target groups that it parts with.
fn part(world: &mut World, name: &str, arns: &[&str]) {
    let Some(group) = world.autoscaling.groups.get(name) else {
        return;
    };
    let members: Vec<String> = group.members.keys().cloned().collect();
    for arn in arns {
        let port = elb::port(world, arn).unwrap_or(0);
        for instance in &members {
            elb::deregister(world, arn, instance, port);
        }
    }
}

fn detach(world: &mut World, input: &Input) -> Answer {
    let name = lasting(world, input.text("AutoScalingGroupName"))?;
    let arns = input.texts("TargetGroupARNs");
    part(world, &name, &arns);
    list(world, &name, "TargetGroupARNs", |list| {
        list.retain(|it| !arns.iter().any(|arn| it == arn));
    });
    Ok(json!({}))
}

fn describe(world: &mut World, input: &Input) -> Answer {
    let group = named(world, input.text("AutoScalingGroupName"))?;
    let state = |it: &String| json!({ "LoadBalancerTargetGroupARN": it, "State": "InService" });
    let shown: Vec<Value> = targets(group).iter().map(state).collect();
    paged(&shown, input, "LoadBalancerTargetGroups", 100, 100)
}

fn identifiers(input: &Input) -> Vec<&str> {
    let sources = input.list("TrafficSources").iter();
    sources.filter_map(|it| it["Identifier"].as_str()).collect()
}

fn attach_sources(world: &mut World, input: &Input) -> Answer {
    let name = lasting(world, input.text("AutoScalingGroupName"))?;
    check(world, &identifiers(input))?;
    let sources = input.list("TrafficSources");
    list(world, &name, "TrafficSources", |list| {
        for source in sources {
            let mut source = source.clone();
            if source.get("Type").is_none() {
                source["Type"] = json!("elbv2");
            }
            list.retain(|it| it["Identifier"] != source["Identifier"]);
            list.push(source);
        }
    });
    settle(world, &name);
    Ok(json!({}))
}

fn detach_sources(world: &mut World, input: &Input) -> Answer {
    let name = lasting(world, input.text("AutoScalingGroupName"))?;
    let arns = identifiers(input);
    part(world, &name, &arns);
    list(world, &name, "TrafficSources", |list| {
        list.retain(|it| !arns.iter().any(|arn| it["Identifier"] == *arn));
    });
    Ok(json!({}))
}

fn describe_sources(world: &mut World, input: &Input) -> Answer {
    let group = named(world, input.text("AutoScalingGroupName"))?;
    let kind = input.maybe("TrafficSourceType");
    let state = |it: &String| {
        json!({
            "TrafficSource": it,
            "Identifier": it,
            "Type": "elbv2",
            "State": "InService",
        })
    };
    let shown: Vec<Value> = match kind.is_none_or(|it| it == "elbv2") {
        true => targets(group).iter().map(state).collect(),
        false => Vec::new(),
    };
    paged(&shown, input, "TrafficSources", 50, 50)
}

//! Targets, and how they are.

use super::{
    TargetGroup,
    refusal::invalid,
    target_group::{self, on_group},
};
use crate::{
    Action, Answer, Input, Refusal, Time, World,
    service::{
        ec2,
        ecs::{self, task::Task},
    },
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::time::Duration;

/// A target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Target {
    /// An instance's id, or an address.
    pub id: String,
    /// Its port.
    pub port: u16,
    /// The zone that was given with it.
    pub zone: Option<String>,
    /// When it was registered.
    pub registered_at: Time,
    /// Since when it is drained.
    pub drained_since: Option<Time>,
}

pub(super) fn actions() -> Vec<Action> {
    vec![
        Action::on("RegisterTargets", register_targets, on_group),
        Action::on("DeregisterTargets", deregister_targets, on_group),
        Action::new("DescribeTargetHealth", describe),
    ]
}

/// What a target is kept by.
pub(super) fn key(id: &str, port: u16) -> String {
    format!("{id}:{port}")
}

/// Registers a target; one that is being drained is a target again.
pub(super) fn register(world: &mut World, group: &str, id: &str, port: u16) {
    forget(world, group);
    let now = world.now;
    let Some(group) = world.elb.target_groups.get_mut(group) else {
        return;
    };
    let key = key(id, port);
    let known = group.targets.get(&key);
    if known.is_none_or(|it| it.drained_since.is_some()) {
        let target = Target {
            id: id.to_owned(),
            port,
            zone: None,
            registered_at: now,
            drained_since: None,
        };
        group.targets.insert(key, target);
    }
}

/// Begins to drain a target; where nothing is served, it is gone at once.
pub(super) fn deregister(world: &mut World, group: &str, id: &str, port: u16) {
    forget(world, group);
    let attached = super::is_attached(world, group) == Some(true);
    let now = world.now;
    let Some(group) = world.elb.target_groups.get_mut(group) else {
        return;
    };
    let key = key(id, port);
    match group.targets.get_mut(&key) {
        Some(target) if attached => {
            target.drained_since.get_or_insert(now);
        }
        _ => {
            group.targets.remove(&key);
        }
    }
}

/// Forgets targets that are drained.
fn forget(world: &mut World, group: &str) {
    let now = world.now;
    if let Some(group) = world.elb.target_groups.get_mut(group) {
        let delay = delay(group);
        let gone = |it: &Target| it.drained_since.is_some_and(|at| now.since(at) >= delay);
        group.targets.retain(|_, it| !gone(it));
    }
}

/// How long a target is drained.
fn delay(group: &TargetGroup) -> Duration {
    let seconds = group.attributes.get("deregistration_delay.timeout_seconds");
    let seconds = seconds.and_then(|it| it.parse().ok());
    Duration::from_secs(seconds.unwrap_or(300))
}

type Health = (&'static str, Option<&'static str>, Option<&'static str>);

/// How a target is: its state, the reason and the words for it. None if it is drained and gone.
///
/// What serves is a RUNNING task that has the port, listens there and is not unhealthy. A new target is healthy
/// once it has passed its first check; one that failed its first checks, once it has passed as many
/// as the threshold says.
pub(super) fn health(world: &World, group: &TargetGroup, target: &Target) -> Option<Health> {
    if let Some(since) = target.drained_since {
        let drained = world.now.since(since) >= delay(group);
        return (!drained).then_some((
            "draining",
            Some("Target.DeregistrationInProgress"),
            Some("Target deregistration is in progress"),
        ));
    }
    if super::is_attached(world, &group.arn) != Some(true) {
        return Some((
            "unused",
            Some("Target.NotInUse"),
            Some("Target group is not configured to receive traffic from the load balancer"),
        ));
    }
    if group.document["TargetType"] == "instance" {
        let state = ec2::instance(world, &target.id).map(|it| it.state.as_str());
        if !matches!(state, Some("pending" | "running")) {
            return Some((
                "unused",
                Some("Target.InvalidState"),
                Some("Target is in the stopped state"),
            ));
        }
    }
    let number = |name: &str| group.document[name].as_u64();
    let first = Duration::from_secs(number("HealthCheckIntervalSeconds").unwrap_or(30));
    let checks = |threshold: &str| first * number(threshold).unwrap_or(1) as u32;
    let fails_at = target.registered_at + checks("UnhealthyThresholdCount");
    let healthy_at = serves_since(world, target).map(|since| match since <= fails_at {
        true => since.max(target.registered_at) + first,
        false => since + checks("HealthyThresholdCount"),
    });
    let late = world.now >= fails_at;
    Some(match healthy_at {
        Some(at) if at <= world.now => ("healthy", None, None),
        Some(at) if !late || at <= fails_at + first => initial(),
        None if !late => initial(),
        _ => (
            "unhealthy",
            Some("Target.FailedHealthChecks"),
            Some("Health checks failed"),
        ),
    })
}

fn initial() -> Health {
    (
        "initial",
        Some("Elb.InitialHealthChecking"),
        Some("Initial health checks in progress"),
    )
}

/// Since when a task serves at a target, if one does.
fn serves_since(world: &World, target: &Target) -> Option<Time> {
    let tasks = world.ecs.tasks.values();
    let serving = tasks.filter(|it| it.status == "RUNNING" && it.health != "UNHEALTHY");
    let serving = serving.filter(|it| serves(world, it, target));
    serving.filter_map(|it| it.started_at).min()
}

fn serves(world: &World, task: &Task, target: &Target) -> bool {
    let instance = task.instance.as_ref();
    let instance = instance.and_then(|it| world.ecs.instances.get(it));
    let instance = instance.map(|it| it.ec2.as_str()).unwrap_or_default();
    let address = ec2::instance(world, instance).map(|it| it.private_ip.as_str());
    let here = instance == target.id || address == Some(target.id.as_str());
    let listens = |container: &str| ecs::task::serves(world, task, container);
    let mut ports = task.ports.iter();
    if here && ports.any(|it| it.host_port == target.port && listens(&it.container)) {
        return true;
    }
    // A task in awsvpc mode has an address of its own.
    let containers = task.containers.iter();
    let containers = containers.filter(|it| listens(it["name"].as_str().unwrap_or_default()));
    let interfaces = containers.filter_map(|it| it["networkInterfaces"].as_array());
    interfaces
        .flatten()
        .any(|it| it["privateIpv4Address"] == target.id.as_str())
}

/// The targets that a request names, with their ports.
fn named(group: &TargetGroup, input: &Input) -> Vec<(String, u16, Option<String>)> {
    let usual = group.document["Port"].as_u64().unwrap_or(0);
    let targets = input.list("Targets").iter();
    let target = |it: &Value| {
        let id = it["Id"].as_str().unwrap_or_default().to_owned();
        let port = it["Port"].as_u64().unwrap_or(usual) as u16;
        let zone = it["AvailabilityZone"].as_str().map(str::to_owned);
        (id, port, zone)
    };
    targets.map(target).collect()
}

fn register_targets(world: &mut World, input: &Input) -> Answer {
    let arn = input.text("TargetGroupArn");
    let group = target_group::named(world, arn)?;
    let targets = named(group, input);
    let kind = group.document["TargetType"].as_str().unwrap_or_default();
    for (id, _, _) in &targets {
        check(world, kind, id)?;
    }
    for (id, port, zone) in targets {
        register(world, arn, &id, port);
        let group = world.elb.target_groups.get_mut(arn);
        if let Some(target) = group.and_then(|it| it.targets.get_mut(&key(&id, port))) {
            target.zone = zone;
        }
    }
    Ok(json!({}))
}

fn check(world: &World, kind: &str, id: &str) -> Result<(), Refusal> {
    let invalid_target = |text: String| Err(Refusal::new("InvalidTarget", text));
    match kind {
        "instance" => {
            let state = ec2::instance(world, id).map(|it| it.state.as_str());
            match state {
                None => invalid_target(format!("Instance ID '{id}' is not valid")),
                Some("running") => Ok(()),
                Some(_) => invalid_target(format!(
                    "The following targets are not in a running state and cannot be registered: \
                     '{id}'"
                )),
            }
        }
        "ip" if id.parse::<std::net::IpAddr>().is_err() => Err(invalid(format!(
            "The IP address '{id}' is not a valid IPv4 or IPv6 address"
        ))),
        _ => Ok(()),
    }
}

fn deregister_targets(world: &mut World, input: &Input) -> Answer {
    let arn = input.text("TargetGroupArn");
    let group = target_group::named(world, arn)?;
    let mut gone: Vec<(String, u16)> = Vec::new();
    for target in input.list("Targets") {
        let id = target["Id"].as_str().unwrap_or_default();
        let port = target["Port"].as_u64();
        // Without a port, every one of them.
        let targets = group.targets.values();
        let own =
            targets.filter(|it| it.id == id && port.is_none_or(|at| at == u64::from(it.port)));
        gone.extend(own.map(|it| (it.id.clone(), it.port)));
    }
    for (id, port) in gone {
        deregister(world, arn, &id, port);
    }
    Ok(json!({}))
}

fn describe(world: &mut World, input: &Input) -> Answer {
    let arn = input.text("TargetGroupArn");
    forget(world, arn);
    let group = target_group::named(world, arn)?;
    let mut shown = Vec::new();
    if input.has("Targets") {
        for (id, port, _) in named(group, input) {
            let target = group.targets.get(&key(&id, port));
            shown.push(match target {
                Some(target) => as_shown(world, group, target),
                None => json!({
                    "Target": { "Id": id, "Port": port },
                    "TargetHealth": {
                        "State": "unused",
                        "Reason": "Target.NotRegistered",
                        "Description": "Target is not registered to the target group",
                    },
                }),
            });
        }
    } else {
        let targets = group.targets.values();
        shown.extend(targets.map(|it| as_shown(world, group, it)));
    }
    Ok(json!({ "TargetHealthDescriptions": shown }))
}

fn as_shown(world: &World, group: &TargetGroup, target: &Target) -> Value {
    let port = match group.document["HealthCheckPort"].as_str() {
        None | Some("traffic-port") => target.port.to_string(),
        Some(port) => port.to_owned(),
    };
    let mut shown = json!({
        "Target": { "Id": target.id, "Port": target.port },
        "HealthCheckPort": port,
    });
    if let Some(zone) = &target.zone {
        shown["Target"]["AvailabilityZone"] = json!(zone);
    }
    if let Some((state, reason, text)) = health(world, group, target) {
        shown["TargetHealth"] = json!({ "State": state });
        if let (Some(reason), Some(text)) = (reason, text) {
            shown["TargetHealth"]["Reason"] = json!(reason);
            shown["TargetHealth"]["Description"] = json!(text);
        }
    }
    shown
}

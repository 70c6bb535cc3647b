//! Reading container instances.

use super::{ContainerInstance, agent, free, id_of, missing, ports, tasks};
use crate::{
    Answer, Input, World,
    service::{
        ecs::cluster::{self, invalid},
        tags,
    },
};
use serde_json::{Value, json};

pub(super) fn describe(world: &mut World, input: &Input) -> Answer {
    let cluster = cluster::active(world, input.maybe("cluster"))?.name.clone();
    let names = input.texts("containerInstances");
    if !(1..=100).contains(&names.len()) {
        return Err(invalid(
            "The number of container instances must be between 1 and 100.",
        ));
    }
    let include = input.texts("include");
    let (mut shown, mut failures) = (Vec::new(), Vec::new());
    for name in names {
        let arn = super::arn(world, &cluster, id_of(name));
        match world.ecs.instances.get(&arn) {
            Some(instance) => shown.push(view(world, instance, &include)),
            None => failures.push(missing(world, &cluster, name)),
        }
    }
    Ok(json!({ "containerInstances": shown, "failures": failures }))
}

/// A container instance as DescribeContainerInstances shows it.
pub(super) fn view(world: &World, instance: &ContainerInstance, include: &[&str]) -> Value {
    let (cpu, memory) = free(world, instance);
    let (running, pending) = counts(world, &instance.arn);
    // What an instance registered with is what is free on one without tasks.
    let alone = ContainerInstance {
        arn: String::new(),
        ..instance.clone()
    };
    let mut shown = json!({
        "containerInstanceArn": instance.arn,
        "ec2InstanceId": instance.ec2,
        "version": 0,
        "versionInfo": agent::versions(),
        "remainingResources": resources(world, instance, cpu, memory),
        "registeredResources": resources(world, &alone, instance.cpu, instance.memory),
        "status": instance.status,
        "agentConnected": instance.connected,
        "runningTasksCount": running,
        "pendingTasksCount": pending,
        "attributes": attributes(instance),
        "registeredAt": instance.registered_at.value(),
        "attachments": [],
        "tags": [],
    });
    if let Some(provider) = &instance.provider {
        shown["capacityProviderName"] = Value::from(provider.as_str());
    }
    if include.contains(&"TAGS") {
        shown["tags"] = tags::lower(&instance.tags);
    }
    if include.contains(&"CONTAINER_INSTANCE_HEALTH") {
        shown["healthStatus"] = health(world, instance);
    }
    shown
}

/// How many tasks of an instance run, and are about to.
pub(super) fn counts(world: &World, instance: &str) -> (usize, usize) {
    let with = |status: &[&str]| {
        let tasks = tasks(world, instance);
        tasks
            .filter(|it| status.contains(&it.status.as_str()))
            .count()
    };
    (
        with(&["RUNNING"]),
        with(&["PROVISIONING", "PENDING", "ACTIVATING"]),
    )
}

fn attributes(instance: &ContainerInstance) -> Value {
    let attributes = instance.attributes.iter();
    attributes
        .map(|(name, value)| match value.as_str() {
            "" => json!({ "name": name }),
            value => json!({ "name": name, "value": value }),
        })
        .collect()
}

fn resources(world: &World, instance: &ContainerInstance, cpu: i64, memory: i64) -> Value {
    let whole = |name: &str, value: i64| {
        json!({
            "name": name,
            "type": "INTEGER",
            "doubleValue": 0.0,
            "longValue": 0,
            "integerValue": value,
        })
    };
    let set = |name: &str, value: Vec<String>| {
        json!({
            "name": name,
            "type": "STRINGSET",
            "doubleValue": 0.0,
            "longValue": 0,
            "integerValue": 0,
            "stringSetValue": value,
        })
    };
    json!([
        whole("CPU", cpu),
        whole("MEMORY", memory),
        set("PORTS", ports(world, instance, "tcp")),
        set("PORTS_UDP", ports(world, instance, "udp")),
    ])
}

fn health(world: &World, instance: &ContainerInstance) -> Value {
    let status = match instance.connected {
        true => "OK",
        false => "INSUFFICIENT_DATA",
    };
    json!({
        "overallStatus": status,
        "details": [{
            "type": "CONTAINER_RUNTIME",
            "status": status,
            "lastUpdated": world.now.value(),
            "lastStatusChange": instance.registered_at.value(),
        }],
    })
}

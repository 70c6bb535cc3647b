//! The ports that tasks take of their instances.

use super::{HostPort, Task};
use crate::World;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Where dynamic ports come from: the ephemeral range of the ECS-optimised Linux images.
const DYNAMIC: std::ops::RangeInclusive<u16> = 32768..=60999;

/// What the agent and the system keep.
const RESERVED: [u16; 6] = [22, 2375, 2376, 51678, 51679, 51680];

/// The ports that a definition asks an instance for; 0 for any.
pub(super) fn wanted(document: &Value) -> Vec<HostPort> {
    let containers = document["containerDefinitions"].as_array();
    let containers = containers.map_or(&[][..], Vec::as_slice);
    match document["networkMode"].as_str() {
        Some("awsvpc" | "none") => Vec::new(),
        Some("host") => own(containers),
        _ => mapped(containers, |mapping| {
            port(&mapping["hostPort"]).unwrap_or(0)
        }),
    }
}

/// The ports of containers where no other ones stand for them.
pub(super) fn own(containers: &[Value]) -> Vec<HostPort> {
    mapped(containers, |mapping| {
        port(&mapping["containerPort"]).unwrap_or(0)
    })
}

fn mapped(containers: &[Value], outside: impl Fn(&Value) -> u16) -> Vec<HostPort> {
    let mut ports = Vec::new();
    for container in containers {
        let mappings = container["portMappings"].as_array();
        for mapping in mappings.into_iter().flatten() {
            let Some(inside) = port(&mapping["containerPort"]) else {
                continue;
            };
            ports.push(HostPort {
                container: container["name"].as_str().unwrap_or_default().to_owned(),
                container_port: inside,
                host_port: outside(mapping),
                protocol: mapping["protocol"].as_str().unwrap_or("tcp").to_owned(),
            });
        }
    }
    ports
}

fn port(value: &Value) -> Option<u16> {
    u16::try_from(value.as_u64()?).ok()
}

/// The ports in use on an instance, with their protocols.
fn used(world: &World, instance: &str) -> BTreeSet<(u16, String)> {
    let there = world
        .ecs
        .tasks
        .values()
        .filter(|it| it.takes_room() && it.instance.as_deref() == Some(instance));
    let taken = there.flat_map(|it| &it.ports);
    let taken = taken.map(|it| (it.host_port, it.protocol.clone()));
    let reserved = RESERVED.iter().map(|it| (*it, "tcp".to_owned()));
    taken.chain(reserved).collect()
}

/// Whether the static ports of a task are free on an instance.
pub(in crate::service::ecs) fn are_free(world: &World, instance: &str, task: &Task) -> bool {
    let wanted = task.ports.iter().filter(|it| it.host_port != 0);
    let wanted: Vec<_> = wanted
        .map(|it| (it.host_port, it.protocol.clone()))
        .collect();
    if wanted.is_empty() {
        return true;
    }
    let used = used(world, instance);
    !wanted.iter().any(|it| used.contains(it))
}

/// Takes a task's ports on an instance: the static ones, and for the others any that is free.
pub(super) fn take(world: &mut World, instance: &str, mut ports: Vec<HostPort>) -> Vec<HostPort> {
    let mut used = used(world, instance);
    let range = u64::from(DYNAMIC.end() - DYNAMIC.start()) + 1;
    for port in ports.iter_mut().filter(|it| it.host_port == 0) {
        let start = world.ids.below(range);
        let candidates = (0..range).map(|it| DYNAMIC.start() + ((start + it) % range) as u16);
        let free = |it: &u16| !used.contains(&(*it, port.protocol.clone()));
        let free = candidates.into_iter().find(free);
        port.host_port = free.unwrap_or(*DYNAMIC.start());
        used.insert((port.host_port, port.protocol.clone()));
    }
    ports
}

/// A container's ports as DescribeTasks shows them.
pub(super) fn bindings(ports: &[HostPort], container: &Value) -> Value {
    let own = ports.iter().filter(|it| container["name"] == *it.container);
    own.map(|it| {
        json!({
            "bindIP": "0.0.0.0",
            "containerPort": it.container_port,
            "hostPort": it.host_port,
            "protocol": it.protocol,
        })
    })
    .collect()
}

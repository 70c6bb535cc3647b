//! Placement strategies: which of the instances that fit is best.

use super::{
    super::{
        instance::{self, ContainerInstance},
        task::Task,
    },
    place,
};
use crate::World;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The instance that a task's strategy prefers. Without a strategy, tasks are spread over zones.
pub(super) fn best<'a>(
    world: &World,
    task: &Task,
    mut candidates: Vec<&'a ContainerInstance>,
) -> Option<&'a ContainerInstance> {
    let written = task.placement["placementStrategy"].as_array();
    let zones = [json!({"type": "spread", "field": "attribute:ecs.availability-zone"})];
    let strategy = match written {
        Some(written) if !written.is_empty() => written.as_slice(),
        _ => &zones[..],
    };
    for step in strategy {
        match step["type"].as_str() {
            Some("spread") => spread(world, task, &step["field"], &mut candidates),
            Some("binpack") => binpack(world, &step["field"], &mut candidates),
            _ => return random(task, candidates),
        }
    }
    // Between equals, the one with the fewest tasks of the group.
    candidates
        .into_iter()
        .min_by_key(|it| of_group(world, task, it))
}

fn of_group(world: &World, task: &Task, instance: &ContainerInstance) -> usize {
    place::on(world, instance)
        .filter(|it| it.more["group"] == task.more["group"] && it.desired_status == "RUNNING")
        .count()
}

/// Keeps the instances where the field's value has the fewest tasks of the group.
fn spread(world: &World, task: &Task, field: &Value, candidates: &mut Vec<&ContainerInstance>) {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let all = world.ecs.instances.values();
    for instance in all.filter(|it| it.cluster == task.cluster) {
        let count = counts.entry(place::field(instance, field)).or_default();
        *count += of_group(world, task, instance);
    }
    let count = |it: &ContainerInstance| counts.get(&place::field(it, field)).copied();
    let fewest = candidates.iter().filter_map(|it| count(it)).min();
    candidates.retain(|it| count(it) == fewest);
}

/// Keeps the instances with the least of a resource left.
fn binpack(world: &World, field: &Value, candidates: &mut Vec<&ContainerInstance>) {
    let of_memory = field
        .as_str()
        .is_some_and(|it| it.eq_ignore_ascii_case("memory"));
    let left = |it: &ContainerInstance| {
        let (cpu, memory) = instance::free(world, it);
        if of_memory { memory } else { cpu }
    };
    let least = candidates.iter().map(|it| left(it)).min();
    candidates.retain(|it| Some(left(it)) == least);
}

/// Any of them: chance comes from the task's id, which is chance already.
fn random<'a>(
    task: &Task,
    candidates: Vec<&'a ContainerInstance>,
) -> Option<&'a ContainerInstance> {
    let digits = task.arn.get(task.arn.len().saturating_sub(12)..)?;
    let chance = usize::from_str_radix(digits, 16).unwrap_or_default();
    candidates.get(chance % candidates.len().max(1)).copied()
}

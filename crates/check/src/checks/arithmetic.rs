//! Tasks that no instance, or not enough instances, have room for.

use crate::{
    instance_types::{InstanceType, types},
    system::{Fleet, Item, Run, System, number},
};
use serde_json::json;
use setpoint_spec::{Code, Problem};

pub(super) fn check(system: &System<'_>, code: Code, problems: &mut Vec<Problem>) {
    for run in system.runs() {
        let Some(definition) = run.definition.filter(|_| run.is_on_ec2()) else {
            continue;
        };
        let known: Option<Vec<(&Fleet<'_>, &InstanceType)>> = run
            .fleets
            .iter()
            .map(|it| it.instance_type.map(|kind| (it, kind)))
            .collect();
        let Some(fleets) = known else { continue };
        let fit = |kind: &InstanceType| fit(definition, kind);
        if fleets.iter().all(|(_, kind)| fit(kind) == 0) {
            problems.extend(fleets.first().map(|it| too_large(system, code, definition, it.1)));
            continue;
        }
        let room = |(fleet, kind): &(&Fleet<'_>, &InstanceType)| {
            let most = number(&fleet.group.value["maxSize"]).unwrap_or(u64::MAX);
            most.saturating_mul(fit(kind))
        };
        let room = fleets.iter().map(room).fold(0, u64::saturating_add);
        let tasks = run.tasks().1;
        if tasks > room
            && let [(fleet, kind)] = fleets[..]
        {
            problems.push(too_many(system, code, &run, fleet, kind, (tasks, fit(kind))));
        }
    }
}

/// How many tasks an instance has room for.
pub(super) fn fit(definition: &Item<'_>, kind: &InstanceType) -> u64 {
    let (cpu, memory) = definition.task_size();
    let of = |all: u64, each: u64| all.checked_div(each).unwrap_or(u64::MAX);
    let fit = of(kind.cpu(), cpu).min(of(kind.memory_for_tasks(), memory));
    match has_static_port(definition) {
        true => fit.min(1),
        false => fit,
    }
}

/// Whether two tasks on one instance would want the same port of it.
pub(super) fn has_static_port(definition: &Item<'_>) -> bool {
    let ports = definition.host_ports();
    definition.network_mode() != "awsvpc" && ports.iter().any(|it| *it > 0)
}

fn too_large(system: &System<'_>, code: Code, definition: &Item<'_>, kind: &InstanceType) -> Problem {
    let (cpu, memory) = definition.task_size();
    let message = format!(
        "a task of {} needs {cpu} CPU units and {memory} MiB, and a {} has {} and about {}",
        definition.name,
        kind.name,
        kind.cpu(),
        kind.memory_for_tasks()
    );
    let span = system.source.span_of_key(&definition.path);
    let problem = Problem::error(code, span, message)
        .why("no instance ever has room for it: the service says that it was unable to place a task");
    let family = kind.name.split('.').next().unwrap_or_default();
    let enough = types().filter(|it| it.name.split('.').next() == Some(family));
    let enough = enough.filter(|it| it.cpu() >= cpu && it.memory_for_tasks() >= memory);
    match enough.min_by_key(|it| (it.memory, it.vcpus)) {
        Some(enough) => problem.hint(format!(
            "ask for less, or for larger instances: a {} has room for one",
            enough.name
        )),
        None => problem.hint("ask for less, or for instances of another family"),
    }
}

fn too_many(
    system: &System<'_>,
    code: Code,
    run: &Run<'_, '_>,
    fleet: &Fleet<'_>,
    kind: &InstanceType,
    (tasks, fit): (u64, u64),
) -> Problem {
    let most = number(&fleet.group.value["maxSize"]).unwrap_or_default();
    let needed = tasks.div_ceil(fit);
    let message = format!(
        "{tasks} tasks of {} need {needed} instances, as a {} has room for {fit}, and {} has at most \
         {most}",
        run.service.name, kind.name, fleet.group.name
    );
    let path = fleet.group.at(["maxSize".into()]);
    let problem = Problem::warning(code, system.span(&path), message)
        .why("the last of them are never placed, on the day they are needed");
    match system.source.replace(&path, &json!(needed)) {
        Some(edit) => problem.fix(format!("allow {needed} instances"), vec![edit]),
        None => problem.hint(format!("maxSize: {needed}")),
    }
}

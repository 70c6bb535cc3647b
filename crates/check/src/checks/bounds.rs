//! Bounds within which nothing can scale.

use super::one_step::cpu_target;
use crate::system::{Item, System, number};
use serde_json::{Value, json};
use setpoint_spec::{Code, Problem};

pub(super) fn check(system: &System<'_>, code: Code, problems: &mut Vec<Problem>) {
    for scaling in system.items("scaling") {
        let is_empty = |member: &str| {
            let members = scaling.value[member].as_object();
            members.is_none_or(serde_json::Map::is_empty)
        };
        // A schedule moves the bounds themselves.
        if is_empty("policies") || !is_empty("scheduledActions") {
            continue;
        }
        let of = |member: &str| number(&scaling.value[member]);
        match (of("minCapacity"), of("maxCapacity")) {
            (Some(least), Some(most)) if least == most => {
                problems.push(fixed(system, code, scaling, most));
            }
            (Some(0), Some(_)) if follows_tasks(scaling) => {
                problems.push(asleep(system, code, scaling));
            }
            _ => {}
        }
    }
}

/// Whether every policy follows what the tasks themselves use.
fn follows_tasks(scaling: &Item<'_>) -> bool {
    let policies = scaling.value["policies"].as_object();
    let metric = |it: &Value| it["targetTracking"]["metric"].as_str().map(str::to_owned);
    let is_own = |it: &Value| metric(it).is_some_and(|it| it.starts_with("ECSServiceAverage"));
    cpu_target(scaling).is_some() || policies.is_some_and(|it| it.values().all(is_own))
}

fn fixed(system: &System<'_>, code: Code, scaling: &Item<'_>, count: u64) -> Problem {
    let path = scaling.at(["maxCapacity".into()]);
    let message = format!("{} scales from {count} to {count}", scaling.name);
    Problem::warning(code, system.span(&path), message)
        .why("the policies and their alarms are made, and can never move a task")
        .hint("raise `maxCapacity`, or leave the scaling out and write `desiredCount`")
}

fn asleep(system: &System<'_>, code: Code, scaling: &Item<'_>) -> Problem {
    let path = scaling.at(["minCapacity".into()]);
    let message = format!("once {} has no task, nothing starts one", scaling.name);
    let problem = Problem::error(code, system.span(&path), message).why(
        "its policies follow what the tasks use: without a task there is no value, and without a \
         value no alarm",
    );
    match system.source.replace(&path, &json!(1)) {
        Some(edit) => problem.fix("keep one task", vec![edit]),
        None => problem.hint("minCapacity: 1"),
    }
}

//! CPU targets that tasks with a hard limit can exceed by one step only.

use crate::system::{Item, System, number};
use setpoint_spec::{Code, Edit, Problem};
use serde_json::json;

pub(super) fn check(system: &System<'_>, code: Code, problems: &mut Vec<Problem>) {
    for run in system.runs().filter(|it| it.is_on_ec2()) {
        let (Some(definition), Some(scaling)) = (run.definition, run.scaling) else {
            continue;
        };
        let Some(limit) = number(&definition.value["cpu"]).filter(|_| may_go(definition)) else {
            continue;
        };
        let Some(target) = cpu_target(scaling) else {
            continue;
        };
        let (least, most) = run.tasks();
        let next = (least as f64 * 100.0 / target).ceil();
        if least == 0 || next >= most as f64 {
            continue;
        }
        let path = definition.at(["cpu".into()]);
        let message = format!(
            "with a limit of {limit} CPU units a task is never above 100 %, so {} goes from {least} \
             to {next} tasks and no further in one step, of {most}",
            run.service.name
        );
        let problem = Problem::warning(code, system.span(&path), message)
            .why(
                "a target of half of 100 % can ask for twice the tasks at most, and the next step \
                 waits for the next minutes' values: that is how a spike outruns the policy",
            )
            .also(system.source.span_of_key(&scaling.path), format!("a target of {target} %"));
        let edits = unlimited(system, definition, limit);
        let title = "let its containers use what is free on the instance";
        problems.push(match edits.is_empty() {
            true => problem.hint("give each container `cpu` of its own, and the task none"),
            false => problem.fix(title, edits),
        });
    }
}

/// Whether the limit may be left out: Fargate needs it.
fn may_go(definition: &Item<'_>) -> bool {
    let on = definition.value["requiresCompatibilities"].as_array();
    !on.is_some_and(|it| it.iter().any(|it| it == "FARGATE"))
}

/// The lowest target of a policy that follows the CPU.
pub(super) fn cpu_target(scaling: &Item<'_>) -> Option<f64> {
    let policies = scaling.value["policies"].as_object()?;
    let of_cpu = policies.values().filter_map(|it| {
        let tracking = &it["targetTracking"];
        let metric = tracking["metric"].as_str()?;
        let is_cpu = metric.starts_with("ECSServiceAverageCPUUtilization");
        tracking["target"].as_f64().filter(|it| is_cpu && *it > 0.0)
    });
    of_cpu.reduce(f64::min)
}

/// Takes the task's limit away; what it reserves stays with its containers.
fn unlimited(system: &System<'_>, definition: &Item<'_>, limit: u64) -> Vec<Edit> {
    let containers = definition.containers();
    let without: Vec<_> = containers
        .iter()
        .filter(|it| number(&it.value["cpu"]).unwrap_or_default() == 0)
        .collect();
    let removed = system.source.remove(&definition.at(["cpu".into()]));
    match (&without[..], removed) {
        ([], Some(removed)) => vec![removed],
        ([only], Some(removed)) if containers.len() == 1 => {
            let reserved = system.source.put(&only.at(["cpu".into()]), &json!(limit));
            reserved.into_iter().chain([removed]).collect()
        }
        _ => Vec::new(),
    }
}

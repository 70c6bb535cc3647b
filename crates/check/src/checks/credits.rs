//! Instances that are throttled under the very load that the service is to follow.

use super::one_step::cpu_target;
use crate::{
    instance_types::InstanceType,
    system::{Fleet, System, number},
};
use serde_json::json;
use setpoint_spec::{Code, Problem};

pub(super) fn check(system: &System<'_>, code: Code, problems: &mut Vec<Problem>) {
    for run in system.runs().filter(|it| it.is_on_ec2()) {
        let (Some(definition), Some(scaling)) = (run.definition, run.scaling) else {
            continue;
        };
        let Some(target) = cpu_target(scaling) else {
            continue;
        };
        let (cpu, _) = definition.task_size();
        for fleet in run.fleets {
            let Some(kind) = fleet.instance_type.filter(|it| is_throttled(fleet, it)) else {
                continue;
            };
            let together = super::arithmetic::fit(definition, kind).min(run.tasks().1);
            let baseline = kind.cpu() as f64 * kind.baseline().unwrap_or(1.0);
            let shown = baseline * 100.0 / (cpu.saturating_mul(together)).max(1) as f64;
            // Target tracking scales in below nine tenths of its target.
            if cpu == 0 || together == 0 || shown >= 0.9 * target {
                continue;
            }
            let path = fleet.template.at(["instanceType".into()]);
            let message = format!(
                "a {} without credits gives {baseline:.0} CPU units: {together} tasks of {} on it \
                 show {shown:.0} %, and the policy scales in below {:.0} %",
                kind.name,
                run.service.name,
                0.9 * target
            );
            let problem = Problem::warning(code, system.span(&path), message)
                .why(
                    "credits last for about half an hour of full load; then the service takes tasks \
                     away while its users wait",
                )
                .hint("or choose a type that is not burstable")
                .also(system.source.span_of_key(&scaling.path), format!("a target of {target} %"));
            let credits = fleet.template.at(["cpuCredits".into()]);
            problems.push(match system.source.put(&credits, &json!("unlimited")) {
                Some(edit) => problem.fix("pay for what goes beyond the credits", vec![edit]),
                None => problem,
            });
        }
    }
    problems.dedup();
}

/// Whether its instances are held to their baseline once they have used up their credits.
fn is_throttled(fleet: &Fleet<'_>, kind: &InstanceType) -> bool {
    let grows = number(&fleet.group.value["maxSize"]) != Some(0);
    let is_standard = match fleet.template.value["cpuCredits"].as_str() {
        Some(credits) => credits == "standard",
        None => kind.name.starts_with("t2."),
    };
    is_standard && grows && kind.baseline().is_some()
}

//! Cooldowns that are over before the metric is heard of again.

use crate::system::{System, number};
use serde_json::json;
use setpoint_spec::{Code, Problem};

pub(super) fn check(system: &System<'_>, code: Code, problems: &mut Vec<Problem>) {
    for scaling in system.items("scaling") {
        let policies = scaling.value["policies"].as_object();
        for (policy, value) in policies.into_iter().flatten() {
            let tracking = &value["targetTracking"];
            let Some(metric) = tracking["metric"].as_str() else {
                continue;
            };
            let period = match metric.ends_with("HighResolution") {
                true => 20,
                false => 60,
            };
            for (member, out, usual) in [
                ("scaleOutCooldown", "out", 60),
                ("scaleInCooldown", "in", 300),
            ] {
                let Some(seconds) = number(&tracking[member]).filter(|it| *it < period) else {
                    continue;
                };
                let steps = [
                    "policies".into(),
                    policy.as_str().into(),
                    "targetTracking".into(),
                    member.into(),
                ];
                let path = scaling.at(steps);
                let message = format!(
                    "a cooldown of {seconds} s is over before the metric's next value, which comes \
                     each {period} s"
                );
                let problem = Problem::note(code, system.span(&path), message).why(format!(
                    "it holds nothing back: while the alarm lasts, the policy scales {out} once a \
                     minute, whether the tasks of the last time count yet or not"
                ));
                let edit = system.source.replace(&path, &json!(usual));
                problems.push(match edit {
                    Some(edit) => problem.fix(format!("wait for {usual} s"), vec![edit]),
                    None => problem.hint(format!("{member}: {usual}")),
                });
            }
        }
    }
}

//! Containers that no memory is set for.

use crate::system::System;
use serde_json::json;
use setpoint_spec::{Code, Problem};

pub(super) fn check(system: &System<'_>, code: Code, problems: &mut Vec<Problem>) {
    for definition in system.items("taskDefinitions") {
        if !definition.value["memory"].is_null() {
            continue;
        }
        for container in definition.containers() {
            let is_set = |member: &str| !container.value[member].is_null();
            if is_set("memory") || is_set("memoryReservation") {
                continue;
            }
            let path = container.at(["memory".into()]);
            let name = container.at(["name".into()]);
            let message = format!("nothing says how much memory {} gets", container.name());
            let problem = Problem::error(code, system.source.span(&name), message).why(
                "ECS registers no such task definition: \"At least one of 'memory' or \
                 'memoryReservation' must be specified\"",
            );
            problems.push(match system.source.put(&path, &json!(512)) {
                Some(edit) => problem.fix("give it 512 MiB, and kill it beyond", vec![edit]),
                None => problem.hint("memory: 512"),
            });
        }
    }
}

//! Ranges of ports that are open to the world, and behind which nothing listens.

use crate::system::{Item, Opening, Run, System, openings};
use serde_json::Value;
use setpoint_spec::{Code, Problem};

/// The ports from which Linux, and so the ECS agent, chooses.
pub(super) const DYNAMIC: (u64, u64) = (32768, 60999);

pub(super) fn check(system: &System<'_>, code: Code, problems: &mut Vec<Problem>) {
    for group in system.items("securityGroups") {
        let open: Vec<Opening<'_>> = openings(group)
            .into_iter()
            .filter(|it| it.is_to_the_world() && it.ports.0 < it.ports.1)
            .collect();
        if open.is_empty() {
            continue;
        }
        let runs: Vec<Run<'_, '_>> = system.runs().filter(|it| is_behind(it, group)).collect();
        // What others run behind it, their stacks say.
        if runs.is_empty() || runs.iter().any(|it| it.definition.is_none()) {
            continue;
        }
        let listens = |opening: &Opening<'_>| {
            let ports = runs.iter().filter_map(|it| it.definition);
            ports.flat_map(Item::host_ports).any(|port| match port {
                0 => opening.ports.0 <= DYNAMIC.1 && DYNAMIC.0 <= opening.ports.1,
                port => opening.holds(port),
            })
        };
        for opening in open.iter().filter(|it| !listens(it)) {
            problems.push(idle(system, code, group, opening));
        }
    }
}

/// Whether a service's tasks are reached through a group.
fn is_behind(run: &Run<'_, '_>, group: &Item<'_>) -> bool {
    let names = |it: &Value| it.as_array().is_some_and(|it| it.iter().any(|it| it == group.name));
    let own = &run.service.value["networkConfiguration"]["awsvpcConfiguration"]["securityGroups"];
    let is_awsvpc = run.definition.is_some_and(|it| it.network_mode() == "awsvpc");
    match is_awsvpc {
        true => names(own),
        false => run.fleets.iter().any(|it| names(&it.template.value["securityGroups"])),
    }
}

fn idle(system: &System<'_>, code: Code, group: &Item<'_>, opening: &Opening<'_>) -> Problem {
    let (from, to) = opening.ports;
    let message = format!(
        "{} opens the ports {from}-{to} to the world, and no container listens on any of them",
        group.name
    );
    let problem = Problem::warning(code, system.source.span(&opening.path), message)
        .why("whatever else comes to listen on the instances there can be reached by everybody")
        .hint(
            "if tasks are to be reached there: a load balancer before them and its group only, a \
             fixed host port, or your own address instead of `anywhere`",
        );
    match system.source.remove(&opening.path) {
        Some(edit) => problem.fix("close the range", vec![edit]),
        None => problem,
    }
}

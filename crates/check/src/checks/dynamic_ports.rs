//! Host ports that AWS chooses, behind security groups that do not open them.

use super::open_ranges::DYNAMIC;
use crate::system::{Fleet, Item, Run, System, number, openings};
use serde_json::{Value, json};
use setpoint_spec::{Code, Problem, Step};

pub(super) fn check(system: &System<'_>, code: Code, problems: &mut Vec<Problem>) {
    for run in system.runs() {
        let Some((definition, port)) = dynamic(&run) else {
            continue;
        };
        for fleet in run.fleets {
            let groups = groups(system, fleet);
            if groups.is_empty() || groups.iter().any(|it| opens(it)) {
                continue;
            }
            problems.push(closed(system, code, &run, definition, &port, fleet, groups[0]));
        }
    }
}

/// The first port of a service's task that gets a host port of its own from the range.
fn dynamic<'s, 'a>(run: &Run<'s, 'a>) -> Option<(&'s Item<'a>, Vec<Step>)> {
    let definition = run.definition?;
    if definition.network_mode() != "bridge" {
        return None;
    }
    let port = definition.containers().into_iter().find_map(|container| {
        let ports = container.value["portMappings"].as_array()?;
        let is_dynamic = |it: &Value| number(&it["hostPort"]).unwrap_or_default() == 0;
        let index = ports.iter().position(is_dynamic)?;
        Some(container.at(["portMappings".into(), index.into()]))
    })?;
    Some((definition, port))
}

/// The groups of the stack that a fleet's instances have; none if some are others'.
fn groups<'s, 'a>(system: &'s System<'a>, fleet: &Fleet<'a>) -> Vec<&'s Item<'a>> {
    let names = fleet.template.value["securityGroups"].as_array();
    let names = names.into_iter().flatten().filter_map(Value::as_str);
    let items: Option<Vec<&Item<'a>>> = names.map(|it| system.item("securityGroups", it)).collect();
    items.unwrap_or_default()
}

/// Whether a group lets anybody in on the whole range.
fn opens(group: &Item<'_>) -> bool {
    let mut rules = openings(group).into_iter();
    rules.any(|it| it.is_tcp && it.ports.0 <= DYNAMIC.0 && DYNAMIC.1 <= it.ports.1)
}

fn closed(
    system: &System<'_>,
    code: Code,
    run: &Run<'_, '_>,
    definition: &Item<'_>,
    port: &[Step],
    fleet: &Fleet<'_>,
    group: &Item<'_>,
) -> Problem {
    let path: Vec<Step> = port.iter().cloned().chain(["hostPort".into()]).collect();
    let message = format!(
        "each task of {} gets a host port from {}-{}, and no security group of {} opens them",
        run.service.name, DYNAMIC.0, DYNAMIC.1, fleet.template.name
    );
    let rule = json!({
        "ports": format!("{}-{}", DYNAMIC.0, DYNAMIC.1), "from": "anywhere",
        "description": "dynamic host ports",
    });
    let ingress = group.at(["ingress".into()]);
    let edit = system
        .source
        .push(&ingress, &rule)
        .or_else(|| system.source.put(&ingress, &json!([rule])));
    let problem = Problem::error(code, system.span(&path), message)
        .why(format!(
            "no task of {} can be reached: the port is another one for each task, and requests time out",
            definition.name
        ))
        .hint(
            "or put a load balancer before the service and admit its group only; or give the \
             container a fixed host port, with one task for each instance",
        )
        .also(system.source.span_of_key(&group.path), "opens other ports only");
    match edit {
        Some(edit) => problem.fix(format!("open the range in {}", group.name), vec![edit]),
        None => problem,
    }
}

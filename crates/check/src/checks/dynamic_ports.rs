//! Host ports that AWS chooses, behind security groups that do not open them.

use crate::system::{Fleet, Item, Run, System, number};
use serde_json::{Value, json};
use setpoint_spec::{Code, Problem, Step};

/// The ports from which Linux, and so the ECS agent, chooses.
const DYNAMIC: (u64, u64) = (32768, 60999);

pub(super) fn check(system: &System<'_>, code: Code, problems: &mut Vec<Problem>) {
    for run in system.runs() {
        let Some((definition, port)) = dynamic(&run) else {
            continue;
        };
        for fleet in &run.fleets {
            let groups = groups(system, fleet);
            if groups.is_empty() || groups.iter().any(|it| opens(it.value)) {
                continue;
            }
            problems.push(closed(system, code, &run, &definition, &port, fleet, &groups[0]));
        }
    }
}

/// The first port of a service's task that gets a host port of its own from the range.
fn dynamic<'a>(run: &Run<'a>) -> Option<(Item<'a>, Vec<Step>)> {
    let definition = run.definition.clone()?;
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
fn groups<'a>(system: &System<'a>, fleet: &Fleet<'a>) -> Vec<Item<'a>> {
    let names = fleet.template.value["securityGroups"].as_array();
    let names = names.into_iter().flatten().filter_map(Value::as_str);
    let items: Option<Vec<Item<'a>>> = names.map(|it| system.item("securityGroups", it)).collect();
    items.unwrap_or_default()
}

/// Whether a group lets anybody in on the whole range.
fn opens(group: &Value) -> bool {
    let rules = group["ingress"].as_array();
    rules.into_iter().flatten().any(|rule| {
        let protocol = rule["protocol"].as_str().unwrap_or("tcp");
        let (from, to) = range(&rule["ports"]);
        matches!(protocol, "tcp" | "all" | "-1") && from <= DYNAMIC.0 && DYNAMIC.1 <= to
    })
}

fn range(ports: &Value) -> (u64, u64) {
    match ports {
        Value::String(text) => match text.split_once('-') {
            Some((from, to)) => (
                from.trim().parse().unwrap_or(u64::MAX),
                to.trim().parse().unwrap_or_default(),
            ),
            None if text == "all" => (0, u64::MAX),
            None => text.parse().map_or((u64::MAX, 0), |it| (it, it)),
        },
        Value::Null => (0, u64::MAX),
        ports => number(ports).map_or((u64::MAX, 0), |it| (it, it)),
    }
}

fn closed(
    system: &System<'_>,
    code: Code,
    run: &Run<'_>,
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

//! Services whose waiting tasks no group of instances grows for.

use crate::system::{Fleet, Item, Run, System, number};
use serde_json::{Value, json};
use setpoint_spec::{Code, Edit, Problem};

pub(super) fn check(system: &System<'_>, code: Code, problems: &mut Vec<Problem>) {
    for run in system.runs().filter(is_unseen) {
        let service = run.service;
        if service.value["launchType"].is_null() && has_default_strategy(system, service) {
            continue;
        }
        let grows = |it: &&Fleet<'_>| {
            let size = |member: &str| number(&it.group.value[member]);
            size("minSize") < size("maxSize")
        };
        let Some(fleet) = run.fleets.iter().find(grows) else {
            continue;
        };
        let providers = system.items("capacityProviders").iter();
        let mut own = providers.filter(|it| it.value["autoScalingGroup"] == fleet.group.name);
        problems.push(match own.next() {
            Some(provider) => blind(system, code, service, fleet, provider),
            None => alone(system, code, service, fleet),
        });
    }
}

/// Whether a service asks for instances without naming a capacity provider.
fn is_unseen(run: &Run<'_, '_>) -> bool {
    let strategy = run.service.value["capacityProviderStrategy"].as_array();
    let launch_type = &run.service.value["launchType"];
    strategy.is_none_or(Vec::is_empty) && (launch_type == "EC2" || launch_type.is_null())
}

fn has_default_strategy(system: &System<'_>, service: &Item<'_>) -> bool {
    let cluster = system.named(service, "cluster", "clusters");
    let strategy = cluster.map(|it| &it.value["defaultCapacityProviderStrategy"]);
    strategy.and_then(Value::as_array).is_some_and(|it| !it.is_empty())
}

fn blind(
    system: &System<'_>,
    code: Code,
    service: &Item<'_>,
    fleet: &Fleet<'_>,
    provider: &Item<'_>,
) -> Problem {
    let message = format!(
        "{} names no capacity provider, and {} makes {} grow only for tasks that name it",
        service.name, provider.name, fleet.group.name
    );
    let edits = with_strategy(system, service, provider.name);
    problem(system, code, service, message)
        .also(system.source.span_of_key(&provider.path), "the capacity provider")
        .fix_by_all(format!("run on {}", provider.name), edits)
}

fn alone(system: &System<'_>, code: Code, service: &Item<'_>, fleet: &Fleet<'_>) -> Problem {
    let group = fleet.group.name;
    let message = format!(
        "{} runs on {group}, which may have {} to {} instances, and nothing makes it grow",
        service.name, fleet.group.value["minSize"], fleet.group.value["maxSize"]
    );
    let lower = group.to_lowercase();
    let is_theirs = ["aws", "ecs", "fargate"].iter().any(|it| lower.starts_with(it));
    let provider = match is_theirs {
        true => format!("capacity-{group}"),
        false => group.to_owned(),
    };
    let home = ["capacityProviders".into(), provider.as_str().into()];
    let made = system.source.put(&home, &json!({ "autoScalingGroup": group }));
    let joined = system.named(service, "cluster", "clusters").and_then(|it| {
        let path = it.at(["capacityProviders".into()]);
        let pushed = system.source.push(&path, &json!(provider));
        pushed.or_else(|| system.source.put(&path, &json!([provider])))
    });
    let edits = with_strategy(system, service, &provider);
    problem(system, code, service, message)
        .also(system.source.span_of_key(&fleet.group.path), "stays as it is")
        .fix_by_all(
            "let a capacity provider scale it",
            edits.into_iter().chain([made, joined]),
        )
}

fn problem(system: &System<'_>, code: Code, service: &Item<'_>, message: String) -> Problem {
    let path = service.at(["launchType".into()]);
    let span = match service.value["launchType"].is_null() {
        true => system.source.span_of_key(&service.path),
        false => system.span(&path),
    };
    Problem::error(code, span, message).why(
        "tasks without room are not placed and wait for nobody: the service says that it was unable \
         to place a task, and no instance is added",
    )
}

/// Writes a strategy in the place of the launch type.
fn with_strategy(system: &System<'_>, service: &Item<'_>, provider: &str) -> Vec<Option<Edit>> {
    let strategy = json!([{ "capacityProvider": provider, "weight": 1 }]);
    let launch_type = service.at(["launchType".into()]);
    let renamed = system.source.rename(&launch_type, "capacityProviderStrategy");
    let replaced = system.source.replace(&launch_type, &strategy);
    match (renamed, replaced) {
        (Some(renamed), Some(replaced)) => vec![Some(renamed), Some(replaced)],
        _ => {
            let path = service.at(["capacityProviderStrategy".into()]);
            vec![system.source.put(&path, &strategy)]
        }
    }
}

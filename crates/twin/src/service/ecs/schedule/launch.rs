//! Starting tasks of a service.

use super::{
    super::{
        definition,
        definition::Definition,
        deployment,
        service::{Service, events, fargate, lookup, strategy},
        task::{self, Order, Task},
    },
    AGAIN, place, tasks, waits,
};
use crate::{
    Time, World,
    service::{iam, tags::Tags},
};
use serde_json::{Value, json};

/// What became of the tasks that were to be started.
pub(super) enum Launched {
    /// They are under way.
    All,
    /// Some are not; it is tried again then.
    Until(Time),
}

/// What the tasks of a service's PRIMARY deployment are to be.
pub(super) fn order(world: &World, service: &Service, definition: &Definition) -> Order {
    let primary = service.deployments.first();
    let revision = primary.and_then(|it| world.ecs.service_revisions.get(&it.revision));
    let revision = revision.unwrap_or(&Value::Null);
    let list = |of: &Value, member: &str| of[member].as_array().cloned().unwrap_or_default();
    let deployment = primary.map(|it| it.id.clone());
    Order {
        cluster: service.cluster.clone(),
        service: Some(service.name.clone()),
        started_by: deployment.clone(),
        deployment,
        on_fargate: fargate::is_on(&service.document),
        group: format!("service:{}", service.name),
        constraints: list(&service.document, "placementConstraints"),
        strategy: list(&service.document, "placementStrategy"),
        balancers: list(revision, "loadBalancers"),
        network: revision["networkConfiguration"].clone(),
        tags: tags(service, definition),
        execute_command: service.document["enableExecuteCommand"] == true,
        ..Order::default()
    }
}

/// The tags that a service's tasks get.
fn tags(service: &Service, definition: &Definition) -> Tags {
    let mut tags = match service.document["propagateTags"].as_str() {
        Some("SERVICE") => service.tags.clone(),
        Some("TASK_DEFINITION") => definition.tags.clone(),
        _ => Tags::new(),
    };
    if service.document["enableECSManagedTags"] == true {
        tags.insert("aws:ecs:clusterName".into(), service.cluster.clone());
        tags.insert("aws:ecs:serviceName".into(), service.name.clone());
    }
    tags
}

/// The definition that the PRIMARY deployment runs, if its roles can be assumed; else the service
/// says why it starts nothing.
pub(super) fn definition(world: &mut World, key: &str, count: i64) -> Option<Definition> {
    let service = world.ecs.services.get(key)?;
    let definition = definition::find(world, &service.task_definition)?.clone();
    let roles = lookup::roles(&definition.document);
    let refused = roles
        .into_iter()
        .find(|it| !iam::assumable(world, it, "ecs-tasks.amazonaws.com"));
    match refused {
        None => Some(definition),
        Some(role) => {
            let text = events::unassumable(role);
            let text = format!("failed to launch a task with (error {text}).");
            events::complain(world, key, &text);
            deployment::failed_to_launch(world, key, count);
            None
        }
    }
}

/// When tasks that could not be launched are tried again.
pub(super) fn retry(world: &World, key: &str) -> Time {
    let service = world.ecs.services.get(key);
    let primary = service.and_then(|it| it.deployments.first());
    let pause = primary.map_or(world.now, |it| it.not_before);
    pause.max(world.now + AGAIN)
}

/// Starts tasks of a service's PRIMARY deployment.
pub(super) fn start(world: &mut World, key: &str, count: i64) -> Launched {
    let Some(definition) = definition(world, key, count) else {
        return Launched::Until(retry(world, key));
    };
    let service = world.ecs.services[key].clone();
    let mut order = order(world, &service, &definition);
    let mut started = Vec::new();
    let mut stuck = false;
    for _ in 0..count {
        order.provider = next_provider(world, &service);
        let task = task::make(world, &order, &definition);
        let chosen = place::choose(world, &task);
        if let Err(misfits) = &chosen
            && !waits(world, &task)
        {
            let text = events::unplaced(place::closest(misfits));
            events::complain(world, key, &text);
            stuck = true;
            break;
        }
        started.push(task.arn.clone());
        task::put(world, task, chosen.ok());
    }
    say_started(world, key, &started);
    match stuck {
        true => Launched::Until(world.now + 2 * AGAIN),
        false => Launched::All,
    }
}

/// Starts one task on an instance, as daemons do.
pub(super) fn start_on(world: &mut World, key: &str, task: Task, instance: &str) {
    let arn = task.arn.clone();
    task::put(world, task, Some(instance.to_owned()));
    say_started(world, key, &[arn]);
}

fn say_started(world: &mut World, key: &str, arns: &[String]) {
    if !arns.is_empty() {
        let named = events::tasks(arns.iter().map(String::as_str));
        let text = format!("has started {} tasks: {named}.", arns.len());
        events::say(world, key, &text);
    }
}

/// The capacity provider of the PRIMARY deployment's next task.
fn next_provider(world: &World, service: &Service) -> Option<String> {
    let primary = service.deployments.first()?;
    let revision = world.ecs.service_revisions.get(&primary.revision)?;
    let items = revision["capacityProviderStrategy"].as_array()?;
    let running = |provider: &str| {
        tasks(world, service)
            .filter(|it| it.desired_status == "RUNNING" && it.provider.as_deref() == Some(provider))
            .filter(|it| it.deployment.as_deref() == Some(&primary.id))
            .count() as i64
    };
    strategy::next(items, running)
}

/// A task of the service for asking where it could be.
pub(super) fn probe(service: &Service, order: &Order, definition: &Definition) -> Task {
    let constraints = definition.document["placementConstraints"].as_array();
    let constraints = constraints.into_iter().flatten().cloned();
    let constraints: Vec<Value> = constraints.chain(order.constraints.clone()).collect();
    Task {
        cluster: service.cluster.clone(),
        more: json!({"group": order.group}),
        placement: json!({"placementConstraints": constraints}),
        ..Task::default()
    }
}

//! Reading tasks.

use super::{
    super::{definition, service::lookup},
    Task, show,
};
use crate::{Answer, Grant, Input, Refusal, World, call};
use serde_json::{Value, json};

/// What the caller of an action on `tasks` must be allowed.
pub(super) fn needs(world: &World, input: &Input) -> Vec<Grant> {
    let named = input.texts("tasks").into_iter();
    named.map(|it| on_task(world, input, it)).collect()
}

/// What the caller of an action on one `task` must be allowed.
pub(super) fn needs_one(world: &World, input: &Input) -> Vec<Grant> {
    vec![on_task(world, input, input.text("task"))]
}

fn on_task(world: &World, input: &Input, written: &str) -> Grant {
    let cluster = input.maybe("cluster").unwrap_or("default");
    let cluster = cluster.rsplit('/').next().unwrap_or(cluster);
    let arn = arn(world, cluster, written);
    let mut grant = lookup::in_cluster(world, input, &arn);
    if let Some(task) = world.ecs.tasks.get(&arn) {
        for (key, value) in &task.tags {
            grant = grant.with(format!("aws:ResourceTag/{key}"), value);
        }
    }
    grant
}

/// The ARN of a task that is written as its id or ARN.
pub(super) fn arn(world: &World, cluster: &str, written: &str) -> String {
    match written.starts_with("arn:") {
        true => written.to_owned(),
        false => world.arn("ecs", &format!("task/{cluster}/{written}")),
    }
}

/// A task of a cluster that is written as its id or ARN.
pub(super) fn find<'a>(
    world: &'a World,
    cluster: &str,
    written: &str,
) -> Result<Option<&'a Task>, Refusal> {
    let parts: Vec<&str> = written.split('/').collect();
    if let [_, other, _] = parts[..]
        && other != cluster
    {
        return Err(lookup::elsewhere(other, cluster));
    }
    Ok(world.ecs.tasks.get(&arn(world, cluster, written)))
}

fn refuse<T>(text: &str) -> Result<T, Refusal> {
    Err(Refusal::new("InvalidParameterException", text))
}

pub(super) fn describe_tasks(world: &mut World, input: &Input) -> Answer {
    let cluster = lookup::cluster(world, input)?;
    let named = input.texts("tasks");
    match named.len() {
        0 => return refuse("Tasks cannot be empty."),
        1..=100 => {}
        _ => return refuse("Tasks cannot be longer than 100."),
    }
    let with_tags = input.texts("include").contains(&"TAGS");
    let mut tasks = Vec::new();
    let mut failures = Vec::new();
    for written in named {
        match find(world, &cluster, written)? {
            Some(task) => tasks.push(show::task(world, task, with_tags)),
            None => {
                let arn = arn(world, &cluster, written);
                failures.push(json!({"arn": arn, "reason": "MISSING"}));
            }
        }
    }
    Ok(json!({"tasks": tasks, "failures": failures}))
}

pub(super) fn list_tasks(world: &mut World, input: &Input) -> Answer {
    let cluster = lookup::cluster(world, input)?;
    let limit = input.integer("maxResults").unwrap_or(100);
    if !(1..=100).contains(&limit) {
        return refuse("maxResults must be between 1 and 100.");
    }
    let others = ["containerInstance", "family", "serviceName"];
    if input.has("startedBy") && others.iter().any(|it| input.has(it)) {
        return refuse("startedBy must be the only filter when it is used.");
    }
    if let Some(service) = input.maybe("serviceName") {
        let key = lookup::key(&cluster, service)?;
        if !world.ecs.services.contains_key(&key) {
            return Err(Refusal::new(
                "ServiceNotFoundException",
                "Service not found.",
            ));
        }
    }
    let tasks = world.ecs.tasks.values();
    let tasks = tasks.filter(|it| it.cluster == cluster && matches(world, it, input));
    let all: Vec<String> = tasks.map(|it| it.arn.clone()).collect();
    let Some((arns, next)) = call::page(&all, input.maybe("nextToken"), limit as usize) else {
        return refuse("Invalid token.");
    };
    Ok(call::object([
        ("taskArns", Some(json!(arns))),
        ("nextToken", next.map(Value::from)),
    ]))
}

/// Whether a task passes every filter of the request.
fn matches(world: &World, task: &Task, input: &Input) -> bool {
    let last = |text: &str| text.rsplit('/').next().unwrap_or(text).to_owned();
    let status = input.maybe("desiredStatus").unwrap_or("RUNNING");
    let family = definition::find(world, &task.task_definition);
    let family = family.map(|it| it.family.as_str());
    let instance = task.instance.as_deref().map(last);
    task.desired_status == status
        && input.maybe("family").is_none_or(|it| family == Some(it))
        && input
            .maybe("startedBy")
            .is_none_or(|it| task.more["startedBy"] == it)
        && input
            .maybe("launchType")
            .is_none_or(|it| task.more["launchType"] == it)
        && input
            .maybe("serviceName")
            .is_none_or(|it| task.service.as_deref() == Some(&last(it)))
        && input
            .maybe("containerInstance")
            .is_none_or(|it| instance.as_deref() == Some(&last(it)))
        && !input.has("daemonName")
}

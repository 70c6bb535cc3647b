//! Protection of tasks from scale-in.

use super::{super::schedule, super::service::lookup, Task, read};
use crate::{Answer, Input, Refusal, World};
use serde_json::{Value, json};
use std::time::Duration;

/// The tasks that a request names, and the failures for the rest.
fn named(world: &World, input: &Input, most: usize) -> Result<(Vec<String>, Vec<Value>), Refusal> {
    let cluster = lookup::cluster(world, input)?;
    let asked = input.texts("tasks");
    if asked.len() > most {
        return Err(Refusal::new(
            "InvalidParameterException",
            format!("tasks cannot be longer than {most}."),
        ));
    }
    let mut arns = Vec::new();
    let mut failures = Vec::new();
    for written in asked {
        match read::find(world, &cluster, written)? {
            None => {
                let arn = read::arn(world, &cluster, written);
                failures.push(json!({"arn": arn, "reason": "MISSING"}));
            }
            Some(task) if task.service.is_none() => failures.push(json!({
                "arn": task.arn,
                "reason": "TASK_NOT_VALID",
                "detail": "The task is not part of a service.",
            })),
            Some(task) => arns.push(task.arn.clone()),
        }
    }
    Ok((arns, failures))
}

fn show(world: &World, task: &Task) -> Value {
    match task.protected_until.filter(|it| *it > world.now) {
        Some(until) => json!({
            "taskArn": task.arn, "protectionEnabled": true, "expirationDate": until.value(),
        }),
        None => json!({"taskArn": task.arn, "protectionEnabled": false}),
    }
}

fn answer(world: &World, arns: &[String], failures: Vec<Value>) -> Answer {
    let shown: Vec<Value> = arns
        .iter()
        .filter_map(|it| world.ecs.tasks.get(it))
        .map(|it| show(world, it))
        .collect();
    Ok(json!({"protectedTasks": shown, "failures": failures}))
}

pub(super) fn get_task_protection(world: &mut World, input: &Input) -> Answer {
    let (mut arns, failures) = named(world, input, 100)?;
    if input.texts("tasks").is_empty() {
        let cluster = lookup::cluster(world, input)?;
        let tasks = world.ecs.tasks.values();
        let tasks = tasks.filter(|it| it.cluster == cluster && it.service.is_some());
        arns = tasks.map(|it| it.arn.clone()).collect();
    }
    answer(world, &arns, failures)
}

pub(super) fn update_task_protection(world: &mut World, input: &Input) -> Answer {
    let (arns, failures) = named(world, input, 10)?;
    let minutes = input.integer("expiresInMinutes").unwrap_or(120);
    if !(1..=2880).contains(&minutes) {
        return Err(Refusal::new(
            "InvalidParameterException",
            "expiresInMinutes must be between 1 and 2880.",
        ));
    }
    let until = world.now + Duration::from_secs(60 * minutes as u64);
    for arn in &arns {
        let task = world.ecs.tasks.get_mut(arn).expect("it was found");
        task.protected_until = input.flag("protectionEnabled").then_some(until);
        if let Some(key) = task.service_key() {
            schedule::soon(world, &key);
        }
    }
    answer(world, &arns, failures)
}

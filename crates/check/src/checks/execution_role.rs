//! Tasks for which ECS must do something, and has no role to do it with.

use crate::system::{Item, System};
use serde_json::{Value, json};
use setpoint_spec::{Code, Edit, Problem};
use std::collections::BTreeSet;

const POLICY: &str = "AmazonECSTaskExecutionRolePolicy";

pub(super) fn check(system: &System<'_>, code: Code, problems: &mut Vec<Problem>) {
    let on_fargate: BTreeSet<&str> = system
        .runs()
        .filter(|it| it.service.value["launchType"] == "FARGATE")
        .filter_map(|it| it.definition.map(|it| it.name))
        .collect();
    for definition in system.items("taskDefinitions") {
        if !definition.value["executionRoleArn"].is_null() {
            continue;
        }
        let asked = definition.value["requiresCompatibilities"].as_array();
        let is_fargate = on_fargate.contains(definition.name)
            || asked.is_some_and(|it| it.iter().any(|it| it == "FARGATE"));
        let containers = definition.containers();
        let needs = containers.iter().find_map(|it| needs(it.value, is_fargate));
        if let Some(what) = needs {
            problems.push(missing(system, code, definition, what));
        }
    }
}

/// What ECS has to do for a container with the execution role. On instances the agent pulls images
/// and sends logs with the instances' own role.
fn needs(container: &Value, is_fargate: bool) -> Option<&'static str> {
    let is_set = |it: &Value| it.as_array().is_some_and(|it| !it.is_empty());
    let image = &container["image"];
    let is_private = image.is_object() || image.as_str().is_some_and(|it| it.contains(".dkr.ecr."));
    let logs = &container["logConfiguration"];
    if is_set(&container["secrets"]) || is_set(&logs["secretOptions"]) {
        Some("reads secrets")
    } else if container["repositoryCredentials"].is_object() {
        Some("logs in to a registry")
    } else if is_fargate && is_private {
        Some("pulls from Amazon ECR")
    } else if is_fargate && logs["logDriver"] == "awslogs" {
        Some("writes to CloudWatch Logs")
    } else {
        None
    }
}

fn missing(system: &System<'_>, code: Code, definition: &Item<'_>, what: &str) -> Problem {
    let message = format!("{} has no execution role, and with it ECS {what}", definition.name);
    let span = match definition.value["family"].is_string() {
        true => system.span(&definition.at(["family".into()])),
        false => system.source.span_of_key(&definition.path),
    };
    let problem = Problem::error(code, span, message).why(
        "ECS registers no such task definition, or its tasks stop before their first line with \
         \"ResourceInitializationError\"",
    );
    let path = definition.at(["executionRoleArn".into()]);
    let role = system.items("roles").iter().find(|it| is_one(it));
    let name = role.map_or("ecsTaskExecutionRole", |it| it.name);
    let mut edits: Vec<Option<Edit>> = vec![system.source.put(&path, &json!(name))];
    if role.is_none() {
        let role = json!({
            "trustedBy": ["ecs-tasks.amazonaws.com"], "managedPolicies": [POLICY],
        });
        edits.push(system.source.put(&["roles".into(), name.into()], &role));
    }
    problem.fix_by_all(format!("give it {name}"), edits)
}

/// Whether a role is one for what ECS does for tasks.
fn is_one(role: &Item<'_>) -> bool {
    let policies = role.value["managedPolicies"].as_array();
    let is_it = |it: &Value| it.as_str().is_some_and(|it| it.ends_with(POLICY));
    policies.is_some_and(|it| it.iter().any(is_it))
}

//! Roles that do not trust the service that is to assume them.

use crate::system::{Item, System};
use serde_json::{Value, json};
use setpoint_spec::{Code, Problem, Step};

const TASKS: &str = "ecs-tasks.amazonaws.com";
const INSTANCES: &str = "ec2.amazonaws.com";

pub(super) fn check(system: &System<'_>, code: Code, problems: &mut Vec<Problem>) {
    let mut told = |role: &str, service: &str, user: &[Step], what: &str| {
        let Some(role) = system.called("roles", role).filter(|it| !trusts(it, service)) else {
            return;
        };
        let problem = untrusting(system, code, role, service, what);
        let problem = problem.also(system.span(user), format!("{what} are to have it"));
        if !problems.iter().any(|it| it.code == code && it.message == problem.message) {
            problems.push(problem);
        }
    };
    for definition in system.items("taskDefinitions") {
        for member in ["executionRoleArn", "taskRoleArn"] {
            if let Some(role) = definition.value[member].as_str() {
                told(role, TASKS, &definition.at([member.into()]), "tasks");
            }
        }
    }
    for profile in system.items("instanceProfiles") {
        if let Some(role) = profile.value["role"].as_str() {
            told(role, INSTANCES, &profile.at(["role".into()]), "instances");
        }
    }
}

/// Whether a role trusts a service, as far as its text tells.
fn trusts(role: &Item<'_>, service: &str) -> bool {
    if let Some(services) = role.value["trustedBy"].as_array() {
        return services.iter().any(|it| it == service);
    }
    let statements = match &role.value["trust"]["Statement"] {
        Value::Array(statements) => statements.as_slice(),
        Value::Null => return true,
        statement => std::slice::from_ref(statement),
    };
    statements.iter().any(|it| {
        let principal = &it["Principal"]["Service"];
        let listed = principal.as_array();
        it["Principal"] == "*"
            || principal == service
            || listed.is_some_and(|it| it.iter().any(|it| it == service))
    })
}

fn untrusting(
    system: &System<'_>,
    code: Code,
    role: &Item<'_>,
    service: &str,
    what: &str,
) -> Problem {
    let member = match role.value["trustedBy"].is_array() {
        true => "trustedBy",
        false => "trust",
    };
    let path = role.at([member.into()]);
    let message = format!("the role {} does not trust {service}, and {what} are to have it", role.name);
    let problem = Problem::error(code, system.span(&path), message).why(format!(
        "nothing assumes the role: ECS says \"unable to assume the role\" among the service's \
         events, and {what} do not start"
    ));
    let edit = match role.value["trustedBy"].as_array() {
        Some(services) if services.is_empty() => system.source.replace(&path, &json!([service])),
        Some(_) => system.source.push(&path, &json!(service)),
        None => None,
    };
    match edit {
        Some(edit) => problem.fix(format!("trust {service}"), vec![edit]),
        None => problem.hint(format!("let a statement name `Principal: {{ Service: {service} }}`")),
    }
}

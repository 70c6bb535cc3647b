//! Names that nothing asks for.

use crate::{
    near::near,
    system::{Item, System},
};
use serde_json::{Value, json};
use setpoint_spec::{Code, Problem};
use std::collections::BTreeSet;

/// Each section, what one of its items is, and what would ask for it.
const SECTIONS: [(&str, &str, &str); 8] = [
    ("capacityProviders", "capacity provider", "no cluster and no service"),
    ("clusters", "cluster", "no service and no launch template"),
    ("instanceProfiles", "instance profile", "no launch template"),
    ("launchTemplates", "launch template", "no Auto Scaling group"),
    ("logGroups", "log group", "no container"),
    ("roles", "role", "no instance profile and no task definition"),
    ("securityGroups", "security group", "no launch template and no service"),
    ("taskDefinitions", "task definition", "no service"),
];

pub(super) fn check(system: &System<'_>, code: Code, problems: &mut Vec<Problem>) {
    for (section, kind, nobody) in SECTIONS {
        let asked = system.asked(section);
        let used: BTreeSet<&str> = asked
            .iter()
            .filter_map(|it| system.called(section, it))
            .map(|it| it.name)
            .collect();
        let is_unused = |it: &&Item<'_>| !used.contains(it.name) && is_for_ecs(section, it);
        for item in system.items(section).iter().filter(is_unused) {
            problems.push(unused(system, code, item, kind, nobody));
        }
        for text in asked.into_iter().filter(|it| it.starts_with("arn:")) {
            problems.extend(misspelt(system, code, section, kind, text));
        }
    }
}

/// Whether something in a stack would have to ask for it. Roles of other services are theirs.
fn is_for_ecs(section: &str, item: &Item<'_>) -> bool {
    let services = item.value["trustedBy"].as_array();
    let is_ours = |it: &Value| it == "ecs-tasks.amazonaws.com" || it == "ec2.amazonaws.com";
    section != "roles" || services.is_some_and(|it| !it.is_empty() && it.iter().all(is_ours))
}

fn unused(system: &System<'_>, code: Code, item: &Item<'_>, kind: &str, nobody: &str) -> Problem {
    let span = system.source.span_of_key(&item.path);
    let message = format!("{nobody} asks for the {kind} `{}`", item.name);
    let problem = Problem::warning(code, span, message).why(
        "either something else was to have it, and has another in its place, or it is made and kept \
         for nothing",
    );
    let problem = problem.hint("name it where it was meant, or take it out");
    match system.source.remove(&item.path) {
        Some(edit) => problem.fix(format!("take `{}` out", item.name), vec![edit]),
        None => problem,
    }
}

/// An ARN that all but names something of the stack.
fn misspelt(
    system: &System<'_>,
    code: Code,
    section: &str,
    kind: &str,
    arn: &str,
) -> Option<Problem> {
    let item = system.called(section, arn)?;
    let last = arn.rsplit('/').next().unwrap_or(arn);
    let last = match section {
        "taskDefinitions" => last.split(':').next().unwrap_or(last),
        _ => last,
    };
    near(last, std::iter::once(item.name))?;
    let span = system.source.span_of_text(&[], arn);
    let message = format!("this names the {kind} `{last}`, and the stack has `{}`", item.name);
    let (before, after) = arn.rsplit_once(last)?;
    let right = format!("{before}{}{after}", item.name);
    let edit = system.source.write(span, &json!(right));
    Some(
        Problem::warning(code, span, message)
            .why("what differs by a letter or two is mostly meant to be the same; AWS takes both")
            .also(system.source.span_of_key(&item.path), "this one")
            .fix(format!("name `{}`", item.name), vec![edit]),
    )
}

//! What a service says of itself, in AWS's words.

use super::super::{schedule::place::Misfit, task::Task};
use crate::World;
use std::time::Duration;

/// How long the same complaint is not repeated.
const QUIET: Duration = Duration::from_secs(300);

/// Adds an event to a service's: `(service web) has started 1 tasks: (task …).`
pub(crate) fn say(world: &mut World, key: &str, text: &str) {
    let id = world.ids.uuid();
    let now = world.now;
    if let Some(service) = world.ecs.services.get_mut(key) {
        let text = format!("(service {}) {text}", service.name);
        service.events.insert(0, (now, id, text));
        service.events.truncate(100);
    }
}

/// The same, unless it said so within the last minutes.
pub(crate) fn complain(world: &mut World, key: &str, text: &str) {
    let Some(service) = world.ecs.services.get(key) else {
        return;
    };
    let whole = format!("(service {}) {text}", service.name);
    let mut recent = service
        .events
        .iter()
        .take_while(|(at, _, _)| world.now.since(*at) < QUIET);
    if !recent.any(|(_, _, said)| *said == whole) {
        say(world, key, text);
    }
}

/// `(task 0123…) (task 4567…)`.
pub(crate) fn tasks<'a>(arns: impl IntoIterator<Item = &'a str>) -> String {
    let named: Vec<String> = arns
        .into_iter()
        .map(|it| format!("(task {})", id(it)))
        .collect();
    named.join(" ")
}

/// The last part of an ARN.
pub(crate) fn id(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

/// Why a task was placed nowhere.
pub(in crate::service::ecs) fn unplaced(closest: Option<&(String, Misfit)>) -> String {
    let reason = match closest {
        None => "Reason: No Container Instances were found in your cluster.".to_owned(),
        Some((instance, misfit)) => {
            let problem = misfit.problem();
            let id = id(instance);
            format!("The closest matching (container-instance {id}) {problem}.")
        }
    };
    format!(
        "was unable to place a task because no container instance met all of its requirements. \
         {reason} For more information, see the Troubleshooting section of the Amazon ECS \
         Developer Guide."
    )
}

/// What is said of a role that ECS cannot assume for a task.
pub(crate) fn unassumable(role: &str) -> String {
    format!(
        "ECS was unable to assume the role '{role}' that was provided for this task. Please \
         verify that the role being passed has the proper trust relationship and permissions and \
         that your IAM user has permissions to pass this role."
    )
}

/// Tells that a task of a service was registered with its target groups.
pub(crate) fn registered(world: &mut World, task: &Task) {
    told_by_group(world, task, "registered");
}

/// Tells that a task of a service is being taken from its target groups.
pub(crate) fn deregistered(world: &mut World, task: &Task) {
    told_by_group(world, task, "deregistered");
}

fn told_by_group(world: &mut World, task: &Task, verb: &str) {
    let Some(key) = task.service_key() else {
        return;
    };
    for target in &task.targets {
        let text = format!("{verb} 1 targets in (target-group {})", target.group);
        say(world, &key, &text);
    }
}

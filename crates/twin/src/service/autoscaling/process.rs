//! Suspending what a group does by itself.

use super::{
    create, look,
    refusal::{invalid, lasting},
    types::PROCESSES,
};
use crate::{Action, Answer, Input, Refusal, World};
use serde_json::json;

pub(super) fn actions() -> Vec<Action> {
    vec![
        Action::on("SuspendProcesses", suspend, create::on_group),
        Action::on("ResumeProcesses", resume, create::on_group),
    ]
}

/// The processes that a request names; all of them if it names none.
fn named(input: &Input) -> Result<Vec<&str>, Refusal> {
    let names = input.texts("ScalingProcesses");
    if let Some(other) = names.iter().find(|it| !PROCESSES.contains(it)) {
        return Err(invalid(format!(
            "{other} is not a valid process. Valid processes are: [{}]",
            PROCESSES.join(", ")
        )));
    }
    Ok(match names.is_empty() {
        true => PROCESSES.to_vec(),
        false => names,
    })
}

fn suspend(world: &mut World, input: &Input) -> Answer {
    let name = lasting(world, input.text("AutoScalingGroupName"))?;
    let processes = named(input)?;
    let day = &world.now.to_string()[..19];
    let why = format!("User suspended at {day}Z");
    if let Some(group) = world.autoscaling.groups.get_mut(&name) {
        for process in processes {
            group.suspended.insert(process.to_owned(), why.clone());
        }
    }
    Ok(json!({}))
}

fn resume(world: &mut World, input: &Input) -> Answer {
    let name = lasting(world, input.text("AutoScalingGroupName"))?;
    let processes = named(input)?;
    if let Some(group) = world.autoscaling.groups.get_mut(&name) {
        for process in processes {
            group.suspended.remove(process);
        }
        group.retry_at = None;
    }
    look::soon(world, &name);
    Ok(json!({}))
}

//! Stopping a task at a user's word.

use super::{super::service::lookup, life, read, show};
use crate::{Answer, Input, Refusal, World};
use serde_json::json;

pub(super) fn stop_task(world: &mut World, input: &Input) -> Answer {
    let cluster = lookup::cluster(world, input)?;
    let Some(task) = read::find(world, &cluster, input.text("task"))? else {
        return Err(Refusal::new(
            "InvalidParameterException",
            "The referenced task was not found.",
        ));
    };
    let arn = task.arn.clone();
    let reason = input.maybe("reason").unwrap_or("Task stopped by user");
    life::stop(world, &arn, "UserInitiated", reason);
    Ok(json!({"task": show::task(world, &world.ecs.tasks[&arn], false)}))
}

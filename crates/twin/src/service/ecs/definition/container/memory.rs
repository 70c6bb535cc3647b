//! How much containers may take of their task.

use super::super::task::{list, text};
use crate::{Refusal, service::ecs::cluster::client};
use serde_json::Value;

/// The least memory of a container, in MiB.
const LEAST: i64 = 6;

pub(super) fn check(task: &Value) -> Result<(), Refusal> {
    let whole = |member: &str| task[member].as_str().and_then(|it| it.parse::<i64>().ok());
    let (cpu, memory) = (whole("cpu"), whole("memory"));
    let (mut all_cpu, mut all_memory) = (0, 0);
    for container in list(task, "containerDefinitions") {
        let name = text(container, "name");
        let number = |member: &str| container[member].as_i64();
        let (hard, soft) = (number("memory"), number("memoryReservation"));
        let refused = |what: &str| {
            let text = format!("Invalid setting for container '{name}'. {what}");
            Err(client(text))
        };
        if memory.is_none() && hard.is_none() && soft.is_none() {
            return refused("At least one of 'memory' or 'memoryReservation' must be specified.");
        }
        if hard.into_iter().chain(soft).any(|it| it < LEAST) {
            return refused("'memory' and 'memoryReservation' must be at least 6 MiB.");
        }
        if hard.zip(soft).is_some_and(|(hard, soft)| hard <= soft) {
            return refused("'memory' must be greater than 'memoryReservation'.");
        }
        if memory.zip(hard).is_some_and(|(most, hard)| hard > most) {
            return refused("'memory' must not be greater than the task's.");
        }
        if number("cpu").is_some_and(|it| it < 0) {
            return refused("'cpu' must not be negative.");
        }
        all_cpu += number("cpu").unwrap_or_default();
        all_memory += soft.or(hard).unwrap_or_default();
    }
    if memory.is_some_and(|it| all_memory > it) {
        return Err(client(
            "Invalid 'memory' setting for task. The containers reserve more than the task has.",
        ));
    }
    match cpu.is_some_and(|it| all_cpu > it) {
        true => Err(client(
            "Invalid 'cpu' setting for task. The containers reserve more than the task has.",
        )),
        false => Ok(()),
    }
}

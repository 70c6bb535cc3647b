//! Amazon CloudWatch Logs.

mod grants;
pub mod group;
mod pattern;
mod put;
mod read;
mod search;
mod settings;
pub mod stream;
mod tagging;
#[cfg(test)]
mod tests;

use crate::{Action, Refusal, World, service::tags::Tags};
use group::Group;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The service's part of the world.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Logs {
    /// By name.
    pub groups: BTreeMap<String, Group>,
    /// The number of the newest event.
    pub last_event: u64,
    /// The key that query results are encrypted with, if one was named.
    pub query_key: Option<String>,
}

/// The service's actions.
pub fn actions() -> Vec<Action> {
    [
        group::actions(),
        settings::actions(),
        tagging::actions(),
        stream::actions(),
        put::actions(),
        read::actions(),
        search::actions(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Every tagged resource, by ARN, as the tagging API lists it.
pub fn tagged(world: &World) -> Vec<(String, Tags)> {
    let groups = world.logs.groups.values();
    groups
        .filter(|it| !it.tags.is_empty())
        .map(|it| (it.arn.clone(), it.tags.clone()))
        .collect()
}

/// Whether there is a log group of exactly that name.
pub fn group_exists(world: &World, group: &str) -> bool {
    world.logs.groups.contains_key(group)
}

/// Writes a line to a stream, which is made if need be; to no group, nothing.
pub fn write(world: &mut World, group: &str, stream: &str, message: &str) {
    let now = world.now;
    if !group_exists(world, group) || message.is_empty() {
        return;
    }
    world.logs.last_event += 1;
    let id = world.logs.last_event;
    let Some(group) = world.logs.groups.get_mut(group) else {
        return;
    };
    let oldest = group.oldest(now);
    let made = stream::Stream::new(stream, now);
    let stream = group.streams.entry(stream.to_owned()).or_insert(made);
    let event = stream::LogEvent {
        at: now.0,
        id,
        taken_at: now.0,
        message: message.to_owned(),
    };
    stream.take(event, oldest);
}

fn invalid(text: impl Into<String>) -> Refusal {
    Refusal::new("InvalidParameterException", text)
}

fn wrong_token() -> Refusal {
    invalid("The specified nextToken is invalid.")
}

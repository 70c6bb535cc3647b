//! What was done for a client token, so that it is done once.

use crate::{Input, Refusal, Time, World};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::time::Duration;

/// What an action was asked with a token, and what it made.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Once {
    members: Map<String, Value>,
    made: String,
    at: Time,
}

/// How long a token is remembered.
const KEPT: Duration = Duration::from_secs(24 * 3600);

/// What the same call has made before. The same token with other parameters is refused.
pub(super) fn before(world: &World, input: &Input) -> Result<Option<String>, Refusal> {
    let done = key(input).and_then(|it| world.ec2.tokens.get(&it));
    match done.filter(|it| world.now.since(it.at) < KEPT) {
        None => Ok(None),
        Some(it) if it.members == input.members => Ok(Some(it.made.clone())),
        Some(_) => Err(Refusal::new(
            "IdempotentParameterMismatch",
            "The client token you have provided is associated with a request that had other \
             parameters.",
        )),
    }
}

/// Remembers what a call has made.
pub(super) fn done(world: &mut World, input: &Input, made: String) {
    let now = world.now;
    let tokens = &mut world.ec2.tokens;
    tokens.retain(|_, it| now.since(it.at) < KEPT);
    if let Some(key) = key(input) {
        let members = input.members.clone();
        let once = Once {
            members,
            made,
            at: now,
        };
        tokens.insert(key, once);
    }
}

fn key(input: &Input) -> Option<String> {
    let token = input.maybe("ClientToken").filter(|it| !it.is_empty())?;
    Some(format!("{}/{token}", input.action))
}

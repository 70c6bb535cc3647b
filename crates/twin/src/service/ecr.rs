//! Amazon ECR: image repositories.

mod grants;
pub mod image;
pub mod layer;
pub mod lifecycle;
mod manifest;
mod policy;
mod pull;
mod push;
mod query;
mod registry;
pub mod repository;
mod scan;
mod tagging;
#[cfg(test)]
mod tests;

use crate::{Action, Refusal, World, service::tags::Tags};
pub use pull::pull;
use repository::Repository;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// The service's part of the world.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Ecr {
    /// By name.
    pub repositories: BTreeMap<String, Repository>,
    /// The registry's scanning configuration, once one was put.
    pub scanning: Option<Value>,
}

/// Something that happens by itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Event {
    /// The lifecycle policy of a repository is applied; once a day.
    Expire(String),
}

/// Lets it happen.
pub fn happen(world: &mut World, event: Event) {
    match event {
        Event::Expire(repository) => lifecycle::apply(world, &repository),
    }
}

/// The service's actions.
pub fn actions() -> Vec<Action> {
    [
        repository::actions(),
        policy::actions(),
        lifecycle::actions(),
        tagging::actions(),
        push::actions(),
        query::actions(),
        layer::actions(),
        scan::actions(),
        registry::actions(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Every tagged resource, by ARN, as the tagging API lists it.
pub fn tagged(world: &World) -> Vec<(String, Tags)> {
    let repositories = world.ecr.repositories.values();
    repositories
        .filter(|it| !it.tags.is_empty())
        .map(|it| (it.arn.clone(), it.tags.clone()))
        .collect()
}

/// `sha256:` and the hexadecimal digest of `bytes`.
fn digest(bytes: &[u8]) -> String {
    let hex: String = Sha256::digest(bytes)
        .iter()
        .map(|it| format!("{it:02x}"))
        .collect();
    format!("sha256:{hex}")
}

/// Whether a text has the form of a digest.
fn is_digest(text: &str) -> bool {
    text.split_once(':').is_some_and(|(kind, hex)| {
        !kind.is_empty() && !hex.is_empty() && hex.chars().all(|it| it.is_ascii_hexdigit())
    })
}

/// Whether a name matches a pattern in which `*` stands for any text.
fn matches(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((start, rest)) => name.strip_prefix(start).is_some_and(|name| {
            (0..=name.len())
                .filter(|at| name.is_char_boundary(*at))
                .any(|at| matches(rest, &name[at..]))
        }),
    }
}

/// What ECR says of a member that the model would have let pass.
fn invalid(member: &str, constraint: &str) -> Refusal {
    let text =
        format!("Invalid parameter at '{member}' failed to satisfy constraint: '{constraint}'");
    Refusal::new("InvalidParameterException", text)
}

//! Lifecycle policies: which images go by themselves, and when.

mod effect;
mod preview;
mod rule;

use super::{
    Event, grants,
    repository::{Repository, find, find_mut},
};
use crate::{Action, Answer, Input, Refusal, Time, World, call::object, habits::ACCOUNT, world};
pub use preview::Preview;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::time::Duration;

const PERIOD: Duration = Duration::from_secs(24 * 3600);

/// A lifecycle policy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lifecycle {
    /// As it was put: JSON text.
    pub text: String,
    /// When it was last applied.
    pub evaluated_at: Option<Time>,
}

pub(super) fn actions() -> Vec<Action> {
    let on = grants::on_repositories;
    vec![
        Action::on("PutLifecyclePolicy", put, on),
        Action::on("GetLifecyclePolicy", get, on),
        Action::on("DeleteLifecyclePolicy", delete, on),
        Action::on("StartLifecyclePolicyPreview", preview::start, on),
        Action::on("GetLifecyclePolicyPreview", preview::get, on),
    ]
}

/// Lets a repository's policy be applied within a day, if it has one, and images.
pub(super) fn schedule(world: &mut World, name: &str) {
    let found = world.ecr.repositories.get(name);
    if found.is_some_and(|it| it.lifecycle.is_some() && !it.images.is_empty()) {
        let event = world::Event::Ecr(Event::Expire(name.to_owned()));
        world.agenda.once(world.now + PERIOD, event);
    }
}

/// Applies a repository's policy, if it has one, and will again a day later.
pub(super) fn apply(world: &mut World, name: &str) {
    let now = world.now;
    let Some(repository) = world.ecr.repositories.get_mut(name) else {
        return;
    };
    let Some(lifecycle) = &mut repository.lifecycle else {
        return;
    };
    lifecycle.evaluated_at = Some(now);
    let rules = rule::read(&lifecycle.text).unwrap_or_default();
    for effect in effect::of(&rules, repository, now) {
        match effect.archives {
            true => {
                if let Some(image) = repository.images.get_mut(&effect.digest) {
                    image.archived_at = Some(now);
                }
            }
            false => {
                repository.images.remove(&effect.digest);
            }
        }
    }
    schedule(world, name);
}

fn put(world: &mut World, input: &Input) -> Answer {
    let repository = find_mut(world, input)?;
    let text = input.text("lifecyclePolicyText");
    rule::read(text)?;
    repository.lifecycle = Some(Lifecycle {
        text: text.to_owned(),
        evaluated_at: None,
    });
    let answer = shown(repository, text, None);
    schedule(world, input.text("repositoryName"));
    Ok(answer)
}

fn get(world: &mut World, input: &Input) -> Answer {
    let repository = find(world, input)?;
    match &repository.lifecycle {
        Some(it) => Ok(shown(repository, &it.text, it.evaluated_at)),
        None => Err(none(repository)),
    }
}

fn delete(world: &mut World, input: &Input) -> Answer {
    let repository = find_mut(world, input)?;
    match repository.lifecycle.take() {
        Some(it) => Ok(shown(repository, &it.text, it.evaluated_at)),
        None => Err(none(repository)),
    }
}

fn shown(repository: &Repository, text: &str, evaluated_at: Option<Time>) -> Value {
    object([
        ("registryId", Some(json!(ACCOUNT))),
        ("repositoryName", Some(json!(repository.name))),
        ("lifecyclePolicyText", Some(json!(text))),
        ("lastEvaluatedAt", evaluated_at.map(Time::value)),
    ])
}

fn none(repository: &Repository) -> Refusal {
    let text = format!(
        "Lifecycle policy does not exist for the repository with name '{}' in the registry with id \
         '{ACCOUNT}'",
        repository.name
    );
    Refusal::new("LifecyclePolicyNotFoundException", text)
}

//! Repository policies: who else may do what.

use super::{
    grants, invalid,
    repository::{Repository, find, find_mut},
};
use crate::{Action, Answer, Input, Refusal, World, habits::ACCOUNT};
use serde_json::{Value, json};

pub(super) fn actions() -> Vec<Action> {
    let on = grants::on_repositories;
    vec![
        Action::on("SetRepositoryPolicy", set, on),
        Action::on("GetRepositoryPolicy", get, on),
        Action::on("DeleteRepositoryPolicy", delete, on),
    ]
}

fn set(world: &mut World, input: &Input) -> Answer {
    let repository = find_mut(world, input)?;
    let text = input.text("policyText");
    let is_policy = serde_json::from_str::<Value>(text)
        .is_ok_and(|it| it["Statement"].is_array() || it["Statement"].is_object());
    if !is_policy {
        return Err(invalid("PolicyText", "Invalid repository policy provided"));
    }
    repository.policy = Some(text.to_owned());
    Ok(shown(repository, text))
}

fn get(world: &mut World, input: &Input) -> Answer {
    let repository = find(world, input)?;
    match &repository.policy {
        Some(text) => Ok(shown(repository, text)),
        None => Err(none(repository)),
    }
}

fn delete(world: &mut World, input: &Input) -> Answer {
    let repository = find_mut(world, input)?;
    match repository.policy.take() {
        Some(text) => Ok(shown(repository, &text)),
        None => Err(none(repository)),
    }
}

fn shown(repository: &Repository, text: &str) -> Value {
    json!({
        "registryId": ACCOUNT,
        "repositoryName": repository.name,
        "policyText": text,
    })
}

fn none(repository: &Repository) -> Refusal {
    let text = format!(
        "Repository policy does not exist for the repository with name '{}' in the registry with \
         id '{ACCOUNT}'",
        repository.name
    );
    Refusal::new("RepositoryPolicyNotFoundException", text)
}

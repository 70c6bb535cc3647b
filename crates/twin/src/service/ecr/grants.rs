//! What callers must be allowed.

use crate::{Grant, Input, World, habits::ACCOUNT, service::tags};

/// The called action on each repository that the input names, or else on all.
pub(super) fn on_repositories(world: &World, input: &Input) -> Vec<Grant> {
    let mut names = input.texts("repositoryNames");
    names.extend(input.maybe("repositoryName"));
    if names.is_empty() {
        names.push("*");
    }
    let registry = input.maybe("registryId").unwrap_or(ACCOUNT);
    names
        .into_iter()
        .map(|name| on_repository(world, registry, name))
        .collect()
}

/// The called action on the repository whose ARN the input has, with the tags that are given.
pub(super) fn on_arn(world: &World, input: &Input) -> Vec<Grant> {
    let arn = input.text("resourceArn");
    let found = world.ecr.repositories.values().find(|it| it.arn == arn);
    let grant = match found {
        Some(repository) => on_repository(world, ACCOUNT, &repository.name),
        None => Grant::on(arn),
    };
    vec![with_request_tags(grant, input)]
}

/// Creating a repository, and tagging it if tags are given.
pub(super) fn on_create(world: &World, input: &Input) -> Vec<Grant> {
    let arn = arn(world, ACCOUNT, input.text("repositoryName"));
    let create = with_request_tags(Grant::on(arn.as_str()), input);
    if input.list("tags").is_empty() {
        return vec![create];
    }
    let tag = with_request_tags(Grant::of("ecr:TagResource", arn), input);
    vec![create, tag]
}

fn on_repository(world: &World, registry: &str, name: &str) -> Grant {
    let grant = Grant::on(arn(world, registry, name));
    let ours = world.ecr.repositories.get(name);
    let Some(repository) = ours.filter(|_| registry == ACCOUNT) else {
        return grant;
    };
    repository.tags.iter().fold(grant, |grant, (key, value)| {
        grant
            .with(format!("aws:ResourceTag/{key}"), value)
            .with(format!("ecr:ResourceTag/{key}"), value)
    })
}

fn with_request_tags(grant: Grant, input: &Input) -> Grant {
    let given = tags::from_list(input.list("tags"));
    let grant = given.iter().fold(grant, |grant, (key, value)| {
        grant
            .with(format!("aws:RequestTag/{key}"), value)
            .with("aws:TagKeys", key)
    });
    let removed = input.texts("tagKeys");
    removed
        .into_iter()
        .fold(grant, |grant, key| grant.with("aws:TagKeys", key))
}

fn arn(world: &World, registry: &str, name: &str) -> String {
    format!("arn:aws:ecr:{}:{registry}:repository/{name}", world.region)
}

//! Tags of everything that ECS has, and what IAM asks about them.

use super::{
    cluster::{invalid, not_found},
    settings,
};
use crate::{
    Action, Answer, Grant, Input, Refusal, World,
    service::tags::{self, Tags},
};
use serde_json::json;

/// The actions.
pub fn actions() -> Vec<Action> {
    let needs = |world: &World, input: &Input| {
        let arn = input.text("resourceArn");
        vec![requested(grant(arn, tags_of(world, arn).ok()), input)]
    };
    vec![
        Action::on("ListTagsForResource", list, needs),
        Action::on("TagResource", tag, needs),
        Action::on("UntagResource", untag, needs),
    ]
}

/// A resource as IAM judges it, with its tags.
pub(super) fn grant(arn: &str, tags: Option<&Tags>) -> Grant {
    let tags = tags.into_iter().flatten();
    tags.fold(Grant::on(arn), |grant, (key, value)| {
        grant.with(format!("aws:ResourceTag/{key}"), value.as_str())
    })
}

/// The same with the tags that the input asks for.
pub(super) fn requested(grant: Grant, input: &Input) -> Grant {
    let tags = tags::from_list(input.list("tags"));
    let keys = input.texts("tagKeys");
    let grant = tags.iter().fold(grant, |grant, (key, value)| {
        let grant = grant.with(format!("aws:RequestTag/{key}"), value.as_str());
        grant.with("aws:TagKeys", key.as_str())
    });
    keys.iter()
        .fold(grant, |grant, it| grant.with("aws:TagKeys", *it))
}

/// What else it takes to make a resource with tags; none if the input has none.
pub(super) fn on_create(world: &World, input: &Input, arn: &str) -> Option<Grant> {
    let name = "tagResourceAuthorization";
    let is_asked = settings::effective(world, &input.caller.arn, name) == "on";
    let grant = Grant::of("ecs:TagResource", arn).with("ecs:CreateAction", input.action.as_str());
    (is_asked && !input.list("tags").is_empty()).then(|| requested(grant, input))
}

fn tag(world: &mut World, input: &Input) -> Answer {
    let mut tags = changeable(world, input)?.clone();
    let added = tags::from_list(input.list("tags"));
    tags::check(&added, "InvalidParameterException")?;
    tags.extend(added);
    if tags.len() > 50 {
        let text = "The maximum number of tags for the resource has been reached.";
        return Err(Refusal::new("LimitExceededException", text));
    }
    *changeable(world, input)? = tags;
    Ok(json!({}))
}

fn untag(world: &mut World, input: &Input) -> Answer {
    let keys = input.texts("tagKeys");
    changeable(world, input)?.retain(|key, _| !keys.contains(&key.as_str()));
    Ok(json!({}))
}

fn list(world: &mut World, input: &Input) -> Answer {
    let tags = tags_of(world, input.text("resourceArn"))?;
    Ok(json!({ "tags": tags::lower(tags) }))
}

/// The kind of a resource, and its name without its kind.
fn parts(arn: &str) -> Result<(&str, &str), Refusal> {
    let resource = arn.strip_prefix("arn:").and_then(|it| {
        let mut parts = it.splitn(5, ':');
        let service = parts.nth(1)?;
        let resource = parts.nth(2)?;
        (service == "ecs").then_some(resource)
    });
    resource
        .and_then(|it| it.split_once('/'))
        .ok_or_else(|| invalid("Invalid ARN: the resource ARN is not that of an ECS resource."))
}

fn missing(kind: &str) -> Refusal {
    match kind {
        "cluster" => not_found("Cluster not found."),
        _ => Refusal::new(
            "ResourceNotFoundException",
            format!("The specified {} was not found.", kind.replace('-', " ")),
        ),
    }
}

/// The tags of a resource by its ARN.
fn tags_of<'a>(world: &'a World, arn: &str) -> Result<&'a Tags, Refusal> {
    let (kind, name) = parts(arn)?;
    let ecs = &world.ecs;
    let found = match kind {
        "cluster" => ecs.clusters.get(name).map(|it| &it.tags),
        "capacity-provider" => ecs.providers.get(name).map(|it| &it.tags),
        "task-definition" => ecs.definitions.get(arn).map(|it| &it.tags),
        "service" => ecs.services.get(name).map(|it| &it.tags),
        "task" => ecs.tasks.get(arn).map(|it| &it.tags),
        "container-instance" => ecs.instances.get(arn).map(|it| &it.tags),
        _ => None,
    };
    found.ok_or_else(|| missing(kind))
}

/// The tags of the resource that the input names, which has to be one that can still be changed.
fn changeable<'a>(world: &'a mut World, input: &Input) -> Result<&'a mut Tags, Refusal> {
    let arn = input.text("resourceArn");
    let (kind, name) = parts(arn)?;
    let ecs = &mut world.ecs;
    let found = match kind {
        "cluster" => ecs
            .clusters
            .get_mut(name)
            .map(|it| (&it.status, &mut it.tags)),
        "capacity-provider" => ecs
            .providers
            .get_mut(name)
            .map(|it| (&it.status, &mut it.tags)),
        "task-definition" => ecs
            .definitions
            .get_mut(arn)
            .map(|it| (&it.status, &mut it.tags)),
        "service" => ecs
            .services
            .get_mut(name)
            .map(|it| (&it.status, &mut it.tags)),
        "task" => ecs.tasks.get_mut(arn).map(|it| (&it.status, &mut it.tags)),
        "container-instance" => ecs
            .instances
            .get_mut(arn)
            .map(|it| (&it.status, &mut it.tags)),
        _ => None,
    };
    match found.ok_or_else(|| missing(kind))? {
        (status, _) if ["INACTIVE", "DELETE_IN_PROGRESS", "STOPPED"].contains(&status.as_str()) => {
            let kind = kind.replace('-', " ");
            Err(invalid(format!(
                "The specified {kind} is inactive. Specify an active {kind} and try again."
            )))
        }
        (_, tags) => Ok(tags),
    }
}

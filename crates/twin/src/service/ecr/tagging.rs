//! Tags of repositories.

use super::{
    grants, invalid,
    repository::{Repository, missing},
};
use crate::{
    Action, Answer, Input, Refusal, World,
    habits::ACCOUNT,
    service::tags::{self, Tags},
};
use serde_json::json;

pub(super) fn actions() -> Vec<Action> {
    vec![
        Action::on("TagResource", tag, grants::on_arn),
        Action::on("UntagResource", untag, grants::on_arn),
        Action::on("ListTagsForResource", list, grants::on_arn),
    ]
}

/// The tags that the input has, checked.
pub(super) fn given(input: &Input) -> Result<Tags, Refusal> {
    let tags = tags::from_list(input.list("tags"));
    check_count(&tags)?;
    tags::check(&tags, "InvalidTagParameterException")?;
    Ok(tags)
}

fn check_count(tags: &Tags) -> Result<(), Refusal> {
    match tags.len() {
        0..=50 => Ok(()),
        _ => Err(Refusal::new(
            "TooManyTagsException",
            "The number of tags on the repository exceeds the limit of 50",
        )),
    }
}

fn tag(world: &mut World, input: &Input) -> Answer {
    let repository = find_mut(world, input)?;
    let mut tags = repository.tags.clone();
    tags.extend(given(input)?);
    check_count(&tags)?;
    repository.tags = tags;
    Ok(json!({}))
}

fn untag(world: &mut World, input: &Input) -> Answer {
    let repository = find_mut(world, input)?;
    for key in input.texts("tagKeys") {
        repository.tags.remove(key);
    }
    Ok(json!({}))
}

fn list(world: &mut World, input: &Input) -> Answer {
    let repository = find_mut(world, input)?;
    Ok(json!({ "tags": tags::upper(&repository.tags) }))
}

fn find_mut<'a>(world: &'a mut World, input: &Input) -> Result<&'a mut Repository, Refusal> {
    let arn = input.text("resourceArn");
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let ["arn", _, "ecr", region, account, resource] = parts[..] else {
        return Err(invalid("resourceArn", "Invalid ARN"));
    };
    let Some(name) = resource.strip_prefix("repository/") else {
        return Err(invalid("resourceArn", "Invalid ARN"));
    };
    let is_here = region == world.region && account == ACCOUNT;
    let found = world.ecr.repositories.get_mut(name);
    found
        .filter(|_| is_here)
        .ok_or_else(|| missing(name, account))
}

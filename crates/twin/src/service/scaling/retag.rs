//! Tags of targets.

use super::{Target, invalid};
use crate::{
    Action, Answer, Grant, Input, Refusal, World,
    service::tags::{self, Tags},
};
use serde_json::json;

pub(super) fn actions() -> Vec<Action> {
    vec![
        Action::on("TagResource", tag_resource, needs),
        Action::on("UntagResource", untag_resource, needs),
        Action::on("ListTagsForResource", list_tags_for_resource, needs),
    ]
}

fn needs(world: &World, input: &Input) -> Vec<Grant> {
    let arn = input.text("ResourceARN");
    let target = world.scaling.targets.values().find(|it| it.arn == arn);
    let own = target.map(|it| it.tags.clone()).unwrap_or_default();
    let grant = Grant::on(arn).with("application-autoscaling:service-namespace", "ecs");
    let grant = own.iter().fold(grant, |grant, (key, value)| {
        grant.with(format!("aws:ResourceTag/{key}"), value)
    });
    let new = tags::from_map(input.get("Tags"));
    vec![new.iter().fold(grant, |grant, (key, value)| {
        grant.with(format!("aws:RequestTag/{key}"), value)
    })]
}

/// Refuses tags that a target cannot have.
pub(super) fn check(tags: &Tags, arn: &str) -> Result<(), Refusal> {
    if tags.len() > 50 {
        let text = "The number of tags exceeds the limit of 50 tags per resource.";
        return Err(named(Refusal::new("TooManyTagsException", text), arn));
    }
    tags::check(tags, "ValidationException")
}

fn named(mut refusal: Refusal, arn: &str) -> Refusal {
    if !arn.is_empty() {
        refusal
            .members
            .insert("ResourceName".to_owned(), arn.into());
    }
    refusal
}

/// Only targets have tags.
fn tagged<'a>(world: &'a mut World, input: &Input) -> Result<&'a mut Target, Refusal> {
    let arn = input.text("ResourceARN");
    if !arn.contains(":scalable-target/") {
        return Err(invalid(format!(
            "{arn} is not the ARN of a scalable target."
        )));
    }
    let target = world.scaling.targets.values_mut().find(|it| it.arn == arn);
    target.ok_or_else(|| {
        let text = format!("The specified resource doesn't exist: {arn}");
        named(Refusal::new("ResourceNotFoundException", text), arn)
    })
}

fn tag_resource(world: &mut World, input: &Input) -> Answer {
    let target = tagged(world, input)?;
    let mut tags = target.tags.clone();
    tags.extend(tags::from_map(input.get("Tags")));
    check(&tags, &target.arn)?;
    target.tags = tags;
    Ok(json!({}))
}

fn untag_resource(world: &mut World, input: &Input) -> Answer {
    let keys = input.texts("TagKeys");
    let target = tagged(world, input)?;
    target.tags.retain(|key, _| !keys.contains(&key.as_str()));
    Ok(json!({}))
}

fn list_tags_for_resource(world: &mut World, input: &Input) -> Answer {
    let target = tagged(world, input)?;
    Ok(json!({ "Tags": tags::map(&target.tags) }))
}

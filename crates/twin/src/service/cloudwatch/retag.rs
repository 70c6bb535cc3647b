//! Tags of alarms.

use crate::{
    Action, Answer, Grant, Input, Refusal, World,
    service::tags::{self, Tags},
};
use serde_json::json;

pub(crate) fn actions() -> Vec<Action> {
    vec![
        Action::on("TagResource", tag_resource, needs),
        Action::on("UntagResource", untag_resource, needs),
        Action::on("ListTagsForResource", list_tags_for_resource, needs),
    ]
}

fn needs(_: &World, input: &Input) -> Vec<Grant> {
    let tags = tags::from_list(input.list("Tags"));
    let grant = Grant::on(input.text("ResourceARN"));
    vec![tags.iter().fold(grant, |grant, (key, value)| {
        grant.with(format!("aws:RequestTag/{key}"), value)
    })]
}

fn tags_of<'a>(world: &'a mut World, input: &Input) -> Result<&'a mut Tags, Refusal> {
    let arn = input.text("ResourceARN");
    let Some((_, name)) = arn
        .split_once(":alarm:")
        .filter(|_| arn.starts_with("arn:"))
    else {
        let text = format!("{arn} is not the ARN of an alarm");
        return Err(Refusal::new("InvalidParameterValue", text));
    };
    let cloudwatch = &mut world.cloudwatch;
    let metric = cloudwatch
        .alarms
        .get_mut(name)
        .map(|it| (&it.arn, &mut it.tags));
    let composite = cloudwatch
        .composites
        .get_mut(name)
        .map(|it| (&it.arn, &mut it.tags));
    let found = metric.or(composite).filter(|it| it.0 == arn);
    found.map(|it| it.1).ok_or_else(|| {
        let mut refusal = Refusal::new("ResourceNotFoundException", "Unknown");
        refusal
            .members
            .insert("ResourceType".to_owned(), "Alarm".into());
        refusal.members.insert("ResourceId".to_owned(), name.into());
        refusal
    })
}

fn tag_resource(world: &mut World, input: &Input) -> Answer {
    let tags = tags_of(world, input)?;
    let mut all = tags.clone();
    all.extend(tags::from_list(input.list("Tags")));
    tags::check(&all, "InvalidParameterValue")?;
    *tags = all;
    Ok(json!({}))
}

fn untag_resource(world: &mut World, input: &Input) -> Answer {
    let keys = input.texts("TagKeys");
    tags_of(world, input)?.retain(|key, _| !keys.contains(&key.as_str()));
    Ok(json!({}))
}

fn list_tags_for_resource(world: &mut World, input: &Input) -> Answer {
    let tags = tags_of(world, input)?;
    Ok(json!({ "Tags": tags::upper(tags) }))
}

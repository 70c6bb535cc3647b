//! What callers must be allowed. CloudWatch Logs asks for a group as for its streams, with an empty
//! name: that is why policies name groups with `:*` at the end.

use super::group::named_by;
use crate::{Grant, Input, World, service::tags};

/// The called action on the group that the input names, if it names one.
pub(super) fn on_group(world: &World, input: &Input) -> Vec<Grant> {
    vec![on(world, named_by(input), "")]
}

/// The called action on the stream that the input names.
pub(super) fn on_stream(world: &World, input: &Input) -> Vec<Grant> {
    vec![on(world, named_by(input), input.text("logStreamName"))]
}

/// Creating a group, and tagging it if tags are given. `logs:TagLogGroup` would do, too; AWS does
/// not say so of policies that are written today.
pub(super) fn on_create(world: &World, input: &Input) -> Vec<Grant> {
    let create = with_request_tags(on(world, named_by(input), ""), input);
    if !input.has("tags") {
        return vec![create];
    }
    let arn = world.arn("logs", &format!("log-group:{}", named_by(input)));
    let tag = with_request_tags(Grant::of("logs:TagResource", arn), input);
    vec![create, tag]
}

/// The called action on the ARN that the input has, which ends in the group's name.
pub(super) fn on_arn(world: &World, input: &Input) -> Vec<Grant> {
    let arn = input.text("resourceArn");
    let group = world.logs.groups.values().find(|it| it.arn == arn);
    let owned = group.map(|it| it.tags.clone()).unwrap_or_default();
    let grant = owned.iter().fold(Grant::on(arn), |grant, (key, value)| {
        grant.with(format!("aws:ResourceTag/{key}"), value)
    });
    let removed = input.texts("tagKeys");
    let grant = removed
        .into_iter()
        .fold(grant, |grant, key| grant.with("aws:TagKeys", key));
    vec![with_request_tags(grant, input)]
}

fn on(world: &World, group: &str, stream: &str) -> Grant {
    let arn = world.arn("logs", &format!("log-group:{group}:log-stream:{stream}"));
    let owned = world.logs.groups.get(group);
    let owned = owned.map(|it| it.tags.clone()).unwrap_or_default();
    owned.iter().fold(Grant::on(arn), |grant, (key, value)| {
        grant.with(format!("aws:ResourceTag/{key}"), value)
    })
}

fn with_request_tags(grant: Grant, input: &Input) -> Grant {
    let given = tags::from_map(input.get("tags"));
    given.iter().fold(grant, |grant, (key, value)| {
        grant
            .with(format!("aws:RequestTag/{key}"), value)
            .with("aws:TagKeys", key)
    })
}

//! Tags of groups: the present actions, by ARN, and the older ones, by name.

use super::{
    grants,
    group::{self, Group, find, find_mut},
    invalid,
};
use crate::{Action, Answer, Input, Refusal, World, habits::ACCOUNT, service::tags};
use serde_json::json;

pub(super) fn actions() -> Vec<Action> {
    vec![
        Action::on("TagResource", tag_resource, grants::on_arn),
        Action::on("UntagResource", untag_resource, grants::on_arn),
        Action::on("ListTagsForResource", list_of_resource, grants::on_arn),
        Action::on("TagLogGroup", tag_group, grants::on_group),
        Action::on("UntagLogGroup", untag_group, grants::on_group),
        Action::on("ListTagsLogGroup", list_of_group, grants::on_group),
    ]
}

fn tag_resource(world: &mut World, input: &Input) -> Answer {
    tag(by_arn(world, input)?, input, "TooManyTagsException")
}

fn untag_resource(world: &mut World, input: &Input) -> Answer {
    untag(by_arn(world, input)?, &input.texts("tagKeys"))
}

fn list_of_resource(world: &mut World, input: &Input) -> Answer {
    Ok(json!({ "tags": tags::map(&by_arn(world, input)?.tags) }))
}

fn tag_group(world: &mut World, input: &Input) -> Answer {
    tag(find_mut(world, input)?, input, "InvalidParameterException")
}

fn untag_group(world: &mut World, input: &Input) -> Answer {
    untag(find_mut(world, input)?, &input.texts("tags"))
}

fn list_of_group(world: &mut World, input: &Input) -> Answer {
    Ok(json!({ "tags": tags::map(&find(world, input)?.tags) }))
}

fn tag(group: &mut Group, input: &Input, too_many: &str) -> Answer {
    let given = tags::from_map(input.get("tags"));
    tags::check(&given, "InvalidParameterException")?;
    let mut all = group.tags.clone();
    all.extend(given);
    if all.len() > 50 {
        let mut refusal = Refusal::new(too_many, "A resource can have no more than 50 tags.");
        let name = json!(group.arn);
        refusal.members.insert("resourceName".into(), name);
        return Err(refusal);
    }
    group.tags = all;
    Ok(json!({}))
}

fn untag(group: &mut Group, keys: &[&str]) -> Answer {
    group.tags.retain(|key, _| !keys.contains(&key.as_str()));
    Ok(json!({}))
}

/// An ARN with `:*` at its end is not taken here.
fn by_arn<'a>(world: &'a mut World, input: &Input) -> Result<&'a mut Group, Refusal> {
    let parts: Vec<&str> = input.text("resourceArn").splitn(7, ':').collect();
    let ["arn", _, "logs", region, account, kind, name] = parts[..] else {
        return Err(invalid("The specified resource ARN is invalid."));
    };
    if name.contains([':', '*']) || !matches!(kind, "log-group" | "destination") {
        return Err(invalid("The specified resource ARN is invalid."));
    }
    if kind == "destination" || region != world.region || account != ACCOUNT {
        let text = "The specified resource does not exist.";
        return Err(Refusal::new("ResourceNotFoundException", text));
    }
    let found = world.logs.groups.get_mut(name);
    found.ok_or_else(group::missing)
}

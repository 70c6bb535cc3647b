//! Writing tags, by the services' own actions.

use super::{arn::Arn, invalid};
use crate::{
    Answer, Grant, Input, Refusal, World,
    habits::ACCOUNT,
    service::{
        self, ssm,
        tags::{self, Tags},
    },
};
use serde_json::{Map, Value, json};

pub(super) fn tag(world: &mut World, input: &Input) -> Answer {
    let tags = tags::from_map(input.get("Tags"));
    if let Some(key) = tags
        .keys()
        .find(|it| it.to_ascii_lowercase().starts_with("aws:"))
    {
        return Err(invalid(format!(
            "Tag keys cannot start with aws: ({key}), which is reserved"
        )));
    }
    each(world, input, |arn, text| tagging(arn, text, &tags))
}

pub(super) fn untag(world: &mut World, input: &Input) -> Answer {
    let keys = input.texts("TagKeys");
    each(world, input, |arn, text| untagging(arn, text, &keys))
}

/// What the services' own actions need, too. AWS answers a lack of it by resource, in
/// FailedResourcesMap; here it refuses the whole call.
pub(super) fn tag_needs(world: &World, input: &Input) -> Vec<Grant> {
    let tags = tags::from_map(input.get("Tags"));
    needs(world, input, |arn, text| tagging(arn, text, &tags))
}

pub(super) fn untag_needs(world: &World, input: &Input) -> Vec<Grant> {
    let keys = input.texts("TagKeys");
    needs(world, input, |arn, text| untagging(arn, text, &keys))
}

fn needs(world: &World, input: &Input, call: impl Fn(&Arn, &str) -> Option<Call>) -> Vec<Grant> {
    let mut grants = vec![Grant::on("*")];
    for text in input.texts("ResourceARNList") {
        let arn = Arn::read(text).filter(|it| is_here(world, it));
        let Some((prefix, call)) = arn.and_then(|it| Some((it.service, call(&it, text)?))) else {
            continue;
        };
        let own = own_input(input, call);
        let name = format!("{prefix}:{}", own.action);
        let action = service::action(&own.service, &own.action);
        let mut needed = action.map_or_else(Vec::new, |it| (it.needs)(world, &own));
        if needed.is_empty() {
            needed.push(Grant::on("*"));
        }
        for grant in needed.iter_mut().filter(|it| it.action.is_empty()) {
            grant.action.clone_from(&name);
        }
        grants.extend(needed);
    }
    grants
}

/// An action of a service: its signing name, the action's, and the input.
type Call = (&'static str, &'static str, Value);

/// Does the calls, one for each resource, as the same caller; what fails is told by ARN.
fn each(world: &mut World, input: &Input, call: impl Fn(&Arn, &str) -> Option<Call>) -> Answer {
    let texts = input.texts("ResourceARNList");
    if let Some(wrong) = texts.iter().find(|it| Arn::read(it).is_none()) {
        return Err(invalid(format!("{wrong} is not a valid ARN")));
    }
    let mut failed = Map::new();
    for text in texts {
        let arn = Arn::read(text).filter(|it| is_here(world, it));
        let call = arn.and_then(|it| call(&it, text));
        if let Err(refusal) = done(world, input, text, call) {
            let info = json!({
                "StatusCode": refusal.status.unwrap_or(400),
                "ErrorCode": refusal.code,
                "ErrorMessage": refusal.message,
            });
            failed.insert(text.to_owned(), info);
        }
    }
    Ok(json!({ "FailedResourcesMap": failed }))
}

/// ARNs of global services have no region, and some have no account.
fn is_here(world: &World, arn: &Arn) -> bool {
    arn.region == world.region && matches!(arn.account, "" | ACCOUNT)
}

fn done(world: &mut World, input: &Input, arn: &str, call: Option<Call>) -> Result<(), Refusal> {
    let Some(call) = call else {
        let text = format!("{arn} cannot be tagged through this API from this Region and account");
        return Err(invalid(text));
    };
    service::run(world, &own_input(input, call)).map(drop)
}

fn own_input(input: &Input, (service, action, members): Call) -> Input {
    Input {
        service: service.to_owned(),
        action: action.to_owned(),
        caller: input.caller.clone(),
        members: members.as_object().cloned().unwrap_or_default(),
    }
}

fn tagging(arn: &Arn, text: &str, tags: &Tags) -> Option<Call> {
    let call = match arn.service {
        "ecs" => (
            "ecs",
            "TagResource",
            json!({ "resourceArn": text, "tags": tags::lower(tags) }),
        ),
        "ecr" => (
            "ecr",
            "TagResource",
            json!({ "resourceArn": text, "tags": tags::upper(tags) }),
        ),
        "logs" => (
            "logs",
            "TagResource",
            json!({ "resourceArn": text, "tags": tags::map(tags) }),
        ),
        "application-autoscaling" => (
            "application-autoscaling",
            "TagResource",
            json!({ "ResourceARN": text, "Tags": tags::map(tags) }),
        ),
        "cloudwatch" => (
            "monitoring",
            "TagResource",
            json!({ "ResourceARN": text, "Tags": tags::upper(tags) }),
        ),
        "elasticloadbalancing" => (
            "elasticloadbalancing",
            "AddTags",
            json!({ "ResourceArns": [text], "Tags": tags::upper(tags) }),
        ),
        "ec2" => (
            "ec2",
            "CreateTags",
            json!({ "Resources": [arn.name], "Tags": tags::upper(tags) }),
        ),
        "ssm" => (
            "ssm",
            "AddTagsToResource",
            json!({
                "ResourceType": "Parameter",
                "ResourceId": ssm::plain(text),
                "Tags": tags::upper(tags),
            }),
        ),
        _ => return None,
    };
    Some(call)
}

fn untagging(arn: &Arn, text: &str, keys: &[&str]) -> Option<Call> {
    let call = match arn.service {
        "ecs" | "ecr" | "logs" => {
            let service = match arn.service {
                "ecs" => "ecs",
                "ecr" => "ecr",
                _ => "logs",
            };
            let members = json!({ "resourceArn": text, "tagKeys": keys });
            (service, "UntagResource", members)
        }
        "application-autoscaling" | "cloudwatch" => {
            let service = match arn.service {
                "cloudwatch" => "monitoring",
                _ => "application-autoscaling",
            };
            let members = json!({ "ResourceARN": text, "TagKeys": keys });
            (service, "UntagResource", members)
        }
        "elasticloadbalancing" => (
            "elasticloadbalancing",
            "RemoveTags",
            json!({ "ResourceArns": [text], "TagKeys": keys }),
        ),
        "ec2" => {
            let tags: Vec<Value> = keys.iter().map(|it| json!({ "Key": it })).collect();
            let members = json!({ "Resources": [arn.name], "Tags": tags });
            ("ec2", "DeleteTags", members)
        }
        "ssm" => (
            "ssm",
            "RemoveTagsFromResource",
            json!({
                "ResourceType": "Parameter",
                "ResourceId": ssm::plain(text),
                "TagKeys": keys,
            }),
        ),
        _ => return None,
    };
    Some(call)
}

//! Tags.

use super::{
    balancer, listener,
    refusal::{invalid, missing},
    target_group,
};
use crate::{
    Action, Answer, Grant, Input, Refusal, World,
    service::tags::{self, Tags},
};
use serde_json::{Value, json};

/// How many resources a call may name.
const MOST: usize = 20;

pub(super) fn actions() -> Vec<Action> {
    vec![
        Action::on("AddTags", add, needs),
        Action::on("RemoveTags", remove, needs),
        Action::new("DescribeTags", describe),
    ]
}

fn needs(world: &World, input: &Input) -> Vec<Grant> {
    let arns = input.texts("ResourceArns").into_iter();
    arns.map(|it| requested(grant(world, it), input)).collect()
}

/// The called action on a resource, with its tags.
pub(super) fn grant(world: &World, arn: &str) -> Grant {
    let tags = of(world, arn).cloned().unwrap_or_default();
    let tags = tags.iter();
    tags.fold(Grant::on(arn), |grant, (key, value)| {
        grant.with(format!("aws:ResourceTag/{key}"), value)
    })
}

/// The same with the tags of the request.
pub(super) fn requested(grant: Grant, input: &Input) -> Grant {
    let tags = tags::from_list(input.list("Tags"));
    tags.iter().fold(grant, |grant, (key, value)| {
        grant
            .with(format!("aws:RequestTag/{key}"), value)
            .with("aws:TagKeys", key)
    })
}

/// The tags that a new resource is given.
pub(super) fn given(input: &Input) -> Result<Tags, Refusal> {
    let list = input.list("Tags");
    let tags = tags::from_list(list);
    if tags.len() < list.len() {
        return Err(Refusal::new(
            "DuplicateTagKeys",
            "A tag key was specified more than once",
        ));
    }
    check(&tags)?;
    Ok(tags)
}

fn check(tags: &Tags) -> Result<(), Refusal> {
    if tags.len() > 50 {
        let text = "You have reached the limit of '50' tags for a resource";
        return Err(Refusal::new("TooManyTags", text));
    }
    tags::check(tags, "ValidationError")
}

fn of<'a>(world: &'a World, arn: &str) -> Option<&'a Tags> {
    let elb = &world.elb;
    let balancer = elb.balancers.get(arn).map(|it| &it.tags);
    balancer
        .or_else(|| elb.target_groups.get(arn).map(|it| &it.tags))
        .or_else(|| elb.listeners.get(arn).map(|it| &it.tags))
        .or_else(|| elb.rules.get(arn).map(|it| &it.tags))
}

fn of_mut<'a>(world: &'a mut World, arn: &str) -> Option<&'a mut Tags> {
    let elb = &mut world.elb;
    if let Some(it) = elb.balancers.get_mut(arn) {
        return Some(&mut it.tags);
    }
    if let Some(it) = elb.target_groups.get_mut(arn) {
        return Some(&mut it.tags);
    }
    if let Some(it) = elb.listeners.get_mut(arn) {
        return Some(&mut it.tags);
    }
    elb.rules.get_mut(arn).map(|it| &mut it.tags)
}

/// The resources of a request, all of which are there.
fn resources<'a>(world: &World, input: &'a Input) -> Result<Vec<&'a str>, Refusal> {
    let arns = input.texts("ResourceArns");
    if arns.len() > MOST {
        return Err(invalid(format!(
            "The number of resources cannot exceed {MOST}"
        )));
    }
    for arn in &arns {
        let kind = arn.split(':').nth(5).unwrap_or_default();
        match kind.split('/').next().unwrap_or_default() {
            "loadbalancer" => balancer::named(world, arn).map(|_| ())?,
            "targetgroup" => target_group::named(world, arn).map(|_| ())?,
            "listener" => listener::named(world, arn).map(|_| ())?,
            "listener-rule" if of(world, arn).is_none() => {
                return Err(missing("RuleNotFound", "Rule", arn));
            }
            "listener-rule" => {}
            _ => return Err(invalid(format!("'{arn}' is not a valid resource ARN"))),
        }
    }
    Ok(arns)
}

fn add(world: &mut World, input: &Input) -> Answer {
    let tags = given(input)?;
    let arns = resources(world, input)?;
    for arn in &arns {
        let mut all = of(world, arn).cloned().unwrap_or_default();
        all.extend(tags.clone());
        check(&all)?;
    }
    for arn in arns {
        if let Some(own) = of_mut(world, arn) {
            own.extend(tags.clone());
        }
    }
    Ok(json!({}))
}

fn remove(world: &mut World, input: &Input) -> Answer {
    let keys = input.texts("TagKeys");
    for arn in resources(world, input)? {
        if let Some(own) = of_mut(world, arn) {
            own.retain(|key, _| !keys.contains(&key.as_str()));
        }
    }
    Ok(json!({}))
}

fn describe(world: &mut World, input: &Input) -> Answer {
    let arns = resources(world, input)?;
    let one = |arn: &&str| {
        let own = of(world, arn).cloned().unwrap_or_default();
        json!({ "ResourceArn": arn, "Tags": tags::upper(&own) })
    };
    let shown: Vec<Value> = arns.iter().map(one).collect();
    Ok(json!({ "TagDescriptions": shown }))
}

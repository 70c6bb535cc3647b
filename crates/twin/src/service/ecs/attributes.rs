//! Attributes of container instances.

use super::{
    cluster::{self, invalid, limit, paged},
    instance,
};
use crate::{Action, Answer, Grant, Input, Refusal, World};
use serde_json::{Value, json};

/// How many attributes of its own an instance has at most, and one call names.
const MOST: usize = 10;

/// The actions.
pub fn actions() -> Vec<Action> {
    vec![
        Action::on("DeleteAttributes", delete, needs),
        Action::on("ListAttributes", list, cluster::on_cluster),
        Action::on("PutAttributes", put, needs),
    ]
}

fn needs(world: &World, input: &Input) -> Vec<Grant> {
    let targets = input.list("attributes").iter();
    let targets = targets.filter_map(|it| it["targetId"].as_str());
    instance::needs(world, input, targets.collect())
}

fn put(world: &mut World, input: &Input) -> Answer {
    let targets = targets(world, input)?;
    for (arn, attribute) in &targets {
        let name = text(attribute, "name");
        check(name, text(attribute, "value"))?;
        let own = world.ecs.instances[arn].attributes.keys();
        let own = own.filter(|it| is_own(it) && it.as_str() != name).count();
        if own >= MOST {
            return Err(Refusal::new(
                "AttributeLimitExceededException",
                "You can apply up to 10 custom attributes for each resource.",
            ));
        }
        if let Some(instance) = world.ecs.instances.get_mut(arn) {
            let value = text(attribute, "value").to_owned();
            instance.attributes.insert(name.to_owned(), value);
        }
    }
    Ok(json!({ "attributes": shown(&targets) }))
}

fn delete(world: &mut World, input: &Input) -> Answer {
    let targets = targets(world, input)?;
    for (arn, attribute) in &targets {
        let name = text(attribute, "name");
        if !is_own(name) {
            return Err(invalid(format!("The attribute {name} cannot be deleted.")));
        }
        if let Some(instance) = world.ecs.instances.get_mut(arn) {
            instance.attributes.remove(name);
        }
    }
    Ok(json!({ "attributes": shown(&targets) }))
}

fn list(world: &mut World, input: &Input) -> Answer {
    let cluster = cluster::active(world, input.maybe("cluster"))?.name.clone();
    let (name, value) = (input.maybe("attributeName"), input.maybe("attributeValue"));
    if value.is_some() && name.is_none() {
        return Err(invalid(
            "An attribute name is required to filter by an attribute value.",
        ));
    }
    let instances = world.ecs.instances.values();
    let instances = instances.filter(|it| it.cluster == cluster && it.status != "INACTIVE");
    let all: Vec<Value> = instances
        .flat_map(|instance| {
            let there = instance.attributes.iter();
            let asked = there.filter(|(has, with)| {
                name.is_none_or(|it| it == *has) && value.is_none_or(|it| it == *with)
            });
            asked.map(|(has, with)| attribute(&instance.arn, has, with))
        })
        .collect();
    paged("attributes", &all, input, limit(input, 100)?)
}

/// What the input names: each attribute, and the ARN of its container instance.
fn targets<'a>(world: &World, input: &'a Input) -> Result<Vec<(String, &'a Value)>, Refusal> {
    let cluster = cluster::active(world, input.maybe("cluster"))?
        .name
        .as_str();
    let attributes = input.list("attributes");
    if !(1..=MOST).contains(&attributes.len()) {
        return Err(invalid(
            "The number of attributes must be between 1 and 10.",
        ));
    }
    let target = |attribute: &'a Value| {
        let id = text(attribute, "targetId");
        if !id.starts_with("arn:") && attribute.get("targetType").is_none() {
            return Err(invalid(
                "The target type is required where the target is not given by its ARN.",
            ));
        }
        match instance::find(world, cluster, id) {
            Some(instance) => Ok((instance.arn.clone(), attribute)),
            None => Err(Refusal::new(
                "TargetNotFoundException",
                format!("The target {id} was not found."),
            )),
        }
    };
    attributes.iter().map(target).collect()
}

fn check(name: &str, value: &str) -> Result<(), Refusal> {
    let is_in = |text: &str, more: &str| {
        let fits = |it: char| it.is_ascii_alphanumeric() || more.contains(it);
        text.len() <= 128 && text.chars().all(fits)
    };
    if name.is_empty() || !is_in(name, "-_./\\") || !is_own(name) {
        return Err(invalid(format!("Invalid attribute name: {name}")));
    }
    match is_in(value, "-_.@/\\: ") && value == value.trim() {
        true => Ok(()),
        false => Err(invalid(format!("Invalid attribute value: {value}"))),
    }
}

/// Whether an attribute is not one of those with which the agent registers.
fn is_own(name: &str) -> bool {
    !name.starts_with("ecs.") && !name.starts_with("com.amazonaws.")
}

fn shown(targets: &[(String, &Value)]) -> Value {
    let one = |(arn, it): &(String, &Value)| attribute(arn, text(it, "name"), text(it, "value"));
    targets.iter().map(one).collect()
}

fn attribute(arn: &str, name: &str, value: &str) -> Value {
    let mut shown = json!({ "name": name, "targetType": "container-instance", "targetId": arn });
    if !value.is_empty() {
        shown["value"] = Value::from(value);
    }
    shown
}

fn text<'a>(attribute: &'a Value, member: &str) -> &'a str {
    attribute[member].as_str().unwrap_or_default()
}

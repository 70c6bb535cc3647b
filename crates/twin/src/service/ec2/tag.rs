//! Tags on EC2's resources, and what IAM is told of resources and their tags.

use super::{
    Ec2,
    filter::Filters,
    listing::Listing,
    refusal::{absent, invalid, kind_of},
};
use crate::{
    Action, Answer, Grant, Input, Refusal, World,
    service::tags::{self, Tags},
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(super) fn actions() -> Vec<Action> {
    vec![
        Action::on("CreateTags", create_tags, |world, input| {
            changing(world, input, true)
        }),
        Action::on("DeleteTags", delete_tags, |world, input| {
            changing(world, input, false)
        }),
        Action::new("DescribeTags", describe_tags),
    ]
}

impl Ec2 {
    /// A resource's tags; none if it is not there.
    pub(super) fn tags(&self, id: &str) -> Tags {
        match self.instances.get(id) {
            Some(instance) => instance.tags.clone(),
            None => self.tags.get(id).cloned().unwrap_or_default(),
        }
    }

    /// A resource's tags as EC2 shows them.
    pub(super) fn shown_tags(&self, id: &str) -> Value {
        tags::upper(&self.tags(id))
    }

    /// Tags a resource, further to its tags.
    pub(super) fn put_tags(&mut self, id: &str, tags: Tags) {
        match self.instances.get_mut(id) {
            Some(instance) => instance.tags.extend(tags),
            None if tags.is_empty() => {}
            None => self.tags.entry(id.to_owned()).or_default().extend(tags),
        }
    }

    fn has(&self, id: &str) -> bool {
        let Some(kind) = kind_of(id) else {
            return false;
        };
        match kind.name {
            "vpc" => self.vpcs.contains_key(id),
            "subnet" => self.subnets.contains_key(id),
            "route-table" => self.tables.contains_key(id),
            "internet-gateway" => self.gateways.contains_key(id),
            "network-interface" => self.interfaces.contains_key(id),
            "security-group" => self.groups.contains_key(id),
            "security-group-rule" => self.has_rule(id),
            "prefix-list" => self.lists.contains_key(id),
            "key-pair" => self.keys.values().any(|it| it.id == id),
            "launch-template" => self.templates.contains_key(id),
            "instance" => self.instances.contains_key(id),
            "volume" => self.volumes.contains_key(id),
            _ => false,
        }
    }
}

/// The ARN of a resource by its id.
pub(super) fn arn(world: &World, id: &str) -> String {
    let kind = kind_of(id).map_or("resource", |it| it.name);
    match kind {
        "image" => format!("arn:aws:ec2:{}::image/{id}", world.region),
        _ => world.arn("ec2", &format!("{kind}/{id}")),
    }
}

/// Refuses tags that no resource can have.
pub(super) fn check(tags: &Tags) -> Result<(), Refusal> {
    for (key, value) in tags {
        if key.to_ascii_lowercase().starts_with("aws:") {
            return Err(invalid(format!(
                "Value ( {key} ) for parameter key is invalid. Tag keys starting with 'aws:' are \
                 reserved for internal use"
            )));
        }
        if key.is_empty() || key.chars().count() > 128 {
            return Err(invalid("Tag keys must be between 1 and 128 characters."));
        }
        if value.chars().count() > 256 {
            return Err(invalid("Tag values must be at most 256 characters."));
        }
    }
    // What AWS puts there itself does not count.
    match tags.len() {
        0..=50 => Ok(()),
        _ => Err(Refusal::new(
            "TagLimitExceeded",
            "The maximum number of Tags for a resource has been reached.",
        )),
    }
}

/// The tags of a list in which no key may stand twice.
pub(super) fn read(list: &[Value]) -> Result<Tags, Refusal> {
    let tags = tags::from_list(list);
    if tags.len() < list.len() {
        return Err(invalid("Duplicate tag keys found."));
    }
    check(&tags)?;
    Ok(tags)
}

/// The tags of tag specifications, by the kind of resource; only some kinds are taken.
pub(super) fn specified(
    specifications: &[Value],
    kinds: &[&str],
) -> Result<BTreeMap<String, Tags>, Refusal> {
    let mut found = BTreeMap::new();
    for it in specifications {
        let kind = it["ResourceType"].as_str().unwrap_or_default();
        if !kinds.contains(&kind) {
            return Err(invalid(format!(
                "'{kind}' is not a valid taggable resource type for this operation."
            )));
        }
        let list = it["Tags"].as_array().map_or(&[][..], Vec::as_slice);
        let of_kind = read(list)?;
        if found.insert(kind.to_owned(), of_kind).is_some() {
            return Err(invalid(format!(
                "Duplicate tag specification for the resource type '{kind}'."
            )));
        }
    }
    Ok(found)
}

/// The tags that an action is to put on the one kind of resource that it makes.
pub(super) fn on_create(input: &Input, kind: &str) -> Result<Tags, Refusal> {
    let mut found = specified(input.list("TagSpecifications"), &[kind])?;
    Ok(found.remove(kind).unwrap_or_default())
}

/// What IAM is told of a resource that is there.
pub(super) fn grant(world: &World, id: &str) -> Grant {
    let mut grant = Grant::on(arn(world, id));
    for (key, value) in world.ec2.tags(id) {
        grant = grant
            .with(format!("aws:ResourceTag/{key}"), value.as_str())
            .with(format!("ec2:ResourceTag/{key}"), value);
    }
    grant
}

/// What IAM is told of a resource that is to be made, and of its tags.
pub(super) fn grants_new(world: &World, input: &Input, kind: &str) -> Vec<Grant> {
    let specifications = input.list("TagSpecifications").iter();
    let of_kind = specifications.filter(|it| it["ResourceType"].as_str() == Some(kind));
    let lists = of_kind.filter_map(|it| it["Tags"].as_array());
    let tags: Tags = lists.flat_map(|it| tags::from_list(it)).collect();
    let arn = world.arn("ec2", &format!("{kind}/*"));
    let mut grants = vec![requesting(Grant::on(arn.as_str()), &tags)];
    if !tags.is_empty() {
        let tagging = Grant::of("ec2:CreateTags", arn).with("ec2:CreateAction", &*input.action);
        grants.push(requesting(tagging, &tags));
    }
    grants
}

fn requesting(grant: Grant, tags: &Tags) -> Grant {
    tags.iter().fold(grant, |grant, (key, value)| {
        grant
            .with(format!("aws:RequestTag/{key}"), value.as_str())
            .with("aws:TagKeys", key.as_str())
    })
}

fn changing(world: &World, input: &Input, puts: bool) -> Vec<Grant> {
    let tags = tags::from_list(input.list("Tags"));
    let tags = if puts { tags } else { Tags::new() };
    let resources = input.texts("Resources").into_iter();
    resources
        .map(|id| requesting(grant(world, id), &tags))
        .collect()
}

fn create_tags(world: &mut World, input: &Input) -> Answer {
    let tags = read(input.list("Tags"))?;
    let resources = existing(world, input)?;
    for id in &resources {
        let mut after = world.ec2.tags(id);
        after.extend(tags.clone());
        after.retain(|key, _| !key.starts_with("aws:"));
        check(&after)?;
    }
    for id in resources {
        world.ec2.put_tags(id, tags.clone());
    }
    Ok(json!({}))
}

fn delete_tags(world: &mut World, input: &Input) -> Answer {
    let resources = existing(world, input)?;
    let asked = input.list("Tags");
    let is_asked = |key: &str, value: &str| {
        let fits = |it: &Value| it["Value"].as_str().is_none_or(|asked| asked == value);
        let mut of_key = asked.iter().filter(|it| it["Key"].as_str() == Some(key));
        asked.is_empty() || of_key.any(fits)
    };
    let stays = |key: &String, value: &mut String| key.starts_with("aws:") || !is_asked(key, value);
    for id in resources {
        match world.ec2.instances.get_mut(id) {
            Some(instance) => instance.tags.retain(stays),
            None => {
                if let Some(tags) = world.ec2.tags.get_mut(id) {
                    tags.retain(stays);
                }
            }
        }
    }
    Ok(json!({}))
}

fn existing<'a>(world: &World, input: &'a Input) -> Result<Vec<&'a str>, Refusal> {
    let resources = input.texts("Resources");
    match resources.iter().find(|id| !world.ec2.has(id)) {
        Some(id) => Err(absent(id)),
        None => Ok(resources),
    }
}

const FILTERS: Filters = &[
    ("key", "Key"),
    ("resource-id", "ResourceId"),
    ("resource-type", "ResourceType"),
    ("value", "Value"),
    ("tag", "Self"),
];

fn describe_tags(world: &mut World, input: &Input) -> Answer {
    let shown = all(world).into_iter().flat_map(|(id, tags)| {
        let kind = kind_of(&id).map_or("", |it| it.name);
        let show = move |(key, value): (String, String)| {
            json!({
                "Key": key,
                "Value": value,
                "ResourceId": id,
                "ResourceType": kind,
                "Self": [{ "Key": key, "Value": value }],
            })
        };
        tags.into_iter().map(show)
    });
    let listing = Listing {
        member: "Tags",
        ids: None,
        filters: FILTERS,
    };
    let mut kept = listing.select(input, shown.collect())?;
    for it in kept.iter_mut().filter_map(Value::as_object_mut) {
        it.remove("Self");
    }
    super::listing::paged(input, "Tags", &kept)
}

fn all(world: &World) -> Vec<(String, Tags)> {
    let instances = world.ec2.instances.values();
    let of_instances = instances.map(|it| (it.id.clone(), it.tags.clone()));
    let others = world.ec2.tags.clone();
    of_instances
        .chain(others)
        .filter(|(_, tags)| !tags.is_empty())
        .collect()
}

/// Every tagged resource, by ARN, as the tagging API lists it: without what is terminated.
pub(super) fn tagged(world: &World) -> Vec<(String, Tags)> {
    let is_there = |id: &str| {
        let instance = world.ec2.instances.get(id);
        instance.is_none_or(|it| it.state != "terminated")
    };
    all(world)
        .into_iter()
        .filter(|(id, _)| is_there(id))
        .map(|(id, tags)| (arn(world, &id), tags))
        .collect()
}

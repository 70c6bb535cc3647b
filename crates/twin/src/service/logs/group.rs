//! Log groups.

use super::{grants, invalid, settings, stream::Stream, wrong_token};
use crate::{
    Action, Answer, Input, Refusal, Time, World,
    call::{object, page},
    service::tags::{self, Tags},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::{collections::BTreeMap, time::Duration};

/// A log group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// Its ARN, without `:*` at the end.
    pub arn: String,
    /// `STANDARD`, `INFREQUENT_ACCESS`, `DELIVERY` or `ESSENTIALS`.
    pub class: String,
    /// The ARN of the key that it is encrypted with, if one was named.
    pub key: Option<String>,
    /// How many days events are kept; for ever, if not said.
    pub retention: Option<i64>,
    /// Whether it is kept from deletion.
    pub protected: bool,
    /// Its tags.
    pub tags: Tags,
    /// When it was made.
    pub created_at: Time,
    /// By name.
    pub streams: BTreeMap<String, Stream>,
}

impl Group {
    /// The earliest moment of which events are still kept.
    pub fn oldest(&self, now: Time) -> u64 {
        let days = match self.class.as_str() {
            "DELIVERY" => Some(1),
            _ => self.retention,
        };
        let kept = days.map(|it| Duration::from_secs(it.unsigned_abs() * 24 * 3600));
        kept.map_or(0, |it| (now - it).0)
    }

    fn shown(&self) -> Value {
        let stored: u64 = self.streams.values().map(|it| it.bytes).sum();
        object([
            ("logGroupName", Some(json!(self.name))),
            ("creationTime", Some(json!(self.created_at.0))),
            ("retentionInDays", self.retention.map(Value::from)),
            ("metricFilterCount", Some(json!(0))),
            ("arn", Some(json!(format!("{}:*", self.arn)))),
            ("storedBytes", Some(json!(stored))),
            ("kmsKeyId", self.key.clone().map(Value::from)),
            ("logGroupClass", Some(json!(self.class))),
            ("logGroupArn", Some(json!(self.arn))),
            ("deletionProtectionEnabled", Some(json!(self.protected))),
        ])
    }

    /// What is shown where a part of a name is looked for.
    fn found(&self) -> Value {
        json!({
            "logGroupName": self.name,
            "creationTime": self.created_at.0,
            "arn": format!("{}:*", self.arn),
        })
    }
}

pub(super) fn actions() -> Vec<Action> {
    vec![
        Action::on("CreateLogGroup", create, grants::on_create),
        Action::on("DescribeLogGroups", describe, grants::on_group),
        Action::on("ListLogGroups", list, grants::on_group),
        Action::on("DeleteLogGroup", delete, grants::on_group),
    ]
}

/// The name of the group that the input names, by its name or its ARN.
pub(super) fn named_by(input: &Input) -> &str {
    let name = input.maybe("logGroupName");
    let name = name.or_else(|| input.maybe("logGroupIdentifier"));
    name_in(name.unwrap_or_default())
}

fn name_in(identifier: &str) -> &str {
    let resource = match identifier.starts_with("arn:") {
        true => identifier.splitn(6, ':').nth(5).unwrap_or_default(),
        false => return identifier,
    };
    let name = resource.strip_prefix("log-group:").unwrap_or_default();
    name.strip_suffix(":*").unwrap_or(name)
}

/// The group that the input names: by exactly one of `logGroupName` and `logGroupIdentifier`.
pub(super) fn find<'a>(world: &'a World, input: &Input) -> Result<&'a Group, Refusal> {
    if input.has("logGroupName") == input.has("logGroupIdentifier") {
        let text = "Exactly one of logGroupName and logGroupIdentifier must be specified.";
        return Err(invalid(text));
    }
    let found = world.logs.groups.get(named_by(input));
    found.ok_or_else(missing)
}

/// The same, to change.
pub(super) fn find_mut<'a>(world: &'a mut World, input: &Input) -> Result<&'a mut Group, Refusal> {
    find(world, input)?;
    let found = world.logs.groups.get_mut(named_by(input));
    found.ok_or_else(missing)
}

pub(super) fn missing() -> Refusal {
    let text = "The specified log group does not exist.";
    Refusal::new("ResourceNotFoundException", text)
}

fn create(world: &mut World, input: &Input) -> Answer {
    let name = input.text("logGroupName");
    check_name(name)?;
    if world.logs.groups.contains_key(name) {
        let text = "The specified log group already exists";
        return Err(Refusal::new("ResourceAlreadyExistsException", text));
    }
    let tags = tags::from_map(input.get("tags"));
    tags::check(&tags, "InvalidParameterException")?;
    let key = input.maybe("kmsKeyId").filter(|it| !it.is_empty());
    key.map_or(Ok(()), settings::check_key)?;
    let group = Group {
        name: name.to_owned(),
        arn: world.arn("logs", &format!("log-group:{name}")),
        class: input
            .maybe("logGroupClass")
            .unwrap_or("STANDARD")
            .to_owned(),
        key: key.map(str::to_owned),
        retention: None,
        protected: input.flag("deletionProtectionEnabled"),
        tags,
        created_at: world.now,
        streams: BTreeMap::new(),
    };
    world.logs.groups.insert(name.to_owned(), group);
    Ok(json!({}))
}

fn check_name(name: &str) -> Result<(), Refusal> {
    let is_plain = |it: char| it.is_ascii_alphanumeric() || "._-/#".contains(it);
    if name.is_empty() || name.len() > 512 || !name.chars().all(is_plain) {
        return Err(invalid(format!(
            "1 validation error detected: Value '{name}' at 'logGroupName' failed to satisfy \
             constraint: Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+"
        )));
    }
    match name.starts_with("aws/") {
        true => Err(invalid(
            "Log groups starting with AWS/ are reserved for AWS.",
        )),
        false => Ok(()),
    }
}

fn delete(world: &mut World, input: &Input) -> Answer {
    let group = find(world, input)?;
    if group.protected {
        let text = "The log group has deletion protection enabled. Disable it before deleting the \
                    log group.";
        return Err(Refusal::new("ValidationException", text));
    }
    world.logs.groups.remove(input.text("logGroupName"));
    Ok(json!({}))
}

/// Names that are not there are left out: the model has no error for them.
fn describe(world: &mut World, input: &Input) -> Answer {
    let (prefix, part) = (
        input.maybe("logGroupNamePrefix"),
        input.maybe("logGroupNamePattern"),
    );
    if prefix.is_some() && part.is_some() {
        let text = "LogGroup name prefix and LogGroup name pattern are mutually exclusive \
                    parameters.";
        return Err(invalid(text));
    }
    let identifiers = input.list("logGroupIdentifiers");
    let class = input.maybe("logGroupClass");
    if !identifiers.is_empty() && (prefix.is_some() || part.is_some() || class.is_some()) {
        let text = "logGroupIdentifiers can only be specified with includeLinkedAccounts.";
        return Err(invalid(text));
    }
    let named: Vec<&str> = identifiers
        .iter()
        .filter_map(Value::as_str)
        .map(name_in)
        .collect();
    let fits = |it: &&Group| {
        prefix.is_none_or(|prefix| it.name.starts_with(prefix))
            && part.is_none_or(|part| it.name.contains(part))
            && class.is_none_or(|class| is_of(it, class))
            && (named.is_empty() || named.contains(&it.name.as_str()))
    };
    let all: Vec<&Group> = world.logs.groups.values().filter(fits).collect();
    let limit = input.integer("limit").unwrap_or(50) as usize;
    let (some, next) = page(&all, input.maybe("nextToken"), limit).ok_or_else(wrong_token)?;
    let show = if part.is_some() {
        Group::found
    } else {
        Group::shown
    };
    let shown: Vec<Value> = some.into_iter().map(show).collect();
    Ok(object([
        ("logGroups", Some(json!(shown))),
        ("nextToken", next.map(Value::from)),
    ]))
}

/// Either of the two cheap classes stands for both.
fn is_of(group: &Group, class: &str) -> bool {
    const CHEAP: [&str; 2] = ["INFREQUENT_ACCESS", "ESSENTIALS"];
    group.class == class || CHEAP.contains(&class) && CHEAP.contains(&group.class.as_str())
}

fn list(world: &mut World, input: &Input) -> Answer {
    let patterns = input.maybe("logGroupNamePattern");
    let is_like = |name: &str| {
        let mut patterns = patterns.into_iter().flat_map(|it| it.split('|'));
        patterns.any(|it| match it.strip_prefix('^') {
            Some(prefix) => name.starts_with(prefix),
            None => name.contains(it),
        })
    };
    let class = input.maybe("logGroupClass");
    let filters = input.list("logGroupTags");
    let fits = |it: &&Group| {
        (patterns.is_none() || is_like(&it.name))
            && class.is_none_or(|class| it.class == class)
            && filters.iter().all(|filter| has_tag(it, filter))
    };
    let all: Vec<&Group> = world.logs.groups.values().filter(fits).collect();
    let limit = input.integer("limit").unwrap_or(50) as usize;
    let (some, next) = page(&all, input.maybe("nextToken"), limit).ok_or_else(wrong_token)?;
    let shown = some.into_iter().map(
        |it| json!({ "logGroupName": it.name, "logGroupArn": it.arn, "logGroupClass": it.class }),
    );
    Ok(object([
        ("logGroups", Some(shown.collect())),
        ("nextToken", next.map(Value::from)),
    ]))
}

fn has_tag(group: &Group, filter: &Value) -> bool {
    let key = filter["key"].as_str().unwrap_or_default();
    let Some(value) = group.tags.get(key) else {
        return false;
    };
    let values = filter["values"].as_array().cloned().unwrap_or_default();
    let fits = |pattern: &str| match pattern.strip_suffix('*') {
        Some(prefix) => value.starts_with(prefix),
        None => value == pattern,
    };
    values.is_empty() || values.iter().filter_map(Value::as_str).any(fits)
}

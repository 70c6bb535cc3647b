//! Reading the index.

use super::{arn::Arn, index, invalid};
use crate::{
    Answer, Input, Refusal, Time, World,
    service::tags::{self, Tags},
};
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use serde_json::{Value, json};
use std::{collections::BTreeSet, time::Duration};

const TOKEN_LIFE: Duration = Duration::from_secs(15 * 60);

pub(super) fn resources(world: &mut World, input: &Input) -> Answer {
    check(input)?;
    let after = after(world.now, input)?;
    let named = input.texts("ResourceARNList");
    let types = input.texts("ResourceTypeFilters");
    let filters = input.list("TagFilters");
    let is_asked = |arn: &str, tags: &Tags| {
        let parts = Arn::read(arn);
        let is_of = |filter: &&str| parts.as_ref().is_some_and(|it| it.is_of(filter));
        (named.is_empty() || named.contains(&arn))
            && (types.is_empty() || types.iter().any(is_of))
            && filters.iter().all(|filter| fits(tags, filter))
    };
    let mut found = index::shown(world);
    found.retain(|arn, tags| is_asked(arn, tags) && after.as_ref().is_none_or(|it| arn > it));

    let most = input
        .integer("ResourcesPerPage")
        .unwrap_or(match named.len() {
            0 => 50,
            _ => 100,
        }) as usize;
    let most_tags = input.integer("TagsPerPage").unwrap_or(i64::MAX) as usize;
    let mut count_of_tags = 0;
    let is_within = |tags: &Tags| {
        count_of_tags += tags.len().max(1);
        count_of_tags <= most_tags
    };
    let count = found.values().take(most).map(is_within);
    let count = count.take_while(|it| *it).count();
    let last = found.keys().nth(count.wrapping_sub(1));
    let token = last.filter(|_| count < found.len());
    let token = token.map(|it| written(world.now, it)).unwrap_or_default();
    let shown = found.iter().take(count);
    let shown = shown.map(|(arn, tags)| json!({ "ResourceARN": arn, "Tags": tags::upper(tags) }));
    Ok(json!({
        "PaginationToken": token,
        "ResourceTagMappingList": shown.collect::<Vec<Value>>(),
    }))
}

pub(super) fn keys(world: &mut World, input: &Input) -> Answer {
    let found = index::shown(world);
    let keys = found.values().flat_map(Tags::keys).cloned().collect();
    let (keys, token) = paged(world.now, input, keys)?;
    Ok(json!({ "PaginationToken": token, "TagKeys": keys }))
}

pub(super) fn values(world: &mut World, input: &Input) -> Answer {
    let found = index::shown(world);
    let key = input.text("Key");
    let values = found.values().filter_map(|it| it.get(key));
    let (values, token) = paged(world.now, input, values.cloned().collect())?;
    Ok(json!({ "PaginationToken": token, "TagValues": values }))
}

fn check(input: &Input) -> Result<(), Refusal> {
    const PAGES: [&str; 3] = ["ResourcesPerPage", "TagsPerPage", "PaginationToken"];
    let is_given = |name: &str| {
        let value = input.get(name);
        value.is_some_and(|it| it.as_array().is_none_or(|it| !it.is_empty()) && it != "")
    };
    if is_given("ResourceARNList") {
        let others = ["TagFilters", "ResourceTypeFilters"]
            .into_iter()
            .chain(PAGES);
        if let Some(other) = others.into_iter().find(|it| is_given(it)) {
            return Err(invalid(format!(
                "ResourceARNList and {other} cannot be specified in the same request"
            )));
        }
        let arns = input.texts("ResourceARNList");
        if let Some(wrong) = arns.into_iter().find(|it| Arn::read(it).is_none()) {
            return Err(invalid(format!("{wrong} is not a valid ARN")));
        }
    }
    if input.flag("ExcludeCompliantResources") && !input.flag("IncludeComplianceDetails") {
        let text = "ExcludeCompliantResources needs IncludeComplianceDetails to be true";
        return Err(invalid(text));
    }
    let is_within = |name: &str, from: i64, to: i64| match input.integer(name) {
        Some(it) if !(from..=to).contains(&it) => Err(invalid(format!(
            "{name} must be between {from} and {to}, and is {it}"
        ))),
        _ => Ok(()),
    };
    is_within("ResourcesPerPage", 1, 100)?;
    is_within("TagsPerPage", 100, 500)?;
    check_types(&input.texts("ResourceTypeFilters"))?;
    check_filters(input.list("TagFilters"))
}

fn check_types(types: &[&str]) -> Result<(), Refusal> {
    if types.len() > 100 {
        return Err(invalid("ResourceTypeFilters takes at most 100 types"));
    }
    let is_plain = |it: char| it.is_ascii_alphanumeric() || ":-/_.".contains(it);
    let is_type = |it: &str| {
        let parts: Vec<&str> = it.split(':').collect();
        parts.len() <= 2 && parts.iter().all(|it| !it.is_empty()) && it.chars().all(is_plain)
    };
    match types.iter().find(|it| !is_type(it)) {
        Some(wrong) => Err(invalid(format!("{wrong} is not a valid resource type"))),
        None => Ok(()),
    }
}

fn check_filters(filters: &[Value]) -> Result<(), Refusal> {
    let has_key = |it: &Value| it["Key"].as_str().is_some_and(|it| !it.is_empty());
    match filters.iter().all(has_key) {
        true => Ok(()),
        false => Err(invalid("every tag filter needs a key")),
    }
}

/// A filter without values asks for the key alone.
fn fits(tags: &Tags, filter: &Value) -> bool {
    let value = filter["Key"].as_str().and_then(|key| tags.get(key));
    let values = filter["Values"].as_array().map_or(&[][..], Vec::as_slice);
    value.is_some_and(|value| values.is_empty() || values.iter().any(|it| it == value))
}

/// A page of at most a hundred texts in order, and the token of the next.
fn paged(
    now: Time,
    input: &Input,
    texts: BTreeSet<String>,
) -> Result<(Vec<String>, String), Refusal> {
    let after = after(now, input)?;
    let rest = texts
        .into_iter()
        .filter(|it| after.as_ref().is_none_or(|after| it > after));
    let mut rest: Vec<String> = rest.collect();
    let more = rest.len() > 100;
    rest.truncate(100);
    let token = rest.last().filter(|_| more).map(|it| written(now, it));
    Ok((rest, token.unwrap_or_default()))
}

fn written(now: Time, last: &str) -> String {
    BASE64.encode(format!("{} {last}", now.0))
}

/// What the page that gave the input's token ended with. An empty token asks for the first page.
fn after(now: Time, input: &Input) -> Result<Option<String>, Refusal> {
    let Some(token) = input.maybe("PaginationToken").filter(|it| !it.is_empty()) else {
        return Ok(None);
    };
    let bytes = BASE64.decode(token).ok();
    let text = bytes.and_then(|it| String::from_utf8(it).ok());
    let parts = text.as_deref().and_then(|it| it.split_once(' '));
    let parts = parts.and_then(|(at, last)| Some((at.parse().ok()?, last)));
    let Some((at, last)) = parts else {
        return Err(invalid("The specified PaginationToken is not valid"));
    };
    if now.since(Time(at)) > TOKEN_LIFE {
        let text = "The request failed because the specified PaginationToken has expired. A \
                    PaginationToken is valid for a maximum of 15 minutes.";
        return Err(Refusal::new("PaginationTokenExpiredException", text));
    }
    Ok(Some(last.to_owned()))
}

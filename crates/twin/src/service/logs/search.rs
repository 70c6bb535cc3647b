//! Looking for events in a group's streams.

use super::{
    grants,
    group::{Group, find},
    invalid,
    pattern::Pattern,
    read::{PAGE, fitting},
    stream::LogEvent,
    wrong_token,
};
use crate::{Action, Answer, Input, Refusal, World, call::object};
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use serde_json::{Value, json};

pub(super) fn actions() -> Vec<Action> {
    vec![Action::on("FilterLogEvents", filter, grants::on_group)]
}

/// Where a page begins, which lies between two events, and which way it goes.
struct Place {
    is_forward: bool,
    place: (u64, u64),
}

impl Place {
    fn read(text: &str) -> Option<Place> {
        let bytes = BASE64.decode(text).ok()?;
        let text = String::from_utf8(bytes).ok()?;
        let parts: Vec<&str> = text.split(' ').collect();
        let [way @ ("up" | "down"), at, id] = parts[..] else {
            return None;
        };
        Some(Place {
            is_forward: way == "up",
            place: (at.parse().ok()?, id.parse().ok()?),
        })
    }

    fn written(&self) -> String {
        let way = if self.is_forward { "up" } else { "down" };
        BASE64.encode(format!("{way} {} {}", self.place.0, self.place.1))
    }
}

fn filter(world: &mut World, input: &Input) -> Answer {
    let group = find(world, input)?;
    let found = found(group, input, group.oldest(world.now))?;
    let first = || Place {
        is_forward: input.get("startFromHead") != Some(&Value::Bool(false)),
        place: match input.get("startFromHead") {
            Some(Value::Bool(false)) => (u64::MAX, u64::MAX),
            _ => (0, 0),
        },
    };
    let begin = match input.maybe("nextToken").map(Place::read) {
        Some(None) => return Err(wrong_token()),
        Some(Some(place)) => place,
        None => first(),
    };
    let middle = found.partition_point(|(_, it)| it.place() < begin.place);
    let rest: Vec<&(&str, &LogEvent)> = match begin.is_forward {
        true => found[middle..].iter().collect(),
        false => found[..middle].iter().rev().collect(),
    };
    let limit = input.integer("limit").map_or(PAGE, |it| it as usize);
    let count = fitting(rest.iter().map(|(_, it)| *it), limit);
    // Forward a page begins with its first event, backward it ends before its last.
    let next = match begin.is_forward {
        true => rest.get(count).map(|(_, it)| it.place()),
        false if count < rest.len() => rest[..count].last().map(|(_, it)| it.place()),
        false => None,
    };
    let next = next.map(|place| Place { place, ..begin }.written());
    let events: Vec<Value> = rest[..count].iter().map(|it| shown(it)).collect();
    Ok(object([
        ("events", Some(json!(events))),
        ("searchedLogStreams", Some(json!([]))),
        ("nextToken", next.map(Value::from)),
    ]))
}

/// The events that are asked for, each with its stream, in order.
fn found<'a>(
    group: &'a Group,
    input: &Input,
    oldest: u64,
) -> Result<Vec<(&'a str, &'a LogEvent)>, Refusal> {
    let names = input.texts("logStreamNames");
    let prefix = input.maybe("logStreamNamePrefix");
    if !names.is_empty() && prefix.is_some() {
        let text = "logStreamNamePrefix and logStreamNames are mutually exclusive parameters.";
        return Err(invalid(text));
    }
    if names.iter().any(|it| !group.streams.contains_key(*it)) {
        return Err(super::stream::missing());
    }
    let start = input.integer("startTime").unwrap_or(0).max(oldest as i64);
    let end = input.integer("endTime").unwrap_or(i64::MAX);
    if start > end && input.has("startTime") {
        let text = "startTime cannot be later than endTime.";
        return Err(invalid(text));
    }
    let pattern = Pattern::read(input.text("filterPattern"))?;
    let streams = group.streams.values().filter(|it| {
        (names.is_empty() || names.contains(&it.name.as_str()))
            && prefix.is_none_or(|prefix| it.name.starts_with(prefix))
    });
    let events = streams.flat_map(|it| it.events.iter().map(|event| (it.name.as_str(), event)));
    // The end is part of the range here, other than in GetLogEvents.
    let is_asked = |(_, it): &(&str, &LogEvent)| {
        (it.at as i64) >= start && (it.at as i64) <= end && pattern.matches(&it.message)
    };
    let mut found: Vec<_> = events.filter(is_asked).collect();
    found.sort_by_key(|(_, it)| it.place());
    Ok(found)
}

fn shown((stream, event): &(&str, &LogEvent)) -> Value {
    json!({
        "logStreamName": stream,
        "timestamp": event.at,
        "message": event.message,
        "ingestionTime": event.taken_at,
        "eventId": format!("{:028}{:028}", event.at, event.id),
    })
}

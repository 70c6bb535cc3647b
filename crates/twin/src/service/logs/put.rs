//! Writing events.

use super::{
    grants,
    group::{find, find_mut},
    invalid,
    stream::{self, LogEvent, OVERHEAD},
};
use crate::{Action, Answer, Input, Refusal, World, call::object};
use serde_json::{Value, json};

const LARGEST: usize = 1_048_576;
const MOST: usize = 10_000;
const HOUR: u64 = 3_600_000;
const DAY: u64 = 24 * HOUR;

pub(super) fn actions() -> Vec<Action> {
    vec![Action::on("PutLogEvents", put, grants::on_stream)]
}

fn put(world: &mut World, input: &Input) -> Answer {
    let now = world.now;
    let group = find(world, input)?;
    let name = input.text("logStreamName");
    let oldest = group.oldest(now);
    if !group.streams.contains_key(name) {
        return Err(stream::missing());
    }
    let events = input.list("logEvents");
    let read = |it: &Value| {
        let message = it["message"].as_str().unwrap_or_default().to_owned();
        (it["timestamp"].as_u64().unwrap_or_default(), message)
    };
    let events: Vec<(u64, String)> = events.iter().map(read).collect();
    check(&events)?;

    // In order of time: first what is too old, last what is too new.
    let before = |moment: u64| events.partition_point(|(at, _)| *at < moment);
    let (expired, too_old) = (before(oldest), before(now.0.saturating_sub(14 * DAY)));
    let end = before(now.0 + 2 * HOUR + 1);
    let start = expired.max(too_old).min(end);
    let count = events.len();
    let valid = &events[start..end];
    if let (Some((first, _)), Some((last, _))) = (valid.first(), valid.last())
        && last - first > DAY
    {
        let text = "The batch of log events in a single PutLogEvents request cannot span more than \
                    24 hours.";
        return Err(invalid(text));
    }

    let mut id = world.logs.last_event;
    world.logs.last_event += valid.len() as u64;
    let group = find_mut(world, input)?;
    let stream = group.streams.get_mut(name).ok_or_else(stream::missing)?;
    for (at, message) in valid {
        id += 1;
        let event = LogEvent {
            at: *at,
            id,
            taken_at: now.0,
            message: message.clone(),
        };
        stream.take(event, oldest);
    }
    let rejected = object([
        (
            "tooNewLogEventStartIndex",
            (end < count).then(|| json!(end)),
        ),
        (
            "tooOldLogEventEndIndex",
            (too_old > 0).then(|| json!(too_old)),
        ),
        (
            "expiredLogEventEndIndex",
            (expired > 0).then(|| json!(expired)),
        ),
    ]);
    let is_any = rejected.as_object().is_some_and(|it| !it.is_empty());
    Ok(object([
        ("nextSequenceToken", Some(json!(format!("{id:056}")))),
        ("rejectedLogEventsInfo", is_any.then_some(rejected)),
    ]))
}

fn check(events: &[(u64, String)]) -> Result<(), Refusal> {
    let size = |message: &String| message.len() + OVERHEAD;
    let total: usize = events.iter().map(|(_, it)| size(it)).sum();
    if total > LARGEST {
        return Err(invalid(format!(
            "Upload too large: {total} bytes exceeds limit of {LARGEST}"
        )));
    }
    if events.is_empty() || events.len() > MOST {
        return Err(invalid(format!(
            "A batch has 1 to {MOST} log events; this one has {}",
            events.len()
        )));
    }
    match events.is_sorted_by_key(|(at, _)| *at) {
        true => Ok(()),
        false => Err(invalid(
            "Log events in a single PutLogEvents request must be in chronological order.",
        )),
    }
}

//! Streams, and the events in them.

use super::{
    grants,
    group::{Group, find, find_mut},
    invalid, wrong_token,
};
use crate::{
    Action, Answer, Input, Refusal, Time, World,
    call::{object, page},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::{cmp::Reverse, collections::VecDeque};

/// How many events of a stream are kept: the newest.
const KEPT: usize = 10_000;
/// What an event takes further to its message.
pub(super) const OVERHEAD: usize = 26;

/// A log stream.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stream {
    /// Its name.
    pub name: String,
    /// When it was made.
    pub created_at: Time,
    /// Its newest 10,000 events, by their moment and number.
    pub events: VecDeque<LogEvent>,
    /// Bytes of what is kept.
    pub bytes: u64,
    /// The moment of the earliest event there was.
    pub first_event: Option<u64>,
    /// The moment of the latest event there was.
    pub last_event: Option<u64>,
    /// When an event last came.
    pub last_taken: Option<u64>,
}

/// An event; moments are milliseconds since 1970.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LogEvent {
    /// The moment it tells of.
    pub at: u64,
    /// Its number among all events.
    pub id: u64,
    /// When it came.
    pub taken_at: u64,
    /// What it says.
    pub message: String,
}

impl LogEvent {
    /// By what events are ordered.
    pub(super) fn place(&self) -> (u64, u64) {
        (self.at, self.id)
    }

    pub(super) fn size(&self) -> usize {
        self.message.len() + OVERHEAD
    }
}

impl Stream {
    pub(super) fn new(name: &str, now: Time) -> Stream {
        Stream {
            name: name.to_owned(),
            created_at: now,
            events: VecDeque::new(),
            bytes: 0,
            first_event: None,
            last_event: None,
            last_taken: None,
        }
    }

    /// Takes in an event, and lets go of those before `oldest`, and of the earliest if there are
    /// too many.
    pub(super) fn take(&mut self, event: LogEvent, oldest: u64) {
        self.first_event = Some(self.first_event.map_or(event.at, |it| it.min(event.at)));
        self.last_event = Some(self.last_event.map_or(event.at, |it| it.max(event.at)));
        self.last_taken = Some(event.taken_at);
        self.bytes += event.size() as u64;
        let place = self
            .events
            .partition_point(|it| it.place() <= event.place());
        self.events.insert(place, event);
        while self.events.len() > KEPT || self.events.front().is_some_and(|it| it.at < oldest) {
            let gone = self.events.pop_front();
            self.bytes -= gone.map_or(0, |it| it.size() as u64);
        }
    }

    fn shown(&self, group: &Group) -> Value {
        let token = self.last_taken.map(|it| format!("{it:056}"));
        object([
            ("logStreamName", Some(json!(self.name))),
            ("creationTime", Some(json!(self.created_at.0))),
            ("firstEventTimestamp", self.first_event.map(Value::from)),
            ("lastEventTimestamp", self.last_event.map(Value::from)),
            ("lastIngestionTime", self.last_taken.map(Value::from)),
            ("uploadSequenceToken", token.map(Value::from)),
            (
                "arn",
                Some(json!(format!("{}:log-stream:{}", group.arn, self.name))),
            ),
            // Always zero, since 2019.
            ("storedBytes", Some(json!(0))),
        ])
    }
}

pub(super) fn actions() -> Vec<Action> {
    vec![
        Action::on("CreateLogStream", create, grants::on_group),
        Action::on("DescribeLogStreams", describe, grants::on_group),
        Action::on("DeleteLogStream", delete, grants::on_stream),
    ]
}

/// The error for a stream that is not there.
pub(super) fn missing() -> Refusal {
    let text = "The specified log stream does not exist.";
    Refusal::new("ResourceNotFoundException", text)
}

fn create(world: &mut World, input: &Input) -> Answer {
    let now = world.now;
    let name = input.text("logStreamName");
    if name.is_empty() || name.len() > 512 || name.contains([':', '*']) {
        return Err(invalid(format!(
            "1 validation error detected: Value '{name}' at 'logStreamName' failed to satisfy \
             constraint: Member must satisfy regular expression pattern: [^:*]*"
        )));
    }
    let group = find_mut(world, input)?;
    if group.streams.contains_key(name) {
        let text = "The specified log stream already exists";
        return Err(Refusal::new("ResourceAlreadyExistsException", text));
    }
    let stream = Stream::new(name, now);
    group.streams.insert(name.to_owned(), stream);
    Ok(json!({}))
}

fn delete(world: &mut World, input: &Input) -> Answer {
    let group = find_mut(world, input)?;
    if group.protected {
        let text = "The log group has deletion protection enabled.";
        return Err(Refusal::new("ValidationException", text));
    }
    let gone = group.streams.remove(input.text("logStreamName"));
    gone.map(|_| json!({})).ok_or_else(missing)
}

fn describe(world: &mut World, input: &Input) -> Answer {
    let group = find(world, input)?;
    let prefix = input.maybe("logStreamNamePrefix");
    let by_time = input.text("orderBy") == "LastEventTime";
    if by_time && prefix.is_some() {
        let text = "Cannot order by LastEventTime with a logStreamNamePrefix.";
        return Err(invalid(text));
    }
    let streams = group.streams.values();
    let fits = |it: &&Stream| prefix.is_none_or(|prefix| it.name.starts_with(prefix));
    let mut all: Vec<&Stream> = streams.filter(fits).collect();
    match (by_time, input.flag("descending")) {
        (false, false) => {}
        (false, true) => all.reverse(),
        (true, false) => all.sort_by_key(|it| it.last_event),
        (true, true) => all.sort_by_key(|it| Reverse(it.last_event)),
    }
    let limit = input.integer("limit").unwrap_or(50) as usize;
    let (some, next) = page(&all, input.maybe("nextToken"), limit).ok_or_else(wrong_token)?;
    let shown: Vec<Value> = some.into_iter().map(|it| it.shown(group)).collect();
    Ok(object([
        ("logStreams", Some(json!(shown))),
        ("nextToken", next.map(Value::from)),
    ]))
}

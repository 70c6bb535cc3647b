//! Reading one stream, forward and backward.

use super::{
    grants,
    group::find,
    stream::{self, LogEvent},
    wrong_token,
};
use crate::{Action, Answer, Input, World};
use serde_json::{Value, json};

/// What a page holds at most.
pub(super) const PAGE: usize = 10_000;
pub(super) const PAGE_BYTES: usize = 1_048_576;

pub(super) fn actions() -> Vec<Action> {
    vec![Action::on("GetLogEvents", get, grants::on_stream)]
}

/// A place between two events, and which way to go from there. The same tokens come back where
/// there is nothing more that way.
enum Token {
    Forward((u64, u64)),
    Backward((u64, u64)),
}

impl Token {
    fn read(text: &str) -> Option<Token> {
        let (way, rest) = text.split_once('/')?;
        let digits = rest.strip_suffix("/s")?;
        let is_number = digits.len() == 56 && digits.bytes().all(|it| it.is_ascii_digit());
        let digits = digits
            .get(..28)
            .zip(digits.get(28..))
            .filter(|_| is_number)?;
        let place = (digits.0.parse().ok()?, digits.1.parse().ok()?);
        match way {
            "f" => Some(Token::Forward(place)),
            "b" => Some(Token::Backward(place)),
            _ => None,
        }
    }
}

fn written(way: char, (at, id): (u64, u64)) -> String {
    format!("{way}/{at:028}{id:028}/s")
}

/// The way that a token goes counts, whatever `startFromHead` says then.
fn get(world: &mut World, input: &Input) -> Answer {
    let group = find(world, input)?;
    let stream = group.streams.get(input.text("logStreamName"));
    let stream = stream.ok_or_else(stream::missing)?;
    let oldest = group.oldest(world.now) as i64;
    let start = input.integer("startTime").unwrap_or(0).max(oldest);
    let end = input.integer("endTime").unwrap_or(i64::MAX);
    let is_asked = |it: &&LogEvent| (it.at as i64) >= start && (it.at as i64) < end;
    let events: Vec<&LogEvent> = stream.events.iter().filter(is_asked).collect();

    let token = input.maybe("nextToken").map(Token::read);
    let (from, is_forward) = match token {
        Some(None) => return Err(wrong_token()),
        Some(Some(Token::Forward(place))) => (place, true),
        Some(Some(Token::Backward(place))) => (place, false),
        None if input.flag("startFromHead") => ((0, 0), true),
        None => ((u64::MAX, 0), false),
    };
    let middle = events.partition_point(|it| it.place() < from);
    let limit = input.integer("limit").map_or(PAGE, |it| it as usize);
    let some: &[&LogEvent] = match is_forward {
        true => {
            let rest = &events[middle..];
            &rest[..fitting(rest.iter().copied(), limit)]
        }
        false => {
            let rest = &events[..middle];
            &rest[rest.len() - fitting(rest.iter().rev().copied(), limit)..]
        }
    };
    // An empty stream is read from its beginning once there is something in it.
    let nowhere = if from.0 == u64::MAX { (0, 0) } else { from };
    let first = some.first().map_or(nowhere, |it| it.place());
    let last = some.last().map_or(nowhere, |it| (it.at, it.id + 1));
    let shown: Vec<Value> = some.iter().map(|it| shown(it)).collect();
    Ok(json!({
        "events": shown,
        "nextForwardToken": written('f', last),
        "nextBackwardToken": written('b', first),
    }))
}

/// How many of the events fit into a page.
pub(super) fn fitting<'a>(events: impl Iterator<Item = &'a LogEvent>, limit: usize) -> usize {
    let mut bytes = 0;
    let is_within = |event: &&LogEvent| {
        bytes += event.size();
        bytes <= PAGE_BYTES
    };
    let count = events.take(limit.clamp(1, PAGE)).take_while(is_within);
    count.count()
}

fn shown(event: &LogEvent) -> Value {
    json!({
        "timestamp": event.at,
        "message": event.message,
        "ingestionTime": event.taken_at,
    })
}

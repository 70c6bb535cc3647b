use super::*;
use crate::service::logs::write;

fn put(at: &[u64]) -> Value {
    let events: Vec<Value> = at
        .iter()
        .map(|it| json!({ "timestamp": it, "message": it.to_string() }))
        .collect();
    json!({ "logGroupName": "g", "logStreamName": "s", "logEvents": events })
}

/// A world with the stream `s` of the group `g`.
fn with_stream() -> World {
    let mut world = with(&["g"]);
    ok(
        &mut world,
        "CreateLogStream",
        json!({ "logGroupName": "g", "logStreamName": "s" }),
    );
    world
}

fn get(more: Value) -> Value {
    let mut members = json!({ "logGroupName": "g", "logStreamName": "s" });
    for (name, value) in more.as_object().expect("an object") {
        members[name] = value.clone();
    }
    members
}

#[test]
fn a_written_line_is_read() {
    let mut world = with(&["g"]);
    write(&mut world, "g", "web/1", "hello");
    write(&mut world, "none", "web/1", "lost");
    let asked = json!({ "logGroupName": "g", "logStreamName": "web/1" });
    let answer = ok(&mut world, "GetLogEvents", asked);
    let event = json!({ "timestamp": NOW.0, "message": "hello", "ingestionTime": NOW.0 });
    assert_eq!(answer["events"], json!([event]));
    let group = ok(&mut world, "DescribeLogGroups", json!({}));
    assert_eq!(group["logGroups"][0]["storedBytes"], 31);
    let streams = ok(
        &mut world,
        "DescribeLogStreams",
        json!({ "logGroupName": "g" }),
    );
    let stream = &streams["logStreams"][0];
    assert_eq!(stream["lastEventTimestamp"], NOW.0);
    assert_eq!(
        stream["arn"],
        "arn:aws:logs:us-east-1:123456789012:log-group:g:log-stream:web/1"
    );
    let missing = json!({ "logGroupName": "g", "logStreamName": "web/2" });
    let refusal = refused(&mut world, "GetLogEvents", missing);
    assert_eq!(refusal.message, "The specified log stream does not exist.");
}

#[test]
fn pages_go_both_ways_and_the_last_token_comes_back() {
    let mut world = with_stream();
    let at: Vec<u64> = (0..5).map(|it| NOW.0 + it).collect();
    ok(&mut world, "PutLogEvents", put(&at));
    let text = |it: u64| (NOW.0 + it).to_string();
    let first = ok(
        &mut world,
        "GetLogEvents",
        get(json!({ "limit": 2, "startFromHead": true })),
    );
    assert_eq!(messages(&first), [text(0), text(1)]);
    let token = &first["nextForwardToken"];
    let more = get(json!({ "nextToken": token, "startFromHead": true }));
    let rest = ok(&mut world, "GetLogEvents", more);
    assert_eq!(messages(&rest), [text(2), text(3), text(4)]);
    let token = rest["nextForwardToken"].clone();
    let more = get(json!({ "nextToken": token, "startFromHead": true }));
    let end = ok(&mut world, "GetLogEvents", more.clone());
    assert_eq!(messages(&end), Vec::<&str>::new());
    assert_eq!(end["nextForwardToken"], token);
    ok(&mut world, "PutLogEvents", put(&[NOW.0 + 9]));
    assert_eq!(messages(&ok(&mut world, "GetLogEvents", more)), [text(9)]);

    let last = ok(&mut world, "GetLogEvents", get(json!({ "limit": 2 })));
    assert_eq!(messages(&last), [text(4), text(9)]);
    let back = get(json!({ "nextToken": last["nextBackwardToken"] }));
    let before = ok(&mut world, "GetLogEvents", back);
    assert_eq!(messages(&before), [text(0), text(1), text(2), text(3)]);
    let token = before["nextBackwardToken"].clone();
    let back = get(json!({ "nextToken": token }));
    assert_eq!(
        ok(&mut world, "GetLogEvents", back)["nextBackwardToken"],
        token
    );
    let refusal = refused(
        &mut world,
        "GetLogEvents",
        get(json!({ "nextToken": "f/x" })),
    );
    assert_eq!(refusal.code, "InvalidParameterException");
}

#[test]
fn a_stream_that_was_empty_is_followed_from_its_beginning() {
    let mut world = with_stream();
    let empty = ok(&mut world, "GetLogEvents", get(json!({})));
    ok(&mut world, "PutLogEvents", put(&[NOW.0]));
    let more = get(json!({ "nextToken": empty["nextForwardToken"] }));
    assert_eq!(messages(&ok(&mut world, "GetLogEvents", more)).len(), 1);
}

#[test]
fn events_come_in_order_within_a_day() {
    let mut world = with_stream();
    let refusal = refused(&mut world, "PutLogEvents", put(&[NOW.0, NOW.0 - 1]));
    assert_eq!(
        refusal.message,
        "Log events in a single PutLogEvents request must be in chronological order."
    );
    let refusal = refused(&mut world, "PutLogEvents", put(&[NOW.0 - DAY - 1, NOW.0]));
    assert_eq!(refusal.code, "InvalidParameterException");
    let large = "x".repeat(600_000);
    let event = json!({ "timestamp": NOW.0, "message": large });
    let large = json!({
        "logGroupName": "g",
        "logStreamName": "s",
        "logEvents": [event, event],
    });
    let refusal = refused(&mut world, "PutLogEvents", large);
    assert!(
        refusal
            .message
            .starts_with("Upload too large: 1200052 bytes")
    );
}

#[test]
fn what_is_too_old_or_too_new_is_left_out() {
    let mut world = with_stream();
    let retention = json!({ "logGroupName": "g", "retentionInDays": 1 });
    ok(&mut world, "PutRetentionPolicy", retention);
    let at = [
        NOW.0 - 15 * DAY,
        NOW.0 - 2 * DAY,
        NOW.0,
        NOW.0 + 2 * 3_600_000 + 1,
    ];
    let answer = ok(&mut world, "PutLogEvents", put(&at));
    let expected = json!({
        "tooNewLogEventStartIndex": 3,
        "tooOldLogEventEndIndex": 1,
        "expiredLogEventEndIndex": 2,
    });
    assert_eq!(answer["rejectedLogEventsInfo"], expected);
    assert_eq!(
        messages(&ok(&mut world, "GetLogEvents", get(json!({})))),
        [NOW.0.to_string()]
    );
}

#[test]
fn events_are_not_shown_after_their_retention() {
    let mut world = with_stream();
    let retention = json!({ "logGroupName": "g", "retentionInDays": 1 });
    ok(&mut world, "PutRetentionPolicy", retention);
    ok(&mut world, "PutLogEvents", put(&[NOW.0]));
    world.advance(Time(NOW.0 + DAY));
    assert_eq!(
        messages(&ok(&mut world, "GetLogEvents", get(json!({})))).len(),
        1
    );
    world.advance(Time(NOW.0 + DAY + 1));
    assert!(messages(&ok(&mut world, "GetLogEvents", get(json!({})))).is_empty());
    let all = json!({ "logGroupName": "g" });
    assert!(messages(&ok(&mut world, "FilterLogEvents", all)).is_empty());
}

#[test]
fn only_the_newest_events_are_kept() {
    let mut world = with(&["g"]);
    for number in 0..10_001 {
        write(&mut world, "g", "s", &number.to_string());
    }
    let stream = &world.logs.groups["g"].streams["s"];
    assert_eq!(stream.events.len(), 10_000);
    assert_eq!(stream.events[0].message, "1");
}

#[test]
fn streams_are_ordered_by_name_or_by_their_last_event() {
    let mut world = with(&["g"]);
    write(&mut world, "g", "b/1", "x");
    world.advance(Time(NOW.0 + 1000));
    write(&mut world, "g", "a/1", "x");
    let mut streams = |more: Value| {
        let mut members = more;
        members["logGroupName"] = json!("g");
        let answer = ok(&mut world, "DescribeLogStreams", members);
        let streams = answer["logStreams"].as_array().expect("a list").clone();
        let names = streams.iter().map(|it| it["logStreamName"].as_str());
        names
            .map(|it| it.unwrap_or_default().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(streams(json!({})), ["a/1", "b/1"]);
    assert_eq!(
        streams(json!({ "orderBy": "LastEventTime" })),
        ["b/1", "a/1"]
    );
    assert_eq!(streams(json!({ "descending": true })), ["b/1", "a/1"]);
    assert_eq!(streams(json!({ "logStreamNamePrefix": "b" })), ["b/1"]);
    let both = json!({
        "logGroupName": "g",
        "orderBy": "LastEventTime",
        "logStreamNamePrefix": "b",
    });
    let refusal = refused(&mut world, "DescribeLogStreams", both);
    assert_eq!(refusal.code, "InvalidParameterException");
    ok(
        &mut world,
        "DeleteLogStream",
        json!({ "logGroupName": "g", "logStreamName": "a/1" }),
    );
    assert_eq!(world.logs.groups["g"].streams.len(), 1);
}

#[test]
fn streams_are_searched_together_in_order_of_time() {
    let mut world = with(&["g"]);
    for (number, stream) in ["b", "a", "b", "a"].into_iter().enumerate() {
        write(&mut world, "g", stream, &format!("line {number}"));
        let next = world.now.0 + 1000;
        world.advance(Time(next));
    }
    let asked = json!({ "logGroupIdentifier": "g", "limit": 3 });
    let first = ok(&mut world, "FilterLogEvents", asked);
    assert_eq!(messages(&first), ["line 0", "line 1", "line 2"]);
    assert_eq!(first["events"][1]["logStreamName"], "a");
    assert_eq!(first["searchedLogStreams"], json!([]));
    let more = json!({ "logGroupName": "g", "nextToken": first["nextToken"] });
    let second = ok(&mut world, "FilterLogEvents", more);
    assert_eq!(messages(&second), ["line 3"]);
    assert_eq!(second.get("nextToken"), None);

    let back = json!({ "logGroupName": "g", "limit": 3, "startFromHead": false });
    let first = ok(&mut world, "FilterLogEvents", back);
    assert_eq!(messages(&first), ["line 3", "line 2", "line 1"]);
    let more = json!({ "logGroupName": "g", "nextToken": first["nextToken"] });
    assert_eq!(
        messages(&ok(&mut world, "FilterLogEvents", more)),
        ["line 0"]
    );

    let some = json!({
        "logGroupName": "g",
        "logStreamNames": ["a"],
        "startTime": NOW.0 + 1000,
        "endTime": NOW.0 + 1000,
    });
    assert_eq!(
        messages(&ok(&mut world, "FilterLogEvents", some)),
        ["line 1"]
    );
    let missing = json!({ "logGroupName": "none" });
    let refusal = refused(&mut world, "FilterLogEvents", missing);
    assert_eq!(refusal.code, "ResourceNotFoundException");
}

//! The sale, rehearsed by the binary: on a sandbox of its own, and on one that is served.

use serde_json::Value;
use setpoint_tests::{Running, Setpoint, Stack};
use std::fs;

fn place() -> Setpoint {
    let place = Setpoint::at("http://127.0.0.1:9");
    place.write("stack.yaml", &Stack::flash_sale().to_string());
    place
}

#[track_caller]
fn has_in_order(text: &str, parts: &[&str]) {
    let mut rest = text;
    for part in parts {
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => panic!("no {part:?} in what is left of\n{text}"),
        }
    }
}

fn recorded(place: &Setpoint) -> Vec<Value> {
    let text = fs::read_to_string(place.directory().join("rehearsal/rehearsal.jsonl"));
    let text = text.expect("there is a recording");
    let lines = text.lines().map(serde_json::from_str);
    // Whoever was killed may have left half a line.
    lines.map_while(Result::ok).collect()
}

fn report(place: &Setpoint) -> String {
    let page = fs::read_to_string(place.directory().join("rehearsal/report.html"));
    page.expect("there is a report")
}

/// A sandbox that is served beside the stack, and its server.
fn served(place: &Setpoint) -> Running {
    let mut server = place.start(&["sandbox", "serve", "--speed", "120"]);
    server.until_prints("AWS_ENDPOINT_URL=");
    server
}

#[test]
fn without_an_account_the_whole_sale_plays_from_apply_to_one_task_again() {
    let place = place();
    let ended = place
        .run(&["--sandbox", "rehearse", "--speed", "120"])
        .exits(0);
    has_in_order(
        &ended.stderr,
        &[
            "service.flash-sale-service: created",
            "Rehearsal of flash-sale-service: 3m@8rps 1m@8..36rps 9m@36rps, on a clock 120 times as fast",
            "8 requests a second are asked",
            "36 requests a second are asked",
            "over the target of 50 %",
            "the high alarm of cpu-target-tracking fired",
            "set the desired count to 3",
            "started 2 tasks",
            "the load ends",
            "the low alarm of cpu-target-tracking fired",
            "set the desired count from 2 to 1",
        ],
    );
    has_in_order(
        &ended.stdout,
        &[
            "15 done",
            "It held.",
            "185 requests, 0.00% failed or not sent",
            "3 at most, another one",
            "after the load ended",
            "rehearsal/report.html",
        ],
    );
    let lines = recorded(&place);
    assert_eq!(lines.first().map(|it| &it["line"]), Some(&"about".into()));
    assert_eq!(lines.last().map(|it| &it["held"]), Some(&true.into()));
    let counted = |member: &str| {
        let all = lines.iter().filter(|it| !it[member].is_null());
        all.filter(|it| it["line"] == "sample").count()
    };
    assert!(counted("cpu") > 20 && counted("tasks") > 50 && counted("p95") > 5);
    assert!(report(&place).contains("<h1>It held.</h1>"));
    // It is nobody's source.
    let ignored = fs::read_to_string(place.directory().join("rehearsal/.gitignore"));
    assert_eq!(ignored.ok().as_deref(), Some("*\n"));
    // Nothing is kept of the account.
    assert!(!place.directory().join(".setpoint").exists());

    // What was recorded can be judged by other limits.
    let recording = ["rehearse", "--from", "rehearsal/rehearsal.jsonl"];
    place.run(&recording).exits(0);
    let strict = [&recording[..], &["--scale-out", "1m", "--output", "strict"]].concat();
    let judged = place.run(&strict).exits(1).stdout;
    has_in_order(
        &judged,
        &["It broke.", "later than allowed", "strict/report.html"],
    );
    let json = [&strict[..], &["--json"]].concat();
    let judged = place.run(&json).exits(1).json();
    assert_eq!(judged["verdict"]["held"], false);
    assert_eq!(
        judged["verdict"]["breaks"].as_array().map(Vec::len),
        Some(1)
    );
}

#[test]
fn a_sale_that_overloads_its_task_breaks_and_is_told_why() {
    let place = place();
    let overload = [
        "--sandbox",
        "rehearse",
        "--speed",
        "60",
        "--stage",
        "2m@250rps",
        "--p95",
        "300ms",
        "--tasks",
        "3",
    ];
    let ended = place.run(&overload).exits(1);
    has_in_order(
        &ended.stdout,
        &[
            "It broke.",
            "p95 was past 300 ms from",
            "1 task ran when the load ended, and not 3",
        ],
    );
    assert!(report(&place).contains("<h1>It broke at "));

    let stopped = [
        "--sandbox",
        "rehearse",
        "--speed",
        "60",
        "--stage",
        "20m@250rps",
        "--abort-when",
        "p95 > 300ms over 30s",
    ];
    let ended = place.run(&stopped).exits(1);
    has_in_order(
        &ended.stdout,
        &["It broke.", "the load was ended by p95 > 300ms"],
    );
}

#[test]
fn whoever_is_killed_leaves_a_report_of_what_he_saw() {
    let place = place();
    let long = [
        "--sandbox",
        "rehearse",
        "--speed",
        "30",
        "--stage",
        "1h@20rps",
    ];
    let mut running = place.start(&long);
    running.until_says("cpu");
    drop(running);
    assert!(report(&place).contains("The rehearsal was cut off"));
    assert!(recorded(&place).len() > 5);
    let judged = ["rehearse", "--from", "rehearsal/rehearsal.jsonl"];
    let ended = place.run(&judged).exits(0);
    assert!(
        ended.stdout.contains("It held until it was cut off."),
        "{}",
        ended.stdout
    );

    let mut running = place.start(&long);
    running.until_says("cpu");
    running.interrupt();
    let ended = running.wait().exits(130);
    has_in_order(&ended.stderr, &["the load is stopped"]);
    has_in_order(
        &ended.stdout,
        &["It held until it was cut off.", "rehearsal/report.html"],
    );
}

#[test]
fn a_stack_is_never_changed_unless_that_is_asked_and_can_be_put_back() {
    let place = place();
    let _server = served(&place);
    let short = [
        "--sandbox",
        "rehearse",
        "--stage",
        "2m@5rps",
        "--scale-in",
        "1m",
        "--tasks",
        "1",
    ];
    let refused = place.run(&short).exits(1);
    assert!(
        refused
            .stderr
            .contains("the stack is not applied: 15 to change"),
        "{}",
        refused.stderr
    );
    assert!(!place.directory().join("rehearsal").exists());

    // What was not there is taken away again.
    let whole = [&short[..], &["--apply", "--restore"]].concat();
    let ended = place.run(&whole).exits(0);
    has_in_order(
        &ended.stdout,
        &["15 done", "It held.", "14 to delete. 14 done"],
    );
    let plan = place.run(&["--sandbox", "plan", "--json"]).exits(0).json();
    assert_eq!(plan["summary"]["create"], 15);

    // What was there is as it was.
    place.run(&["--sandbox", "apply", "--yes"]).exits(0);
    place.run(&short).exits(0);
    let changed = Stack::flash_sale()
        .replacing("maxCapacity: 3", "maxCapacity: 6")
        .replacing("        cpu: 256", "        cpu: 200");
    place.write("changed.yaml", &changed.to_string());
    let with_changes = [
        &["-f", "changed.yaml"][..],
        &short,
        &["--apply", "--restore"],
    ]
    .concat();
    let ended = place.run(&with_changes).exits(0);
    has_in_order(
        &ended.stdout,
        &["maxCapacity: 3 → 6", "It held.", "3 to update"],
    );
    place
        .run(&["--sandbox", "plan", "--detailed-exitcode"])
        .exits(0);
}

#[test]
fn what_cannot_be_rehearsed_is_said_before_anything_is_made() {
    let place = place();
    for (arguments, why) in [
        (
            &["--p95", "fast"][..],
            "the limit `p95`: `fast` is no length of time",
        ),
        (&["--errors", "5"], "`5` is no percentage"),
        (&["--stage", "often"], "`often` is no stage"),
        (&["flash-sail-service"], "did you mean flash-sale-service?"),
        (&["--from", "nowhere.jsonl"], "cannot read nowhere.jsonl"),
        (&["--restore"], "--apply"),
        (
            &["--output", "stack.yaml", "--speed", "600"],
            "cannot write stack.yaml",
        ),
    ] {
        let all = [&["--sandbox", "rehearse"], arguments].concat();
        let ended = place.run(&all);
        assert_ne!(ended.code, Some(0), "{arguments:?}");
        assert!(
            ended.stderr.contains(why),
            "{arguments:?}: {}",
            ended.stderr
        );
    }
    place.write("rehearsal.jsonl", "{\"line\":\"mark\"}\n");
    let ended = place
        .run(&["rehearse", "--from", "rehearsal.jsonl"])
        .exits(1);
    assert!(
        ended.stderr.contains("line 1 of the recording"),
        "{}",
        ended.stderr
    );
}

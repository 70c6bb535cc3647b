//! What runs, looked at on an AWS that is not ours: what it has is shown, what it lacks is said, and
//! nothing is made up. moto runs no tasks, has no metrics, and knows no alarm history.

use serde_json::{Value, json};
use setpoint_tests::{Outcome, Scenario, Stack};

/// Runs a command that looks, which writes nothing.
fn look(scenario: &Scenario, arguments: &[&str], code: i32) -> Outcome {
    let shown = scenario.run(arguments).exits(code);
    assert_eq!(scenario.writes(), [""; 0], "{arguments:?}");
    shown
}

/// The lines hold these words in this order.
#[track_caller]
fn tells(text: &str, words: &[&str]) {
    let mut lines = text.lines();
    for it in words {
        assert!(
            lines.any(|line| line.contains(it)),
            "no {it:?} in its place in\n{text}"
        );
    }
}

fn standing() -> Scenario {
    let scenario = Scenario::of(&Stack::tagged());
    scenario.apply();
    scenario
}

#[test]
fn the_views_show_what_moto_has_and_say_what_it_has_not() {
    let scenario = standing();
    let status = look(&scenario, &["status"], 0);
    tells(
        &status.stdout,
        &[
            "flash-sale-service in flash-sale-cluster at ",
            "  deployment  completed, flash-sale-task:1, since ",
            "  tasks       1 of 1 running, 0 pending, scaling from 1 to 3",
            "  cpu         no data in the last 30 minutes",
            "  memory      no data in the last 30 minutes",
            "  scaling     idle",
            "  instances   none in the cluster",
            "  addresses   none",
        ],
    );
    assert_eq!(status.stderr, "");
    let status = look(&scenario, &["status", "--json"], 0).json();
    let service = &status["services"][0];
    assert_eq!(service["bounds"], json!([1, 3]));
    assert_eq!(service["cpu"]["target"], 50.0);
    assert_eq!(service["cpu"]["now"], Value::Null);
    assert_eq!(service["deployment"]["state"], "COMPLETED");
    assert_eq!(status["notShown"], json!([]));

    let endpoints = look(&scenario, &["endpoints"], 1).stdout;
    assert_eq!(
        endpoints,
        "flash-sale-service: no task is running (1 of 1 to run)\n"
    );
    let events = look(&scenario, &["events", "--since", "1d"], 0);
    tells(
        &events.stdout,
        &[" UTC", "service     has reached a steady state"],
    );
    let gap = "not shown: alarm history: cloudwatch:DescribeAlarmHistory failed: ";
    assert!(events.stderr.starts_with(gap), "{}", events.stderr);
    assert_eq!(events.stderr.lines().count(), 1, "{}", events.stderr);

    let why = look(&scenario, &["why"], 0).stdout;
    tells(
        &why,
        &[
            "nothing is wrong with flash-sale-service",
            "[under-the-line]",
        ],
    );
    let why = look(&scenario, &["why", "--json"], 0).json();
    assert_eq!(
        (&why["wrong"], &why["notShown"]),
        (&json!(false), &json!([]))
    );
}

#[test]
fn the_logs_of_motos_streams_are_found_by_what_the_task_definition_says() {
    let scenario = standing();
    let none = look(&scenario, &["logs"], 0);
    assert_eq!(none.stdout, "");
    tells(
        &none.stderr,
        &[
            "flash-sale-service has no tasks, and had none within the last hour.",
            "There are no lines since ",
        ],
    );
    let boto = scenario.boto();
    let group = "/ecs/flash-sale-webapp";
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let now = u64::try_from(now.expect("it is after 1970").as_millis()).expect("it fits");
    let writes = |stream: &str, lines: &[(u64, &str)]| {
        let named = json!({ "logGroupName": group, "logStreamName": stream });
        boto.expect("logs", "create_log_stream", named.clone());
        let events: Vec<Value> = lines
            .iter()
            .map(|(ago, line)| json!({ "timestamp": now - ago, "message": line }))
            .collect();
        let mut put = named;
        put["logEvents"] = json!(events);
        boto.expect("logs", "put_log_events", put);
    };
    let (one, two) = ("1".repeat(32), "2".repeat(32));
    writes(
        &format!("ecs/web-container/{one}"),
        &[
            (3000, "web started"),
            (1000, "\u{1b}[31mno such database\u{1b}[0m"),
        ],
    );
    writes(
        &format!("ecs/web-container/{two}"),
        &[(2000, "web started")],
    );
    // Not of this stack's containers.
    writes("ecs/other/3333", &[(2500, "other started")]);
    let all = look(&scenario, &["logs"], 0).stdout;
    let lines: Vec<&str> = all
        .lines()
        .skip(1)
        .filter_map(|it| it.split_once("  ").map(|it| it.1))
        .collect();
    assert_eq!(
        lines,
        [
            "11111111  web started",
            "22222222  web started",
            "11111111  no such database"
        ],
        "{all}"
    );
    let of_one = look(&scenario, &["logs", "11111111", "--json"], 0).stdout;
    let tasks: Vec<Value> = of_one
        .lines()
        .map(|it| serde_json::from_str::<Value>(it).expect("each line is JSON")["task"].take())
        .collect();
    assert_eq!(tasks, [json!(one), json!(one)]);
    let some = look(&scenario, &["logs", "--filter", "database"], 0).stdout;
    assert!(some.ends_with("  11111111  no such database\n"), "{some}");
    assert_eq!(some.lines().count(), 2, "{some}");
    boto.expect("logs", "delete_log_group", json!({ "logGroupName": group }));
    let missing = look(&scenario, &["logs"], 0).stderr;
    tells(
        &missing,
        &["not shown: /ecs/flash-sale-webapp: the log group does not exist"],
    );
}

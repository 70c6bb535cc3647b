//! What runs, seen by the binary on an AWS that is served: it reads, and writes nothing.

use serde_json::{Value, json};
use setpoint_tests::{Sandbox, Setpoint, Stack};
use std::{
    collections::BTreeSet,
    io::{Read, Write},
    net::TcpStream,
};

/// An account in which the flash sale runs.
fn running() -> (Sandbox, Setpoint) {
    let sandbox = Sandbox::start(&["--speed", "120"]);
    let place = sandbox.place();
    place.write("stack.yaml", &Stack::tagged().to_string());
    place.run(&["apply", "--yes"]).exits(0);
    (sandbox, place)
}

fn get(address: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("the task listens");
    write!(
        stream,
        "GET / HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n"
    )
    .expect("it can be asked");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    answer
}

#[test]
fn a_service_is_seen_where_it_answers_and_nothing_is_wrong_with_it() {
    let (_sandbox, place) = running();
    let found = place
        .run(&["endpoints", "--wait", "--json"])
        .exits(0)
        .json();
    let url = found["endpoints"][0]["url"].as_str().expect("it answers");
    let address = url.trim_start_matches("http://").trim_end_matches('/');
    assert!(get(address).contains("Flash sale"));
    assert_eq!(found["endpoints"][0]["obstacles"], json!([]));

    let status = place.run(&["status", "--json"]).exits(0).json();
    let service = &status["services"][0];
    assert_eq!(
        (&service["running"], &service["desired"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(service["bounds"], json!([1, 3]));
    assert_eq!(status["notShown"], json!([]));

    let events = place
        .run(&["events", "--since", "1d", "--json"])
        .exits(0)
        .stdout;
    let told: Vec<Value> = events
        .lines()
        .map(|it| serde_json::from_str(it).expect("each line is JSON"))
        .collect();
    let says = |words: &str| {
        let text = |it: &Value| it["text"].as_str().unwrap_or_default().contains(words);
        assert!(told.iter().any(text), "no {words:?} in\n{events}");
    };
    says("joined flash-sale-cluster");
    says("has reached a steady state");

    let why = place.run(&["why", "flash-sale-service"]).exits(0).stdout;
    assert!(
        why.starts_with("nothing is wrong with flash-sale-service"),
        "{why}"
    );
    let unknown = place.run(&["why", "flash-sail-service"]).exits(1).stderr;
    assert!(
        unknown.contains("did you mean flash-sale-service?"),
        "{unknown}"
    );
    place.run(&["plan", "--detailed-exitcode"]).exits(0);
}

#[test]
fn what_keeps_tasks_from_starting_is_named_with_its_evidence_and_its_remedy() {
    let (sandbox, place) = running();
    let boto = sandbox.boto();
    let group = json!({ "logGroupName": "/ecs/flash-sale-webapp" });
    boto.expect("logs", "delete_log_group", group);
    let force = json!({ "cluster": "flash-sale-cluster", "service": "flash-sale-service",
        "forceNewDeployment": true });
    boto.expect("ecs", "update_service", force);
    let mut found = Value::Null;
    for _ in 0..100 {
        found = place.run(&["why", "--json"]).json();
        if found["wrong"] == true {
            break;
        }
    }
    let first = &found["findings"][0];
    assert_eq!(first["cause"], "log-group-missing", "{found:#}");
    let text = first["evidence"].to_string();
    assert!(
        text.contains("The specified log group does not exist"),
        "{text}"
    );
    let shown = place.run(&["why"]).exits(1).stdout;
    assert!(shown.contains("[log-group-missing]"), "{shown}");
}

#[test]
fn a_task_that_listens_to_nothing_is_found_by_trying_and_its_log_is_the_way_on() {
    let sandbox = Sandbox::start(&["--speed", "120"]);
    let place = sandbox.place();
    let deaf = "        memory: 512\n        command: [sh, -c, \"echo up; exec sleep infinity\"]\n";
    let stack = Stack::tagged().replacing("        memory: 512\n", deaf);
    place.write("stack.yaml", &stack.to_string());
    place.run(&["apply", "--yes"]).exits(0);
    let found = place.run(&["why", "--json"]).exits(1).json();
    let first = &found["findings"][0];
    assert_eq!(first["cause"], "not-answering", "{found:#}");
    let command = first["remedy"][0].as_str().expect("there is one");
    let task = command
        .strip_prefix("setpoint logs ")
        .expect("its log is shown by setpoint");
    let log = place.run(&["logs", task]).exits(0).stdout;
    assert!(
        log.contains(&format!("  {task}  web-container started\n")),
        "{log}"
    );
}

fn group() -> Value {
    json!({ "logGroupName": "/ecs/flash-sale-webapp" })
}

#[test]
fn what_containers_write_is_shown_followed_filtered_and_printed_as_json() {
    let (sandbox, place) = running();
    let boto = sandbox.boto();
    let shown = boto.expect("logs", "describe_log_streams", group());
    let stream = shown["logStreams"][0]["logStreamName"].as_str();
    let stream = stream.expect("the task has written");
    let (_, task) = stream.rsplit_once('/').expect("it ends with the task's id");
    let short = &task[..8];

    let all = place.run(&["logs", "--since", "1d"]).exits(0);
    let lines: Vec<&str> = all.stdout.lines().collect();
    assert!(lines[0].ends_with(" UTC"), "{}", all.stdout);
    let ends = [
        format!("  {short}  web-container started"),
        format!("  {short}  listening on port 80"),
    ];
    for (line, end) in lines[1..].iter().zip(&ends) {
        assert!(line.ends_with(end), "{line:?} and {end:?}");
    }
    assert_eq!((lines.len(), all.stderr.as_str()), (3, ""));

    // A task by the beginning of its id, to its beginning; no colours where no terminal is.
    let follower = ["logs", short, "--follow", "--every", "1", "--json"];
    let mut follower = place.start(&follower);
    let first = follower.until_prints("listening on port 80");
    let first: Value = serde_json::from_str(&first).expect("each line is JSON");
    assert_eq!(
        (&first["task"], &first["container"], &first["service"]),
        (
            &json!(task),
            &json!("web-container"),
            &json!("flash-sale-service")
        )
    );
    let found = place.run(&["endpoints", "--wait", "--json"]).exits(0);
    let found = found.json();
    let url = found["endpoints"][0]["url"].as_str().expect("it answers");
    let address = url.trim_start_matches("http://").trim_end_matches('/');
    assert!(get(address).contains("Flash sale"));
    let next = follower.until_prints("GET / ");
    let next: Value = serde_json::from_str(&next).expect("each line is JSON");
    assert_eq!(next["task"], task);
    follower.interrupt();
    let followed = follower.wait().exits(0).stdout;
    let ids = followed.lines().map(|it| {
        let event: Value = serde_json::from_str(it).expect("each line is JSON");
        event["eventId"].to_string()
    });
    let ids: Vec<String> = ids.collect();
    let distinct: BTreeSet<&String> = ids.iter().collect();
    assert_eq!(distinct.len(), ids.len(), "{followed}");

    let some = ["logs", "flash-sale-service", "--since", "1d"];
    let some = place.run(&[&some[..], &["--filter", "port -GET"]].concat());
    let some = some.exits(0).stdout;
    assert!(some.ends_with(&format!("{}\n", ends[1])), "{some}");
    assert_eq!(some.lines().count(), 2, "{some}");
    let none = place
        .run(&["logs", "--since", "1d", "--filter", "never"])
        .exits(0);
    assert!(
        none.stderr
            .starts_with("There are no lines that fit the filter since "),
        "{}",
        none.stderr
    );
    let wrong = place.run(&["logs", "--filter", "a-b"]).exits(1).stderr;
    assert!(wrong.contains("InvalidParameterException"), "{wrong}");
    let unknown = place.run(&["logs", "flash-sail-service"]).exits(1).stderr;
    assert!(
        unknown
            .contains("flash-sail-service is neither a service of the stack nor the id of a task")
            && unknown.contains("did you mean flash-sale-service?"),
        "{unknown}"
    );
    let gone = place.run(&["logs", "0123456789abcdef"]).exits(1).stderr;
    assert!(
        gone.contains("ECS shows no task whose id begins with 0123456789abcdef"),
        "{gone}"
    );
    boto.expect("logs", "delete_log_group", group());
    let missing = place.run(&["logs"]).exits(0).stderr;
    assert!(
        missing.contains("not shown: /ecs/flash-sale-webapp: the log group does not exist\n"),
        "{missing}"
    );
}

#[test]
fn what_may_not_be_read_is_said_and_the_rest_is_shown() {
    let sandbox = Sandbox::start(&["--enforce-policies", "--speed", "120"]);
    let place = sandbox.place();
    place.write("stack.yaml", &Stack::tagged().to_string());
    place.run(&["apply", "--yes"]).exits(0);
    let boto = sandbox.boto();
    let trust = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow",
        "Principal": { "AWS": "arn:aws:iam::123456789012:root" }, "Action": "sts:AssumeRole" }] });
    boto.expect(
        "iam",
        "create_role",
        json!({ "RoleName": "viewer", "AssumeRolePolicyDocument": trust.to_string() }),
    );
    let policy = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow",
        "Action": ["ecs:Describe*", "ecs:List*", "ec2:Describe*", "autoscaling:Describe*",
            "application-autoscaling:Describe*"], "Resource": "*" }] });
    boto.expect(
        "iam",
        "put_role_policy",
        json!({ "RoleName": "viewer", "PolicyName": "reads", "PolicyDocument": policy.to_string() }),
    );
    let viewer = boto.assuming("arn:aws:iam::123456789012:role/viewer");
    let place = viewer.place(sandbox.place());
    place.write("stack.yaml", &Stack::tagged().to_string());
    let status = place.run(&["status"]).exits(0);
    assert!(
        status.stdout.contains("1 of 1 running"),
        "{}",
        status.stdout
    );
    let gap = "not shown: metrics: ";
    assert!(
        status.stderr.contains(gap),
        "no {gap:?} in\n{}",
        status.stderr
    );
    assert!(
        status.stderr.contains("cloudwatch:GetMetricData"),
        "{}",
        status.stderr
    );
    let logs = place.run(&["logs"]).exits(0);
    assert_eq!(logs.stdout, "");
    let gap = "not shown: /ecs/flash-sale-webapp: logs:FilterLogEvents is not allowed";
    assert!(logs.stderr.contains(gap), "no {gap:?} in\n{}", logs.stderr);
}

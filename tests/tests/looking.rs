//! What runs, seen by the binary on an AWS that is served: it reads, and writes nothing.

use serde_json::{Value, json};
use setpoint_tests::{Sandbox, Setpoint, Stack};
use std::{
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
}

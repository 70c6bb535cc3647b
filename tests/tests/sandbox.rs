//! The sandbox, as someone without an account meets it: no server, no Python, no network.

use serde_json::json;
use setpoint_tests::{Outcome, Setpoint, Stack};
use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

/// A place from which no AWS can be reached.
fn nowhere() -> Setpoint {
    // The discard port: whoever goes there is refused.
    Setpoint::at("http://127.0.0.1:9")
}

fn with_stack() -> Setpoint {
    let setpoint = nowhere();
    setpoint.write("stack.yaml", &Stack::flash_sale().to_string());
    setpoint
}

#[track_caller]
fn says(outcome: &Outcome, words: &[&str]) {
    for it in words {
        assert!(
            outcome.stdout.contains(it),
            "no {it:?} in\n{}",
            outcome.stdout
        );
    }
}

#[test]
fn the_demo_applies_the_stack_visits_it_and_finds_nothing_more_to_do() {
    let setpoint = with_stack();
    let outcome = setpoint.run(&["sandbox", "demo"]).exits(0);
    says(
        &outcome,
        &[
            "Plan: 15 to create. 15 done in",
            "(service flash-sale-service) has reached a steady state.",
            "/ answers 200: Flash sale",
            "Nothing to do: AWS is as the stack says.",
        ],
    );
    // One line for each thing that happens.
    for kind in ["cluster.", "service.", "scaling.", "capacityProvider."] {
        let done = format!("✓ {kind}flash-sale");
        assert!(
            outcome.stderr.contains(&done),
            "no {done:?} in\n{}",
            outcome.stderr
        );
    }
    // Nothing is kept.
    assert!(!setpoint.directory().join(".setpoint").exists());
}

#[test]
fn the_sandbox_is_kept_beside_the_stack_until_it_is_reset() {
    let setpoint = with_stack();
    let outcome = setpoint
        .run(&["--sandbox", "plan", "--detailed-exitcode"])
        .exits(2);
    says(&outcome, &["Plan: 15 to create."]);
    setpoint.run(&["--sandbox", "apply", "--yes"]).exits(0);
    setpoint
        .run(&["--sandbox", "plan", "--detailed-exitcode"])
        .exits(0);
    let kept = setpoint.directory().join(".setpoint/sandbox.json");
    let text = fs::read_to_string(&kept).expect("it is kept");
    let kept: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
    assert_eq!(kept["version"], json!(1));
    setpoint.run(&["--sandbox", "destroy", "--yes"]).exits(0);
    setpoint
        .run(&["--sandbox", "plan", "--detailed-exitcode"])
        .exits(2);
    let outcome = setpoint.run(&["sandbox", "reset"]).exits(0);
    says(&outcome, &["is forgotten."]);
    let outcome = setpoint.run(&["sandbox", "reset"]).exits(0);
    says(&outcome, &["There is no sandbox"]);
}

#[test]
fn a_sandbox_that_cannot_be_read_is_told_and_left_as_it_is() {
    let setpoint = with_stack();
    let folder = setpoint.directory().join(".setpoint");
    fs::create_dir(&folder).expect("the directory can be written to");
    for (text, word) in [
        ("{\"version\":1,\"world\":{\"now\":", "EOF"),
        ("{\"version\":7,\"world\":{}}", "version 7"),
        ("{\"version\":1,\"world\":{}}", "missing field"),
    ] {
        fs::write(folder.join("sandbox.json"), text).expect("the directory can be written to");
        let outcome = setpoint.run(&["--sandbox", "plan"]).exits(1);
        assert!(
            outcome.stderr.contains(word),
            "no {word:?} in\n{}",
            outcome.stderr
        );
        assert!(
            outcome.stderr.contains("sandbox reset"),
            "{}",
            outcome.stderr
        );
        let left = fs::read_to_string(folder.join("sandbox.json")).expect("it is there");
        assert_eq!(left, text);
    }
    fs::remove_file(folder.join("sandbox.json")).expect("it is there");
    setpoint
        .run(&["--sandbox", "apply", "--yes", "--no-wait"])
        .exits(0);
    let outcome = setpoint
        .run(&["--sandbox", "plan", "--region", "eu-west-1"])
        .exits(1);
    assert!(outcome.stderr.contains("us-east-1"), "{}", outcome.stderr);
}

#[test]
fn a_sandbox_that_is_served_is_used_by_every_command_and_its_tasks_answer() {
    let setpoint = with_stack();
    setpoint.run(&["--sandbox", "apply", "--yes"]).exits(0);
    let mut server = setpoint.start(&["sandbox", "serve"]);
    let exports = server.until_prints("AWS_ENDPOINT_URL=");
    let endpoint = exports
        .split_whitespace()
        .find_map(|it| it.strip_prefix("AWS_ENDPOINT_URL="))
        .expect("it says where");
    let boto = setpoint_tests::Boto::at(endpoint);
    setpoint
        .run(&["--sandbox", "plan", "--detailed-exitcode"])
        .exits(0);

    let cluster = json!({"cluster": "flash-sale-cluster"});
    let listed = boto.expect("ecs", "list_tasks", cluster);
    let shown = boto.expect(
        "ecs",
        "describe_tasks",
        json!({
            "cluster": "flash-sale-cluster", "tasks": listed["taskArns"],
        }),
    );
    let task = &shown["tasks"][0];
    let port = task["containers"][0]["networkBindings"][0]["hostPort"].clone();
    let instances = boto.expect(
        "ecs",
        "describe_container_instances",
        json!({
            "cluster": "flash-sale-cluster", "containerInstances": [task["containerInstanceArn"]],
        }),
    );
    let id = instances["containerInstances"][0]["ec2InstanceId"].clone();
    let instances = boto.expect("ec2", "describe_instances", json!({"InstanceIds": [id]}));
    let address = instances["Reservations"][0]["Instances"][0]["PublicIpAddress"]
        .as_str()
        .expect("it has a public address")
        .to_owned();
    let address = format!("{address}:{port}");
    assert!(get(&address).contains("Flash sale"));

    // What one does through the server another sees: it is one sandbox.
    setpoint.run(&["--sandbox", "destroy", "--yes"]).exits(0);
    let clusters = boto.expect("ecs", "list_clusters", json!({}));
    assert_eq!(clusters["clusterArns"], json!([]));
    assert!(
        TcpStream::connect(&address).is_err(),
        "a task that is gone answers"
    );
    server.interrupt();
    let outcome = server.wait();
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    setpoint
        .run(&["--sandbox", "plan", "--detailed-exitcode"])
        .exits(2);
}

#[test]
fn load_on_the_tasks_scales_the_service_out() {
    let setpoint = with_stack();
    setpoint.run(&["--sandbox", "apply", "--yes"]).exits(0);
    let mut server = setpoint.start(&["sandbox", "serve", "--speed", "120"]);
    let exports = server.until_prints("AWS_ENDPOINT_URL=");
    let endpoint = exports
        .split_whitespace()
        .find_map(|it| it.strip_prefix("AWS_ENDPOINT_URL="))
        .expect("it says where");
    let boto = setpoint_tests::Boto::at(endpoint);
    let until = Instant::now() + Duration::from_secs(60);
    let running = || {
        let shown = boto.expect(
            "ecs",
            "describe_services",
            json!({
                "cluster": "flash-sale-cluster", "services": ["flash-sale-service"],
            }),
        );
        shown["services"][0]["runningCount"]
            .as_i64()
            .unwrap_or_default()
    };
    assert_eq!(running(), 1);
    // Four clients, each as fast as it is answered, keep every task busy.
    let done = AtomicBool::new(false);
    let known = Mutex::new(addresses(&boto));
    std::thread::scope(|scope| {
        for number in 0..4 {
            let (known, done) = (&known, &done);
            scope.spawn(move || {
                while !done.load(Ordering::Relaxed) {
                    let known = known.lock().expect("no holder panics").clone();
                    if let Some(address) = known.get(number % known.len().max(1)) {
                        // A task that is just being replaced may refuse.
                        let _ = visit(address);
                    }
                }
            });
        }
        while running() < 3 && Instant::now() < until {
            let now = addresses(&boto);
            *known.lock().expect("no holder panics") = now;
        }
        done.store(true, Ordering::Relaxed);
    });
    assert_eq!(running(), 3);
    let told = boto.expect(
        "application-autoscaling",
        "describe_scaling_activities",
        json!({
            "ServiceNamespace": "ecs",
        }),
    );
    let newest = &told["ScalingActivities"][0];
    assert_eq!(newest["Description"], "Setting desired count to 3.");
    // What the autoscaler moved is no drift.
    setpoint
        .run(&["--sandbox", "plan", "--detailed-exitcode"])
        .exits(0);
    server.interrupt();
    server.wait().exits(0);
}

/// Where the running tasks answer, as the API shows it.
fn addresses(boto: &setpoint_tests::Boto) -> Vec<String> {
    let cluster = "flash-sale-cluster";
    let listed = boto.expect("ecs", "list_tasks", json!({"cluster": cluster}));
    let shown = boto.expect(
        "ecs",
        "describe_tasks",
        json!({
            "cluster": cluster, "tasks": listed["taskArns"],
        }),
    );
    let instances = boto.expect("ec2", "describe_instances", json!({}));
    let container_instances = boto.expect(
        "ecs",
        "list_container_instances",
        json!({"cluster": cluster}),
    );
    let container_instances = boto.expect(
        "ecs",
        "describe_container_instances",
        json!({
            "cluster": cluster, "containerInstances": container_instances["containerInstanceArns"],
        }),
    );
    let address_of = |arn: &serde_json::Value| {
        let all = container_instances["containerInstances"].as_array()?;
        let id = &all.iter().find(|it| it["containerInstanceArn"] == *arn)?["ec2InstanceId"];
        let reservations = instances["Reservations"].as_array()?.iter();
        let mut all = reservations.flat_map(|it| it["Instances"].as_array().into_iter().flatten());
        let instance = all.find(|it| it["InstanceId"] == *id)?;
        Some(instance["PublicIpAddress"].as_str()?.to_owned())
    };
    let tasks = shown["tasks"].as_array().into_iter().flatten();
    let running = tasks.filter(|it| it["lastStatus"] == "RUNNING");
    running
        .filter_map(|it| {
            let port = &it["containers"][0]["networkBindings"][0]["hostPort"];
            Some(format!(
                "{}:{port}",
                address_of(&it["containerInstanceArn"])?
            ))
        })
        .collect()
}

fn visit(address: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    stream.write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")?;
    let mut text = String::new();
    stream.read_to_string(&mut text)?;
    Ok(text)
}

fn get(address: &str) -> String {
    visit(address).unwrap_or_else(|err| panic!("{address}: {err}"))
}

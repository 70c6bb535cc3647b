//! Load from tasks on ECS. The twin runs no programs, so the test stands for the agent: it runs what each task's
//! definition and overrides say, with the real binary, and writes what that prints to the task's log.

use serde_json::{Value, json};
use setpoint_tests::{Boto, Running, Sandbox, Setpoint, Stack};
use std::{
    collections::BTreeMap,
    thread::sleep,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

const FAMILY: &str = "flash-sale-load";

fn texts(value: &Value) -> Vec<String> {
    let all = value.as_array().into_iter().flatten();
    all.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The tasks of the family, once so many run.
fn running(boto: &Boto, count: usize) -> Vec<Value> {
    for _ in 0..300 {
        let asked = json!({ "cluster": "flash-sale-cluster", "family": FAMILY });
        let arns = texts(&boto.expect("ecs", "list_tasks", asked)["taskArns"]);
        if arns.len() == count {
            let asked = json!({ "cluster": "flash-sale-cluster", "tasks": arns });
            let tasks = boto.expect("ecs", "describe_tasks", asked)["tasks"].clone();
            let tasks = tasks.as_array().cloned().unwrap_or_default();
            if tasks.iter().all(|it| it["lastStatus"] == "RUNNING") {
                return tasks;
            }
        }
        sleep(Duration::from_millis(100));
    }
    panic!("they do not run");
}

/// Runs what a task is to run, as its agent would.
fn agent(sandbox: &Sandbox, boto: &Boto, task: &Value) -> (Setpoint, Running) {
    let asked = json!({ "taskDefinition": task["taskDefinitionArn"] });
    let definition = boto.expect("ecs", "describe_task_definition", asked);
    let container = &definition["taskDefinition"]["containerDefinitions"][0];
    let own = container["environment"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let over = &task["overrides"]["containerOverrides"][0]["environment"];
    let over = over.as_array().cloned().unwrap_or_default();
    let text = |it: &Value| it.as_str().unwrap_or_default().to_owned();
    let mut place = sandbox.place();
    for variable in own.iter().chain(&over) {
        place = place.environment(&text(&variable["name"]), &text(&variable["value"]));
    }
    let started = place.start(&texts(&container["command"]));
    (place, started)
}

fn log(boto: &Boto, task: &str, lines: &str) {
    let id = task.rsplit('/').next().unwrap_or_default();
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.expect("it is after 1970").as_millis() as u64;
    let events: Vec<Value> = lines
        .lines()
        .enumerate()
        .map(|(index, line)| json!({ "timestamp": now + index as u64, "message": line }))
        .collect();
    let group = "/setpoint/load/flash-sale";
    let stream = format!("load/runner/{id}");
    let asked = json!({ "logGroupName": group, "logStreamName": stream, "logEvents": events });
    let put = boto.expect("logs", "put_log_events", asked);
    assert_eq!(put["rejectedLogEventsInfo"], Value::Null);
}

/// An account in which the flash sale runs.
fn sale() -> (Sandbox, Setpoint) {
    let sandbox = Sandbox::start(&["--speed", "60"]);
    let place = sandbox.place();
    place.write("stack.yaml", &Stack::tagged().to_string());
    place.run(&["apply", "--yes"]).exits(0);
    (sandbox, place)
}

const ON_ECS: [&str; 12] = [
    "load",
    "--on",
    "ecs",
    "--runners",
    "3",
    "--runner-image",
    "example.com/setpoint:1",
    "--stage",
    "2s@90rps",
    "--json",
    "--runner-cpu",
    "100",
];

/// The same beside the cluster.
fn on_fargate<'a>(cpu: &'a str, more: &'a str) -> Vec<&'a str> {
    let mut all = ON_ECS.to_vec();
    all[2] = "fargate";
    all[11] = cpu;
    all.extend(["--runner-memory", "512", more]);
    all
}

#[test]
fn tasks_send_a_share_each_and_their_histograms_are_added_up_exactly() {
    let memory = ["--runner-memory", "128", "--lead", "12s", "--yes"];
    send_together(&[&ON_ECS[..], &memory].concat(), |task| {
        assert_eq!(task["capacityProviderName"], "flash-sale-capacity");
        assert!(task["containerInstanceArn"].is_string());
    });
}

#[test]
fn on_fargate_they_take_no_room_of_the_cluster_and_have_addresses_of_their_own() {
    let asked = [&on_fargate("256", "--yes")[..], &["--lead", "12s"]].concat();
    send_together(&asked, |task| {
        assert_eq!(task["launchType"], "FARGATE");
        assert!(task["containerInstanceArn"].is_null());
        assert_eq!(task["attachments"][0]["status"], "ATTACHED");
        assert_eq!(
            (&task["cpu"], &task["memory"]),
            (&json!("256"), &json!("512"))
        );
    });
}

/// Lets three tasks send, each of which `is_right`.
fn send_together(asked: &[&str], is_right: impl Fn(&Value)) {
    let (sandbox, place) = sale();
    let boto = sandbox.boto();
    let whole = place.start(asked);
    let tasks = running(&boto, 3);
    tasks.iter().for_each(is_right);
    let agents: Vec<(String, (Setpoint, Running))> = tasks
        .iter()
        .map(|it| {
            let arn = it["taskArn"].as_str().unwrap_or_default().to_owned();
            (arn, agent(&sandbox, &boto, it))
        })
        .collect();
    let mut done = 0;
    for (arn, (_place, agent)) in agents {
        let ended = agent.wait().exits(0);
        assert!(ended.stdout.lines().all(|it| it.len() < 16 * 1024));
        log(&boto, &arn, &ended.stdout);
        let stop = json!({ "cluster": "flash-sale-cluster", "task": arn });
        boto.expect("ecs", "stop_task", stop);
        done += 1;
    }
    assert_eq!(done, 3);
    let outcome = whole.wait().exits(0).json();
    let total = &outcome["total"];
    assert_eq!(
        (&total["asked"], &total["done"]),
        (&json!(180), &json!(180))
    );
    assert_eq!(
        (&total["errors"], &total["dropped"]),
        (&json!(0), &json!(0))
    );
    assert_eq!(total["latency"]["count"], 180);
    // All began together: the seconds are full from the first to the last.
    let seconds = outcome["seconds"].as_array().cloned().unwrap_or_default();
    let asked: Vec<u64> = seconds
        .iter()
        .filter_map(|it| it["asked"].as_u64())
        .collect();
    assert_eq!(asked[..2], [90, 90]);
    let statuses: BTreeMap<String, u64> =
        serde_json::from_value(total["endpoints"][0]["statuses"].clone()).expect("counts");
    assert_eq!(statuses, BTreeMap::from([("200".to_owned(), 180)]));
    nothing_is_left(&boto, &place);
}

/// Neither of what was made for the load, nor changed of the stack.
#[track_caller]
fn nothing_is_left(boto: &Boto, place: &Setpoint) {
    place.run(&["plan", "--detailed-exitcode"]).exits(0);
    let groups = json!({ "logGroupNamePrefix": "/setpoint/load" });
    let groups = boto.expect("logs", "describe_log_groups", groups);
    assert_eq!(groups["logGroups"], json!([]));
    let families = json!({ "familyPrefix": FAMILY, "status": "ACTIVE" });
    let families = boto.expect("ecs", "list_task_definition_families", families);
    assert_eq!(families["families"], json!([]));
    let roles = json!({ "PathPrefix": "/setpoint/flash-sale-load/" });
    assert_eq!(boto.expect("iam", "list_roles", roles)["Roles"], json!([]));
}

#[test]
fn whoever_stops_it_stops_the_tasks_and_takes_everything_away() {
    let (sandbox, place) = sale();
    let boto = sandbox.boto();
    let all = [
        &ON_ECS[..],
        &["--runner-memory", "128", "--lead", "1h", "--yes"],
    ]
    .concat();
    let whole = place.start(&all);
    let tasks = running(&boto, 3);
    whole.interrupt();
    whole.wait().exits(130);
    let arns: Vec<&Value> = tasks.iter().map(|it| &it["taskArn"]).collect();
    let asked = json!({ "cluster": "flash-sale-cluster", "tasks": arns });
    let tasks = boto.expect("ecs", "describe_tasks", asked)["tasks"].clone();
    let tasks = tasks.as_array().cloned().unwrap_or_default();
    assert!(
        tasks.iter().all(|it| it["desiredStatus"] == "STOPPED"),
        "{tasks:#?}"
    );
    nothing_is_left(&boto, &place);

    // Nobody is there to ask; and what AWS refuses leaves nothing either.
    let asked = place.run(&ON_ECS).exits(1);
    assert!(
        asked.stderr.contains("no terminal to ask on"),
        "{}",
        asked.stderr
    );
    // A size that Fargate does not offer.
    let refused = place.run(&on_fargate("300", "--yes")).exits(1);
    assert!(
        refused.stderr.contains("No Fargate configuration exists"),
        "{}",
        refused.stderr
    );
    let elsewhere = "--runner-subnets=tag:Name=nowhere";
    let refused = place.run(&[&ON_ECS[..], &[elsewhere]].concat()).exits(1);
    assert!(
        refused
            .stderr
            .contains("--runner-subnets is for --on fargate"),
        "{}",
        refused.stderr
    );
    let refused = place.run(&on_fargate("256", elsewhere)).exits(1);
    assert!(
        refused
            .stderr
            .contains("there are none by `tag:Name=nowhere`"),
        "{}",
        refused.stderr
    );
    nothing_is_left(&boto, &place);
}

//! What RegisterTaskDefinition refuses.

use super::{container, merge, register, task, words};
use crate::service::ecs::tests::world;
use serde_json::{Value, json};

#[test]
fn what_a_container_needs_is_checked() {
    let mut none = task(json!({}));
    none["containerDefinitions"][0]
        .as_object_mut()
        .unwrap()
        .remove("memory");
    assert_eq!(
        words(none),
        "Invalid setting for container 'web'. At least one of 'memory' or 'memoryReservation' \
         must be specified."
    );
    assert!(words(task(json!({ "memoryReservation": 256 }))).contains("greater than"));
    assert!(words(task(json!({ "memory": 4 }))).contains("6 MiB"));
    assert!(words(task(json!({ "essential": false }))).contains("essential"));
    assert!(words(task(json!({ "name": "a b" }))).contains("invalid characters"));
    let mount = json!({ "mountPoints": [{ "sourceVolume": "no", "containerPath": "/x" }] });
    assert_eq!(words(task(mount)), "Unknown volume 'no'.");
    let secret = json!({ "secrets": [{ "name": "A", "valueFrom": "a" }] });
    assert!(words(task(secret)).contains("'executionRoleArn'"));
    let logs = json!({ "logConfiguration": { "logDriver": "awslogs" } });
    assert!(words(task(logs)).starts_with("Log driver awslogs requires options"));
    let depends = json!({ "dependsOn": [{ "containerName": "no", "condition": "START" }] });
    assert!(words(task(depends)).contains("unknown container 'no'"));
    let mut twice = task(json!({}));
    twice["containerDefinitions"]
        .as_array_mut()
        .unwrap()
        .push(container());
    assert!(words(twice).contains("Duplicate"));
    let mut none = task(json!({}));
    none["containerDefinitions"] = json!([]);
    assert_eq!(words(none), "Container list cannot be empty.");
}

#[test]
fn containers_that_wait_for_each_other_are_refused() {
    let waits = |name: &str, on: &str| {
        json!({
            "name": name,
            "image": "i",
            "memory": 64,
            "dependsOn": [{ "containerName": on, "condition": "START" }],
        })
    };
    let mut asked = task(json!({}));
    asked["containerDefinitions"] = json!([waits("a", "b"), waits("b", "a")]);
    assert!(words(asked).contains("cycle"));
}

#[test]
fn ports_follow_the_network_mode() {
    let with = |mode: &str, ports: Value| {
        let mut asked = task(json!({ "portMappings": ports }));
        asked["networkMode"] = json!(mode);
        asked
    };
    let apart = json!([{ "containerPort": 80, "hostPort": 8080 }]);
    assert_eq!(
        words(with("awsvpc", apart.clone())),
        "When networkMode=awsvpc, the host ports and container ports in port mappings must match."
    );
    assert!(words(with("host", apart.clone())).contains("must match"));
    assert!(words(with("none", apart.clone())).contains("networkMode=none"));
    register(&mut world(), with("bridge", apart));
    let twice = json!([
        { "containerPort": 80, "hostPort": 8080 },
        { "containerPort": 81, "hostPort": 8080 },
    ]);
    assert!(words(with("bridge", twice)).contains("8080"));
    let linked = |to: &str, mode: &str| {
        let mut asked = task(json!({ "links": [to] }));
        asked["networkMode"] = json!(mode);
        let side = json!({ "name": "side", "image": "side", "memory": 64 });
        asked["containerDefinitions"]
            .as_array_mut()
            .unwrap()
            .push(side);
        asked
    };
    assert_eq!(words(linked("web", "bridge")), "Unknown container 'web'.");
    assert!(words(linked("side", "host")).contains("networkMode=host"));
    register(&mut world(), linked("side:db", "bridge"));
}

#[test]
fn fargate_takes_only_its_sizes() {
    let with = |more: Value| {
        let mut asked = task(json!({}));
        asked["requiresCompatibilities"] = json!(["FARGATE"]);
        merge(&mut asked, more);
        asked
    };
    assert!(words(with(json!({}))).contains("network mode 'awsvpc'"));
    let awsvpc = |cpu: &str, memory: &str| {
        with(json!({ "networkMode": "awsvpc", "cpu": cpu, "memory": memory }))
    };
    assert!(
        words(awsvpc("256", "4096"))
            .starts_with("No Fargate configuration exists for given values: 256 CPU, 4096 memory.")
    );
    let shown = register(&mut world(), awsvpc("1 vcpu", "3GB"));
    assert_eq!(shown["memory"], "3072");
    let mut odd = task(json!({}));
    odd["cpu"] = json!("much");
    assert_eq!(words(odd), "Invalid 'cpu' setting for task.");
}

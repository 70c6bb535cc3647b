mod refusing;

use crate::{
    World,
    service::ecs::{
        definition,
        tests::{ok, pass, refused, world},
    },
};
use serde_json::{Value, json};

fn container() -> Value {
    json!({ "name": "web", "image": "nginx:1.27", "memory": 128 })
}

/// A task of one container that has `more`.
fn task(more: Value) -> Value {
    let mut container = container();
    merge(&mut container, more);
    json!({ "family": "web", "containerDefinitions": [container] })
}

fn merge(into: &mut Value, more: Value) {
    for (member, value) in more.as_object().expect("an object") {
        into[member] = value.clone();
    }
}

fn register(world: &mut World, task: Value) -> Value {
    ok(world, "RegisterTaskDefinition", task)["taskDefinition"].clone()
}

/// Registers a task that is to be refused with ClientException: the words.
fn words(task: Value) -> String {
    let (code, words) = refused(&mut world(), "RegisterTaskDefinition", task);
    assert_eq!(code, "ClientException", "{words}");
    words
}

#[test]
fn what_nobody_said_is_filled_in() {
    let mut world = world();
    let asked = task(json!({
        "portMappings": [{ "containerPort": 80 }],
        "healthCheck": { "command": ["CMD-SHELL", "true"] },
    }));
    let shown = register(&mut world, asked);
    assert_eq!(
        shown,
        json!({
            "taskDefinitionArn": "arn:aws:ecs:us-east-1:123456789012:task-definition/web:1",
            "family": "web",
            "revision": 1,
            "status": "ACTIVE",
            "registeredAt": 1_795_737_600,
            "registeredBy": "arn:aws:iam::123456789012:user/alice",
            "containerDefinitions": [{
                "name": "web",
                "image": "nginx:1.27",
                "cpu": 0,
                "memory": 128,
                "essential": true,
                "environment": [],
                "mountPoints": [],
                "volumesFrom": [],
                "systemControls": [],
                "portMappings": [{ "containerPort": 80, "hostPort": 0, "protocol": "tcp" }],
                "healthCheck": {
                    "command": ["CMD-SHELL", "true"],
                    "interval": 30,
                    "timeout": 5,
                    "retries": 3,
                },
            }],
            "volumes": [],
            "placementConstraints": [],
            "enableFaultInjection": false,
            "requiresAttributes": [
                { "name": "com.amazonaws.ecs.capability.docker-remote-api.1.18" },
                { "name": "com.amazonaws.ecs.capability.docker-remote-api.1.29" },
                { "name": "ecs.capability.container-health-check" },
            ],
            "compatibilities": ["EXTERNAL", "EC2"],
        })
    );
}

#[test]
fn sizes_become_whole_numbers_as_texts_and_what_is_needed_is_listed() {
    let mut world = world();
    let mut asked = task(json!({
        "image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/web:1",
        "portMappings": [{ "containerPort": 80 }],
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": { "awslogs-group": "/web", "awslogs-region": "us-east-1" },
        },
    }));
    merge(
        &mut asked,
        json!({
            "networkMode": "awsvpc",
            "cpu": ".25 vCPU",
            "memory": "1 GB",
            "taskRoleArn": "arn:aws:iam::123456789012:role/task",
            "executionRoleArn": "arn:aws:iam::123456789012:role/execution",
            "requiresCompatibilities": ["EC2", "FARGATE"],
        }),
    );
    let shown = register(&mut world, asked);
    assert_eq!(shown["cpu"], "256");
    assert_eq!(shown["memory"], "1024");
    assert_eq!(
        shown["containerDefinitions"][0]["portMappings"][0]["hostPort"],
        80
    );
    assert_eq!(
        shown["compatibilities"],
        json!(["EC2", "FARGATE", "MANAGED_INSTANCES"])
    );
    let attributes = shown["requiresAttributes"].as_array().unwrap();
    let names: Vec<&str> = attributes
        .iter()
        .filter_map(|it| it["name"].as_str())
        .collect();
    for name in [
        "com.amazonaws.ecs.capability.ecr-auth",
        "com.amazonaws.ecs.capability.logging-driver.awslogs",
        "com.amazonaws.ecs.capability.task-iam-role",
        "ecs.capability.execution-role-awslogs",
        "ecs.capability.execution-role-ecr-pull",
        "ecs.capability.task-eni",
    ] {
        assert!(names.contains(&name), "{name} in {names:?}");
    }
    let found = definition::find(&world, "web").unwrap();
    assert_eq!(definition::need(found, &json!({})), (256, 1024));
}

#[test]
fn what_a_task_needs_is_its_own_or_what_its_containers_reserve() {
    let mut world = world();
    let mut asked = task(json!({ "cpu": 256, "memory": 512 }));
    let second = json!({
        "name": "side",
        "image": "side",
        "cpu": 10,
        "memory": 512,
        "memoryReservation": 64,
        "essential": false,
    });
    asked["containerDefinitions"]
        .as_array_mut()
        .unwrap()
        .push(second);
    register(&mut world, asked);
    let found = definition::find(&world, "web").unwrap();
    assert_eq!(definition::need(found, &Value::Null), (266, 576));
    let told = json!({ "containerOverrides": [{ "name": "web", "cpu": 100 }, { "name": "side" }] });
    assert_eq!(definition::need(found, &told), (110, 576));
    assert_eq!(
        definition::need(found, &json!({ "cpu": "512" })),
        (512, 576)
    );
}

#[test]
fn every_registration_is_a_revision_and_none_comes_back() {
    let mut world = world();
    for revision in 1..=3 {
        assert_eq!(register(&mut world, task(json!({})))["revision"], revision);
    }
    let retire = json!({ "taskDefinition": "web:3" });
    let retired = ok(&mut world, "DeregisterTaskDefinition", retire);
    assert_eq!(retired["taskDefinition"]["status"], "INACTIVE");
    assert!(retired["taskDefinition"]["deregisteredAt"].is_number());
    let family = json!({ "taskDefinition": "web" });
    let latest = ok(&mut world, "DescribeTaskDefinition", family);
    assert_eq!(latest["taskDefinition"]["revision"], 2);
    let asked = json!({ "taskDefinitions": ["web:3", "web:2", "web:9"] });
    let deleted = ok(&mut world, "DeleteTaskDefinitions", asked);
    assert_eq!(
        deleted["taskDefinitions"][0]["status"],
        "DELETE_IN_PROGRESS"
    );
    assert_eq!(deleted["failures"][0]["arn"], "web:2");
    assert_eq!(deleted["failures"][1]["arn"], "web:9");
    pass(&mut world, 60);
    let third = json!({ "taskDefinition": "web:3" });
    let missing = (
        "ClientException".into(),
        "Unable to describe task definition.".into(),
    );
    assert_eq!(
        refused(&mut world, "DescribeTaskDefinition", third),
        missing
    );
    assert_eq!(register(&mut world, task(json!({})))["revision"], 4);
}

#[test]
fn revisions_and_families_are_listed_by_number_and_status() {
    let mut world = world();
    for _ in 0..11 {
        register(&mut world, task(json!({})));
    }
    let mut other = task(json!({}));
    other["family"] = json!("web-2");
    register(&mut world, other);
    ok(
        &mut world,
        "DeregisterTaskDefinition",
        json!({ "taskDefinition": "web-2:1" }),
    );
    let asked = json!({ "familyPrefix": "web", "sort": "DESC", "maxResults": 2 });
    let listed = ok(&mut world, "ListTaskDefinitions", asked);
    let arn = |it: &str| format!("arn:aws:ecs:us-east-1:123456789012:task-definition/{it}");
    assert_eq!(
        listed["taskDefinitionArns"],
        json!([arn("web:11"), arn("web:10")])
    );
    let asked = json!({ "status": "INACTIVE" });
    let listed = ok(&mut world, "ListTaskDefinitions", asked);
    assert_eq!(listed["taskDefinitionArns"], json!([arn("web-2:1")]));
    let all = ok(
        &mut world,
        "ListTaskDefinitionFamilies",
        json!({ "familyPrefix": "we" }),
    );
    assert_eq!(all["families"], json!(["web", "web-2"]));
    let active = ok(
        &mut world,
        "ListTaskDefinitionFamilies",
        json!({ "status": "ACTIVE" }),
    );
    assert_eq!(active["families"], json!(["web"]));
}

#[test]
fn tags_are_shown_where_they_are_asked_for_and_an_inactive_revision_takes_none() {
    let mut world = world();
    let mut asked = task(json!({}));
    asked["tags"] = json!([{ "key": "a", "value": "1" }]);
    let made = ok(&mut world, "RegisterTaskDefinition", asked);
    assert_eq!(made["tags"], json!([{ "key": "a", "value": "1" }]));
    let shown = ok(
        &mut world,
        "DescribeTaskDefinition",
        json!({ "taskDefinition": "web" }),
    );
    assert!(shown.get("tags").is_none());
    let asked = json!({ "taskDefinition": "web:1", "include": ["TAGS"] });
    let shown = ok(&mut world, "DescribeTaskDefinition", asked);
    assert_eq!(shown["tags"], made["tags"]);
    ok(
        &mut world,
        "DeregisterTaskDefinition",
        json!({ "taskDefinition": "web:1" }),
    );
    let arn = &made["taskDefinition"]["taskDefinitionArn"];
    let asked = json!({ "resourceArn": arn, "tags": [{ "key": "b", "value": "" }] });
    let (code, words) = refused(&mut world, "TagResource", asked);
    assert_eq!(code, "InvalidParameterException");
    assert!(words.contains("task definition is inactive"), "{words}");
}

#[test]
fn volumes_without_a_kind_are_the_hosts() {
    let mut asked = task(json!({
        "mountPoints": [{ "sourceVolume": "data", "containerPath": "/data" }],
    }));
    asked["volumes"] = json!([{ "name": "data" }]);
    let shown = register(&mut world(), asked);
    assert_eq!(shown["volumes"], json!([{ "name": "data", "host": {} }]));
}

#[test]
fn a_caller_needs_to_pass_the_roles_and_to_tag() {
    let world = world();
    let mut asked = task(json!({ "privileged": true }));
    merge(
        &mut asked,
        json!({
            "taskRoleArn": "task",
            "executionRoleArn": "arn:aws:iam::123456789012:role/execution",
            "tags": [{ "key": "a", "value": "1" }],
        }),
    );
    let Value::Object(members) = asked else {
        unreachable!("a task is an object");
    };
    let input = crate::Input {
        service: "ecs".into(),
        action: "RegisterTaskDefinition".into(),
        members,
        ..crate::Input::default()
    };
    let action = crate::service::action("ecs", "RegisterTaskDefinition").unwrap();
    let grants = (action.needs)(&world, &input);
    let named: Vec<_> = grants
        .iter()
        .map(|it| (it.action.as_str(), it.resource.as_str()))
        .collect();
    let arn = "arn:aws:ecs:us-east-1:123456789012:task-definition/web:*";
    assert_eq!(
        named,
        [
            ("", arn),
            ("iam:PassRole", "arn:aws:iam::123456789012:role/task"),
            ("iam:PassRole", "arn:aws:iam::123456789012:role/execution"),
            ("ecs:TagResource", arn),
        ]
    );
    assert_eq!(grants[0].context["ecs:privileged"], ["true"]);
    assert_eq!(grants[0].context["aws:RequestTag/a"], ["1"]);
    assert_eq!(
        grants[1].context["iam:PassedToService"],
        ["ecs-tasks.amazonaws.com"]
    );
    assert_eq!(
        grants[3].context["ecs:CreateAction"],
        ["RegisterTaskDefinition"]
    );
}

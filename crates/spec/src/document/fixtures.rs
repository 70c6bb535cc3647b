//! Documents as they are written, beside what AWS shows of them.

mod complaints;

use serde_json::{Value, json};

use super::DocumentKind::{self, Service, TaskDefinition};
use super::{check, normalise};

#[track_caller]
fn same(kind: DocumentKind, written: Value, shown: Value) {
    assert_eq!(normalise(kind, written), normalise(kind, shown));
}

#[track_caller]
fn differ(kind: DocumentKind, one: Value, other: Value) {
    assert_ne!(normalise(kind, one), normalise(kind, other));
}

/// A task definition with one container of these members.
fn container(members: Value) -> Value {
    let mut container = json!({"name": "web", "image": "nginx"});
    extend(&mut container, members);
    json!({"family": "web", "containerDefinitions": [container]})
}

fn with(mut document: Value, members: Value) -> Value {
    extend(&mut document, members);
    document
}

fn extend(document: &mut Value, members: Value) {
    if let (Value::Object(document), Value::Object(members)) = (document, members) {
        document.extend(members);
    }
}

fn tutorial() -> Value {
    json!({
        "family": "fresh-sale-task",
        "containerDefinitions": [{
            "cpu": 256,
            "environment": [],
            "essential": true,
            "image": "1.dkr.ecr.us-east-1.amazonaws.com/flash-sale-webapp:latest",
            "logConfiguration": {
                "logDriver": "awslogs",
                "options": {
                    "awslogs-group": "/ecs/flash-sale-webapp",
                    "awslogs-region": "us-east-1",
                    "awslogs-stream-prefix": "ecs",
                },
            },
            "memory": 512,
            "mountPoints": [],
            "name": "web-container",
            "portMappings": [{"containerPort": 80, "hostPort": 0, "protocol": "tcp"}],
            "systemControls": [],
            "volumesFrom": [],
        }],
        "executionRoleArn": "arn:aws:iam::1:role/ecsTaskExecutionRole",
        "networkMode": "bridge",
        "volumes": [],
        "placementConstraints": [],
        "requiresCompatibilities": ["EC2"],
        "cpu": "256",
        "memory": "512",
    })
}

#[test]
fn the_tutorial_pastes_in_and_is_what_aws_shows_of_it() {
    assert_eq!(check(TaskDefinition, &tutorial()), []);
    let mut shown = with(
        tutorial(),
        json!({
            "taskDefinitionArn": "arn:aws:ecs:us-east-1:1:task-definition/fresh-sale-task:7",
            "revision": 7,
            "status": "ACTIVE",
            "requiresAttributes": [{"name": "com.amazonaws.ecs.capability.docker-remote-api.1.21"}],
            "compatibilities": ["EXTERNAL", "EC2", "MANAGED_INSTANCES"],
            "registeredAt": 1_763_900_000.123,
            "registeredBy": "arn:aws:iam::1:user/someone",
            "enableFaultInjection": false,
            "networkMode": null,
            "inferenceAccelerators": [],
            "tags": [],
        }),
    );
    extend(
        &mut shown["containerDefinitions"][0],
        json!({
            "links": [],
            "dependsOn": [],
            "dnsServers": [],
            "dockerLabels": {},
            "versionConsistency": "enabled",
            "readonlyRootFilesystem": false,
            "someMemberOfNextYear": {"enabled": true},
        }),
    );
    shown["containerDefinitions"][0]["logConfiguration"]["secretOptions"] = json!([]);
    same(TaskDefinition, tutorial(), shown);
}

#[test]
fn the_tutorial_is_short_in_a_plan() {
    assert_eq!(
        normalise(TaskDefinition, tutorial()),
        json!({
            "family": "fresh-sale-task",
            "containerDefinitions": [{
                "cpu": 256,
                "image": "1.dkr.ecr.us-east-1.amazonaws.com/flash-sale-webapp:latest",
                "logConfiguration": {
                    "logDriver": "awslogs",
                    "options": {
                        "awslogs-group": "/ecs/flash-sale-webapp",
                        "awslogs-region": "us-east-1",
                        "awslogs-stream-prefix": "ecs",
                    },
                },
                "memory": 512,
                "name": "web-container",
                "portMappings": [{"containerPort": 80}],
            }],
            "executionRoleArn": "arn:aws:iam::1:role/ecsTaskExecutionRole",
            "requiresCompatibilities": ["EC2"],
            "cpu": "256",
            "memory": "512",
        })
    );
}

#[test]
fn a_service_is_what_aws_shows_of_it() {
    let written = json!({
        "serviceName": "web",
        "taskDefinition": "web:7",
        "desiredCount": 1,
        "placementStrategy": [
            {"type": "spread", "field": "host"}, {"type": "binpack", "field": "memory"},
        ],
        "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["b", "a"]}},
        "serviceConnectConfiguration": {"enabled": true, "namespace": "shop"},
    });
    assert_eq!(check(Service, &written), []);
    same(
        Service,
        written,
        json!({
            "serviceArn": "arn:aws:ecs:us-east-1:1:service/shop/web",
            "serviceName": "web",
            "clusterArn": "arn:aws:ecs:us-east-1:1:cluster/shop",
            "roleArn": "arn:aws:iam::1:role/aws-service-role/ecs",
            "status": "ACTIVE",
            "taskDefinition": "web:7",
            "desiredCount": 1, "runningCount": 1, "pendingCount": 0,
            "schedulingStrategy": "REPLICA",
            "deploymentController": {"type": "ECS"},
            "deploymentConfiguration": {
                "deploymentCircuitBreaker": {"enable": false, "rollback": false},
                "alarms": {"alarmNames": [], "enable": false, "rollback": false},
                "maximumPercent": 200, "minimumHealthyPercent": 100,
                "strategy": "ROLLING", "bakeTimeInMinutes": 0,
            },
            "deployments": [
                {"status": "ACTIVE", "serviceConnectConfiguration": {"enabled": true, "namespace": "old"}},
                {"status": "PRIMARY", "serviceConnectConfiguration": {"enabled": true, "namespace": "shop"}},
            ],
            "events": [{"id": "1", "message": "has reached a steady state."}],
            "healthCheckGracePeriodSeconds": 0,
            "enableECSManagedTags": false, "enableExecuteCommand": false, "propagateTags": "NONE",
            "platformVersion": "LATEST",
            "placementStrategy": [
                {"type": "spread", "field": "instanceId"}, {"type": "binpack", "field": "MEMORY"},
            ],
            "placementConstraints": [], "loadBalancers": [], "serviceRegistries": [],
            "networkConfiguration": {"awsvpcConfiguration": {
                "subnets": ["a", "b"], "securityGroups": [], "assignPublicIp": "DISABLED",
            }},
        }),
    );
}

#[test]
fn fargate_has_its_network_mode_written_because_aws_refuses_its_absence() {
    let written = with(
        container(json!({})),
        json!({"requiresCompatibilities": ["FARGATE"]}),
    );
    assert_eq!(normalise(TaskDefinition, written)["networkMode"], "awsvpc");
}

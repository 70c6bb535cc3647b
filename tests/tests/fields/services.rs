//! Services.

use crate::row::{Behind, call, row, tags};
use crate::table::Table;
use serde_json::{Value, json};
use setpoint_tests::Boto;

fn service(boto: &Boto, name: &str) -> Value {
    let named = json!({"cluster": "shop", "services": [name], "include": ["TAGS"]});
    let mut shown = boto.expect("ecs", "describe_services", named)["services"][0].take();
    shown["tags"] = tags(&shown["tags"]);
    let members = shown.as_object_mut().expect("it is there");
    for of_one_deployment in [
        "deployments",
        "events",
        "currentServiceDeployment",
        "currentServiceRevisions",
    ] {
        members.remove(of_one_deployment);
    }
    shown
}

fn update(member: &str, value: Value) -> Behind {
    let mut arguments = json!({"cluster": "shop", "service": "NAME"});
    arguments[member] = value;
    call("ecs", "update_service", arguments)
}

/// Another strategy, which AWS takes only with a new deployment.
fn strategy(items: Value) -> Behind {
    call(
        "ecs",
        "update_service",
        json!({"cluster": "shop", "service": "NAME", "forceNewDeployment": true,
               "capacityProviderStrategy": items}),
    )
}

#[test]
fn each_field_of_a_service_is_planned_applied_and_held() {
    let arn = "arn:aws:ecs:us-east-1:ACCOUNT:service/shop/NAME";
    let breaker = |enable: bool, rollback: bool| {
        json!({"maximumPercent": 150, "minimumHealthyPercent": 50,
               "deploymentCircuitBreaker": {"enable": enable, "rollback": rollback}})
    };
    let percents = |most: i32, least: i32| {
        json!({"maximumPercent": most, "minimumHealthyPercent": least,
               "deploymentCircuitBreaker": {"enable": true, "rollback": true}})
    };
    Table {
        kind: "service",
        shared: &[
            (
                "clusters",
                "  shop: { capacityProviders: [FARGATE, FARGATE_SPOT] }\n",
            ),
            (
                "taskDefinitions",
                "  first: { containerDefinitions: [{ name: web, image: nginx, memory: 64 }] }
  second: { containerDefinitions: [{ name: web, image: nginx, memory: 128 }] }
",
            ),
        ],
        each: &[(
            "services",
            "  NAME:
    cluster: shop
    taskDefinition: first
    desiredCount: 1
    capacityProviderStrategy: [{ capacityProvider: FARGATE, base: 0, weight: 1 }]
    deploymentConfiguration:
      maximumPercent: 150  # setpoint: allow SP111 nothing is deployed here
      minimumHealthyPercent: 50
      deploymentCircuitBreaker: { enable: true, rollback: true }
    placementStrategy: [{ type: spread, field: host }]
    placementConstraints: []
    healthCheckGracePeriodSeconds: 0
    enableECSManagedTags: false
    propagateTags: NONE
    enableExecuteCommand: false
    availabilityZoneRebalancing: DISABLED
    tags: { color: blue }
",
        )],
        follower: None,
        show: service,
        rows: vec![
            row(
                "desiredCount",
                ("desiredCount: 1", "desiredCount: 2"),
                ("/desiredCount", json!(2)),
                update("desiredCount", json!(3)),
            ),
            row(
                "taskDefinition",
                ("taskDefinition: first", "taskDefinition: second"),
                (
                    "/taskDefinition",
                    json!("arn:aws:ecs:us-east-1:ACCOUNT:task-definition/second:1"),
                ),
                update("taskDefinition", json!("first:1")),
            ),
            row(
                "capacityProviderStrategy[FARGATE].weight",
                ("weight: 1", "weight: 2"),
                ("/capacityProviderStrategy/0/weight", json!(2)),
                strategy(json!([{"capacityProvider": "FARGATE", "weight": 3}])),
            ),
            row(
                "capacityProviderStrategy[FARGATE_SPOT]",
                (
                    "weight: 1 }",
                    "weight: 1 }, { capacityProvider: FARGATE_SPOT, weight: 4 }",
                ),
                ("/capacityProviderStrategy/1/weight", json!(4)),
                strategy(json!([{"capacityProvider": "FARGATE", "weight": 1}])),
            ),
            row(
                "deploymentConfiguration.maximumPercent",
                ("maximumPercent: 150", "maximumPercent: 200"),
                ("/deploymentConfiguration/maximumPercent", json!(200)),
                update("deploymentConfiguration", percents(175, 50)),
            ),
            row(
                "deploymentConfiguration.minimumHealthyPercent",
                ("minimumHealthyPercent: 50", "minimumHealthyPercent: 100"),
                ("/deploymentConfiguration/minimumHealthyPercent", json!(100)),
                update("deploymentConfiguration", percents(150, 25)),
            ),
            row(
                "deploymentConfiguration.deploymentCircuitBreaker.rollback",
                ("rollback: true", "rollback: false"),
                (
                    "/deploymentConfiguration/deploymentCircuitBreaker/rollback",
                    json!(false),
                ),
                update("deploymentConfiguration", breaker(true, true)),
            ),
            row(
                "deploymentConfiguration.deploymentCircuitBreaker",
                (
                    "      deploymentCircuitBreaker: { enable: true, rollback: true }\n",
                    "",
                ),
                (
                    "/deploymentConfiguration/deploymentCircuitBreaker/enable",
                    json!(false),
                ),
                update("deploymentConfiguration", breaker(true, false)),
            ),
            row(
                "placementStrategy",
                (
                    "[{ type: spread, field: host }]",
                    "[{ type: binpack, field: memory }]",
                ),
                (
                    "/placementStrategy",
                    json!([{"type": "binpack", "field": "MEMORY"}]),
                ),
                update("placementStrategy", json!([{"type": "random"}])),
            ),
            row(
                "placementConstraints",
                (
                    "placementConstraints: []",
                    "placementConstraints: [{ type: distinctInstance }]",
                ),
                ("/placementConstraints/0/type", json!("distinctInstance")),
                update("placementConstraints", json!([])),
            ),
            row(
                "healthCheckGracePeriodSeconds",
                (
                    "healthCheckGracePeriodSeconds: 0",
                    "healthCheckGracePeriodSeconds: 30",
                ),
                ("/healthCheckGracePeriodSeconds", json!(30)),
                update("healthCheckGracePeriodSeconds", json!(60)),
            ),
            row(
                "enableECSManagedTags",
                ("enableECSManagedTags: false", "enableECSManagedTags: true"),
                ("/enableECSManagedTags", json!(true)),
                update("enableECSManagedTags", json!(false)),
            ),
            row(
                "propagateTags",
                ("propagateTags: NONE", "propagateTags: SERVICE"),
                ("/propagateTags", json!("SERVICE")),
                update("propagateTags", json!("TASK_DEFINITION")),
            ),
            row(
                "enableExecuteCommand",
                ("enableExecuteCommand: false", "enableExecuteCommand: true"),
                ("/enableExecuteCommand", json!(true)),
                update("enableExecuteCommand", json!(false)),
            ),
            row(
                "availabilityZoneRebalancing",
                (
                    "availabilityZoneRebalancing: DISABLED",
                    "availabilityZoneRebalancing: ENABLED",
                ),
                ("/availabilityZoneRebalancing", json!("ENABLED")),
                update("availabilityZoneRebalancing", json!("DISABLED")),
            ),
            row(
                "tags.color",
                ("color: blue", "color: green"),
                ("/tags/color", json!("green")),
                call(
                    "ecs",
                    "untag_resource",
                    json!({"resourceArn": arn, "tagKeys": ["color"]}),
                ),
            ),
        ],
    }
    .check();
}

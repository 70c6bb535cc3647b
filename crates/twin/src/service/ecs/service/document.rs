//! What is written of a service: its members, and what AWS fills in.

use crate::Input;
use serde_json::{Map, Value, json};

/// The members that DescribeServices shows as they were written or filled in.
pub(super) const SHOWN: [&str; 18] = [
    "loadBalancers",
    "serviceRegistries",
    "launchType",
    "capacityProviderStrategy",
    "platformVersion",
    "deploymentConfiguration",
    "roleArn",
    "placementConstraints",
    "placementStrategy",
    "networkConfiguration",
    "healthCheckGracePeriodSeconds",
    "schedulingStrategy",
    "deploymentController",
    "createdBy",
    "enableECSManagedTags",
    "propagateTags",
    "enableExecuteCommand",
    "availabilityZoneRebalancing",
];

/// The members that a service revision holds: a change of one of them is a deployment.
pub(in crate::service::ecs) const PER_REVISION: [&str; 11] = [
    "capacityProviderStrategy",
    "launchType",
    "platformVersion",
    "loadBalancers",
    "serviceRegistries",
    "networkConfiguration",
    "serviceConnectConfiguration",
    "volumeConfigurations",
    "vpcLatticeConfigurations",
    "gatewayConnectors",
    "monitoring",
];

/// Copies those members that are there.
pub(in crate::service::ecs) fn copy(from: &Value, to: &mut Value, members: &[&str]) {
    for member in members {
        if let Some(value) = from.get(*member) {
            to[*member] = value.clone();
        }
    }
}

/// A new service's document: what the request writes, and AWS's defaults for the rest.
pub(super) fn fill(input: &Input) -> Value {
    let daemon = input.text("schedulingStrategy") == "DAEMON";
    let mut document = json!({
        "loadBalancers": [],
        "serviceRegistries": [],
        "placementConstraints": [],
        "placementStrategy": [],
        "healthCheckGracePeriodSeconds": 0,
        "schedulingStrategy": "REPLICA",
        "deploymentController": {"type": "ECS"},
        "enableECSManagedTags": false,
        "propagateTags": "NONE",
        "enableExecuteCommand": false,
    });
    let written = Value::Object(input.members.clone());
    copy(&written, &mut document, &SHOWN);
    copy(&written, &mut document, &PER_REVISION);
    document["placementStrategy"] = strategy(input.list("placementStrategy"));
    document["deploymentConfiguration"] =
        deployment_configuration(&json!({}), input.get("deploymentConfiguration"), daemon);
    document
}

/// A deployment configuration with what is written laid over what was, and the defaults.
pub(super) fn deployment_configuration(
    before: &Value,
    written: Option<&Value>,
    daemon: bool,
) -> Value {
    let (most, least) = match daemon {
        true => (100, 0),
        false => (200, 100),
    };
    let mut configuration = json!({
        "deploymentCircuitBreaker": {"enable": false, "rollback": false},
        "maximumPercent": most,
        "minimumHealthyPercent": least,
        "strategy": "ROLLING",
        "bakeTimeInMinutes": 0,
    });
    for layer in [Some(before), written].into_iter().flatten() {
        for (member, value) in layer.as_object().unwrap_or(&Map::new()) {
            configuration[member.as_str()] = value.clone();
        }
    }
    let breaker = &mut configuration["deploymentCircuitBreaker"];
    let defaults = [
        ("resetOnHealthyTask", json!(true)),
        (
            "thresholdConfiguration",
            json!({"type": "BOUNDED_PERCENT", "value": 50}),
        ),
    ];
    for (member, value) in defaults {
        if breaker.get(member).is_none() {
            breaker[member] = value;
        }
    }
    configuration
}

/// Placement strategies as they read back: `host` is `instanceId`, and `cpu` is `CPU`.
pub(super) fn strategy(written: &[Value]) -> Value {
    written
        .iter()
        .map(|item| {
            let mut item = item.clone();
            let field = item["field"].as_str().map(|field| match field {
                "host" => "instanceId".to_owned(),
                _ if item["type"] == "binpack" => field.to_uppercase(),
                _ => field.to_owned(),
            });
            if let Some(field) = field {
                item["field"] = json!(field);
            }
            item
        })
        .collect()
}

//! Tasks that find no instance.

use super::{findings, is_told, of_service, of_target, text};
use crate::sale::{Sale, minutes};
use serde_json::json;

#[tokio::test(start_paused = true)]
async fn a_task_larger_than_every_instance() {
    let sale = Sale::of(&text(&[])).await;
    sale.says(&text(&[
        ("memory: 512", "memory: 4000"),
        ("memory: 512", "memory: 4000"),
    ]))
    .await;
    minutes(5).await;
    is_told(&findings(&sale).await, "task-too-large", &["4000"]);
}

#[tokio::test(start_paused = true)]
async fn a_fixed_port_that_is_taken() {
    let fixed = text(&[
        ("hostPort: 0", "hostPort: 80"),
        ("maxSize: 3", "maxSize: 1"),
    ]);
    let sale = Sale::of(&fixed).await;
    let more = of_target(json!({ "MinCapacity": 2, "MaxCapacity": 3 }));
    sale.does("application-autoscaling", "RegisterScalableTarget", more);
    minutes(5).await;
    let found = findings(&sale).await;
    // One instance is all that the group may have, and its port is what the second task lacks.
    is_told(&found, "group-at-max", &["uses the ports", "80"]);
}

#[tokio::test(start_paused = true)]
async fn a_placement_constraint_that_no_instance_meets() {
    let sale = Sale::of(&text(&[])).await;
    let constraint = json!([{ "type": "memberOf",
        "expression": "attribute:ecs.instance-type == m5.large" }]);
    let update =
        of_service(json!({ "placementConstraints": constraint, "forceNewDeployment": true }));
    sale.does("ecs", "UpdateService", update);
    minutes(5).await;
    is_told(&findings(&sale).await, "constraint-unmet", &["m5.large"]);
}

#[tokio::test(start_paused = true)]
async fn a_launch_type_that_managed_scaling_does_not_see() {
    let sale = Sale::of(&text(&[])).await;
    sale.does(
        "application-autoscaling",
        "DeregisterScalableTarget",
        of_target(json!({})),
    );
    let shown = sale.does(
        "ecs",
        "DescribeServices",
        json!({ "cluster": "flash-sale-cluster",
        "services": ["flash-sale-service"] }),
    );
    let definition = shown["services"][0]["taskDefinition"].clone();
    sale.does("ecs", "DeleteService", of_service(json!({ "force": true })));
    minutes(30).await;
    let make = json!({ "cluster": "flash-sale-cluster", "serviceName": "flash-sale-service",
        "taskDefinition": definition, "desiredCount": 8, "launchType": "EC2" });
    sale.does("ecs", "CreateService", make);
    minutes(10).await;
    is_told(&findings(&sale).await, "launch-type-unseen", &[]);
}

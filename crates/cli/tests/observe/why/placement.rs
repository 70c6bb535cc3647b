//! Tasks that find no instance.

use super::{findings, is_told, of_service, of_target, plain, text};
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

/// The service is to have so many tasks.
fn wants(sale: &Sale, count: u32) {
    let count = of_service(json!({ "desiredCount": count }));
    sale.does("ecs", "UpdateService", count);
}

#[tokio::test(start_paused = true)]
async fn instances_without_enough_memory() {
    let sale = Sale::of(&plain(&[])).await;
    wants(&sale, 5);
    minutes(5).await;
    is_told(
        &findings(&sale).await,
        "not-enough-memory",
        &["autoScalingGroups:", "of 512 MiB free"],
    );
}

#[tokio::test(start_paused = true)]
async fn instances_without_enough_cpu() {
    let small = ("memory: 512", "memory: 64");
    let sale = Sale::of(&plain(&[("cpu: 256", "cpu: 400"), small, small])).await;
    wants(&sale, 3);
    minutes(5).await;
    is_told(
        &findings(&sale).await,
        "not-enough-cpu",
        &["autoScalingGroups:", "224 of 400 CPU units free"],
    );
}

#[tokio::test(start_paused = true)]
async fn a_fixed_port_that_is_taken_on_every_instance() {
    let sale = Sale::of(&plain(&[("hostPort: 0", "hostPort: 80")])).await;
    wants(&sale, 2);
    minutes(5).await;
    is_told(
        &findings(&sale).await,
        "port-taken",
        &["the host port 80", "hostPort: 0"],
    );
}

#[tokio::test(start_paused = true)]
async fn instances_that_all_drain() {
    let sale = Sale::of(&plain(&[])).await;
    let cluster = json!({ "cluster": "flash-sale-cluster" });
    let shown = sale.does("ecs", "ListContainerInstances", cluster);
    let drain = json!({ "cluster": "flash-sale-cluster", "status": "DRAINING",
        "containerInstances": shown["containerInstanceArns"] });
    sale.does("ecs", "UpdateContainerInstancesState", drain);
    wants(&sale, 2);
    minutes(5).await;
    is_told(
        &findings(&sale).await,
        "instances-draining",
        &["is DRAINING", "--status ACTIVE"],
    );
}

#[tokio::test(start_paused = true)]
async fn an_agent_that_does_not_speak_to_ecs() {
    let sale = Sale::of(&plain(&[])).await;
    sale.twin.change(|world| {
        for it in world.ecs.instances.values_mut() {
            it.connected = false;
        }
    });
    wants(&sale, 2);
    minutes(5).await;
    is_told(
        &findings(&sale).await,
        "agent-disconnected",
        &["AGENT", "systemctl restart ecs"],
    );
}

#[tokio::test(start_paused = true)]
async fn a_cluster_without_any_instance() {
    let sale = Sale::of(&plain(&[])).await;
    let none = json!({ "AutoScalingGroupName": "flash-sale-instances", "MinSize": 0,
        "DesiredCapacity": 0 });
    sale.does("autoscaling", "UpdateAutoScalingGroup", none);
    minutes(10).await;
    assert_eq!(
        sale.does(
            "ecs",
            "ListContainerInstances",
            json!({ "cluster": "flash-sale-cluster" })
        )["containerInstanceArns"],
        json!([])
    );
    is_told(&findings(&sale).await, "no-instances", &["minSize: 1"]);
}

//! What the service itself says.

use super::{findings, is_noted, is_told, of_service, of_target, text};
use crate::sale::{Sale, minutes};
use serde_json::json;
use setpoint_observe::why::lines;

#[tokio::test(start_paused = true)]
async fn nothing_is_wrong_with_a_service_that_is_as_it_should_be() {
    let sale = Sale::begun().await;
    minutes(20).await;
    let found = findings(&sale).await;
    is_noted(&found, "at-min");
    let text = lines("flash-sale-service", &found);
    assert_eq!(
        text[0].to_string(),
        "nothing is wrong with flash-sale-service"
    );
}

#[tokio::test(start_paused = true)]
async fn a_service_that_is_to_have_no_tasks() {
    let sale = Sale::of(&text(&[])).await;
    sale.does(
        "application-autoscaling",
        "DeregisterScalableTarget",
        of_target(json!({})),
    );
    sale.does(
        "ecs",
        "UpdateService",
        of_service(json!({ "desiredCount": 0 })),
    );
    minutes(5).await;
    is_told(&findings(&sale).await, "desired-zero", &[]);
}

#[tokio::test(start_paused = true)]
async fn a_service_that_drains_and_is_gone() {
    let sale = Sale::of(&text(&[])).await;
    sale.does("ecs", "DeleteService", of_service(json!({ "force": true })));
    is_told(&findings(&sale).await, "service-draining", &[]);
    minutes(30).await;
    is_told(
        &findings(&sale).await,
        "service-inactive",
        &["setpoint apply"],
    );
}

#[tokio::test(start_paused = true)]
async fn a_task_definition_that_is_deregistered() {
    let sale = Sale::of(&text(&[])).await;
    let revision = json!({ "taskDefinition": "flash-sale-task:1" });
    sale.does("ecs", "DeregisterTaskDefinition", revision);
    minutes(1).await;
    is_told(
        &findings(&sale).await,
        "definition-inactive",
        &["flash-sale-task:1"],
    );
}

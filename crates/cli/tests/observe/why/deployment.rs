//! Deployments that fail, are stuck, or are on their way.

use super::{findings, is_noted, is_told, of_service, text};
use crate::sale::{Sale, minutes};
use serde_json::json;

#[tokio::test(start_paused = true)]
async fn a_breaker_that_went_back() {
    let sale = Sale::begun().await;
    let broken = Sale::text().replacen(
        "        memory: 512\n",
        "        memory: 512\n        command: [\"false\"]\n",
        1,
    );
    sale.says(&broken).await;
    minutes(20).await;
    is_told(
        &findings(&sale).await,
        "crash-loop",
        &["[breaker-rolled-back]"],
    );
}

#[tokio::test(start_paused = true)]
async fn a_breaker_that_gave_up() {
    let rollback = "rollback: true";
    assert!(Sale::text().contains(rollback));
    let without = Sale::text().replacen(rollback, "rollback: false", 1);
    let sale = Sale::of(&without).await;
    let broken = without.replacen(
        "        memory: 512\n",
        "        memory: 512\n        command: [\"false\"]\n",
        1,
    );
    sale.says(&broken).await;
    minutes(20).await;
    is_told(
        &findings(&sale).await,
        "crash-loop",
        &["[breaker-tripped]", "tasks failed to start"],
    );
}

#[tokio::test(start_paused = true)]
async fn percentages_that_let_nothing_start_and_nothing_stop() {
    let sale = Sale::of(&text(&[])).await;
    let stuck = of_service(json!({ "forceNewDeployment": true,
        "availabilityZoneRebalancing": "DISABLED",
        "deploymentConfiguration": { "minimumHealthyPercent": 100, "maximumPercent": 125 } }));
    sale.does("ecs", "UpdateService", stuck);
    minutes(5).await;
    is_told(
        &findings(&sale).await,
        "deployment-stuck",
        &[
            "of 1 tasks, 1 are kept (100 %, rounded up) and 1 allowed (125 %, rounded down)",
            "was unable to stop or start tasks during a deployment",
            "maximumPercent: 200",
        ],
    );
}

#[tokio::test(start_paused = true)]
async fn a_deployment_that_is_on_its_way() {
    let sale = Sale::of(&text(&[])).await;
    let force = of_service(json!({ "forceNewDeployment": true }));
    sale.does("ecs", "UpdateService", force);
    tokio::time::sleep(std::time::Duration::from_secs(20)).await;
    is_noted(&findings(&sale).await, "deployment-running");
}

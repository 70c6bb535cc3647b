//! Tasks that do not get as far as running.

use super::{container, findings, is_noted, is_told, of_service, text};
use crate::sale::{Sale, minutes};
use serde_json::json;

#[tokio::test(start_paused = true)]
async fn an_image_that_is_missing() {
    let sale = Sale::of(&text(&[])).await;
    sale.says(&text(&[("tag: v1", "tag: missing")])).await;
    minutes(3).await;
    is_told(
        &findings(&sale).await,
        "image-missing",
        &["flash-sale-webapp:missing"],
    );
    sale.says(&text(&[])).await;
    minutes(20).await;
    is_noted(&findings(&sale).await, "at-min");
}

#[tokio::test(start_paused = true)]
async fn a_log_group_that_is_missing() {
    let sale = Sale::of(&text(&[])).await;
    let group = json!({ "logGroupName": "/ecs/flash-sale-webapp" });
    sale.does("logs", "DeleteLogGroup", group.clone());
    let force = of_service(json!({ "forceNewDeployment": true }));
    sale.does("ecs", "UpdateService", force);
    minutes(3).await;
    is_told(
        &findings(&sale).await,
        "log-group-missing",
        &["/ecs/flash-sale-webapp"],
    );
    sale.says(&text(&[])).await;
    minutes(30).await;
    is_noted(&findings(&sale).await, "at-min");
}

#[tokio::test(start_paused = true)]
async fn a_role_that_cannot_be_assumed() {
    let sale = Sale::of(&text(&[])).await;
    let trusts = ("[ecs-tasks.amazonaws.com]", "[ecs.amazonaws.com]");
    sale.says(&text(&[trusts, ("tag: v1", "tag: next")])).await;
    minutes(5).await;
    is_told(
        &findings(&sale).await,
        "role-not-assumable",
        &["ecsTaskExecutionRole"],
    );
}

#[tokio::test(start_paused = true)]
async fn a_secret_that_cannot_be_read() {
    let sale = Sale::of(&text(&[])).await;
    let secret = "secrets: [{ name: KEY, valueFrom: \
                  \"arn:aws:ssm:us-east-1:123456789012:parameter/none\" }]";
    sale.says(&container(secret)).await;
    minutes(5).await;
    is_told(
        &findings(&sale).await,
        "secret-unreadable",
        &["parameter/none"],
    );
}

const ROLE: &str = "      - AmazonECSTaskExecutionRolePolicy\n      - \
                    AmazonEC2ContainerRegistryReadOnly\n";

#[tokio::test(start_paused = true)]
async fn an_image_that_may_not_be_pulled() {
    let sale = Sale::of(&text(&[])).await;
    let other = "      - CloudWatchLogsFullAccess\n";
    sale.says(&text(&[(ROLE, other), ("tag: v1", "tag: next")]))
        .await;
    minutes(5).await;
    is_told(
        &findings(&sale).await,
        "image-denied",
        &[
            "ecsTaskExecutionRole may not pull",
            "ecr:GetAuthorizationToken",
        ],
    );
}

#[tokio::test(start_paused = true)]
async fn a_log_that_may_not_be_written() {
    let sale = Sale::of(&text(&[])).await;
    let other = "      - AmazonEC2ContainerRegistryReadOnly\n";
    sale.says(&text(&[(ROLE, other), ("tag: v1", "tag: next")]))
        .await;
    minutes(5).await;
    is_told(
        &findings(&sale).await,
        "log-denied",
        &[
            "may not write the log of web-container",
            "logs:CreateLogStream",
        ],
    );
}

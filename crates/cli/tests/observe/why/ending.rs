//! Tasks that run and end.

use super::{container, findings, is_told, text};
use crate::sale::{Sale, minutes};

#[tokio::test(start_paused = true)]
async fn a_crash_loop_with_its_exit_code_and_its_last_words() {
    let sale = Sale::of(&text(&[])).await;
    let command = "command: [sh, -c, \"echo no such database; sleep 2; exit 3\"]";
    sale.says(&container(command)).await;
    minutes(5).await;
    is_told(
        &findings(&sale).await,
        "crash-loop",
        &["exit code 3", "no such database"],
    );
}

#[tokio::test(start_paused = true)]
async fn a_health_check_that_fails() {
    let sale = Sale::of(&text(&[])).await;
    let check =
        "healthCheck: { command: [CMD-SHELL, exit 1], interval: 5, timeout: 2, retries: 2 }";
    sale.says(&container(check)).await;
    minutes(5).await;
    is_told(
        &findings(&sale).await,
        "container-unhealthy",
        &["web-container"],
    );
}

#[tokio::test(start_paused = true)]
async fn a_container_that_takes_more_memory_than_it_may() {
    let sale = Sale::of(&text(&[])).await;
    sale.says(&container("command: [tail, /dev/zero]")).await;
    minutes(5).await;
    is_told(&findings(&sale).await, "out-of-memory", &["137"]);
}

#[tokio::test(start_paused = true)]
async fn a_load_balancers_health_check_that_fails() {
    let sale = Sale::of(&text(&[])).await;
    let (group, _) = sale.balanced();
    let replaced = [
        (
            "services:\n  flash-sale-service:\n",
            &*format!(
                "services:\n  flash-sale-service:\n    loadBalancers:\n      - {{ targetGroupArn: \
                 \"{group}\", containerName: web-container, containerPort: 80 }}\n"
            ),
        ),
        (
            "        memory: 512\n",
            "        memory: 512\n        command: [sleep, infinity]\n",
        ),
    ];
    sale.says(&text(&replaced)).await;
    minutes(10).await;
    is_told(
        &findings(&sale).await,
        "target-unhealthy",
        &["Task failed ELB health checks in (target-group "],
    );
}

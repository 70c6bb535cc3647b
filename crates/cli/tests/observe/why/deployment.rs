//! Deployments that fail, are stuck, or are on their way.

use super::{findings, is_told};
use crate::sale::{Sale, minutes};

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

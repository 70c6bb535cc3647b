//! Scaling that does not do its part, or leaves the count as it is.

use super::{alarms, findings, is_noted, is_told, of_target, text};
use crate::sale::{Sale, minutes};
use serde_json::json;

#[tokio::test(start_paused = true)]
async fn alarms_that_are_gone_or_do_nothing() {
    let sale = Sale::of(&text(&[])).await;
    minutes(20).await;
    let names = json!({ "AlarmNames": alarms(&sale) });
    sale.does("monitoring", "DisableAlarmActions", names.clone());
    is_told(
        &findings(&sale).await,
        "alarm-actions-disabled",
        &["TargetTracking-service/"],
    );
    sale.does("monitoring", "EnableAlarmActions", names.clone());
    is_noted(&findings(&sale).await, "at-min");
    sale.does("monitoring", "DeleteAlarms", names);
    is_told(
        &findings(&sale).await,
        "alarm-deleted",
        &["cpu-target-tracking"],
    );
}

#[tokio::test(start_paused = true)]
async fn a_target_without_a_policy_or_no_target_at_all() {
    let sale = Sale::of(&text(&[])).await;
    minutes(10).await;
    let policy = of_target(json!({ "PolicyName": "cpu-target-tracking" }));
    sale.does("application-autoscaling", "DeleteScalingPolicy", policy);
    is_told(&findings(&sale).await, "no-policy", &[]);
    sale.does(
        "application-autoscaling",
        "DeregisterScalableTarget",
        of_target(json!({})),
    );
    is_noted(&findings(&sale).await, "no-target");
}

#[tokio::test(start_paused = true)]
async fn scaling_out_that_is_suspended_under_load() {
    let sale = Sale::of(&text(&[])).await;
    let out = of_target(json!({ "SuspendedState": { "DynamicScalingOutSuspended": true } }));
    sale.does("application-autoscaling", "RegisterScalableTarget", out);
    sale.offer(2000.0);
    minutes(15).await;
    is_told(&findings(&sale).await, "scale-out-suspended", &[]);
}

#[tokio::test(start_paused = true)]
async fn a_service_at_its_maximum_under_load() {
    let sale = Sale::of(&text(&[])).await;
    sale.offer(20_000.0);
    minutes(30).await;
    is_told(&findings(&sale).await, "at-max", &["3"]);
}

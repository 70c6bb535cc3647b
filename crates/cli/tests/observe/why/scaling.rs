//! Scaling that does not do its part, or leaves the count as it is.

use super::{alarms, findings, instances, is_noted, is_told, of_target, text};
use crate::sale::{Sale, minutes};
use serde_json::json;
use std::time::Duration;

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

#[tokio::test(start_paused = true)]
async fn scaling_in_that_is_suspended() {
    let sale = Sale::of(&text(&[])).await;
    minutes(10).await;
    let inwards = of_target(json!({ "SuspendedState": { "DynamicScalingInSuspended": true } }));
    sale.does("application-autoscaling", "RegisterScalableTarget", inwards);
    is_told(
        &findings(&sale).await,
        "scale-in-suspended",
        &["DynamicScalingInSuspended is true"],
    );
}

#[tokio::test(start_paused = true)]
async fn scaling_that_waits_for_its_last_step_to_show() {
    let sale = Sale::of(&text(&[])).await;
    minutes(5).await;
    sale.offer(120.0);
    let mut found = Vec::new();
    for _ in 0..80 {
        tokio::time::sleep(Duration::from_secs(15)).await;
        found = findings(&sale).await;
        if found.iter().any(|it| it.cause.name() == "cooling-down") {
            break;
        }
    }
    let note = found.iter().find(|it| it.cause.name() == "cooling-down");
    let note = note.unwrap_or_else(|| panic!("it never cools down: {found:#?}"));
    assert!(
        note.headline.contains("has scaled out and waits until"),
        "{note:?}"
    );
    assert!(note.remedy[0].contains("scaleOutCooldown"), "{note:?}");
}

#[tokio::test(start_paused = true)]
async fn an_alarm_that_sees_no_data() {
    let sale = Sale::of(&text(&[])).await;
    let policy = of_target(
        json!({ "PolicyName": "queue", "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": { "TargetValue": 100.0,
            "CustomizedMetricSpecification": { "MetricName": "Backlog", "Namespace": "Shop",
                "Statistic": "Average" } } }),
    );
    sale.does("application-autoscaling", "PutScalingPolicy", policy);
    minutes(40).await;
    is_told(
        &findings(&sale).await,
        "alarm-without-data",
        &[
            "INSUFFICIENT_DATA",
            "--namespace Shop --metric-name Backlog",
        ],
    );
}

#[tokio::test(start_paused = true)]
async fn credits_that_are_spent_under_load() {
    let standard = ("cpuCredits: unlimited", "cpuCredits: standard");
    let sale = Sale::of(&text(&[standard])).await;
    sale.offer(20_000.0);
    minutes(120).await;
    is_told(
        &findings(&sale).await,
        "credits-spent",
        &[
            "(t2.small) had 0.0 CPU credits",
            "as fast as its baseline\n",
            "cpuCredits: unlimited",
        ],
    );
    // Where credits are unlimited, spending them is not what is wrong.
    let sale = Sale::of(&text(&[])).await;
    sale.offer(20_000.0);
    minutes(120).await;
    is_told(&findings(&sale).await, "at-max", &[]);
    assert!(
        sale.calls()
            .contains(&"DescribeInstanceCreditSpecifications".to_owned())
    );
}

#[tokio::test(start_paused = true)]
async fn tasks_that_are_protected_from_scaling_in() {
    let sale = Sale::of(&text(&[])).await;
    minutes(5).await;
    sale.offer(120.0);
    minutes(15).await;
    let cluster = json!({ "cluster": "flash-sale-cluster" });
    let shown = sale.does("ecs", "ListTasks", cluster);
    sale.calls();
    // As many as there are to be: nobody asks what keeps them.
    findings(&sale).await;
    assert!(!sale.calls().contains(&"GetTaskProtection".to_owned()));
    let protect = json!({ "cluster": "flash-sale-cluster", "tasks": shown["taskArns"],
        "protectionEnabled": true, "expiresInMinutes": 600 });
    sale.does("ecs", "UpdateTaskProtection", protect);
    sale.offer(0.0);
    minutes(40).await;
    sale.calls();
    let found = findings(&sale).await;
    is_told(
        &found,
        "tasks-protected",
        &[
            "3 tasks run, and 2 are to",
            " is protected until ",
            "--no-protection-enabled",
        ],
    );
    let calls = sale.calls();
    let asked = calls.iter().filter(|it| *it == "GetTaskProtection");
    assert_eq!(asked.count(), 1, "{calls:?}");
}

#[tokio::test(start_paused = true)]
async fn idle_instances_that_are_protected_from_scaling_in() {
    let sale = Sale::of(&text(&[])).await;
    let three = json!({ "AutoScalingGroupName": "flash-sale-instances", "MinSize": 3,
        "DesiredCapacity": 3 });
    sale.does("autoscaling", "UpdateAutoScalingGroup", three);
    minutes(5).await;
    let protect = json!({ "AutoScalingGroupName": "flash-sale-instances",
        "InstanceIds": instances(&sale), "ProtectedFromScaleIn": true });
    sale.does("autoscaling", "SetInstanceProtection", protect);
    let one = json!({ "AutoScalingGroupName": "flash-sale-instances", "MinSize": 1,
        "DesiredCapacity": 1 });
    sale.does("autoscaling", "UpdateAutoScalingGroup", one);
    minutes(5).await;
    is_told(
        &findings(&sale).await,
        "instances-protected",
        &[
            "has no task and is protected",
            "--no-protected-from-scale-in",
        ],
    );
}

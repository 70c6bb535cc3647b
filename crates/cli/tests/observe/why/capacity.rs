//! Instances that do not come.

use super::{findings, instances, is_told, of_target, text};
use crate::sale::{Sale, minutes};
use serde_json::json;
use std::time::Duration;

#[tokio::test(start_paused = true)]
async fn a_group_that_may_have_no_more_instances() {
    let sale = Sale::of(&text(&[])).await;
    let more = of_target(json!({ "MinCapacity": 20, "MaxCapacity": 20 }));
    sale.does("application-autoscaling", "RegisterScalableTarget", more);
    minutes(30).await;
    is_told(
        &findings(&sale).await,
        "group-at-max",
        &["flash-sale-instances", "3"],
    );
}

#[tokio::test(start_paused = true)]
async fn launches_that_are_suspended() {
    let sale = Sale::of(&text(&[])).await;
    let suspended = json!({ "AutoScalingGroupName": "flash-sale-instances",
        "ScalingProcesses": ["Launch"] });
    sale.does("autoscaling", "SuspendProcesses", suspended);
    sale.does(
        "ec2",
        "TerminateInstances",
        json!({ "InstanceIds": instances(&sale) }),
    );
    minutes(10).await;
    is_told(
        &findings(&sale).await,
        "launch-suspended",
        &["flash-sale-instances"],
    );
}

#[tokio::test(start_paused = true)]
async fn launches_that_fail() {
    let sale = Sale::of(&text(&[])).await;
    let template = json!({ "LaunchTemplateName": "flash-sale-instances" });
    sale.does("ec2", "DeleteLaunchTemplate", template);
    sale.does(
        "ec2",
        "TerminateInstances",
        json!({ "InstanceIds": instances(&sale) }),
    );
    minutes(10).await;
    is_told(
        &findings(&sale).await,
        "launch-failing",
        &["flash-sale-instances"],
    );
}

#[tokio::test(start_paused = true)]
async fn managed_scaling_that_is_disabled() {
    let sale = Sale::of(&text(&[])).await;
    let update = json!({ "name": "flash-sale-capacity",
        "autoScalingGroupProvider": { "managedScaling": { "status": "DISABLED" } } });
    sale.does("ecs", "UpdateCapacityProvider", update);
    let more = of_target(json!({ "MinCapacity": 8, "MaxCapacity": 8 }));
    sale.does("application-autoscaling", "RegisterScalableTarget", more);
    minutes(10).await;
    is_told(
        &findings(&sale).await,
        "managed-scaling-disabled",
        &["flash-sale-capacity"],
    );
}

#[tokio::test(start_paused = true)]
async fn instances_that_are_on_their_way() {
    let sale = Sale::of(&text(&[])).await;
    let more = of_target(json!({ "MinCapacity": 8, "MaxCapacity": 8 }));
    sale.does("application-autoscaling", "RegisterScalableTarget", more);
    let mut found = Vec::new();
    for _ in 0..20 {
        tokio::time::sleep(Duration::from_secs(15)).await;
        found = findings(&sale).await;
        if found.iter().any(|it| it.wrong) {
            break;
        }
    }
    is_told(&found, "capacity-warming-up", &[]);
}

#[tokio::test(start_paused = true)]
async fn an_instance_that_does_not_join_the_cluster() {
    let sale = Sale::of(&text(&[])).await;
    let template = sale.does(
        "ec2",
        "DescribeLaunchTemplateVersions",
        json!({ "LaunchTemplateName": "flash-sale-instances", "Versions": ["$Latest"] }),
    );
    let mut data = template["LaunchTemplateVersions"][0]["LaunchTemplateData"].clone();
    // It says no cluster: the agent joins the one called `default`.
    data["UserData"] = json!("");
    let version =
        json!({ "LaunchTemplateName": "flash-sale-instances", "LaunchTemplateData": data });
    let made = sale.does("ec2", "CreateLaunchTemplateVersion", version);
    let number = made["LaunchTemplateVersion"]["VersionNumber"].to_string();
    let update = json!({ "AutoScalingGroupName": "flash-sale-instances", "LaunchTemplate": {
        "LaunchTemplateName": "flash-sale-instances", "Version": number } });
    sale.does("autoscaling", "UpdateAutoScalingGroup", update);
    sale.does(
        "ec2",
        "TerminateInstances",
        json!({ "InstanceIds": instances(&sale) }),
    );
    minutes(10).await;
    is_told(
        &findings(&sale).await,
        "instance-not-joined",
        &["has not joined the cluster flash-sale-cluster"],
    );
}

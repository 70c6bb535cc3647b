//! What the service knows of: kinds of policies, processes, metrics, and its quotas.

use crate::{Action, Answer, Input, World, service::autoscaling::wait};
use serde_json::{Value, json};

/// Processes of a group that can be suspended.
pub(super) const PROCESSES: [&str; 9] = [
    "AZRebalance",
    "AddToLoadBalancer",
    "AlarmNotification",
    "HealthCheck",
    "InstanceRefresh",
    "Launch",
    "ReplaceUnhealthy",
    "ScheduledActions",
    "Terminate",
];

/// Termination policies.
pub(super) const TERMINATION_POLICIES: [&str; 7] = [
    "AllocationStrategy",
    "ClosestToNextInstanceHour",
    "Default",
    "NewestInstance",
    "OldestInstance",
    "OldestLaunchConfiguration",
    "OldestLaunchTemplate",
];

/// How a policy's adjustment is read.
pub(super) const ADJUSTMENTS: [&str; 3] = [
    "ChangeInCapacity",
    "ExactCapacity",
    "PercentChangeInCapacity",
];

/// Metrics of a group.
pub(super) const METRICS: [&str; 20] = [
    "GroupMinSize",
    "GroupMaxSize",
    "GroupDesiredCapacity",
    "GroupInServiceInstances",
    "GroupInServiceCapacity",
    "GroupPendingInstances",
    "GroupPendingCapacity",
    "GroupStandbyInstances",
    "GroupStandbyCapacity",
    "GroupTerminatingInstances",
    "GroupTerminatingCapacity",
    "GroupTotalInstances",
    "GroupTotalCapacity",
    "WarmPoolDesiredCapacity",
    "WarmPoolWarmedCapacity",
    "WarmPoolPendingCapacity",
    "WarmPoolTerminatingCapacity",
    "WarmPoolTotalCapacity",
    "GroupAndWarmPoolDesiredCapacity",
    "GroupAndWarmPoolTotalCapacity",
];

pub(super) fn actions() -> Vec<Action> {
    vec![
        Action::new("DescribeAccountLimits", limits),
        Action::new("DescribeAdjustmentTypes", adjustments),
        Action::new("DescribeLifecycleHookTypes", hooks),
        Action::new("DescribeMetricCollectionTypes", metrics),
        Action::new("DescribeScalingProcessTypes", processes),
        Action::new("DescribeTerminationPolicyTypes", termination_policies),
    ]
}

fn named(member: &str, names: &[&str]) -> Value {
    names.iter().map(|it| json!({ member: it })).collect()
}

fn limits(world: &mut World, _: &Input) -> Answer {
    Ok(json!({
        "MaxNumberOfAutoScalingGroups": 500,
        "MaxNumberOfLaunchConfigurations": 200,
        "NumberOfAutoScalingGroups": world.autoscaling.groups.len(),
        "NumberOfLaunchConfigurations": 0,
    }))
}

fn adjustments(_: &mut World, _: &Input) -> Answer {
    Ok(json!({ "AdjustmentTypes": named("AdjustmentType", &ADJUSTMENTS) }))
}

fn hooks(_: &mut World, _: &Input) -> Answer {
    Ok(json!({ "LifecycleHookTypes": [wait::LAUNCHING, wait::TERMINATING] }))
}

fn metrics(_: &mut World, _: &Input) -> Answer {
    Ok(json!({
        "Metrics": named("Metric", &METRICS),
        "Granularities": [{ "Granularity": "1Minute" }],
    }))
}

fn processes(_: &mut World, _: &Input) -> Answer {
    Ok(json!({ "Processes": named("ProcessName", &PROCESSES) }))
}

fn termination_policies(_: &mut World, _: &Input) -> Answer {
    Ok(json!({ "TerminationPolicyTypes": TERMINATION_POLICIES }))
}

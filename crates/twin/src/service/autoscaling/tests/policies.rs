//! Scaling policies and scheduled actions.

use super::*;

#[test]
fn a_simple_policy_scales_and_then_cools_down() {
    let mut world = with_web(json!({}));
    let policy = named(json!({
        "PolicyName": "out", "AdjustmentType": "ChangeInCapacity", "ScalingAdjustment": 1,
    }));
    let arn = ok(&mut world, "PutScalingPolicy", policy)["PolicyARN"].clone();
    assert!(
        arn.as_str()
            .unwrap()
            .ends_with(":autoScalingGroupName/web:policyName/out")
    );
    let run = json!({ "PolicyName": arn, "HonorCooldown": true });
    ok(&mut world, "ExecutePolicy", run.clone());
    pass(&mut world, 60);
    assert_eq!(ids(&mut world, "InService").len(), 2);
    let refusal = refused(&mut world, "ExecutePolicy", run.clone());
    assert_eq!(refusal.code, "ScalingActivityInProgress");
    super::super::alarm_fires(&mut world, arn.as_str().unwrap(), "busy");
    assert_eq!(group(&mut world)["DesiredCapacity"], 2);
    pass(&mut world, 300);
    super::super::alarm_fires(&mut world, arn.as_str().unwrap(), "busy");
    pass(&mut world, 60);
    let cause = activities(&mut world)[0]["Cause"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(
        cause.contains(
            "a monitor alarm busy in state ALARM triggered policy out changing the desired \
             capacity from 2 to 3."
        ),
        "{cause}"
    );
}

#[test]
fn a_step_policy_takes_the_step_that_the_breach_falls_into() {
    let mut world = with_web(json!({}));
    let policy = named(json!({
        "PolicyName": "steps", "PolicyType": "StepScaling",
        "AdjustmentType": "ChangeInCapacity",
        "StepAdjustments": [
            { "MetricIntervalLowerBound": 0.0, "MetricIntervalUpperBound": 10.0, "ScalingAdjustment": 1 },
            { "MetricIntervalLowerBound": 10.0, "ScalingAdjustment": 3 },
        ],
    }));
    ok(&mut world, "PutScalingPolicy", policy);
    let run = json!({ "PolicyName": "steps", "MetricValue": 61.0, "BreachThreshold": 50.0 });
    ok(&mut world, "ExecutePolicy", named(run));
    assert_eq!(group(&mut world)["DesiredCapacity"], 4);
    let run = json!({ "PolicyName": "steps", "MetricValue": 40.0, "BreachThreshold": 50.0 });
    let refusal = refused(&mut world, "ExecutePolicy", named(run));
    assert_eq!(refusal.code, "ValidationError");
}

#[test]
fn a_policy_of_ecs_is_shown_and_can_be_removed() {
    let mut world = with_web(json!({}));
    let alarms = json!([{ "AlarmName": "high", "AlarmARN": "arn:high" }]);
    let configuration = json!({ "TargetValue": 100.0 });
    let name = "ECSManagedAutoScalingPolicy-1";
    let arn =
        super::super::put_managed_policy(&mut world, "web", name, configuration, alarms.clone());
    let shown = ok(&mut world, "DescribePolicies", named(json!({})));
    let shown = &shown["ScalingPolicies"][0];
    assert_eq!(shown["PolicyARN"], *arn);
    assert_eq!(shown["Alarms"], alarms);
    assert_eq!(shown["PolicyType"], "TargetTrackingScaling");
    super::super::remove_policy(&mut world, "web", name);
    let shown = ok(&mut world, "DescribePolicies", named(json!({})));
    assert_eq!(shown, json!({ "ScalingPolicies": [] }));
}

#[test]
fn a_scheduled_action_is_done_in_time_and_again_where_it_recurs() {
    let mut world = with_web(json!({}));
    let start = (world.now + Duration::from_secs(600)).value();
    let once = json!({ "ScheduledActionName": "once", "StartTime": start, "DesiredCapacity": 2 });
    ok(&mut world, "PutScheduledUpdateGroupAction", named(once));
    // Six in the morning and in the evening.
    let daily = json!({
        "ScheduledActionName": "daily", "Recurrence": "0 6,18 * * *", "MinSize": 3,
    });
    ok(&mut world, "PutScheduledUpdateGroupAction", named(daily));
    pass(&mut world, 700);
    assert_eq!(ids(&mut world, "InService").len(), 2);
    let shown = ok(&mut world, "DescribeScheduledActions", named(json!({})));
    let shown = shown["ScheduledUpdateGroupActions"].as_array().unwrap();
    assert_eq!(shown.len(), 1);
    assert_eq!(shown[0]["StartTime"], 1_795_737_600 + 6 * 3600);
    pass(&mut world, 6 * 3600);
    assert_eq!(group(&mut world)["MinSize"], 3);
    assert_eq!(ids(&mut world, "InService").len(), 3);
    let past = json!({ "ScheduledActionName": "past", "StartTime": 1, "MinSize": 1 });
    let refusal = refused(&mut world, "PutScheduledUpdateGroupAction", named(past));
    assert_eq!(refusal.message, "Given start time is in the past");
}

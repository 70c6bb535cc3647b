//! What policies are.

use super::*;

fn step_policy(world: &mut World, configuration: Value) -> Answer {
    let policy = json!({
        "PolicyName": "steps",
        "PolicyType": "StepScaling",
        "StepScalingPolicyConfiguration": configuration,
    });
    call(world, "PutScalingPolicy", policy)
}

#[test]
fn the_alarms_of_a_policy_are_made_and_go_with_it() {
    let mut world = world(1);
    register(&mut world, 1, 3);
    let first = track(&mut world, "cpu", tracking(50.0, 30));
    let arn = first["PolicyARN"].as_str().expect("an ARN").to_owned();
    assert!(
        arn.ends_with(":resource/ecs/service/web/shop:policyName/cpu"),
        "{arn}"
    );
    let alarms = |world: &mut World| {
        let shown = ask(world, "monitoring", "DescribeAlarms", json!({})).expect("they are shown");
        shown["MetricAlarms"].as_array().expect("a list").clone()
    };
    let shown = alarms(&mut world);
    let (high, low) = (&shown[0], &shown[1]);
    let prefix = "TargetTracking-service/web/shop-AlarmHigh-";
    assert!(
        high["AlarmName"]
            .as_str()
            .is_some_and(|it| it.starts_with(prefix))
    );
    assert_eq!(high["ComparisonOperator"], "GreaterThanThreshold");
    assert_eq!(
        (&high["Threshold"], &high["EvaluationPeriods"]),
        (&json!(50.0), &json!(3))
    );
    assert_eq!(low["ComparisonOperator"], "LessThanThreshold");
    assert_eq!(
        (&low["Threshold"], &low["EvaluationPeriods"]),
        (&json!(45.0), &json!(15))
    );
    assert_eq!(low["Period"], 60);
    let action = high["AlarmActions"][0].as_str().expect("an ARN");
    assert!(action.starts_with(&format!("{arn}:createdBy/")));
    let description = format!("DO NOT EDIT OR DELETE. For TargetTrackingScaling policy {action}.");
    assert_eq!(high["AlarmDescription"], description.as_str());
    // A cooldown does not concern the alarms; the target does.
    assert_eq!(
        track(&mut world, "cpu", tracking(50.0, 60))["Alarms"],
        first["Alarms"]
    );
    let mut out_only = tracking(60.0, 60);
    out_only["DisableScaleIn"] = true.into();
    let changed = track(&mut world, "cpu", out_only);
    assert_eq!(changed["PolicyARN"], arn.as_str());
    assert_ne!(changed["Alarms"][0], first["Alarms"][0]);
    assert_eq!(alarms(&mut world).len(), 1);
    call(
        &mut world,
        "DeleteScalingPolicy",
        json!({ "PolicyName": "cpu" }),
    )
    .expect("it is deleted");
    assert!(alarms(&mut world).is_empty());
    let again = call(
        &mut world,
        "DeleteScalingPolicy",
        json!({ "PolicyName": "cpu" }),
    );
    assert_eq!(refused(again).0, "ObjectNotFoundException");
}

#[test]
fn policies_that_cannot_work_are_refused() {
    let mut world = world(1);
    register(&mut world, 1, 3);
    let mut other = |configuration: Value, text: &str| {
        let policy = json!({
            "PolicyName": "x",
            "PolicyType": "TargetTrackingScaling",
            "TargetTrackingScalingPolicyConfiguration": configuration,
        });
        let refusal = refused(call(&mut world, "PutScalingPolicy", policy));
        assert_eq!(refusal.0, "ValidationException");
        assert!(refusal.1.contains(text), "{}", refusal.1);
    };
    other(json!({ "TargetValue": 50 }), "Exactly one of");
    let predefined = |name: &str| {
        json!({
            "TargetValue": 50,
            "PredefinedMetricSpecification": { "PredefinedMetricType": name },
        })
    };
    other(predefined("ALBRequestCountPerTarget"), "ResourceLabel");
    other(predefined("KafkaBrokerStorageUtilization"), "not supported");
    other(
        predefined("ECSServiceAverageCPUUtilizationHighResolution"),
        "must be enabled",
    );
    track(&mut world, "cpu", tracking(50.0, 30));
    let step = json!({
        "PolicyName": "cpu",
        "PolicyType": "StepScaling",
        "StepScalingPolicyConfiguration": { "AdjustmentType": "ChangeInCapacity" },
    });
    let refusal = refused(call(&mut world, "PutScalingPolicy", step));
    assert!(refusal.1.contains("cannot be changed"), "{}", refusal.1);
}

#[test]
fn steps_must_fit_together() {
    let mut world = world(1);
    register(&mut world, 1, 3);
    let mut refusal = |steps: Value| {
        let policy = json!({ "AdjustmentType": "ChangeInCapacity", "StepAdjustments": steps });
        refused(step_policy(&mut world, policy)).1
    };
    let step = |lower: Value, upper: Value| {
        let mut step = json!({ "ScalingAdjustment": 1 });
        if !lower.is_null() {
            step["MetricIntervalLowerBound"] = lower;
        }
        if !upper.is_null() {
            step["MetricIntervalUpperBound"] = upper;
        }
        step
    };
    let none = Value::Null;
    let open = refusal(json!([step(none.clone(), none.clone())]));
    assert!(open.starts_with("Both lower and upper bounds"), "{open}");
    let gap = json!([step(json!(0), json!(10)), step(json!(20), none.clone())]);
    assert!(refusal(gap).contains("gap"));
    let overlap = json!([step(json!(0), json!(10)), step(json!(5), none.clone())]);
    assert!(refusal(overlap).contains("overlap"));
    assert!(refusal(json!([step(json!(0), json!(10))])).contains("unspecified upper bound"));
    assert!(refusal(json!([])).contains("At least one"));
}

#[test]
fn steps_depend_on_how_far_the_alarm_is_breached() {
    let mut world = world(4);
    register(&mut world, 1, 20);
    let put = step_policy(
        &mut world,
        json!({
            "AdjustmentType": "PercentChangeInCapacity",
            "MinAdjustmentMagnitude": 2,
            "Cooldown": 600,
            "StepAdjustments": [
                { "MetricIntervalLowerBound": 0, "MetricIntervalUpperBound": 20, "ScalingAdjustment": 10 },
                { "MetricIntervalLowerBound": 20, "ScalingAdjustment": 100 },
            ],
        }),
    );
    let arn = put.expect("it is put")["PolicyARN"].clone();
    let alarm = json!({
        "AlarmName": "busy",
        "Namespace": "AWS/ECS",
        "MetricName": "CPUUtilization",
        "Dimensions": [
            { "Name": "ClusterName", "Value": "web" },
            { "Name": "ServiceName", "Value": "shop" },
        ],
        "Statistic": "Average",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 60,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "AlarmActions": [arn],
    });
    ask(&mut world, "monitoring", "PutMetricAlarm", alarm).expect("it is put");
    let shown = call(&mut world, "DescribeScalingPolicies", json!({})).expect("it is shown");
    assert_eq!(
        shown["ScalingPolicies"][0]["Alarms"][0]["AlarmName"],
        "busy"
    );
    // Ten percent of four are rounded up to one, and the least is two.
    assert_eq!(minutes(&mut world, &[50.0, 60.0, 60.0]), [4, 6, 6]);
    // While that cools down, a larger step counts from the four.
    assert_eq!(minutes(&mut world, &[80.0, 90.0]), [8, 8]);
    call(
        &mut world,
        "DeleteScalingPolicy",
        json!({ "PolicyName": "steps" }),
    )
    .expect("it is gone");
    let left = ask(&mut world, "monitoring", "DescribeAlarms", json!({})).expect("they are shown");
    assert_eq!(left["MetricAlarms"][0]["AlarmName"], "busy");
}

#[test]
fn policies_come_ten_at_a_time() {
    let mut world = world(1);
    register(&mut world, 1, 3);
    for count in 0..12 {
        let policy = json!({
            "PolicyName": format!("p{count:02}"),
            "PolicyType": "StepScaling",
            "StepScalingPolicyConfiguration": {
                "AdjustmentType": "ChangeInCapacity",
                "StepAdjustments": [{ "MetricIntervalLowerBound": 0, "ScalingAdjustment": 1 }],
            },
        });
        call(&mut world, "PutScalingPolicy", policy).expect("it is put");
    }
    let first = call(&mut world, "DescribeScalingPolicies", json!({})).expect("they are shown");
    assert_eq!(first["ScalingPolicies"].as_array().map(Vec::len), Some(10));
    let next = json!({ "NextToken": first["NextToken"] });
    let second = call(&mut world, "DescribeScalingPolicies", next).expect("they are shown");
    assert_eq!(second["ScalingPolicies"].as_array().map(Vec::len), Some(2));
    assert_eq!(second.get("NextToken"), None);
    let bad = call(
        &mut world,
        "DescribeScalingPolicies",
        json!({ "NextToken": "x" }),
    );
    assert_eq!(refused(bad).0, "InvalidNextTokenException");
}

//! How services are scaled: the target, its policies and its scheduled actions.

use crate::row::{Behind, Row, call, row};
use crate::table::Table;
use serde_json::{Map, Value, json};
use setpoint_tests::Boto;

fn scaling(boto: &Boto, name: &str) -> Value {
    let resource = format!("service/shop/{name}");
    let ask = |method, key: &str, id: Value| {
        let mut arguments = json!({"ServiceNamespace": "ecs"});
        arguments[key] = id;
        boto.expect("application-autoscaling", method, arguments)
    };
    let mut targets = ask(
        "describe_scalable_targets",
        "ResourceIds",
        json!([resource]),
    );
    let mut shown = targets["ScalableTargets"][0].take();
    let tags = ask_tags(boto, &shown["ScalableTargetARN"]);
    shown["tags"] = tags;
    // Under its name each, without what is new where one was deleted and made again.
    let by_name = |list: &Value, key: &str| {
        let each = list.as_array().expect("a list").iter().map(|it| {
            let mut it = it.clone();
            let members = it.as_object_mut().expect("an object");
            members
                .retain(|member, _| !["Alarms", "PolicyARN", "CreationTime"].contains(&&**member));
            (it[key].as_str().expect("a name").to_owned(), it)
        });
        Value::Object(each.collect::<Map<_, _>>())
    };
    let policies = ask("describe_scaling_policies", "ResourceId", json!(resource));
    shown["policies"] = by_name(&policies["ScalingPolicies"], "PolicyName");
    let actions = ask("describe_scheduled_actions", "ResourceId", json!(resource));
    shown["actions"] = by_name(&actions["ScheduledActions"], "ScheduledActionName");
    shown
}

fn ask_tags(boto: &Boto, arn: &Value) -> Value {
    let arguments = json!({"ResourceARN": arn});
    let mut tags = boto.expect(
        "application-autoscaling",
        "list_tags_for_resource",
        arguments,
    )["Tags"]
        .take();
    tags.as_object_mut()
        .expect("a map")
        .remove("setpoint:stack");
    tags
}

/// A call about the service's count, with these arguments beside those that say so.
fn about(method: &'static str, more: Value) -> Behind {
    let mut arguments = json!({"ServiceNamespace": "ecs", "ResourceId": "service/shop/NAME",
        "ScalableDimension": "ecs:service:DesiredCount"});
    let members = arguments.as_object_mut().expect("an object");
    members.extend(more.as_object().expect("an object").clone());
    call("application-autoscaling", method, arguments)
}

fn tracking(member: &str, value: Value) -> Behind {
    let mut configuration = json!({
        "TargetValue": 50.0,
        "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"},
        "ScaleOutCooldown": 30, "ScaleInCooldown": 30, "DisableScaleIn": false,
    });
    configuration[member] = value;
    about(
        "put_scaling_policy",
        json!({"PolicyName": "cpu", "PolicyType": "TargetTrackingScaling",
               "TargetTrackingScalingPolicyConfiguration": configuration}),
    )
}

fn steps(member: &str, value: Value) -> Behind {
    let mut configuration = json!({
        "AdjustmentType": "ChangeInCapacity", "Cooldown": 60, "MetricAggregationType": "Average",
        "StepAdjustments": [{"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 1}],
    });
    configuration[member] = value;
    about(
        "put_scaling_policy",
        json!({"PolicyName": "burst", "PolicyType": "StepScaling",
               "StepScalingPolicyConfiguration": configuration}),
    )
}

fn nightly(member: &str, value: Value) -> Behind {
    let mut action = json!({"ScheduledActionName": "night", "Schedule": "cron(0 22 * * ? *)",
        "Timezone": "Europe/Berlin", "ScalableTargetAction": {"MinCapacity": 5, "MaxCapacity": 6}});
    action[member] = value;
    about("put_scheduled_action", action)
}

const SCALING: &str = "  NAME:
    minCapacity: 1
    maxCapacity: 3
    suspended: { dynamicScalingIn: false, dynamicScalingOut: false, scheduledScaling: false }
    policies:
      cpu:
        targetTracking:
          metric: ECSServiceAverageCPUUtilization
          target: 50
          scaleOutCooldown: 30
          scaleInCooldown: 30
          disableScaleIn: false
      burst:
        step:
          adjustmentType: ChangeInCapacity
          cooldown: 60
          metricAggregationType: Average
          steps: [{ lower: 0, adjustment: 1 }]
    scheduledActions:
      night: { schedule: cron(0 22 * * ? *), timezone: Europe/Berlin, minCapacity: 5, maxCapacity: 6 }
    tags: { color: blue }
";

#[test]
fn each_field_of_scaling_is_planned_applied_and_held() {
    Table {
        kind: "scaling",
        shared: &[
            ("clusters", "  shop: {}\n"),
            (
                "taskDefinitions",
                "  web: { containerDefinitions: [{ name: web, image: nginx, memory: 64 }] }\n",
            ),
        ],
        each: &[
            (
                "services",
                "  NAME: { cluster: shop, taskDefinition: web, launchType: EC2 }\n",
            ),
            ("scaling", SCALING),
        ],
        follower: None,
        show: scaling,
        rows: target_rows()
            .into_iter()
            .chain(policy_rows())
            .chain(action_rows())
            .collect(),
    }
    .check();
}

fn target_rows() -> Vec<Row> {
    let suspend = |member: &str, on: bool| {
        let mut state = json!({"DynamicScalingInSuspended": false,
            "DynamicScalingOutSuspended": false, "ScheduledScalingSuspended": false});
        state[member] = on.into();
        about("register_scalable_target", json!({"SuspendedState": state}))
    };
    vec![
        row(
            "minCapacity",
            ("minCapacity: 1\n", "minCapacity: 2\n"),
            ("/MinCapacity", json!(2)),
            about("register_scalable_target", json!({"MinCapacity": 0})),
        ),
        row(
            "maxCapacity",
            ("maxCapacity: 3", "maxCapacity: 4"),
            ("/MaxCapacity", json!(4)),
            about("register_scalable_target", json!({"MaxCapacity": 9})),
        ),
        row(
            "suspended.dynamicScalingIn",
            ("dynamicScalingIn: false", "dynamicScalingIn: true"),
            ("/SuspendedState/DynamicScalingInSuspended", json!(true)),
            suspend("DynamicScalingInSuspended", false),
        ),
        row(
            "suspended.dynamicScalingOut",
            ("dynamicScalingOut: false", "dynamicScalingOut: true"),
            ("/SuspendedState/DynamicScalingOutSuspended", json!(true)),
            suspend("DynamicScalingOutSuspended", false),
        ),
        row(
            "suspended.scheduledScaling",
            ("scheduledScaling: false", "scheduledScaling: true"),
            ("/SuspendedState/ScheduledScalingSuspended", json!(true)),
            suspend("ScheduledScalingSuspended", false),
        ),
        row(
            "tags.color",
            ("color: blue", "color: green"),
            ("/tags/color", json!("green")),
            Box::new(|boto, name| {
                let shown = scaling(boto, name);
                let red =
                    json!({"ResourceARN": shown["ScalableTargetARN"], "Tags": {"color": "red"}});
                boto.expect("application-autoscaling", "tag_resource", red);
            }),
        ),
    ]
}

fn policy_rows() -> Vec<Row> {
    let memory = json!({"PredefinedMetricType": "ECSServiceAverageMemoryUtilization"});
    let fast = "ECSServiceAverageCPUUtilizationHighResolution";
    vec![
        row(
            "policies.cpu.targetTracking.metric",
            (
                "ECSServiceAverageCPUUtilization",
                "ECSServiceAverageCPUUtilizationHighResolution",
            ),
            (
                "/policies/cpu/TargetTrackingScalingPolicyConfiguration\
                 /PredefinedMetricSpecification/PredefinedMetricType",
                json!(fast),
            ),
            tracking("PredefinedMetricSpecification", memory),
        ),
        row(
            "policies.cpu.targetTracking.target",
            ("target: 50", "target: 60"),
            (
                "/policies/cpu/TargetTrackingScalingPolicyConfiguration/TargetValue",
                json!(60.0),
            ),
            tracking("TargetValue", json!(70.0)),
        ),
        row(
            "policies.cpu.targetTracking.scaleOutCooldown",
            ("scaleOutCooldown: 30", "scaleOutCooldown: 0"),
            (
                "/policies/cpu/TargetTrackingScalingPolicyConfiguration/ScaleOutCooldown",
                json!(0),
            ),
            tracking("ScaleOutCooldown", json!(90)),
        ),
        row(
            "policies.cpu.targetTracking.scaleInCooldown",
            ("scaleInCooldown: 30", "scaleInCooldown: 60"),
            (
                "/policies/cpu/TargetTrackingScalingPolicyConfiguration/ScaleInCooldown",
                json!(60),
            ),
            tracking("ScaleInCooldown", json!(90)),
        ),
        row(
            "policies.cpu.targetTracking.disableScaleIn",
            ("disableScaleIn: false", "disableScaleIn: true"),
            (
                "/policies/cpu/TargetTrackingScalingPolicyConfiguration/DisableScaleIn",
                json!(true),
            ),
            tracking("DisableScaleIn", json!(false)),
        ),
        row(
            "policies.burst.step.steps",
            ("adjustment: 1", "adjustment: 2"),
            (
                "/policies/burst/StepScalingPolicyConfiguration/StepAdjustments/0/ScalingAdjustment",
                json!(2),
            ),
            steps(
                "StepAdjustments",
                json!([{"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 9}]),
            ),
        ),
        row(
            "policies.burst.step.cooldown",
            ("cooldown: 60", "cooldown: 90"),
            (
                "/policies/burst/StepScalingPolicyConfiguration/Cooldown",
                json!(90),
            ),
            steps("Cooldown", json!(10)),
        ),
        row(
            "policies.burst.step.metricAggregationType",
            (
                "metricAggregationType: Average",
                "metricAggregationType: Maximum",
            ),
            (
                "/policies/burst/StepScalingPolicyConfiguration/MetricAggregationType",
                json!("Maximum"),
            ),
            steps("MetricAggregationType", json!("Minimum")),
        ),
        row(
            "policies.burst.step.adjustmentType",
            (
                "adjustmentType: ChangeInCapacity",
                "adjustmentType: ExactCapacity",
            ),
            (
                "/policies/burst/StepScalingPolicyConfiguration/AdjustmentType",
                json!("ExactCapacity"),
            ),
            steps("AdjustmentType", json!("ChangeInCapacity")),
        ),
        // A policy goes: from the YAML, and behind our back.
        row(
            "policies.burst",
            (
                "      burst:
        step:
          adjustmentType: ChangeInCapacity
          cooldown: 60
          metricAggregationType: Average
          steps: [{ lower: 0, adjustment: 1 }]
",
                "",
            ),
            ("/policies/burst", Value::Null),
            about("delete_scaling_policy", json!({"PolicyName": "cpu"})),
        )
        .drifting(&["policies.cpu"]),
        // A policy comes: in the YAML, and behind our back.
        row(
            "policies.memory",
            (
                "    policies:\n",
                "    policies:
      memory: { targetTracking: { metric: ECSServiceAverageMemoryUtilization, target: 80 } }
",
            ),
            (
                "/policies/memory/TargetTrackingScalingPolicyConfiguration/TargetValue",
                json!(80.0),
            ),
            about(
                "put_scaling_policy",
                json!({"PolicyName": "stray", "PolicyType": "StepScaling",
                       "StepScalingPolicyConfiguration": {"AdjustmentType": "ExactCapacity",
                           "StepAdjustments": [{"MetricIntervalLowerBound": 0.0,
                                                "ScalingAdjustment": 1}]}}),
            ),
        )
        .drifting(&["policies.stray"]),
    ]
}

fn action_rows() -> Vec<Row> {
    vec![
        row(
            "scheduledActions.night.schedule",
            ("cron(0 22 * * ? *)", "cron(0 23 * * ? *)"),
            ("/actions/night/Schedule", json!("cron(0 23 * * ? *)")),
            nightly("Schedule", json!("cron(0 1 * * ? *)")),
        ),
        row(
            "scheduledActions.night.timezone",
            ("timezone: Europe/Berlin", "timezone: Europe/Paris"),
            ("/actions/night/Timezone", json!("Europe/Paris")),
            nightly("Timezone", json!("Europe/Rome")),
        ),
        row(
            "scheduledActions.night.minCapacity",
            ("minCapacity: 5", "minCapacity: 4"),
            ("/actions/night/ScalableTargetAction/MinCapacity", json!(4)),
            nightly(
                "ScalableTargetAction",
                json!({"MinCapacity": 0, "MaxCapacity": 6}),
            ),
        ),
        row(
            "scheduledActions.night.maxCapacity",
            ("maxCapacity: 6", "maxCapacity: 7"),
            ("/actions/night/ScalableTargetAction/MaxCapacity", json!(7)),
            nightly(
                "ScalableTargetAction",
                json!({"MinCapacity": 5, "MaxCapacity": 9}),
            ),
        ),
        row(
            "scheduledActions.day",
            (
                "    scheduledActions:\n",
                "    scheduledActions:\n      day: { schedule: rate(1 day), maxCapacity: 8 }\n",
            ),
            ("/actions/day/Schedule", json!("rate(1 day)")),
            about(
                "delete_scheduled_action",
                json!({"ScheduledActionName": "night"}),
            ),
        )
        .drifting(&["scheduledActions.night"]),
    ]
}

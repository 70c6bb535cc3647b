//! Capacity providers.

use crate::row::{Behind, call, row, tags};
use crate::table::Table;
use serde_json::{Value, json};
use setpoint_tests::Boto;

fn provider(boto: &Boto, name: &str) -> Value {
    let named = json!({"capacityProviders": [name], "include": ["TAGS"]});
    let mut answer = boto.expect("ecs", "describe_capacity_providers", named);
    let mut shown = answer["capacityProviders"][0].take();
    shown["tags"] = tags(&shown["tags"]);
    for word in ["updateStatus", "updateStatusReason"] {
        shown.as_object_mut().expect("it is there").remove(word);
    }
    shown
}

fn update(provider: Value) -> Behind {
    call(
        "ecs",
        "update_capacity_provider",
        json!({"name": "NAME", "autoScalingGroupProvider": provider}),
    )
}

/// The managed scaling of the YAML, but for one member. AWS may take what is left out for its default.
fn scaling(member: &str, value: Value) -> Behind {
    let mut scaling = json!({"status": "ENABLED", "targetCapacity": 100,
        "minimumScalingStepSize": 1, "maximumScalingStepSize": 100, "instanceWarmupPeriod": 60});
    scaling[member] = value;
    update(json!({"managedScaling": scaling}))
}

#[test]
fn each_field_of_a_capacity_provider_is_planned_applied_and_held() {
    let arn = "arn:aws:ecs:us-east-1:ACCOUNT:capacity-provider/NAME";
    Table {
        kind: "capacityProvider",
        shared: &[(
            "launchTemplates",
            "  first: { imageId: ami-0123456789abcdef0, instanceType: t2.small }\n",
        )],
        each: &[
            (
                "autoScalingGroups",
                "  NAME: { launchTemplate: first, minSize: 0, maxSize: 1, protectFromScaleIn: true }\n",
            ),
            (
                "capacityProviders",
                "  NAME:
    autoScalingGroup: NAME
    managedScaling:
      enabled: true
      targetCapacity: 100
      minimumScalingStepSize: 1
      maximumScalingStepSize: 100
      instanceWarmupPeriod: 60
    managedTerminationProtection: false
    managedDraining: true
    tags: { color: blue }
",
            ),
        ],
        follower: None,
        show: provider,
        rows: vec![
            row(
                "managedScaling.enabled",
                ("enabled: true", "enabled: false"),
                ("/autoScalingGroupProvider/managedScaling/status", json!("DISABLED")),
                scaling("status", json!("ENABLED")),
            ),
            row(
                "managedScaling.targetCapacity",
                ("targetCapacity: 100", "targetCapacity: 80"),
                ("/autoScalingGroupProvider/managedScaling/targetCapacity", json!(80)),
                scaling("targetCapacity", json!(70)),
            ),
            row(
                "managedScaling.minimumScalingStepSize",
                ("minimumScalingStepSize: 1", "minimumScalingStepSize: 2"),
                ("/autoScalingGroupProvider/managedScaling/minimumScalingStepSize", json!(2)),
                scaling("minimumScalingStepSize", json!(3)),
            ),
            row(
                "managedScaling.maximumScalingStepSize",
                ("maximumScalingStepSize: 100", "maximumScalingStepSize: 10"),
                ("/autoScalingGroupProvider/managedScaling/maximumScalingStepSize", json!(10)),
                scaling("maximumScalingStepSize", json!(20)),
            ),
            row(
                "managedScaling.instanceWarmupPeriod",
                ("instanceWarmupPeriod: 60", "instanceWarmupPeriod: 90"),
                ("/autoScalingGroupProvider/managedScaling/instanceWarmupPeriod", json!(90)),
                scaling("instanceWarmupPeriod", json!(30)),
            ),
            row(
                "managedTerminationProtection",
                ("managedTerminationProtection: false", "managedTerminationProtection: true"),
                ("/autoScalingGroupProvider/managedTerminationProtection", json!("ENABLED")),
                update(json!({"managedTerminationProtection": "DISABLED"})),
            ),
            row(
                "managedDraining",
                ("managedDraining: true", "managedDraining: false"),
                ("/autoScalingGroupProvider/managedDraining", json!("DISABLED")),
                update(json!({"managedDraining": "ENABLED"})),
            ),
            row(
                "tags.color",
                ("color: blue", "color: green"),
                ("/tags/color", json!("green")),
                call(
                    "ecs",
                    "tag_resource",
                    json!({"resourceArn": arn, "tags": [{"key": "color", "value": "red"}]}),
                ),
            ),
        ],
    }
    .check();
}

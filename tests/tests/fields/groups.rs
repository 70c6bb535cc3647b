//! Auto Scaling groups.

use crate::row::{Behind, call, row, tags};
use crate::table::Table;
use serde_json::{Value, json};
use setpoint_tests::{Boto, Proxy};

fn group(boto: &Boto, name: &str) -> Value {
    let named = json!({"AutoScalingGroupNames": [name]});
    let mut answer = boto.expect("autoscaling", "describe_auto_scaling_groups", named);
    let mut shown = answer["AutoScalingGroups"][0].take();
    shown["Tags"] = tags(&shown["Tags"]);
    // Instances come and go; the group's settings stay.
    shown
        .as_object_mut()
        .expect("it is there")
        .remove("Instances");
    shown
}

fn update(member: &str, value: Value) -> Behind {
    let mut arguments = json!({"AutoScalingGroupName": "NAME"});
    arguments[member] = value;
    call("autoscaling", "update_auto_scaling_group", arguments)
}

#[test]
fn each_field_of_an_auto_scaling_group_is_planned_applied_and_held() {
    let proxy = Proxy::start();
    let subnets = proxy.behind().expect("ec2", "describe_subnets", json!({}));
    let subnet = |index: usize| {
        let id = subnets["Subnets"][index]["SubnetId"].as_str();
        id.expect("a default VPC has subnets").to_owned()
    };
    let (second, third) = (subnet(1), subnet(2));
    let table = Table {
        kind: "autoScalingGroup",
        shared: &[(
            "launchTemplates",
            "  first: { imageId: ami-0123456789abcdef0, instanceType: t2.small }
  second: { imageId: ami-0123456789abcdef0, instanceType: t3.small }
",
        )],
        each: &[(
            "autoScalingGroups",
            "  NAME:
    launchTemplate: first
    subnets: [FIRST]
    minSize: 0
    maxSize: 3
    desiredCapacity: 0
    protectFromScaleIn: false
    healthCheckType: EC2
    healthCheckGracePeriod: 60
    defaultCooldown: 300
    defaultInstanceWarmup: 90
    terminationPolicies: [Default]
    maxInstanceLifetime: 86400
    capacityRebalance: false
    tags: { color: blue }
",
        )],
        follower: None,
        show: group,
        rows: vec![
            row(
                "launchTemplate",
                ("launchTemplate: first", "launchTemplate: second"),
                ("/LaunchTemplate/LaunchTemplateName", json!("second")),
                update(
                    "LaunchTemplate",
                    json!({"LaunchTemplateName": "first", "Version": "1"}),
                ),
            ),
            row(
                "subnets",
                ("[FIRST]", "[SECOND]"),
                ("/VPCZoneIdentifier", json!(second)),
                update("VPCZoneIdentifier", json!(third)),
            ),
            row(
                "maxSize",
                ("maxSize: 3", "maxSize: 4"),
                ("/MaxSize", json!(4)),
                update("MaxSize", json!(9)),
            ),
            // The desired capacity must be within the range, so the range moves with neither row.
            row(
                "desiredCapacity",
                ("desiredCapacity: 0", "desiredCapacity: 1"),
                ("/DesiredCapacity", json!(1)),
                update("DesiredCapacity", json!(2)),
            ),
            row(
                "protectFromScaleIn",
                ("protectFromScaleIn: false", "protectFromScaleIn: true"),
                ("/NewInstancesProtectedFromScaleIn", json!(true)),
                update("NewInstancesProtectedFromScaleIn", json!(false)),
            ),
            row(
                "healthCheckType",
                ("healthCheckType: EC2", "healthCheckType: ELB"),
                ("/HealthCheckType", json!("ELB")),
                update("HealthCheckType", json!("EC2")),
            ),
            row(
                "healthCheckGracePeriod",
                ("healthCheckGracePeriod: 60", "healthCheckGracePeriod: 0"),
                ("/HealthCheckGracePeriod", json!(0)),
                update("HealthCheckGracePeriod", json!(30)),
            ),
            row(
                "defaultCooldown",
                ("defaultCooldown: 300", "defaultCooldown: 30"),
                ("/DefaultCooldown", json!(30)),
                update("DefaultCooldown", json!(10)),
            ),
            row(
                "defaultInstanceWarmup",
                ("defaultInstanceWarmup: 90", "defaultInstanceWarmup: 120"),
                ("/DefaultInstanceWarmup", json!(120)),
                update("DefaultInstanceWarmup", json!(10)),
            ),
            row(
                "terminationPolicies",
                (
                    "terminationPolicies: [Default]",
                    "terminationPolicies: [OldestInstance, Default]",
                ),
                ("/TerminationPolicies", json!(["OldestInstance", "Default"])),
                update("TerminationPolicies", json!(["NewestInstance"])),
            ),
            row(
                "maxInstanceLifetime",
                ("maxInstanceLifetime: 86400", "maxInstanceLifetime: 0"),
                ("/MaxInstanceLifetime", json!(0)),
                update("MaxInstanceLifetime", json!(172_800)),
            ),
            row(
                "capacityRebalance",
                ("capacityRebalance: false", "capacityRebalance: true"),
                ("/CapacityRebalance", json!(true)),
                update("CapacityRebalance", json!(false)),
            ),
            row(
                "tags.color",
                ("color: blue", "color: green"),
                ("/Tags/color", json!("green")),
                call(
                    "autoscaling",
                    "create_or_update_tags",
                    json!({"Tags": [{"ResourceId": "NAME", "ResourceType": "auto-scaling-group",
                        "Key": "color", "Value": "red", "PropagateAtLaunch": true}]}),
                ),
            ),
        ],
    };
    let words = [
        ("[FIRST]", format!("[{}]", subnet(0))),
        ("[SECOND]", format!("[{second}]")),
    ];
    table.check_at(&proxy, &words);
}

#[test]
fn the_fewest_instances_are_held_where_the_count_is_left_to_others() {
    Table {
        kind: "autoScalingGroup",
        shared: &[(
            "launchTemplates",
            "  first: { imageId: ami-0123456789abcdef0, instanceType: t2.small }\n",
        )],
        each: &[(
            "autoScalingGroups",
            "  NAME: { launchTemplate: first, minSize: 0, maxSize: 3 }\n",
        )],
        follower: None,
        show: group,
        rows: vec![row(
            "minSize",
            ("minSize: 0", "minSize: 1"),
            ("/MinSize", json!(1)),
            update("MinSize", json!(0)),
        )],
    }
    .check();
}

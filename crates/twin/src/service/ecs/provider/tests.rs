mod attaching;
mod managing;

use crate::{
    World,
    service::ecs::tests::{call, call_of, ok, pass, refused, world},
};
use serde_json::{Value, json};

/// An account with a group `web` of t2.small instances that join a cluster `web`, from 0 to
/// `most`, and the cluster.
fn with_group(most: i64) -> World {
    let mut world = world();
    let trust = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": { "Service": "ec2.amazonaws.com" },
            "Action": "sts:AssumeRole",
        }],
    });
    let role = json!({ "RoleName": "web", "AssumeRolePolicyDocument": trust.to_string() });
    done(&mut world, "iam", "CreateRole", role);
    let policy = "arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role";
    let attach = json!({ "RoleName": "web", "PolicyArn": policy });
    done(&mut world, "iam", "AttachRolePolicy", attach);
    let profile = json!({ "InstanceProfileName": "web" });
    done(&mut world, "iam", "CreateInstanceProfile", profile);
    let member = json!({ "InstanceProfileName": "web", "RoleName": "web" });
    done(&mut world, "iam", "AddRoleToInstanceProfile", member);
    pass(&mut world, 60);
    let image = "/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id";
    let template = json!({
        "LaunchTemplateName": "web",
        "LaunchTemplateData": {
            "ImageId": format!("resolve:ssm:{image}"),
            "InstanceType": "t2.small",
            "IamInstanceProfile": { "Name": "web" },
            // #!/bin/bash, echo ECS_CLUSTER=web >> /etc/ecs/ecs.config
            "UserData": "IyEvYmluL2Jhc2gKZWNobyBFQ1NfQ0xVU1RFUj13ZWIgPj4gL2V0Yy9lY3MvZWNzLmNvbmZpZwo=",
        },
    });
    done(&mut world, "ec2", "CreateLaunchTemplate", template);
    group(&mut world, "web", most);
    ok(&mut world, "CreateCluster", json!({ "clusterName": "web" }));
    world
}

fn done(world: &mut World, service: &str, action: &str, members: Value) -> Value {
    let answer = call_of(world, service, action, members);
    answer.unwrap_or_else(|err| panic!("{action}: {err}"))
}

fn group(world: &mut World, name: &str, most: i64) {
    let group = json!({
        "AutoScalingGroupName": name,
        "MinSize": 0,
        "MaxSize": most,
        "LaunchTemplate": { "LaunchTemplateName": "web", "Version": "$Latest" },
        "AvailabilityZones": ["us-east-1a"],
    });
    done(world, "autoscaling", "CreateAutoScalingGroup", group);
}

fn provider(world: &mut World, more: Value) -> Value {
    let mut asked = json!({ "autoScalingGroupArn": "web" });
    for (member, value) in more.as_object().expect("an object") {
        asked[member] = value.clone();
    }
    let asked = json!({ "name": "web", "autoScalingGroupProvider": asked });
    ok(world, "CreateCapacityProvider", asked)["capacityProvider"].clone()
}

fn managed() -> Value {
    json!({ "managedScaling": { "status": "ENABLED" } })
}

/// Lets the cluster have the provider `web`, or none.
fn put(has: bool) -> Value {
    let (providers, strategy) = match has {
        true => (
            json!(["web"]),
            json!([{ "capacityProvider": "web", "weight": 1 }]),
        ),
        false => (json!([]), json!([])),
    };
    json!({
        "cluster": "web",
        "capacityProviders": providers,
        "defaultCapacityProviderStrategy": strategy,
    })
}

fn described(world: &mut World) -> Value {
    let asked = json!({ "capacityProviders": ["web"] });
    ok(world, "DescribeCapacityProviders", asked)["capacityProviders"][0].clone()
}

#[test]
fn a_provider_has_what_nobody_said() {
    let mut world = with_group(3);
    let made = provider(&mut world, json!({}));
    let group = crate::service::autoscaling::group(&world, "web").unwrap();
    assert_eq!(
        made,
        json!({
            "capacityProviderArn": "arn:aws:ecs:us-east-1:123456789012:capacity-provider/web",
            "name": "web",
            "status": "ACTIVE",
            "autoScalingGroupProvider": {
                "autoScalingGroupArn": group.arn,
                "managedScaling": {
                    "status": "DISABLED",
                    "targetCapacity": 100,
                    "minimumScalingStepSize": 1,
                    "maximumScalingStepSize": 10000,
                    "instanceWarmupPeriod": 300,
                },
                "managedTerminationProtection": "DISABLED",
                "managedDraining": "ENABLED",
            },
            "tags": [],
            "type": "EC2_AUTOSCALING",
            "updateStatus": "CREATE_COMPLETE",
        })
    );
    assert_eq!(group.tags["AmazonECSManaged"], "");
}

#[test]
fn a_group_has_one_provider_and_a_name_is_not_awss() {
    let mut world = with_group(3);
    let of = |name: &str, group: &str| {
        json!({
            "name": name,
            "autoScalingGroupProvider": { "autoScalingGroupArn": group },
        })
    };
    let why = |world: &mut World, asked: Value| {
        let (code, words) = refused(world, "CreateCapacityProvider", asked);
        assert_eq!(code, "ClientException", "{words}");
        words
    };
    assert!(why(&mut world, of("ecs-web", "web")).contains("cannot be prefixed"));
    assert!(why(&mut world, of("web", "no")).contains("does not exist"));
    provider(&mut world, json!({}));
    assert!(why(&mut world, of("web", "web")).contains("capacity provider already exists"));
    assert!(why(&mut world, of("web-2", "web")).contains("already being used by another"));
    let mut protected = of("web-2", "web-2");
    group(&mut world, "web-2", 3);
    protected["autoScalingGroupProvider"]["managedTerminationProtection"] = json!("ENABLED");
    protected["autoScalingGroupProvider"]["managedScaling"] = json!({ "status": "ENABLED" });
    assert!(why(&mut world, protected).contains("must have instance protection from scale in"));
}

#[test]
fn fargates_providers_are_always_there_and_others_missing() {
    let mut world = world();
    let all = ok(&mut world, "DescribeCapacityProviders", json!({}));
    assert_eq!(all["capacityProviders"][0]["name"], "FARGATE");
    assert_eq!(all["capacityProviders"][1]["type"], "FARGATE_SPOT");
    let asked = json!({ "capacityProviders": ["no"] });
    let shown = ok(&mut world, "DescribeCapacityProviders", asked);
    assert_eq!(shown["capacityProviders"], json!([]));
    assert_eq!(shown["failures"][0]["reason"], "MISSING");
    let asked = json!({ "capacityProvider": "no" });
    let (code, words) = refused(&mut world, "DeleteCapacityProvider", asked);
    assert_eq!(code, "ClientException");
    assert!(
        words.contains("capacity provider does not exist"),
        "{words}"
    );
    let eleven = json!({ "maxResults": 11 });
    assert!(call(&mut world, "DescribeCapacityProviders", eleven).is_err());
}

#[test]
fn a_change_takes_a_while_and_a_deletion_too() {
    let mut world = with_group(3);
    provider(&mut world, managed());
    let asked = json!({
        "name": "web",
        "autoScalingGroupProvider": { "managedScaling": { "targetCapacity": 80 } },
    });
    let changed = ok(&mut world, "UpdateCapacityProvider", asked.clone());
    assert_eq!(
        changed["capacityProvider"]["updateStatus"],
        "UPDATE_IN_PROGRESS"
    );
    let (code, _) = refused(&mut world, "UpdateCapacityProvider", asked);
    assert_eq!(code, "UpdateInProgressException");
    pass(&mut world, 10);
    let shown = described(&mut world);
    assert_eq!(shown["updateStatus"], "UPDATE_COMPLETE");
    let scaling = &shown["autoScalingGroupProvider"]["managedScaling"];
    assert_eq!(scaling["targetCapacity"], 80);
    assert_eq!(scaling["status"], "ENABLED");
    let asked = json!({ "capacityProvider": shown["capacityProviderArn"] });
    let deleted = ok(&mut world, "DeleteCapacityProvider", asked);
    assert_eq!(
        deleted["capacityProvider"]["updateStatus"],
        "DELETE_IN_PROGRESS"
    );
    pass(&mut world, 10);
    let shown = described(&mut world);
    assert_eq!(shown["status"], "INACTIVE");
    assert_eq!(shown["updateStatus"], "DELETE_COMPLETE");
    provider(&mut world, json!({}));
}

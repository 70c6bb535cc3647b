//! The day that the system is for, by AWS's own actions and on the twin's own clock: load rises, the
//! policy follows it from one task to three, and back when it is gone.

use serde_json::{Value, json};
use setpoint_twin::{Caller, Habits, Input, Time, World, service, work};
use std::time::Duration;

const START: Time = Time(1_795_737_600_000);

fn does(world: &mut World, service: &str, action: &str, members: Value) -> Value {
    let input = Input {
        service: service.into(),
        action: action.into(),
        caller: Caller::default(),
        members: members.as_object().cloned().unwrap_or_default(),
    };
    service::run(world, &input).unwrap_or_else(|err| panic!("{action}: {err}"))
}

fn role(world: &mut World, name: &str, service: &str, policy: &str) {
    let trust = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole",
    }]});
    does(
        world,
        "iam",
        "CreateRole",
        json!({
            "RoleName": name, "AssumeRolePolicyDocument": trust.to_string(),
        }),
    );
    let arn = format!("arn:aws:iam::aws:policy/service-role/{policy}");
    does(
        world,
        "iam",
        "AttachRolePolicy",
        json!({"RoleName": name, "PolicyArn": arn}),
    );
}

/// The flash-sale system, as a person would make it by hand, at steady state.
fn flash_sale(seed: u64) -> World {
    let habits = Habits {
        images_must_exist: false,
        ..Habits::default()
    };
    let world = &mut World::new("us-east-1", seed, START, habits);
    does(
        world,
        "ecr",
        "CreateRepository",
        json!({"repositoryName": "webapp"}),
    );
    role(
        world,
        "hosts",
        "ec2.amazonaws.com",
        "AmazonEC2ContainerServiceforEC2Role",
    );
    does(
        world,
        "iam",
        "CreateInstanceProfile",
        json!({"InstanceProfileName": "hosts"}),
    );
    does(
        world,
        "iam",
        "AddRoleToInstanceProfile",
        json!({
            "InstanceProfileName": "hosts", "RoleName": "hosts",
        }),
    );
    world.advance(START + Duration::from_secs(30));
    does(
        world,
        "ecs",
        "CreateCluster",
        json!({"clusterName": "sale"}),
    );
    does(
        world,
        "ec2",
        "CreateLaunchTemplate",
        json!({
            "LaunchTemplateName": "hosts",
            "LaunchTemplateData": {
                "ImageId": "resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id",
                "InstanceType": "t2.small",
                "IamInstanceProfile": {"Name": "hosts"},
                // #!/bin/bash; echo ECS_CLUSTER=sale >> /etc/ecs/ecs.config
                "UserData": "IyEvYmluL2Jhc2gKZWNobyBFQ1NfQ0xVU1RFUj1zYWxlID4+IC9ldGMvZWNzL2Vjcy5jb25maWcK",
            },
        }),
    );
    does(
        world,
        "autoscaling",
        "CreateAutoScalingGroup",
        json!({
            "AutoScalingGroupName": "hosts", "MinSize": 1, "MaxSize": 3,
            "LaunchTemplate": {"LaunchTemplateName": "hosts", "Version": "$Latest"},
            "AvailabilityZones": ["us-east-1a", "us-east-1b"],
        }),
    );
    does(
        world,
        "ecs",
        "CreateCapacityProvider",
        json!({
            "name": "hosts",
            "autoScalingGroupProvider": {
                "autoScalingGroupArn": "hosts", "managedScaling": {"status": "ENABLED"},
            },
        }),
    );
    does(
        world,
        "ecs",
        "PutClusterCapacityProviders",
        json!({
            "cluster": "sale", "capacityProviders": ["hosts"],
            "defaultCapacityProviderStrategy": [{"capacityProvider": "hosts", "weight": 1}],
        }),
    );
    does(
        world,
        "ecs",
        "RegisterTaskDefinition",
        json!({
            "family": "webapp", "networkMode": "bridge", "cpu": "256", "memory": "512",
            "containerDefinitions": [{
                "name": "web", "image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/webapp:latest",
                "cpu": 256, "memory": 512,
                "portMappings": [{"containerPort": 80, "hostPort": 0}],
            }],
        }),
    );
    does(
        world,
        "ecs",
        "CreateService",
        json!({
            "cluster": "sale", "serviceName": "shop", "taskDefinition": "webapp", "desiredCount": 1,
            "capacityProviderStrategy": [{"capacityProvider": "hosts", "weight": 1}],
        }),
    );
    let target = json!({
        "ServiceNamespace": "ecs", "ResourceId": "service/sale/shop",
        "ScalableDimension": "ecs:service:DesiredCount", "MinCapacity": 1, "MaxCapacity": 3,
    });
    does(
        world,
        "application-autoscaling",
        "RegisterScalableTarget",
        target,
    );
    does(
        world,
        "application-autoscaling",
        "PutScalingPolicy",
        json!({
            "PolicyName": "cpu", "ServiceNamespace": "ecs", "ResourceId": "service/sale/shop",
            "ScalableDimension": "ecs:service:DesiredCount", "PolicyType": "TargetTrackingScaling",
            "TargetTrackingScalingPolicyConfiguration": {
                "TargetValue": 50.0, "ScaleOutCooldown": 30, "ScaleInCooldown": 30,
                "PredefinedMetricSpecification": {
                    "PredefinedMetricType": "ECSServiceAverageCPUUtilization",
                },
            },
        }),
    );
    world.advance(START + Duration::from_secs(600));
    world.clone()
}

/// The running and the wanted count of tasks.
fn counts(world: &mut World) -> (i64, i64) {
    let asked = json!({"cluster": "sale", "services": ["shop"]});
    let shown = does(world, "ecs", "DescribeServices", asked);
    let count = |name: &str| shown["services"][0][name].as_i64().unwrap_or(-1);
    (count("runningCount"), count("desiredCount"))
}

/// Runs for so many minutes, and tells the counts at the end of each.
fn minutes(world: &mut World, number: usize) -> Vec<(i64, i64)> {
    let each = |_| {
        world.advance(world.now + Duration::from_secs(60));
        counts(world)
    };
    (0..number).map(each).collect()
}

#[test]
fn a_service_follows_its_load_out_within_minutes_and_in_after_a_quarter_of_an_hour() {
    let world = &mut flash_sale(5);
    assert_eq!(counts(world), (1, 1));
    // A task of 256 CPU units does 25 requests a second of 10 ms each; 40 are more than one does.
    work::offer(world, "sale", "shop", 40.0);
    let out = minutes(world, 12);
    let reached = out.iter().position(|it| *it == (3, 3));
    let reached = reached.unwrap_or_else(|| panic!("{out:?}"));
    // Three breaching minutes each, and the metric's delay.
    assert!((4..=11).contains(&reached), "{out:?}");
    assert!(out.iter().all(|(_, desired)| *desired <= 3), "{out:?}");
    work::offer(world, "sale", "shop", 0.0);
    let inward = minutes(world, 30);
    let first = inward.iter().position(|it| it.1 < 3);
    let first = first.unwrap_or_else(|| panic!("{inward:?}"));
    assert!((14..=18).contains(&first), "{inward:?}");
    assert_eq!(inward.last(), Some(&(1, 1)), "{inward:?}");
    let asked = json!({"ServiceNamespace": "ecs"});
    let told = does(
        world,
        "application-autoscaling",
        "DescribeScalingActivities",
        asked,
    );
    let told = told["ScalingActivities"].as_array().expect("it is a list");
    let descriptions: Vec<&str> = told
        .iter()
        .filter_map(|it| it["Description"].as_str())
        .collect();
    assert_eq!(
        descriptions,
        [
            "Setting desired count to 1.",
            "Setting desired count to 2.",
            "Setting desired count to 3.",
            "Setting desired count to 2.",
        ]
    );
    for activity in told {
        assert_eq!(activity["StatusCode"], "Successful", "{activity}");
        let cause = activity["Cause"].as_str().unwrap_or_default();
        assert!(cause.contains("triggered policy cpu"), "{cause}");
    }
}

#[test]
fn the_group_grows_for_tasks_that_find_no_room_and_shrinks_when_they_are_gone() {
    let world = &mut flash_sale(6);
    let size = |world: &mut World| {
        let shown = does(world, "autoscaling", "DescribeAutoScalingGroups", json!({}));
        let instances = shown["AutoScalingGroups"][0]["Instances"].as_array();
        instances.map_or(0, |it| {
            it.iter()
                .filter(|it| it["LifecycleState"] == "InService")
                .count()
        })
    };
    assert_eq!(size(world), 1);
    does(
        world,
        "application-autoscaling",
        "RegisterScalableTarget",
        json!({
            "ServiceNamespace": "ecs", "ResourceId": "service/sale/shop",
            "ScalableDimension": "ecs:service:DesiredCount", "MinCapacity": 8, "MaxCapacity": 8,
        }),
    );
    world.advance(world.now + Duration::from_secs(900));
    // Three tasks of 512 MiB fit on a t2.small.
    assert_eq!((counts(world), size(world)), ((8, 8), 3));
    does(
        world,
        "application-autoscaling",
        "RegisterScalableTarget",
        json!({
            "ServiceNamespace": "ecs", "ResourceId": "service/sale/shop",
            "ScalableDimension": "ecs:service:DesiredCount", "MinCapacity": 1, "MaxCapacity": 1,
        }),
    );
    world.advance(world.now + Duration::from_secs(2 * 3600));
    assert_eq!((counts(world), size(world)), ((1, 1), 1));
}

#[test]
fn a_t2_without_credits_is_as_fast_as_its_baseline() {
    let world = &mut flash_sale(7);
    does(
        world,
        "application-autoscaling",
        "RegisterScalableTarget",
        json!({
            "ServiceNamespace": "ecs", "ResourceId": "service/sale/shop",
            "ScalableDimension": "ecs:service:DesiredCount", "MinCapacity": 3, "MaxCapacity": 3,
        }),
    );
    world.advance(world.now + Duration::from_secs(300));
    work::offer(world, "sale", "shop", 1000.0);
    let cpu = |world: &mut World| {
        let (start, end) = (world.now - Duration::from_secs(180), world.now);
        let shown = does(
            world,
            "monitoring",
            "GetMetricStatistics",
            json!({
                "Namespace": "AWS/ECS", "MetricName": "CPUUtilization", "Period": 60,
                "Statistics": ["Average"], "StartTime": start.value(), "EndTime": end.value(),
                "Dimensions": [
                    {"Name": "ClusterName", "Value": "sale"}, {"Name": "ServiceName", "Value": "shop"},
                ],
            }),
        );
        let points = shown["Datapoints"].as_array().expect("it is a list");
        points
            .iter()
            .filter_map(|it| it["Average"].as_f64())
            .fold(0.0, f64::max)
    };
    world.advance(world.now + Duration::from_secs(600));
    assert!(cpu(world) > 95.0, "{}", cpu(world));
    // Thirty launch credits at three quarters of a vCPU, less what is earned.
    world.advance(world.now + Duration::from_secs(3600));
    // A fifth of a vCPU is shared by three tasks of a quarter each.
    let starved = cpu(world);
    assert!((20.0..35.0).contains(&starved), "{starved}");
}

#[test]
fn the_same_seed_gives_the_same_day_to_the_byte() {
    let day = |seed| {
        let world = &mut flash_sale(seed);
        work::offer(world, "sale", "shop", 40.0);
        minutes(world, 15);
        work::offer(world, "sale", "shop", 0.0);
        minutes(world, 20);
        serde_json::to_string(world).expect("a world is plain values")
    };
    let (one, again, other) = (day(1), day(1), day(2));
    assert!(one == again);
    assert!(one != other);
}

#[test]
fn a_world_that_was_saved_goes_on_as_if_nothing_had_been() {
    let world = &mut flash_sale(9);
    let text = serde_json::to_string(world).expect("a world is plain values");
    let mut read: World = serde_json::from_str(&text).expect("what was written is read");
    work::offer(world, "sale", "shop", 40.0);
    work::offer(&mut read, "sale", "shop", 40.0);
    minutes(world, 10);
    minutes(&mut read, 10);
    let text = |world: &World| serde_json::to_string(world).expect("a world is plain values");
    let (went_on, read) = (text(world), text(&read));
    let at = went_on
        .bytes()
        .zip(read.bytes())
        .position(|(one, other)| one != other);
    let shown = |text: &str| at.map(|it| text[it.saturating_sub(80)..it + 40].to_owned());
    assert!(
        at.is_none(),
        "{:?}\nnot\n{:?}",
        shown(&read),
        shown(&went_on)
    );
}

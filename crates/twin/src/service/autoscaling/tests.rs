//! Groups, and how tests make them.

mod changing;
mod ending;
mod growing;
mod hooks;
mod policies;
mod refreshes;

use crate::{Answer, Habits, Input, Refusal, Time, World, service};
use serde_json::{Value, json};
use std::time::Duration;

const IMAGE: &str =
    "resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id";

/// A world with a launch template `node`.
fn world() -> World {
    let now = Time(1_795_737_600_000);
    let mut world = World::new("us-east-1", 7, now, Habits::default());
    let data = json!({ "ImageId": IMAGE, "InstanceType": "t3.small" });
    let create = json!({ "LaunchTemplateName": "node", "LaunchTemplateData": data });
    call(&mut world, "ec2", "CreateLaunchTemplate", create).unwrap();
    world
}

fn call(world: &mut World, service: &str, action: &str, members: Value) -> Answer {
    let input = Input {
        service: service.to_owned(),
        action: action.to_owned(),
        members: members.as_object().cloned().unwrap_or_default(),
        ..Input::default()
    };
    service::run(world, &input)
}

fn ok(world: &mut World, action: &str, members: Value) -> Value {
    call(world, "autoscaling", action, members).unwrap_or_else(|it| panic!("{action}: {it}"))
}

fn refused(world: &mut World, action: &str, members: Value) -> Refusal {
    match call(world, "autoscaling", action, members) {
        Ok(answer) => panic!("{action}: {answer}"),
        Err(refusal) => refusal,
    }
}

fn pass(world: &mut World, seconds: u64) {
    let to = world.now + Duration::from_secs(seconds);
    world.advance(to);
}

/// The default subnets of the first two zones.
fn subnets(world: &mut World) -> Vec<String> {
    let found = call(world, "ec2", "DescribeSubnets", json!({})).unwrap();
    let zone = |name: &str| {
        let mut subnets = found["Subnets"].as_array().unwrap().iter();
        let subnet = subnets.find(|it| it["AvailabilityZone"] == name).unwrap();
        subnet["SubnetId"].as_str().unwrap().to_owned()
    };
    vec![zone("us-east-1a"), zone("us-east-1b")]
}

/// Members that make a group `web` of one to four instances in two zones.
fn web(world: &mut World, more: Value) -> Value {
    let mut members = json!({
        "AutoScalingGroupName": "web",
        "MinSize": 1,
        "MaxSize": 4,
        "LaunchTemplate": { "LaunchTemplateName": "node", "Version": "1" },
        "VPCZoneIdentifier": subnets(world).join(","),
    });
    for (name, value) in more.as_object().into_iter().flatten() {
        members[name] = value.clone();
    }
    members
}

/// A world with such a group whose instances are in service.
fn with_web(more: Value) -> World {
    let mut world = world();
    let members = web(&mut world, more);
    ok(&mut world, "CreateAutoScalingGroup", members);
    pass(&mut world, 60);
    world
}

fn group(world: &mut World) -> Value {
    let asked = json!({ "AutoScalingGroupNames": ["web"] });
    ok(world, "DescribeAutoScalingGroups", asked)["AutoScalingGroups"][0].clone()
}

/// The ids of its instances in a state, sorted.
fn ids(world: &mut World, state: &str) -> Vec<String> {
    let group = group(world);
    let instances = group["Instances"].as_array().cloned().unwrap_or_default();
    let found = instances.iter().filter(|it| it["LifecycleState"] == state);
    found
        .map(|it| it["InstanceId"].as_str().unwrap().to_owned())
        .collect()
}

fn activities(world: &mut World) -> Vec<Value> {
    let asked = json!({ "AutoScalingGroupName": "web", "IncludeDeletedGroups": true });
    let answer = ok(world, "DescribeScalingActivities", asked);
    answer["Activities"].as_array().cloned().unwrap()
}

fn named(more: Value) -> Value {
    let mut members = json!({ "AutoScalingGroupName": "web" });
    for (name, value) in more.as_object().into_iter().flatten() {
        members[name] = value.clone();
    }
    members
}

#[test]
fn a_group_shows_what_was_given_and_what_aws_fills_in() {
    let mut world = world();
    let tags = json!([{
        "Key": "project", "Value": "shop", "PropagateAtLaunch": true,
        "ResourceId": "web", "ResourceType": "auto-scaling-group",
    }]);
    let members = web(&mut world, json!({ "Tags": tags, "MinSize": 0 }));
    ok(&mut world, "CreateAutoScalingGroup", members);
    let group = group(&mut world);
    assert_eq!(group["DesiredCapacity"], 0);
    assert_eq!(group["DefaultCooldown"], 300);
    assert_eq!(group["HealthCheckType"], "EC2");
    assert_eq!(group["HealthCheckGracePeriod"], 0);
    assert_eq!(group["TerminationPolicies"], json!(["Default"]));
    assert_eq!(group["NewInstancesProtectedFromScaleIn"], false);
    assert_eq!(group["DeletionProtection"], "none");
    assert_eq!(group["Tags"], tags);
    assert_eq!(
        group["AvailabilityZones"],
        json!(["us-east-1a", "us-east-1b"])
    );
    let template = &group["LaunchTemplate"];
    assert_eq!(template["LaunchTemplateName"], "node");
    assert!(
        template["LaunchTemplateId"]
            .as_str()
            .unwrap()
            .starts_with("lt-")
    );
    assert_eq!(template["Version"], "1");
    assert_eq!(group.get("Status"), None);
    let role = group["ServiceLinkedRoleARN"].as_str().unwrap();
    assert!(role.ends_with("/AWSServiceRoleForAutoScaling"), "{role}");
    pass(&mut world, 3600);
    assert!(activities(&mut world).is_empty());
}

#[test]
fn a_missing_group_is_absent_from_reads_and_refused_by_writes() {
    let mut world = world();
    let asked = json!({ "AutoScalingGroupNames": ["web"] });
    let answer = ok(&mut world, "DescribeAutoScalingGroups", asked);
    assert_eq!(answer, json!({ "AutoScalingGroups": [] }));
    for action in ["UpdateAutoScalingGroup", "DeleteAutoScalingGroup"] {
        let refusal = refused(&mut world, action, named(json!({})));
        assert_eq!(refusal.code, "ValidationError");
        assert!(
            refusal
                .message
                .starts_with("AutoScalingGroup name not found - "),
            "{refusal}"
        );
    }
}

#[test]
fn a_group_is_refused_that_does_not_hold_together() {
    let mut world = world();
    let mut why = |more: Value| {
        let members = web(&mut world, more);
        refused(&mut world, "CreateAutoScalingGroup", members).message
    };
    assert_eq!(
        why(json!({ "MinSize": 5 })),
        "Max bound, 4, must be greater than or equal to min bound, 5"
    );
    assert_eq!(
        why(json!({ "DesiredCapacity": 0 })),
        "Desired capacity:0 must be between the specified min size:1 and max size:4"
    );
    assert_eq!(
        why(json!({ "VPCZoneIdentifier": "subnet-00000000000000000" })),
        "The subnet ID 'subnet-00000000000000000' does not exist"
    );
    let both = why(json!({ "LaunchConfigurationName": "old" }));
    assert!(both.starts_with("Valid requests must contain either LaunchTemplate"));
    let other = json!({ "LaunchTemplate": { "LaunchTemplateName": "none", "Version": "1" } });
    let other = why(other);
    assert!(
        other.starts_with("You must use a valid fully-formed launch template. "),
        "{other}"
    );
}

#[test]
fn groups_are_found_by_their_tags_page_by_page() {
    let mut world = world();
    for number in 0..3 {
        let name = format!("web-{number}");
        let tags = json!([{ "Key": "stack", "Value": format!("s{}", number % 2) }]);
        let members = json!({ "AutoScalingGroupName": name, "MinSize": 0, "Tags": tags });
        let members = web(&mut world, members);
        ok(&mut world, "CreateAutoScalingGroup", members);
    }
    let filter = json!([{ "Name": "tag:stack", "Values": ["s0"] }]);
    let asked = json!({ "Filters": filter, "MaxRecords": 1 });
    let first = ok(&mut world, "DescribeAutoScalingGroups", asked);
    assert_eq!(
        first["AutoScalingGroups"][0]["AutoScalingGroupName"],
        "web-0"
    );
    let asked = json!({ "Filters": filter, "NextToken": first["NextToken"] });
    let second = ok(&mut world, "DescribeAutoScalingGroups", asked);
    assert_eq!(
        second["AutoScalingGroups"][0]["AutoScalingGroupName"],
        "web-2"
    );
    assert_eq!(second["AutoScalingGroups"].as_array().unwrap().len(), 1);
    assert_eq!(second.get("NextToken"), None);
    let asked = json!({ "NextToken": "nonsense" });
    let refusal = refused(&mut world, "DescribeAutoScalingGroups", asked);
    assert_eq!(refusal.code, "InvalidNextToken");
}

#[test]
fn a_name_is_taken_until_the_old_group_is_gone() {
    let mut world = with_web(json!({}));
    let members = web(&mut world, json!({}));
    let taken = refused(&mut world, "CreateAutoScalingGroup", members.clone());
    assert_eq!(taken.code, "AlreadyExists");
    let force = named(json!({ "ForceDelete": true }));
    ok(&mut world, "DeleteAutoScalingGroup", force);
    let pending = refused(&mut world, "CreateAutoScalingGroup", members.clone());
    assert!(pending.message.contains("pending delete"), "{pending}");
    pass(&mut world, 120);
    ok(&mut world, "CreateAutoScalingGroup", members);
}

//! Launching instances.

use super::*;
use crate::service::ec2;

#[test]
fn a_new_group_launches_to_desired_over_its_zones() {
    let mut world = world();
    let members = web(&mut world, json!({ "DesiredCapacity": 2 }));
    ok(&mut world, "CreateAutoScalingGroup", members);
    pass(&mut world, 10);
    let pending = ids(&mut world, "Pending");
    assert_eq!(pending.len(), 2);
    assert_eq!(activities(&mut world)[0]["StatusCode"], "PreInService");
    pass(&mut world, 30);
    assert_eq!(ids(&mut world, "InService"), pending);
    let group = group(&mut world);
    let zone = |index: usize| group["Instances"][index]["AvailabilityZone"].clone();
    assert_ne!(zone(0), zone(1));
    assert_eq!(group["Instances"][0]["LaunchTemplate"]["Version"], "1");
    assert_eq!(group["Instances"][0]["HealthStatus"], "Healthy");
    let told = activities(&mut world);
    assert_eq!(told.len(), 2);
    assert_eq!(
        told[0]["Cause"],
        "At 2026-11-27T00:00:00Z a user request created an AutoScalingGroup changing the desired \
         capacity from 0 to 2.  At 2026-11-27T00:00:05Z an instance was started in response to a \
         difference between desired and actual capacity, increasing the capacity from 0 to 2."
    );
    assert_eq!(told[0]["StatusCode"], "Successful");
    assert_eq!(told[0]["Progress"], 100);
    let text = told[0]["Description"].as_str().unwrap();
    assert!(
        text.starts_with("Launching a new EC2 instance: i-"),
        "{text}"
    );
}

#[test]
fn instances_get_the_tags_that_propagate_and_later_ones_do_not_reach_them() {
    let tags = json!([
        { "Key": "a", "Value": "1", "PropagateAtLaunch": true },
        { "Key": "b", "Value": "2", "PropagateAtLaunch": false },
    ]);
    let mut world = with_web(json!({ "Tags": tags }));
    let id = ids(&mut world, "InService").remove(0);
    let later = json!({ "Tags": [{
        "Key": "c", "Value": "3", "PropagateAtLaunch": true,
        "ResourceId": "web", "ResourceType": "auto-scaling-group",
    }] });
    ok(&mut world, "CreateOrUpdateTags", later);
    let tags = &ec2::instance(&world, &id).unwrap().tags;
    assert_eq!(tags.get("a").map(String::as_str), Some("1"));
    assert_eq!(
        tags.get("aws:autoscaling:groupName").map(String::as_str),
        Some("web")
    );
    assert_eq!((tags.get("b"), tags.get("c")), (None, None));
}

#[test]
fn a_launch_that_fails_is_told_and_tried_again_less_and_less_often() {
    let mut world = with_web(json!({ "MinSize": 0 }));
    let gone = json!({ "LaunchTemplateName": "node" });
    call(&mut world, "ec2", "DeleteLaunchTemplate", gone).unwrap();
    let desired = named(json!({ "DesiredCapacity": 1 }));
    ok(&mut world, "SetDesiredCapacity", desired);
    pass(&mut world, 10);
    let told = activities(&mut world);
    assert_eq!(told.len(), 1);
    assert_eq!(told[0]["StatusCode"], "Failed");
    let message = told[0]["StatusMessage"].as_str().unwrap();
    assert!(
        message.ends_with(". Launching EC2 instance failed."),
        "{message}"
    );
    let text = told[0]["Description"].as_str().unwrap();
    assert_eq!(
        text,
        format!("Launching a new EC2 instance.  Status Reason: {message}")
    );
    pass(&mut world, 600);
    let tries = activities(&mut world).len();
    assert!((4..=7).contains(&tries), "{tries}");
}

#[test]
fn an_instance_that_someone_terminates_is_replaced() {
    let mut world = with_web(json!({}));
    let id = ids(&mut world, "InService").remove(0);
    ec2::terminate(&mut world, &id);
    pass(&mut world, 120);
    let now = ids(&mut world, "InService");
    assert_eq!(now.len(), 1);
    assert_ne!(now[0], id);
    let told = activities(&mut world);
    let cause = told[0]["Cause"].as_str().unwrap();
    assert!(
        cause.contains("an unhealthy instance needing to be replaced"),
        "{cause}"
    );
    let cause = told[1]["Cause"].as_str().unwrap();
    assert!(cause.contains("an EC2 health check indicating it has been terminated"));
}

#[test]
fn an_instance_that_is_called_unhealthy_is_replaced_unless_that_is_suspended() {
    let mut world = with_web(json!({}));
    let id = ids(&mut world, "InService").remove(0);
    let processes = named(json!({ "ScalingProcesses": ["ReplaceUnhealthy"] }));
    ok(&mut world, "SuspendProcesses", processes.clone());
    let health = json!({ "InstanceId": id, "HealthStatus": "Unhealthy" });
    ok(&mut world, "SetInstanceHealth", health);
    pass(&mut world, 120);
    let group = group(&mut world);
    assert_eq!(group["Instances"][0]["InstanceId"], *id);
    assert_eq!(group["Instances"][0]["HealthStatus"], "Unhealthy");
    assert_eq!(
        group["SuspendedProcesses"][0]["ProcessName"],
        "ReplaceUnhealthy"
    );
    ok(&mut world, "ResumeProcesses", processes);
    pass(&mut world, 120);
    assert_ne!(ids(&mut world, "InService"), [id]);
}

#[test]
fn nothing_is_launched_while_launching_is_suspended() {
    let mut world = with_web(json!({}));
    let processes = named(json!({ "ScalingProcesses": ["Launch"] }));
    ok(&mut world, "SuspendProcesses", processes.clone());
    let desired = named(json!({ "DesiredCapacity": 3 }));
    ok(&mut world, "SetDesiredCapacity", desired);
    pass(&mut world, 600);
    assert_eq!(ids(&mut world, "InService").len(), 1);
    ok(&mut world, "ResumeProcesses", processes);
    pass(&mut world, 60);
    assert_eq!(ids(&mut world, "InService").len(), 3);
}

#[test]
fn a_group_at_rest_has_nothing_on_the_agenda_but_what_its_instances_have() {
    let mut world = with_web(json!({ "DesiredCapacity": 2 }));
    pass(&mut world, 600);
    let group = super::super::group(&world, "web").unwrap().clone();
    pass(&mut world, 86_400);
    assert_eq!(super::super::group(&world, "web"), Some(&group));
    // CloudWatch is told of their credits every five minutes; without them nothing is due.
    let period = Duration::from_secs(300);
    assert_eq!(world.agenda.next(), Some(world.now.floor(period) + period));
    let none = json!({ "AutoScalingGroupName": "web", "MinSize": 0, "DesiredCapacity": 0 });
    ok(&mut world, "UpdateAutoScalingGroup", none);
    pass(&mut world, 86_400);
    assert_eq!(world.agenda.next(), None);
}

//! Changing groups, and scaling in.

use super::*;

#[test]
fn a_higher_minimum_raises_and_a_lower_maximum_lowers_what_is_desired() {
    let mut world = with_web(json!({}));
    ok(
        &mut world,
        "UpdateAutoScalingGroup",
        named(json!({ "MinSize": 3 })),
    );
    pass(&mut world, 60);
    assert_eq!(group(&mut world)["DesiredCapacity"], 3);
    assert_eq!(ids(&mut world, "InService").len(), 3);
    let sizes = named(json!({ "MinSize": 0, "MaxSize": 2 }));
    ok(&mut world, "UpdateAutoScalingGroup", sizes);
    pass(&mut world, 60);
    assert_eq!(group(&mut world)["DesiredCapacity"], 2);
    assert_eq!(ids(&mut world, "InService").len(), 2);
    let told = activities(&mut world);
    let cause = told[0]["Cause"].as_str().unwrap();
    assert!(
        cause.contains(
            "a user request update of AutoScalingGroup constraints to min: 0, max: 2, desired: 2 \
             changing the desired capacity from 3 to 2."
        ),
        "{cause}"
    );
    assert!(
        cause.contains("shrinking the capacity from 3 to 2."),
        "{cause}"
    );
    assert!(cause.ends_with("was selected for termination."), "{cause}");
}

#[test]
fn what_is_desired_stays_within_the_bounds() {
    let mut world = with_web(json!({}));
    let mut why = |desired: i64| {
        let members = named(json!({ "DesiredCapacity": desired }));
        refused(&mut world, "SetDesiredCapacity", members).message
    };
    assert_eq!(
        why(5),
        "New SetDesiredCapacity value 5 is above max value 4 for the AutoScalingGroup."
    );
    assert_eq!(
        why(0),
        "New SetDesiredCapacity value 0 is below min value 1 for the AutoScalingGroup."
    );
    assert!(super::super::set_desired(&mut world, "web", 9, "a test"));
    assert_eq!(group(&mut world)["DesiredCapacity"], 4);
}

#[test]
fn protected_instances_are_not_scaled_in_until_they_are_protected_no_more() {
    let more = json!({ "DesiredCapacity": 2, "NewInstancesProtectedFromScaleIn": true });
    let mut world = with_web(more);
    let both = ids(&mut world, "InService");
    let desired = named(json!({ "DesiredCapacity": 1 }));
    ok(&mut world, "SetDesiredCapacity", desired);
    pass(&mut world, 600);
    assert_eq!(ids(&mut world, "InService"), both);
    let free = named(json!({ "InstanceIds": [both[1]], "ProtectedFromScaleIn": false }));
    ok(&mut world, "SetInstanceProtection", free);
    pass(&mut world, 120);
    assert_eq!(ids(&mut world, "InService"), both[..1]);
    assert_eq!(group(&mut world)["Instances"].as_array().unwrap().len(), 1);
}

#[test]
fn protection_is_of_instances_in_service_and_in_the_group() {
    let mut world = with_web(json!({}));
    let ids = json!(["i-00000000000000000"]);
    let members = named(json!({ "InstanceIds": ids, "ProtectedFromScaleIn": true }));
    let refusal = refused(&mut world, "SetInstanceProtection", members);
    assert_eq!(
        refusal.message,
        "The instance i-00000000000000000 is not part of Auto Scaling group web."
    );
    let many: Vec<String> = (0..51).map(|it| format!("i-{it:017}")).collect();
    let members = named(json!({ "InstanceIds": many, "ProtectedFromScaleIn": true }));
    let refusal = refused(&mut world, "SetInstanceProtection", members);
    assert_eq!(refusal.code, "LimitExceeded");
}

#[test]
fn a_new_template_is_for_new_instances_and_the_old_ones_go_first() {
    let mut world = with_web(json!({ "DesiredCapacity": 2 }));
    let old = ids(&mut world, "InService");
    let version = json!({
        "LaunchTemplateName": "node", "SourceVersion": "1",
        "LaunchTemplateData": { "InstanceType": "t3.medium" },
    });
    call(&mut world, "ec2", "CreateLaunchTemplateVersion", version).unwrap();
    let template = json!({ "LaunchTemplateName": "node", "Version": "2" });
    let change = named(json!({ "LaunchTemplate": template, "DesiredCapacity": 4 }));
    ok(&mut world, "UpdateAutoScalingGroup", change);
    pass(&mut world, 60);
    assert_eq!(ids(&mut world, "InService").len(), 4);
    assert!(
        old.iter()
            .all(|it| ids(&mut world, "InService").contains(it))
    );
    let desired = named(json!({ "DesiredCapacity": 2 }));
    ok(&mut world, "SetDesiredCapacity", desired);
    pass(&mut world, 60);
    let left = group(&mut world);
    for instance in left["Instances"].as_array().unwrap() {
        assert_eq!(instance["InstanceType"], "t3.medium");
        assert_eq!(instance["LaunchTemplate"]["Version"], "2");
    }
}

#[test]
fn an_instance_is_terminated_by_name_with_or_without_a_replacement() {
    let mut world = with_web(json!({ "DesiredCapacity": 2 }));
    let id = ids(&mut world, "InService").remove(0);
    let members = json!({ "InstanceId": id, "ShouldDecrementDesiredCapacity": true });
    let answer = ok(&mut world, "TerminateInstanceInAutoScalingGroup", members);
    assert_eq!(answer["Activity"]["StatusCode"], "InProgress");
    let cause = answer["Activity"]["Cause"].as_str().unwrap();
    assert!(
        cause.ends_with("a user request, shrinking the capacity from 2 to 1."),
        "{cause}"
    );
    pass(&mut world, 120);
    let left = ids(&mut world, "InService");
    assert_eq!((left.len(), left.contains(&id)), (1, false));
    let members = json!({ "InstanceId": left[0], "ShouldDecrementDesiredCapacity": true });
    let refusal = refused(&mut world, "TerminateInstanceInAutoScalingGroup", members);
    assert_eq!(refusal.code, "ValidationError");
    let members = json!({ "InstanceId": left[0], "ShouldDecrementDesiredCapacity": false });
    ok(&mut world, "TerminateInstanceInAutoScalingGroup", members);
    pass(&mut world, 120);
    assert_eq!(ids(&mut world, "InService").len(), 1);
    assert_ne!(ids(&mut world, "InService"), left);
}

#[test]
fn an_instance_that_stands_by_comes_back() {
    let mut world = with_web(json!({ "DesiredCapacity": 2 }));
    let id = ids(&mut world, "InService").remove(0);
    let one = json!({ "InstanceIds": [id], "ShouldDecrementDesiredCapacity": true });
    let answer = ok(&mut world, "EnterStandby", named(one));
    let text = answer["Activities"][0]["Description"].as_str().unwrap();
    assert_eq!(text, format!("Moving EC2 instance to Standby: {id}"));
    pass(&mut world, 60);
    assert_eq!(group(&mut world)["DesiredCapacity"], 1);
    assert_eq!(ids(&mut world, "Standby"), [id.as_str()]);
    ok(
        &mut world,
        "ExitStandby",
        named(json!({ "InstanceIds": [id] })),
    );
    pass(&mut world, 60);
    assert_eq!(group(&mut world)["DesiredCapacity"], 2);
    assert_eq!(ids(&mut world, "InService").len(), 2);
}

#[test]
fn instances_leave_a_zone_that_is_no_longer_the_groups() {
    let mut world = with_web(json!({ "DesiredCapacity": 2 }));
    let one = subnets(&mut world).remove(0);
    let change = named(json!({ "VPCZoneIdentifier": one }));
    ok(&mut world, "UpdateAutoScalingGroup", change);
    pass(&mut world, 300);
    let group = group(&mut world);
    assert_eq!(group["AvailabilityZones"], json!(["us-east-1a"]));
    let instances = group["Instances"].as_array().unwrap();
    assert_eq!(instances.len(), 2);
    assert!(
        instances
            .iter()
            .all(|it| it["AvailabilityZone"] == "us-east-1a")
    );
}

//! Deleting groups.

use super::*;

#[test]
fn a_group_with_instances_is_kept_unless_forced() {
    let mut world = with_web(json!({}));
    let refusal = refused(&mut world, "DeleteAutoScalingGroup", named(json!({})));
    assert_eq!(refusal.code, "ResourceInUse");
    let sizes = named(json!({ "MinSize": 0, "DesiredCapacity": 0 }));
    ok(&mut world, "UpdateAutoScalingGroup", sizes);
    pass(&mut world, 10);
    let refusal = refused(&mut world, "DeleteAutoScalingGroup", named(json!({})));
    assert_eq!(refusal.code, "ScalingActivityInProgress");
    pass(&mut world, 120);
    ok(&mut world, "DeleteAutoScalingGroup", named(json!({})));
    pass(&mut world, 10);
    assert_eq!(group(&mut world), Value::Null);
}

#[test]
fn a_group_deleted_by_force_is_shown_until_its_instances_are_gone() {
    let mut world = with_web(json!({ "DesiredCapacity": 2 }));
    super::super::put_termination_hook(&mut world, "web", "slow", 3600);
    let force = named(json!({ "ForceDelete": true }));
    ok(&mut world, "DeleteAutoScalingGroup", force);
    let leaving = group(&mut world);
    assert_eq!(leaving["Status"], "Delete in progress");
    assert_eq!(ids(&mut world, "Terminating").len(), 2);
    let change = named(json!({ "MinSize": 1 }));
    let refusal = refused(&mut world, "UpdateAutoScalingGroup", change);
    assert_eq!(refusal.code, "ValidationError");
    pass(&mut world, 60);
    assert_eq!(group(&mut world), Value::Null);
    let told = activities(&mut world);
    assert_eq!(told[0]["AutoScalingGroupState"], "Deleted");
    let cause = told[0]["Cause"].as_str().unwrap();
    assert!(
        cause.contains("a user request force deleted AutoScalingGroup"),
        "{cause}"
    );
}

#[test]
fn a_protected_group_is_not_deleted() {
    let protection = json!({ "DeletionProtection": "prevent-force-deletion", "MinSize": 0 });
    let mut world = with_web(protection);
    let force = named(json!({ "ForceDelete": true }));
    let refusal = refused(&mut world, "DeleteAutoScalingGroup", force);
    assert!(refusal.message.contains("deletion protection"), "{refusal}");
    ok(&mut world, "DeleteAutoScalingGroup", named(json!({})));
}

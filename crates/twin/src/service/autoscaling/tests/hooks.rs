//! Lifecycle hooks.

use super::*;

fn hook(transition: &str, more: Value) -> Value {
    let transition = format!("autoscaling:EC2_INSTANCE_{transition}");
    let mut hook = json!({
        "LifecycleHookName": "slow",
        "LifecycleTransition": transition,
        "HeartbeatTimeout": 300,
    });
    for (name, value) in more.as_object().into_iter().flatten() {
        hook[name] = value.clone();
    }
    named(hook)
}

#[test]
fn an_instance_waits_at_its_end_until_the_hook_is_completed() {
    let mut world = with_web(json!({ "MinSize": 0, "DesiredCapacity": 1 }));
    let id = ids(&mut world, "InService").remove(0);
    ok(
        &mut world,
        "PutLifecycleHook",
        hook("TERMINATING", json!({})),
    );
    ok(
        &mut world,
        "SetDesiredCapacity",
        named(json!({ "DesiredCapacity": 0 })),
    );
    pass(&mut world, 100);
    assert_eq!(ids(&mut world, "Terminating:Wait"), [id.as_str()]);
    assert_eq!(
        activities(&mut world)[0]["StatusCode"],
        "MidTerminatingLifecycleAction"
    );
    let action = json!({
        "LifecycleHookName": "slow",
        "InstanceId": id,
        "LifecycleActionResult": "CONTINUE",
    });
    ok(&mut world, "CompleteLifecycleAction", named(action.clone()));
    assert_eq!(ids(&mut world, "Terminating:Proceed"), [id.as_str()]);
    let refusal = refused(&mut world, "CompleteLifecycleAction", named(action));
    assert_eq!(
        refusal.message,
        format!("No active Lifecycle Action found with instance ID {id}")
    );
    pass(&mut world, 60);
    assert_eq!(group(&mut world)["Instances"], json!([]));
    assert_eq!(activities(&mut world)[0]["StatusCode"], "Successful");
}

#[test]
fn a_heartbeat_lets_a_hook_wait_for_longer() {
    let mut world = with_web(json!({ "MinSize": 0, "DesiredCapacity": 1 }));
    let id = ids(&mut world, "InService").remove(0);
    ok(
        &mut world,
        "PutLifecycleHook",
        hook("TERMINATING", json!({})),
    );
    ok(
        &mut world,
        "SetDesiredCapacity",
        named(json!({ "DesiredCapacity": 0 })),
    );
    pass(&mut world, 250);
    let beat = json!({ "LifecycleHookName": "slow", "InstanceId": id });
    ok(&mut world, "RecordLifecycleActionHeartbeat", named(beat));
    pass(&mut world, 250);
    assert_eq!(ids(&mut world, "Terminating:Wait"), [id]);
    pass(&mut world, 120);
    assert_eq!(group(&mut world)["Instances"], json!([]));
}

#[test]
fn an_instance_that_nobody_lets_in_is_abandoned_or_goes_on_by_default() {
    let mut world = world();
    let members = web(&mut world, json!({ "MinSize": 0 }));
    ok(&mut world, "CreateAutoScalingGroup", members);
    ok(&mut world, "PutLifecycleHook", hook("LAUNCHING", json!({})));
    ok(
        &mut world,
        "SetDesiredCapacity",
        named(json!({ "DesiredCapacity": 1 })),
    );
    pass(&mut world, 60);
    let first = ids(&mut world, "Pending:Wait");
    assert_eq!(first.len(), 1);
    pass(&mut world, 300);
    assert!(!ids(&mut world, "Pending:Wait").contains(&first[0]));
    let told = activities(&mut world);
    let cancelled = told.iter().find(|it| it["StatusCode"] == "Cancelled");
    let message = cancelled.unwrap()["StatusMessage"].as_str().unwrap();
    assert!(
        message.ends_with("was abandoned: Heartbeat Timeout"),
        "{message}"
    );
    let goes_on = named(json!({ "LifecycleHookName": "slow", "DefaultResult": "CONTINUE" }));
    ok(&mut world, "PutLifecycleHook", goes_on);
    pass(&mut world, 400);
    assert_eq!(ids(&mut world, "InService").len(), 1);
}

#[test]
fn removing_a_hook_lets_what_waits_go_on() {
    let mut world = with_web(json!({ "MinSize": 0, "DesiredCapacity": 2 }));
    super::super::put_termination_hook(&mut world, "web", "slow", 3600);
    let shown = ok(&mut world, "DescribeLifecycleHooks", named(json!({})));
    let shown = &shown["LifecycleHooks"][0];
    assert_eq!(shown["DefaultResult"], "CONTINUE");
    assert_eq!(shown["GlobalTimeout"], 172_800);
    ok(
        &mut world,
        "SetDesiredCapacity",
        named(json!({ "DesiredCapacity": 0 })),
    );
    pass(&mut world, 60);
    assert_eq!(ids(&mut world, "Terminating:Wait").len(), 2);
    let gone = named(json!({ "LifecycleHookName": "slow" }));
    ok(&mut world, "DeleteLifecycleHook", gone.clone());
    pass(&mut world, 60);
    assert_eq!(group(&mut world)["Instances"], json!([]));
    let refusal = refused(&mut world, "DeleteLifecycleHook", gone);
    assert!(
        refusal.message.starts_with("No Lifecycle Hook found"),
        "{refusal}"
    );
}

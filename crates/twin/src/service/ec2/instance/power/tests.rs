//! Instances that are stopped, started and changed.

use super::super::super::tests::{ok, refused, world};
use crate::{World, service::ssm};
use serde_json::{Value, json};
use std::time::Duration;

fn launched(world: &mut World) -> String {
    let image = "/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id";
    let image = ssm::parameter(world, image).unwrap();
    let members = json!({
        "ImageId": image, "InstanceType": "t2.small", "MinCount": 1, "MaxCount": 1,
    });
    let made = ok(world, "RunInstances", members);
    pass(world, 60);
    let id = made["Instances"][0]["InstanceId"].as_str();
    id.unwrap().to_owned()
}

fn pass(world: &mut World, seconds: u64) {
    let to = world.now + Duration::from_secs(seconds);
    world.advance(to);
}

fn shown(world: &mut World, id: &str) -> Value {
    let found = ok(world, "DescribeInstances", json!({ "InstanceIds": [id] }));
    found["Reservations"][0]["Instances"][0].clone()
}

#[test]
fn a_stopped_instance_keeps_its_private_address_and_starts_with_another_public_one() {
    let mut world = world();
    let id = launched(&mut world);
    let only = json!({ "InstanceIds": [id] });
    let before = shown(&mut world, &id);
    assert!(before["PublicIpAddress"].is_string());
    let change = ok(&mut world, "StopInstances", only.clone());
    let change = &change["StoppingInstances"][0];
    assert_eq!(change["PreviousState"]["Name"], "running");
    assert_eq!(
        change["CurrentState"],
        json!({ "Code": 64, "Name": "stopping" })
    );
    let code = refused(&mut world, "StartInstances", only.clone());
    assert_eq!(code, "IncorrectInstanceState");
    pass(&mut world, 60);
    let stopped = shown(&mut world, &id);
    assert_eq!(stopped["State"], json!({ "Code": 80, "Name": "stopped" }));
    assert!(stopped.get("PublicIpAddress").is_none());
    assert_eq!(stopped["PrivateIpAddress"], before["PrivateIpAddress"]);
    ok(&mut world, "StartInstances", only.clone());
    pass(&mut world, 60);
    let after = shown(&mut world, &id);
    assert_eq!(after["State"]["Name"], "running");
    assert_eq!(after["StateTransitionReason"], "");
    assert!(after["PublicIpAddress"].is_string());
    assert_ne!(after["PublicIpAddress"], before["PublicIpAddress"]);
    ok(&mut world, "TerminateInstances", only.clone());
    for action in ["StopInstances", "StartInstances", "RebootInstances"] {
        let code = refused(&mut world, action, only.clone());
        assert_eq!(code, "IncorrectInstanceState", "{action}");
    }
}

#[test]
fn a_stopped_instance_can_be_terminated() {
    let mut world = world();
    let id = launched(&mut world);
    let only = json!({ "InstanceIds": [id] });
    ok(&mut world, "StopInstances", only.clone());
    ok(&mut world, "TerminateInstances", only);
    pass(&mut world, 60);
    assert_eq!(shown(&mut world, &id)["State"]["Name"], "terminated");
}

#[test]
fn attributes_change_one_at_a_time_and_some_only_while_it_is_stopped() {
    let mut world = world();
    let id = launched(&mut world);
    let change =
        |attribute: &str, value: Value| json!({ "InstanceId": id, attribute: { "Value": value } });
    let larger = change("InstanceType", "t2.medium".into());
    let code = refused(&mut world, "ModifyInstanceAttribute", larger.clone());
    assert_eq!(code, "IncorrectInstanceState");
    let keep = change("DisableApiStop", true.into());
    ok(&mut world, "ModifyInstanceAttribute", keep);
    let only = json!({ "InstanceIds": [id] });
    let code = refused(&mut world, "StopInstances", only.clone());
    assert_eq!(code, "OperationNotPermitted");
    let by_name = json!({ "InstanceId": id, "Attribute": "disableApiStop", "Value": "false" });
    ok(&mut world, "ModifyInstanceAttribute", by_name);
    ok(&mut world, "StopInstances", only);
    pass(&mut world, 60);
    ok(&mut world, "ModifyInstanceAttribute", larger);
    assert_eq!(shown(&mut world, &id)["InstanceType"], "t2.medium");
    let mut both = change("DisableApiStop", true.into());
    both["DisableApiTermination"] = json!({ "Value": true });
    let code = refused(&mut world, "ModifyInstanceAttribute", both);
    assert_eq!(code, "InvalidParameterCombination");
}

use super::CapacityProviders;
use crate::fixtures::{names, ours, tags};
use serde_json::{Value, json};
use setpoint_aws::testkit::{Answer, Wire};
use setpoint_core::{Adapter, ErrorKind, Freshness, Link, Name, Status};
use setpoint_spec::kind::{CapacityProvider, ManagedScaling};

fn shown(name: &str) -> Value {
    json!({
        "name": name, "capacityProviderArn": format!("arn:aws:ecs:us-east-1:1:capacity-provider/{name}"),
        "status": "ACTIVE", "updateStatus": "UPDATE_COMPLETE", "tags": ours(),
        "autoScalingGroupProvider": {
            "autoScalingGroupArn":
                "arn:aws:autoscaling:us-east-1:1:autoScalingGroup:5:autoScalingGroupName/sale-group",
            "managedScaling": {"status": "ENABLED", "targetCapacity": 100},
            "managedTerminationProtection": "DISABLED",
        },
    })
}

fn desired() -> CapacityProvider {
    CapacityProvider {
        auto_scaling_group: Link::is("sale-group"),
        managed_scaling: ManagedScaling::default(),
        managed_termination_protection: false,
        managed_draining: true,
        tags: tags(&[("team", "sale")]),
    }
}

fn wire(change: Value) -> Wire {
    Wire::new(move |call| {
        let body = call.json();
        let asked = body["capacityProviders"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let with_change = |name: &Value| {
            let mut shown = shown(name.as_str().unwrap());
            shown
                .as_object_mut()
                .unwrap()
                .extend(change.as_object().unwrap().clone());
            shown
        };
        match call.action.as_str() {
            "DescribeCapacityProviders" => {
                let list: Value = asked.iter().map(with_change).collect();
                Answer::ok(json!({"capacityProviders": list}).to_string())
            }
            "DeleteCapacityProvider" => {
                let left = with_change(&json!("instances"));
                Answer::ok(json!({"capacityProvider": left}).to_string())
            }
            _ => Answer::ok("{}"),
        }
    })
}

#[tokio::test]
async fn providers_are_read_ten_at_a_time_and_without_aws_s_additions() {
    let wire = wire(json!({}));
    let adapter = CapacityProviders::new(&wire.aws());
    let many: Vec<String> = (0..11).map(|it| format!("instances-{it}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let observed = adapter
        .observe(&names(&many), Freshness::Indexed)
        .await
        .unwrap();
    assert_eq!(wire.take().len(), 2);
    assert_eq!(observed.len(), 11);
    assert_eq!(observed[&Name::from("instances-3")].resource, desired());
}

#[tokio::test]
async fn a_provider_is_made_marked_and_updated_where_it_differs() {
    let wire = wire(json!({}));
    let adapter = CapacityProviders::new(&wire.aws());
    let name = Name::from("instances");
    adapter.create(&name, &desired()).await.unwrap();
    assert_eq!(
        wire.take()[0].json(),
        json!({
            "name": "instances", "tags": ours(),
            "autoScalingGroupProvider": {
                "autoScalingGroupArn": "sale-group",
                "managedScaling": {
                    "status": "ENABLED", "targetCapacity": 100, "minimumScalingStepSize": 1,
                    "maximumScalingStepSize": 10000, "instanceWarmupPeriod": 300,
                },
                "managedTerminationProtection": "DISABLED", "managedDraining": "ENABLED",
            },
        })
    );
    let observed = adapter
        .observe(&names(&["instances"]), Freshness::Direct)
        .await
        .unwrap();
    wire.take();
    adapter
        .update(&name, &desired(), &observed[&name])
        .await
        .unwrap();
    assert!(wire.take().is_empty());
    let other = CapacityProvider {
        managed_draining: false,
        ..desired()
    };
    adapter
        .update(&name, &other, &observed[&name])
        .await
        .unwrap();
    assert_eq!(
        wire.take()[0].json(),
        json!({"name": "instances", "autoScalingGroupProvider": {"managedDraining": "DISABLED"}})
    );
}

#[tokio::test]
async fn the_two_statuses_are_told_apart() {
    for (change, expected) in [
        (
            json!({"status": "INACTIVE", "updateStatus": "DELETE_COMPLETE"}),
            None,
        ),
        (
            json!({"updateStatus": "DELETE_IN_PROGRESS"}),
            Some(Status::Leaving("it to be deleted".into())),
        ),
        (
            json!({"updateStatus": "UPDATE_IN_PROGRESS"}),
            Some(Status::Settling("its update to end".into())),
        ),
        (
            json!({"updateStatus": "UPDATE_FAILED", "updateStatusReason": "no group"}),
            Some(Status::Failed("no group".into())),
        ),
    ] {
        let adapter = CapacityProviders::new(&wire(change).aws());
        let mut observed = adapter
            .observe(&names(&["instances"]), Freshness::Direct)
            .await
            .unwrap();
        assert_eq!(observed.pop_first().map(|it| it.1.status), expected);
    }
}

#[tokio::test]
async fn a_deletion_that_fails_in_its_answer_is_tried_again() {
    let reason = "it is associated with cluster: sale";
    let wire = wire(json!({"updateStatus": "DELETE_FAILED", "updateStatusReason": reason}));
    let adapter = CapacityProviders::new(&wire.aws());
    let name = Name::from("instances");
    let observed = adapter
        .observe(&names(&["instances"]), Freshness::Direct)
        .await
        .unwrap();
    let err = adapter.delete(&name, &observed[&name]).await.unwrap_err();
    assert!(matches!(err.kind, ErrorKind::NotYet(_)));
    assert_eq!(err.source.to_string(), reason);
}

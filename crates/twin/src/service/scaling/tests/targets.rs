//! What targets are.

use super::*;
use crate::service::scaling;

#[test]
fn registering_brings_the_count_within_bounds() {
    let mut world = world(5);
    let missing = call(
        &mut world,
        "RegisterScalableTarget",
        json!({ "MinCapacity": 1 }),
    );
    assert_eq!(refused(missing).0, "ValidationException");
    let arn = register(&mut world, 1, 3);
    assert!(
        arn.starts_with("arn:aws:application-autoscaling:us-east-1:123456789012:scalable-target/")
    );
    assert_eq!(desired(&world), 3);
    assert_eq!(
        activities(&mut world)[0]["Cause"],
        "maximum capacity was set to 3"
    );
    // Whoever changes the count by hand has it changed back by any registration.
    world
        .ecs
        .services
        .get_mut("web/shop")
        .expect("the service")
        .desired = 8;
    assert_eq!(register(&mut world, 2, 4), arn);
    assert_eq!(desired(&world), 4);
    let gone = json!({ "ResourceId": "service/web/cart", "MinCapacity": 1, "MaxCapacity": 2 });
    assert_eq!(
        refused(call(&mut world, "RegisterScalableTarget", gone)).1,
        "ECS service doesn't exist: service/web/cart"
    );
    let table = json!({ "ServiceNamespace": "dynamodb", "MinCapacity": 1, "MaxCapacity": 2 });
    let table = refused(call(&mut world, "RegisterScalableTarget", table));
    assert_eq!(table.0, "ValidationException");
}

#[test]
fn deregistering_takes_policies_and_actions_along() {
    let mut world = world(1);
    register(&mut world, 1, 3);
    track(&mut world, "cpu", tracking(50.0, 30));
    call(&mut world, "DeregisterScalableTarget", json!({})).expect("it is deregistered");
    let shown = ask(&mut world, "monitoring", "DescribeAlarms", json!({})).expect("they are shown");
    assert_eq!(shown["MetricAlarms"], json!([]));
    let shown = call(&mut world, "DescribeScalingPolicies", json!({})).expect("they are shown");
    assert_eq!(shown, json!({ "ScalingPolicies": [] }));
    let refusal = refused(call(&mut world, "DeregisterScalableTarget", json!({})));
    let text = "No scalable target found for service namespace: ecs, resource ID: \
        service/web/shop, scalable dimension: ecs:service:DesiredCount";
    assert_eq!(
        refusal,
        ("ObjectNotFoundException".to_owned(), text.to_owned())
    );
}

#[test]
fn only_targets_have_tags() {
    let mut world = world(1);
    let tagged = json!({ "MinCapacity": 1, "MaxCapacity": 3, "Tags": { "project": "shop" } });
    let answer = call(&mut world, "RegisterScalableTarget", tagged).expect("it registers");
    let arn = answer["ScalableTargetARN"].clone();
    let ask = |world: &mut World, action: &str, members: Value| {
        ask(world, "application-autoscaling", action, members)
    };
    let more = json!({ "ResourceARN": arn, "Tags": { "team": "a" } });
    ask(&mut world, "TagResource", more).expect("it is tagged");
    let less = json!({ "ResourceARN": arn, "TagKeys": ["project", "no"] });
    ask(&mut world, "UntagResource", less).expect("it is untagged");
    let shown = ask(
        &mut world,
        "ListTagsForResource",
        json!({ "ResourceARN": arn }),
    );
    assert_eq!(
        shown.expect("they are shown"),
        json!({ "Tags": { "team": "a" } })
    );
    assert_eq!(scaling::tagged(&world).len(), 1);
    let many: serde_json::Map<String, Value> =
        (0..50).map(|it| (format!("k{it}"), json!(""))).collect();
    let many = ask(
        &mut world,
        "TagResource",
        json!({ "ResourceARN": arn, "Tags": many }),
    );
    assert_eq!(refused(many).0, "TooManyTagsException");
    let missing = "arn:aws:application-autoscaling:us-east-1:123456789012:scalable-target/no";
    let missing = ask(
        &mut world,
        "ListTagsForResource",
        json!({ "ResourceARN": missing }),
    );
    assert_eq!(refused(missing).0, "ResourceNotFoundException");
}

#[test]
fn a_deleted_service_leaves_its_target() {
    let mut world = world(2);
    register(&mut world, 1, 3);
    track(&mut world, "cpu", tracking(50.0, 30));
    world.ecs.services.clear();
    assert!(scaling::bounds(&world, "web", "shop").is_some());
    let from = world.now;
    world.advance(from + MINUTE * 30);
    let shown = call(&mut world, "DescribeScalableTargets", json!({})).expect("it is shown");
    assert_eq!(shown["ScalableTargets"].as_array().map(Vec::len), Some(1));
    let update = call(
        &mut world,
        "RegisterScalableTarget",
        json!({ "MaxCapacity": 4 }),
    );
    assert_eq!(
        refused(update).1,
        "ECS service doesn't exist: service/web/shop"
    );
}

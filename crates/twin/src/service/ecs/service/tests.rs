use super::fixture::{
    call, create, definition, done, events, instance, pass, refused, request, shown, world,
};
use crate::{World, service::ecs};
use serde_json::{Value, json};

fn ready() -> World {
    let mut world = world();
    definition(&mut world, 1, json!({}));
    instance(&mut world, "aaa", "us-east-1a");
    instance(&mut world, "bbb", "us-east-1b");
    world
}

#[test]
fn a_new_service_is_shown_with_what_aws_fills_in() {
    let mut world = ready();
    let service = create(&mut world, json!({"desiredCount": 2}));
    assert_eq!(
        service["serviceArn"],
        "arn:aws:ecs:us-east-1:123456789012:service/shop/web"
    );
    assert_eq!(service["status"], "ACTIVE");
    assert_eq!(
        service["deploymentConfiguration"],
        json!({
            "deploymentCircuitBreaker": {
                "enable": false, "rollback": false, "resetOnHealthyTask": true,
                "thresholdConfiguration": {"type": "BOUNDED_PERCENT", "value": 50},
            },
            "maximumPercent": 200, "minimumHealthyPercent": 100,
            "strategy": "ROLLING", "bakeTimeInMinutes": 0,
        })
    );
    assert_eq!(service["availabilityZoneRebalancing"], "ENABLED");
    assert_eq!(service["launchType"], "EC2");
    assert_eq!(service["deployments"][0]["rolloutState"], "IN_PROGRESS");
    assert_eq!(service["propagateTags"], "NONE");
    assert_eq!(service.get("monitoring"), None);
}

#[test]
fn a_service_gets_its_tasks_and_then_is_steady() {
    let mut world = ready();
    create(&mut world, json!({}));
    pass(&mut world, 10);
    let service = shown(&mut world);
    assert_eq!(
        (&service["runningCount"], &service["pendingCount"]),
        (&json!(2), &json!(0))
    );
    assert_eq!(service["deployments"][0]["rolloutState"], "IN_PROGRESS");
    pass(&mut world, 45);
    let service = shown(&mut world);
    assert_eq!(service["deployments"][0]["rolloutState"], "COMPLETED");
    let reason = service["deployments"][0]["rolloutStateReason"]
        .as_str()
        .unwrap();
    assert!(reason.starts_with("ECS deployment ecs-svc/") && reason.ends_with(" completed."));
    let events = events(&mut world);
    assert!(
        events[0].starts_with("(service web) has started 2 tasks: (task "),
        "{events:?}"
    );
    assert!(events[1].ends_with(" deployment completed."));
    assert_eq!(events[2], "(service web) has reached a steady state.");
    assert_eq!(events.len(), 3);
    pass(&mut world, 6 * 3600);
    assert_eq!(super::fixture::events(&mut world).len(), 4);
}

#[test]
fn an_active_name_is_taken_unless_the_token_and_the_request_are_the_same() {
    let mut world = ready();
    let with =
        |token: &str, count: i64| request(json!({"clientToken": token, "desiredCount": count}));
    done(&mut world, "CreateService", with("one", 1));
    done(&mut world, "CreateService", with("one", 1));
    for members in [with("one", 2), with("two", 1), request(json!({}))] {
        assert_eq!(
            refused(&mut world, "CreateService", members),
            (
                "InvalidParameterException".into(),
                "Creation of service was not idempotent.".into()
            )
        );
    }
}

#[test]
fn a_deleted_service_drains_and_then_its_name_is_free() {
    let mut world = ready();
    create(&mut world, json!({}));
    pass(&mut world, 60);
    let (code, text) = refused(&mut world, "DeleteService", json!({"service": "web"}));
    assert_eq!(code, "InvalidParameterException");
    assert_eq!(
        text,
        "The service cannot be stopped while it is scaled above 0."
    );
    done(
        &mut world,
        "UpdateService",
        json!({"service": "web", "desiredCount": 0}),
    );
    let gone = done(&mut world, "DeleteService", json!({"service": "web"}));
    assert_eq!(gone["service"]["status"], "DRAINING");
    let (_, text) = refused(&mut world, "CreateService", request(json!({})));
    assert_eq!(text, "Unable to Start a service that is still Draining.");
    let listed = done(&mut world, "ListServices", json!({}));
    assert_eq!(listed, json!({"serviceArns": []}));
    pass(&mut world, 5);
    assert_eq!(shown(&mut world)["status"], "INACTIVE");
    let update = refused(&mut world, "UpdateService", json!({"service": "web"}));
    assert_eq!(update.0, "ServiceNotActiveException");
    create(&mut world, json!({}));
    assert_eq!(shown(&mut world)["status"], "ACTIVE");
}

#[test]
fn what_cannot_be_is_refused() {
    let mut world = ready();
    let mut check = |change: Value, code: &str, text: &str| {
        let (got, words) = refused(&mut world, "CreateService", request(change));
        assert_eq!(got, code, "{words}");
        assert!(words.contains(text), "{words}");
    };
    let invalid = "InvalidParameterException";
    check(
        json!({"desiredCount": null}),
        invalid,
        "desiredCount is required",
    );
    check(
        json!({"taskDefinition": "web:9"}),
        "ClientException",
        "TaskDefinition not found.",
    );
    check(
        json!({"cluster": "other"}),
        "ClusterNotFoundException",
        "Cluster not found.",
    );
    check(
        json!({"capacityProviderStrategy": [{"capacityProvider": "capacity"}]}),
        invalid,
        "Specifying both a launch type",
    );
    check(
        json!({"launchType": null, "capacityProviderStrategy": [{"capacityProvider": "nine"}]}),
        invalid,
        "not associated with the cluster",
    );
    check(
        json!({"deploymentConfiguration": {"maximumPercent": 100, "minimumHealthyPercent": 50}}),
        invalid,
        "Availability Zone rebalancing does not support maximumPercent <= 100",
    );
    check(
        json!({"networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-1"]}}}),
        invalid,
        "Network Configuration is not valid",
    );
    check(
        json!({"placementConstraints": [{"type": "memberOf", "expression": "is it"}]}),
        invalid,
        "Invalid expression",
    );
    check(
        json!({"loadBalancers": [{"targetGroupArn": "arn:aws:x", "containerName": "db", "containerPort": 80}]}),
        invalid,
        "The container db does not exist",
    );
}

#[test]
fn the_clusters_default_strategy_is_copied_into_the_service() {
    let mut world = ready();
    let item = json!({"capacityProvider": "capacity", "weight": 1, "base": 0});
    world.ecs.clusters.get_mut("shop").unwrap().strategy = vec![item.clone()];
    let service = create(&mut world, json!({"launchType": null}));
    assert_eq!(service["capacityProviderStrategy"], json!([item]));
    assert_eq!(service.get("launchType"), None);
}

#[test]
fn only_what_aws_says_starts_a_deployment() {
    let mut world = ready();
    definition(&mut world, 2, json!({}));
    create(&mut world, json!({}));
    let mut deployments = |change: Value| {
        let mut members = json!({"service": "web"});
        for (name, value) in change.as_object().unwrap() {
            members[name.as_str()] = value.clone();
        }
        let answer = done(&mut world, "UpdateService", members);
        answer["service"]["deployments"].as_array().unwrap().len()
    };
    assert_eq!(deployments(json!({"desiredCount": 1})), 1);
    assert_eq!(
        deployments(json!({"deploymentConfiguration": {"maximumPercent": 150}})),
        1
    );
    assert_eq!(
        deployments(json!({"placementStrategy": [], "enableExecuteCommand": true})),
        1
    );
    assert_eq!(
        deployments(json!({"taskDefinition": "web:1", "loadBalancers": []})),
        1
    );
    assert_eq!(deployments(json!({"taskDefinition": "web"})), 2);
    assert_eq!(deployments(json!({"forceNewDeployment": true})), 3);
    let fast = json!([{"metricNames": ["CPUUtilization"], "resolutionSeconds": 20}]);
    assert_eq!(
        deployments(json!({"monitoring": {"metricConfigurations": fast}})),
        4
    );
}

#[test]
fn a_strategy_changes_only_with_a_forced_deployment() {
    let mut world = ready();
    create(&mut world, json!({}));
    let item = json!({"capacityProvider": "capacity", "weight": 1});
    let mut members = json!({"service": "web", "capacityProviderStrategy": [item]});
    let (code, text) = refused(&mut world, "UpdateService", members.clone());
    assert_eq!(code, "InvalidParameterException");
    assert!(text.ends_with("you must force a new deployment."), "{text}");
    members["forceNewDeployment"] = json!(true);
    let answer = done(&mut world, "UpdateService", members);
    assert_eq!(
        answer["service"]["capacityProviderStrategy"][0]["capacityProvider"],
        "capacity"
    );
    assert_eq!(answer["service"].get("launchType"), None);
}

#[test]
fn missing_services_are_failures_and_more_than_ten_are_refused() {
    let mut world = ready();
    let answer = done(&mut world, "DescribeServices", json!({"services": ["web"]}));
    assert_eq!(
        answer,
        json!({"services": [], "failures": [{
            "arn": "arn:aws:ecs:us-east-1:123456789012:service/shop/web", "reason": "MISSING",
        }]})
    );
    let many: Vec<String> = (0..11).map(|it| format!("web{it}")).collect();
    let refusal = call(&mut world, "DescribeServices", json!({"services": many}));
    assert_eq!(refusal.unwrap_err().code, "InvalidParameterException");
}

#[test]
fn services_are_listed_ten_to_a_page() {
    let mut world = ready();
    for number in 0..12 {
        let name = format!("web{number}");
        create(&mut world, json!({"serviceName": name, "desiredCount": 0}));
    }
    let first = done(&mut world, "ListServices", json!({}));
    assert_eq!(first["serviceArns"].as_array().unwrap().len(), 10);
    let second = done(
        &mut world,
        "ListServices",
        json!({"nextToken": first["nextToken"]}),
    );
    assert_eq!(second["serviceArns"].as_array().unwrap().len(), 2);
    assert_eq!(second.get("nextToken"), None);
}

#[test]
fn the_desired_count_can_be_set_from_outside() {
    let mut world = ready();
    create(&mut world, json!({}));
    pass(&mut world, 60);
    assert!(ecs::set_desired(&mut world, "shop", "web", 3));
    pass(&mut world, 60);
    let counts = ecs::counts(&world, "shop", "web").unwrap();
    assert_eq!(
        (counts.running, counts.desired, counts.deploying),
        (3, 3, false)
    );
    assert!(ecs::set_desired(&mut world, "shop", "web", 1));
    pass(&mut world, 60);
    assert_eq!(ecs::counts(&world, "shop", "web").unwrap().running, 1);
    assert!(
        events(&mut world)
            .iter()
            .any(|it| it.contains("has stopped 2 running tasks: (task "))
    );
    assert!(!ecs::set_desired(&mut world, "shop", "none", 1));
}

#[test]
fn tags_are_shown_only_when_asked_for() {
    let mut world = ready();
    create(
        &mut world,
        json!({"tags": [{"key": "team", "value": "shop"}]}),
    );
    assert_eq!(shown(&mut world).get("tags"), None);
    let members = json!({"services": ["web"], "include": ["TAGS"]});
    let answer = done(&mut world, "DescribeServices", members);
    assert_eq!(
        answer["services"][0]["tags"],
        json!([{"key": "team", "value": "shop"}])
    );
}

use super::Scalings;
use serde_json::{Value, json};
use setpoint_aws::testkit::{Answer, Wire};
use setpoint_core::{Adapter, ErrorKind, Freshness, Link, Name, Observed, Owner};
use setpoint_spec::kind::{
    Metric, Policy, Scaling, ScheduledAction, Step, StepScaling, Suspended, Tags, TargetTracking,
};
use std::collections::{BTreeMap, BTreeSet};

fn id(service: &str) -> String {
    format!("service/sale/{service}")
}

fn arn(service: &str) -> String {
    format!("arn:aws:application-autoscaling:us-east-1:1:scalable-target/id-of-{service}")
}

/// A part of a target, with what every part has.
fn of(service: &str, part: Value) -> Value {
    let mut shown = json!({
        "ServiceNamespace": "ecs", "ResourceId": id(service),
        "ScalableDimension": "ecs:service:DesiredCount", "CreationTime": 1.5,
    });
    shown
        .as_object_mut()
        .unwrap()
        .extend(part.as_object().unwrap().clone());
    shown
}

fn target(service: &str) -> Value {
    let nothing = json!({"DynamicScalingInSuspended": false, "DynamicScalingOutSuspended": false,
                         "ScheduledScalingSuspended": false});
    of(
        service,
        json!({"MinCapacity": 1, "MaxCapacity": 3, "RoleARN": "arn:role", "PredictedCapacity": 2,
               "ScalableTargetARN": arn(service), "SuspendedState": nothing}),
    )
}

fn policies(service: &str) -> Vec<Value> {
    let policy = |name: &str, kind: &str, part: Value| {
        let mut shown = of(service, part);
        shown["PolicyName"] = json!(name);
        shown["PolicyType"] = json!(kind);
        shown["PolicyARN"] = json!("arn:policy");
        shown["Alarms"] = json!([{"AlarmName": "high", "AlarmARN": "arn:alarm"}]);
        shown
    };
    vec![
        policy(
            "cpu",
            "TargetTrackingScaling",
            json!({"TargetTrackingScalingPolicyConfiguration": {
                "TargetValue": 50.0, "ScaleOutCooldown": 30,
                "PredefinedMetricSpecification":
                    {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}}}),
        ),
        policy(
            "burst",
            "StepScaling",
            json!({"StepScalingPolicyConfiguration": {
                "AdjustmentType": "ChangeInCapacity", "StepAdjustments": [
                    {"MetricIntervalLowerBound": 10.0, "ScalingAdjustment": 2},
                    {"MetricIntervalUpperBound": 10.0, "ScalingAdjustment": 1}]}}),
        ),
    ]
}

fn actions(service: &str) -> Vec<Value> {
    let action = json!({
        "ScheduledActionName": "friday", "ScheduledActionARN": "arn:action",
        "Schedule": "cron(0 8 ? * FRI *)", "Timezone": "UTC", "StartTime": 1795593600.0,
        "ScalableTargetAction": {"MinCapacity": 3},
    });
    vec![of(service, action)]
}

fn cpu() -> TargetTracking {
    TargetTracking {
        metric: Metric::Predefined("ECSServiceAverageCPUUtilization".into()),
        target: 50.0,
        scale_out_cooldown: 30,
        scale_in_cooldown: 300,
        disable_scale_in: false,
    }
}

fn burst() -> StepScaling {
    let step = |lower, upper, adjustment| Step {
        lower,
        upper,
        adjustment,
    };
    StepScaling {
        adjustment_type: "ChangeInCapacity".into(),
        steps: vec![step(None, Some(10.0), 1), step(Some(10.0), None, 2)],
        min_adjustment_magnitude: None,
        cooldown: 300,
        metric_aggregation_type: "Average".into(),
    }
}

fn friday() -> ScheduledAction {
    ScheduledAction {
        schedule: "cron(0 8 ? * FRI *)".into(),
        timezone: None,
        start_time: Some("2026-11-25T08:00:00Z".into()),
        end_time: None,
        min_capacity: Some(3),
        max_capacity: None,
    }
}

fn desired(service: &str) -> Scaling {
    Scaling {
        service: Link::is(id(service)),
        min_capacity: 1,
        max_capacity: 3,
        suspended: Suspended::default(),
        policies: BTreeMap::from([
            ("cpu".into(), Policy::TargetTracking(cpu())),
            ("burst".into(), Policy::Step(burst())),
        ]),
        scheduled_actions: BTreeMap::from([("friday".into(), friday())]),
        tags: Tags::from([("team".into(), "sale".into())]),
    }
}

/// Targets of these services; the index knows some of them.
fn wire(services: &'static [&'static str], indexed: &'static [&'static str]) -> Wire {
    Wire::new(move |call| {
        let body = call.json();
        let asked = |it: &&&str| match (&body["ResourceIds"], &body["ResourceId"]) {
            (Value::Array(ids), _) => ids.contains(&json!(id(it))),
            (_, Value::String(one)) => *one == id(it),
            _ => true,
        };
        let shown = services.iter().filter(asked);
        let ours = json!({"setpoint:stack": "shop", "team": "sale"});
        let answer = match call.action.as_str() {
            "GetResources" => {
                let tags = json!([{"Key": "setpoint:stack", "Value": "shop"},
                                  {"Key": "team", "Value": "sale"}]);
                let tagged = indexed
                    .iter()
                    .map(|it| json!({"ResourceARN": arn(it), "Tags": tags}));
                json!({"ResourceTagMappingList": tagged.collect::<Value>()})
            }
            "DescribeScalableTargets" => {
                json!({"ScalableTargets": shown.map(|it| target(it)).collect::<Value>()})
            }
            "DescribeScalingPolicies" => {
                json!({"ScalingPolicies": shown.flat_map(|it| policies(it)).collect::<Value>()})
            }
            "DescribeScheduledActions" => {
                json!({"ScheduledActions": shown.flat_map(|it| actions(it)).collect::<Value>()})
            }
            "ListTagsForResource" => json!({"Tags": ours}),
            "RegisterScalableTarget" => json!({"ScalableTargetARN": arn("web")}),
            "PutScalingPolicy" => json!({"PolicyARN": "arn:policy", "Alarms": []}),
            _ => json!({}),
        };
        Answer::ok(answer.to_string())
    })
}

fn adapter(wire: &Wire, services: &[&str]) -> Scalings {
    let place = |service: &&str| (Name::from(*service), Name::from("sale"));
    Scalings::new(&wire.aws(), services.iter().map(place).collect())
}

fn names(names: &[&str]) -> BTreeSet<Name> {
    names.iter().map(|it| Name::from(*it)).collect()
}

async fn look(adapter: &Scalings) -> Observed<Scaling> {
    let observed = adapter.observe(&names(&["web"]), Freshness::Direct).await;
    observed.unwrap().remove(&Name::from("web")).unwrap()
}

/// The calls, each with what it says beside which target it is about.
fn sent(wire: &Wire) -> Vec<(String, Value)> {
    let about = ["ServiceNamespace", "ScalableDimension", "ResourceId"];
    let calls = wire.take().into_iter().map(|call| {
        let mut body = call.json();
        body.as_object_mut()
            .unwrap()
            .retain(|member, _| !about.contains(&member.as_str()));
        (call.action, body)
    });
    calls.collect()
}

#[tokio::test]
async fn one_service_is_read_in_three_calls_and_without_aws_s_additions() {
    let wire = wire(&["web", "another"], &["web"]);
    let adapter = adapter(&wire, &["web"]);
    let asked = names(&["web"]);
    let look = adapter.observe(&asked, Freshness::Indexed);
    let (listed, observed) = futures::join!(adapter.list(), look);
    assert_eq!(listed.unwrap(), asked);
    let observed = observed.unwrap().remove(&Name::from("web")).unwrap();
    assert_eq!(observed.resource, desired("web"));
    assert_eq!(observed.handle.as_str(), "service/sale/web");
    assert_eq!((observed.owner, observed.indexed), (Owner::Ours, true));
    let mut actions = wire.take_actions();
    actions.retain(|it| it != "GetResources");
    actions.sort();
    let expected = [
        "DescribeScalableTargets",
        "DescribeScalingPolicies",
        "DescribeScheduledActions",
    ];
    assert_eq!(actions, expected);
}

#[tokio::test]
async fn many_services_are_read_in_batches() {
    let wire = wire(&["web"], &[]);
    let many: Vec<String> = (0..51).map(|it| format!("web-{it}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let observed = adapter(&wire, &many)
        .observe(&names(&many), Freshness::Direct)
        .await
        .unwrap();
    assert!(observed.is_empty());
    let mut actions = wire.take_actions();
    actions.sort();
    let expected = [
        "DescribeScalableTargets",
        "DescribeScalableTargets",
        "DescribeScalingPolicies",
        "DescribeScheduledActions",
    ];
    assert_eq!(actions, expected);
}

#[tokio::test]
async fn a_target_that_the_spec_no_longer_names_is_listed_and_shown() {
    let wire = wire(&["web", "old", "foreign"], &["web", "old"]);
    let adapter = adapter(&wire, &["web"]);
    let asked = names(&["web"]);
    let look = adapter.observe(&asked, Freshness::Indexed);
    let (listed, shown) = futures::join!(adapter.list(), look);
    shown.unwrap();
    assert_eq!(listed.unwrap(), names(&["old", "web"]));
    wire.take();
    let observed = adapter
        .observe(&names(&["old"]), Freshness::Indexed)
        .await
        .unwrap();
    assert_eq!(observed[&Name::from("old")].resource, desired("old"));
    // The list has read the target already.
    assert_eq!(
        wire.take_actions(),
        ["DescribeScalingPolicies", "DescribeScheduledActions"]
    );
}

#[tokio::test]
async fn what_the_index_does_not_know_yet_is_asked_for_its_tags() {
    let wire = wire(&["web"], &[]);
    let adapter = adapter(&wire, &["web"]);
    let observed = adapter
        .observe(&names(&["web"]), Freshness::Indexed)
        .await
        .unwrap();
    let web = &observed[&Name::from("web")];
    assert_eq!((&web.owner, web.indexed), (&Owner::Ours, false));
}

#[tokio::test]
async fn a_target_is_registered_with_its_mark_before_its_parts_are_put() {
    let wire = wire(&["web"], &[]);
    let handle = adapter(&wire, &["web"])
        .create(&"web".into(), &desired("web"))
        .await
        .unwrap();
    assert_eq!(handle.as_str(), "service/sale/web");
    let tags = json!({"setpoint:stack": "shop", "team": "sale"});
    assert_eq!(
        sent(&wire),
        [
            (
                "RegisterScalableTarget".into(),
                json!({"MinCapacity": 1, "MaxCapacity": 3, "Tags": tags})
            ),
            (
                "PutScalingPolicy".into(),
                json!({"PolicyName": "burst", "PolicyType": "StepScaling",
                       "StepScalingPolicyConfiguration": {
                           "AdjustmentType": "ChangeInCapacity", "Cooldown": 300,
                           "MetricAggregationType": "Average", "StepAdjustments": [
                               {"MetricIntervalUpperBound": 10.0, "ScalingAdjustment": 1},
                               {"MetricIntervalLowerBound": 10.0, "ScalingAdjustment": 2}]}})
            ),
            (
                "PutScalingPolicy".into(),
                json!({"PolicyName": "cpu", "PolicyType": "TargetTrackingScaling",
                       "TargetTrackingScalingPolicyConfiguration": {
                           "TargetValue": 50.0, "ScaleOutCooldown": 30, "ScaleInCooldown": 300,
                           "DisableScaleIn": false, "PredefinedMetricSpecification":
                               {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}}})
            ),
            (
                "PutScheduledAction".into(),
                json!({"ScheduledActionName": "friday", "Schedule": "cron(0 8 ? * FRI *)",
                       "StartTime": 1795593600, "ScalableTargetAction": {"MinCapacity": 3}})
            ),
        ]
    );
}

#[tokio::test]
async fn an_update_writes_what_differs() {
    let wire = wire(&["web"], &[]);
    let adapter = adapter(&wire, &["web"]);
    let observed = look(&adapter).await;
    let web = Name::from("web");
    wire.take();
    let update = async |change: fn(&mut Scaling)| {
        let mut desired = desired("web");
        change(&mut desired);
        adapter.update(&web, &desired, &observed).await.unwrap();
        sent(&wire)
    };
    assert_eq!(update(|_| ()).await, []);
    let bounds = update(|it| it.max_capacity = 5).await;
    assert_eq!(
        bounds,
        [("RegisterScalableTarget".into(), json!({"MaxCapacity": 5}))]
    );
    let suspended = update(|it| it.suspended.scheduled_scaling = true).await;
    let state = json!({"DynamicScalingInSuspended": false, "DynamicScalingOutSuspended": false,
                       "ScheduledScalingSuspended": true});
    assert_eq!(
        suspended,
        [(
            "RegisterScalableTarget".into(),
            json!({"SuspendedState": state})
        )]
    );
    let without = update(|it| {
        it.policies.remove("burst");
        it.scheduled_actions.clear();
    });
    assert_eq!(
        without.await,
        [
            ("DeleteScalingPolicy".into(), json!({"PolicyName": "burst"})),
            (
                "DeleteScheduledAction".into(),
                json!({"ScheduledActionName": "friday"})
            ),
        ]
    );
    let other_type = update(|it| {
        it.policies.insert("cpu".into(), Policy::Step(burst()));
    });
    let actions: Vec<String> = other_type.await.into_iter().map(|it| it.0).collect();
    assert_eq!(actions, ["DeleteScalingPolicy", "PutScalingPolicy"]);
    let tagged = update(|it| it.tags = Tags::from([("new".into(), "1".into())])).await;
    assert_eq!(
        tagged,
        [
            (
                "TagResource".into(),
                json!({"ResourceARN": arn("web"), "Tags": {"new": "1"}})
            ),
            (
                "UntagResource".into(),
                json!({"ResourceARN": arn("web"), "TagKeys": ["team"]})
            ),
        ]
    );
}

#[tokio::test]
async fn bounds_that_a_scheduled_action_has_set_are_left_alone() {
    let wire = wire(&["web"], &[]);
    let adapter = adapter(&wire, &["web"]);
    let mut observed = look(&adapter).await;
    observed.resource.min_capacity = 3;
    wire.take();
    adapter
        .update(&"web".into(), &desired("web"), &observed)
        .await
        .unwrap();
    assert!(wire.take().is_empty());
}

#[tokio::test]
async fn what_no_spec_can_ask_for_shows_as_a_difference() {
    let wire = Wire::new(|call| {
        let policy = of(
            "web",
            json!({
            "PolicyName": "cpu", "PolicyType": "PredictiveScaling", "PolicyARN": "arn:policy",
            "PredictiveScalingPolicyConfiguration": {"MetricSpecifications": []}}),
        );
        let answer = match call.action.as_str() {
            "DescribeScalableTargets" => json!({"ScalableTargets": [target("web")]}),
            "DescribeScalingPolicies" => json!({"ScalingPolicies": [policy]}),
            _ => json!({}),
        };
        Answer::ok(answer.to_string())
    });
    let adapter = adapter(&wire, &["web"]);
    let observed = look(&adapter).await;
    wire.take();
    let mut desired = desired("web");
    desired.policies.remove("burst");
    desired.scheduled_actions.clear();
    desired.tags.clear();
    adapter
        .update(&"web".into(), &desired, &observed)
        .await
        .unwrap();
    let mut actions = wire.take_actions();
    actions.retain(|it| it != "TagResource");
    assert_eq!(actions, ["DeleteScalingPolicy", "PutScalingPolicy"]);
}

#[tokio::test]
async fn a_service_that_auto_scaling_does_not_see_yet_is_waited_for() {
    let wire = Wire::new(|_| {
        Answer::json_error(
            "ValidationException",
            "ECS service doesn't exist: service/sale/web",
        )
    });
    let err = adapter(&wire, &["web"])
        .create(&"web".into(), &desired("web"))
        .await
        .unwrap_err();
    assert!(matches!(err.kind, ErrorKind::NotYet(_)));
}

#[tokio::test]
async fn deregistering_what_is_gone_is_no_failure() {
    let wire = Wire::new(|call| match call.action.as_str() {
        "DescribeScalableTargets" => {
            Answer::ok(json!({"ScalableTargets": [target("web")]}).to_string())
        }
        "DeregisterScalableTarget" => {
            Answer::json_error("ObjectNotFoundException", "No scalable target found")
        }
        _ => Answer::ok("{}"),
    });
    let adapter = adapter(&wire, &["web"]);
    let observed = look(&adapter).await;
    adapter.delete(&"web".into(), &observed).await.unwrap();
}

//! What alarms lead to.

mod policies;
mod schedules;
mod targets;

use super::DIMENSION;
use crate::{
    Answer, Habits, Input, Time, World,
    service::{
        self,
        cloudwatch::{self, Datum},
        ecs::{Counts, service::Service},
    },
};
use serde_json::{Value, json};
use std::{collections::BTreeMap, time::Duration};

const RESOURCE: &str = "service/web/shop";

/// The counts of a service whose tasks are only said to be there.
pub(super) fn counts(world: &World, cluster: &str, service: &str) -> Option<Counts> {
    let service = world.ecs.services.get(&format!("{cluster}/{service}"))?;
    service.document.get("fake")?;
    let running = service.document.get("running").and_then(Value::as_i64);
    Some(Counts {
        running: running.unwrap_or(service.desired),
        pending: 0,
        desired: service.desired,
        deploying: service.document.get("deploying").is_some(),
    })
}

/// Sets the count of such a service.
pub(super) fn set_desired(world: &mut World, cluster: &str, service: &str, desired: i64) -> bool {
    let service = world.ecs.services.get_mut(&format!("{cluster}/{service}"));
    let service = service.filter(|it| it.document.get("fake").is_some());
    service.map(|it| it.desired = desired).is_some()
}

/// 2026-11-27T00:00:00Z, a Friday.
const START: Time = Time(1_795_737_600_000);

const MINUTE: Duration = Duration::from_secs(60);

fn ask(world: &mut World, service: &str, action: &str, members: Value) -> Answer {
    let input = Input {
        service: service.to_owned(),
        action: action.to_owned(),
        members: members.as_object().cloned().unwrap_or_default(),
        ..Input::default()
    };
    service::run(world, &input)
}

/// Asks with the target of the service, and what else is given.
fn call(world: &mut World, action: &str, more: Value) -> Answer {
    let mut members = json!({
        "ServiceNamespace": "ecs",
        "ResourceId": RESOURCE,
        "ScalableDimension": DIMENSION,
    });
    for (name, value) in more.as_object().into_iter().flatten() {
        members[name.as_str()] = value.clone();
    }
    ask(world, "application-autoscaling", action, members)
}

fn refused(answer: Answer) -> (String, String) {
    let refusal = answer.expect_err("it is refused");
    (refusal.code, refusal.message)
}

fn world(desired: i64) -> World {
    let mut world = World::new("us-east-1", 7, START, Habits::default());
    let shop = Service {
        name: "shop".to_owned(),
        arn: world.arn("ecs", "service/web/shop"),
        cluster: "web".to_owned(),
        status: "ACTIVE".to_owned(),
        task_definition: String::new(),
        desired,
        document: json!({ "fake": true }),
        deployments: Vec::new(),
        events: Vec::new(),
        tags: BTreeMap::new(),
        created_at: START,
        ..Service::default()
    };
    world.ecs.services.insert("web/shop".to_owned(), shop);
    world
}

fn desired(world: &World) -> i64 {
    world.ecs.services["web/shop"].desired
}

fn register(world: &mut World, min: i64, max: i64) -> String {
    let bounds = json!({ "MinCapacity": min, "MaxCapacity": max });
    let answer = call(world, "RegisterScalableTarget", bounds).expect("it registers");
    answer["ScalableTargetARN"]
        .as_str()
        .expect("an ARN")
        .to_owned()
}

fn tracking(target: f64, cooldown: i64) -> Value {
    json!({
        "TargetValue": target,
        "PredefinedMetricSpecification": {
            "PredefinedMetricType": "ECSServiceAverageCPUUtilization",
        },
        "ScaleOutCooldown": cooldown,
        "ScaleInCooldown": cooldown,
    })
}

fn track(world: &mut World, name: &str, configuration: Value) -> Value {
    let policy = json!({
        "PolicyName": name,
        "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": configuration,
    });
    call(world, "PutScalingPolicy", policy).expect("it is put")
}

fn put(world: &mut World, metric: &str, at: Time, value: f64) {
    let dimensions = [("ClusterName", "web"), ("ServiceName", "shop")];
    let named = dimensions.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let datum = Datum {
        namespace: "AWS/ECS".to_owned(),
        name: metric.to_owned(),
        dimensions: named.into(),
        at,
        value,
        unit: "Percent".to_owned(),
    };
    cloudwatch::put(world, datum);
}

/// Lets a minute pass in which a metric of the service had this value; answers the count after it.
fn minute(world: &mut World, metric: &str, value: f64) -> i64 {
    let from = (world.now - Duration::from_secs(30)).floor(MINUTE);
    world.advance(from + MINUTE + Duration::from_secs(30));
    put(world, metric, from, value);
    world.advance(from + MINUTE + Duration::from_secs(50));
    desired(world)
}

/// The counts after minutes of so much CPU.
fn minutes(world: &mut World, values: &[f64]) -> Vec<i64> {
    let cpu = |value: &f64| minute(world, "CPUUtilization", *value);
    values.iter().map(cpu).collect()
}

fn activities(world: &mut World) -> Vec<Value> {
    let asked = json!({ "IncludeNotScaledActivities": true });
    let shown = call(world, "DescribeScalingActivities", asked).expect("they are shown");
    shown["ScalingActivities"]
        .as_array()
        .expect("a list")
        .clone()
}

#[test]
fn the_tutorials_service_grows_after_three_minutes_of_load() {
    let mut world = world(1);
    register(&mut world, 1, 3);
    track(&mut world, "cpu", tracking(50.0, 30));
    assert_eq!(minutes(&mut world, &[20.0, 80.0, 80.0, 80.0]), [1, 1, 1, 2]);
    // Each of two tasks has half of the load now.
    assert_eq!(minutes(&mut world, &[40.0, 40.0]), [2, 2]);
    assert_eq!(minutes(&mut world, &[60.0, 60.0, 60.0]), [2, 2, 3]);
    // At the maximum it stays.
    assert_eq!(minutes(&mut world, &[90.0; 3]), [3, 3, 3]);
    let newest = &activities(&mut world)[0];
    let reasons = json!([{ "Code": "AlreadyAtMaxCapacity", "MaxCapacity": 3 }]);
    assert_eq!(newest["NotScaledReasons"], reasons);
}

#[test]
fn a_service_shrinks_one_by_one_after_fifteen_quiet_minutes() {
    let mut world = world(3);
    register(&mut world, 1, 3);
    track(&mut world, "cpu", tracking(50.0, 30));
    let counts = minutes(&mut world, &[10.0; 18]);
    assert_eq!(counts[..14], [3; 14]);
    assert_eq!(counts[14..], [2, 1, 1, 1]);
    let newest = &activities(&mut world)[0];
    let reasons = json!([{ "Code": "AlreadyAtMinCapacity", "MinCapacity": 1 }]);
    assert_eq!(newest["NotScaledReasons"], reasons);
}

#[test]
fn a_task_fewer_is_not_tried_if_it_would_bring_the_load_back() {
    let mut world = world(2);
    register(&mut world, 1, 3);
    track(&mut world, "cpu", tracking(50.0, 30));
    let counts = minutes(&mut world, &[30.0; 16]);
    assert_eq!(counts, [2; 16]);
    let newest = &activities(&mut world)[0];
    assert_eq!(
        newest["NotScaledReasons"][0]["Code"],
        "AutoScalingAnticipatedFlapping"
    );
    assert_eq!(
        newest["Description"],
        "Attempting to scale due to alarm triggered"
    );
    assert_eq!(newest["StatusCode"], "Failed");
    let few = call(&mut world, "DescribeScalingActivities", json!({})).expect("they are shown");
    assert_eq!(few["ScalingActivities"], json!([]));
}

#[test]
fn an_activity_tells_its_alarm_and_ends_with_the_count_reached() {
    let mut world = world(1);
    register(&mut world, 1, 3);
    let put = track(&mut world, "cpu-target-tracking", tracking(50.0, 30));
    let alarm = put["Alarms"][0]["AlarmName"]
        .as_str()
        .expect("a name")
        .to_owned();
    world
        .ecs
        .services
        .get_mut("web/shop")
        .expect("the service")
        .document = json!({ "fake": true, "running": 1 });
    minutes(&mut world, &[80.0; 3]);
    let newest = activities(&mut world)[0].clone();
    assert_eq!(newest["Description"], "Setting desired count to 2.");
    let cause =
        format!("monitor alarm {alarm} in state ALARM triggered policy cpu-target-tracking");
    assert_eq!(newest["Cause"], cause.as_str());
    assert_eq!(newest["StatusCode"], "InProgress");
    assert_eq!(newest.get("EndTime"), None);
    world
        .ecs
        .services
        .get_mut("web/shop")
        .expect("the service")
        .document = json!({ "fake": true, "running": 2 });
    world.advance(world.now + Duration::from_secs(6));
    let newest = activities(&mut world)[0].clone();
    assert_eq!(newest["StatusCode"], "Successful");
    assert_eq!(
        newest["StatusMessage"],
        "Successfully set desired count to 2. Change successfully fulfilled by ecs."
    );
    assert!(newest["EndTime"].as_u64() > newest["StartTime"].as_u64());
}

#[test]
fn while_a_scale_out_cools_down_only_a_larger_one_goes_on() {
    let mut world = world(1);
    register(&mut world, 1, 9);
    track(&mut world, "cpu", tracking(50.0, 600));
    assert_eq!(minutes(&mut world, &[80.0; 3]), [1, 1, 2]);
    // What one task would make of it is two tasks still.
    assert_eq!(minutes(&mut world, &[100.0, 100.0]), [2, 2]);
    assert_eq!(minutes(&mut world, &[160.0]), [4]);
}

#[test]
fn a_deployment_holds_back_scaling_in_but_not_scaling_out() {
    let mut world = world(2);
    register(&mut world, 1, 3);
    track(&mut world, "cpu", tracking(50.0, 30));
    let deploying = json!({ "fake": true, "deploying": true });
    world
        .ecs
        .services
        .get_mut("web/shop")
        .expect("the service")
        .document = deploying;
    assert_eq!(minutes(&mut world, &[10.0; 16]), [2; 16]);
    let newest = &activities(&mut world)[0];
    assert_eq!(
        newest["NotScaledReasons"][0]["Code"],
        "TargetServicePutResourceAsUnscalable"
    );
    assert_eq!(minutes(&mut world, &[60.0; 3]), [2, 2, 3]);
}

#[test]
fn of_two_policies_one_scales_out_and_both_scale_in() {
    let mut world = world(2);
    register(&mut world, 1, 4);
    track(&mut world, "cpu", tracking(50.0, 0));
    let mut memory = tracking(50.0, 0);
    memory["PredefinedMetricSpecification"]["PredefinedMetricType"] =
        "ECSServiceAverageMemoryUtilization".into();
    track(&mut world, "memory", memory);
    let both = |world: &mut World, cpu: f64, memory: f64| {
        let from = (world.now - Duration::from_secs(30)).floor(MINUTE);
        world.advance(from + MINUTE + Duration::from_secs(30));
        put(world, "MemoryUtilization", from, memory);
        put(world, "CPUUtilization", from, cpu);
        world.advance(from + MINUTE + Duration::from_secs(50));
        desired(world)
    };
    let counts: Vec<i64> = (0..20).map(|_| both(&mut world, 10.0, 46.0)).collect();
    assert_eq!(counts, [2; 20]);
    let counts: Vec<i64> = (0..3).map(|_| both(&mut world, 10.0, 70.0)).collect();
    assert_eq!(counts, [2, 2, 3]);
    let counts: Vec<i64> = (0..16).map(|_| both(&mut world, 10.0, 20.0)).collect();
    assert_eq!(counts[..14], [3; 14]);
    assert_eq!(counts[14..], [2, 1]);
}

#[test]
fn what_is_suspended_does_not_happen() {
    let mut world = world(1);
    register(&mut world, 1, 3);
    track(&mut world, "cpu", tracking(50.0, 30));
    let suspended = json!({ "SuspendedState": { "DynamicScalingOutSuspended": true } });
    call(&mut world, "RegisterScalableTarget", suspended).expect("it is changed");
    assert_eq!(minutes(&mut world, &[90.0; 5]), [1; 5]);
    let shown = call(&mut world, "DescribeScalableTargets", json!({})).expect("it is shown");
    let state = json!({
        "DynamicScalingInSuspended": false,
        "DynamicScalingOutSuspended": true,
        "ScheduledScalingSuspended": false,
    });
    assert_eq!(shown["ScalableTargets"][0]["SuspendedState"], state);
    assert_eq!(shown["ScalableTargets"][0]["MaxCapacity"], 3);
    let resumed = json!({ "SuspendedState": { "DynamicScalingOutSuspended": false } });
    call(&mut world, "RegisterScalableTarget", resumed).expect("it is changed");
    assert_eq!(minutes(&mut world, &[90.0]), [2]);
}

#[test]
fn a_high_resolution_policy_acts_within_a_minute() {
    let mut world = world(1);
    let monitoring = json!({ "fake": true, "monitoring": { "metricConfigurations": [
        { "metricNames": ["CPUUtilization"], "resolutionSeconds": 20 },
    ] } });
    world
        .ecs
        .services
        .get_mut("web/shop")
        .expect("the service")
        .document = monitoring;
    register(&mut world, 1, 3);
    let mut fine = tracking(50.0, 30);
    fine["PredefinedMetricSpecification"]["PredefinedMetricType"] =
        "ECSServiceAverageCPUUtilizationHighResolution".into();
    track(&mut world, "cpu", fine);
    for count in 0..3 {
        let from = START + Duration::from_secs(20 * count);
        world.advance(from + Duration::from_secs(50));
        put(&mut world, "CPUUtilization", from, 80.0);
    }
    assert_eq!(desired(&world), 1);
    world.advance(START + Duration::from_secs(96));
    assert_eq!(desired(&world), 2);
}

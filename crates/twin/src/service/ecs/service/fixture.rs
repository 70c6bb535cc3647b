//! A cluster to test services in.

use super::super::{
    cluster::Cluster, definition::Definition, instance::ContainerInstance, provider::Provider,
};
use crate::{Habits, Input, Refusal, Time, World, call::Caller, service};
use serde_json::{Value, json};
use std::{collections::BTreeMap, time::Duration};

/// A world with the cluster `shop` and nothing in it.
pub(crate) fn world() -> World {
    let habits = Habits {
        images_must_exist: false,
        ..Habits::default()
    };
    let mut world = World::new("us-east-1", 7, Time(1_795_737_600_000), habits);
    let cluster = Cluster {
        name: "shop".into(),
        arn: world.arn("ecs", "cluster/shop"),
        status: "ACTIVE".into(),
        providers: vec!["capacity".into()],
        strategy: Vec::new(),
        attachments: None,
        more: json!({}),
        tags: BTreeMap::new(),
        created_at: world.now,
    };
    world.ecs.clusters.insert("shop".into(), cluster);
    let provider = Provider {
        name: "capacity".into(),
        arn: world.arn("ecs", "capacity-provider/capacity"),
        status: "ACTIVE".into(),
        update_status: None,
        reason: None,
        group: "group".into(),
        managed_scaling: json!({"status": "ENABLED"}),
        termination_protection: false,
        draining: true,
        tags: BTreeMap::new(),
        created_at: world.now,
    };
    world.ecs.providers.insert("capacity".into(), provider);
    world
}

/// Adds an ACTIVE instance of the provider to the cluster; answers its ARN.
pub(crate) fn instance(world: &mut World, id: &str, zone: &str) -> String {
    let arn = world.arn("ecs", &format!("container-instance/shop/{id}"));
    let attributes = [
        ("ecs.availability-zone", zone),
        ("ecs.instance-type", "t2.small"),
    ];
    let attributes = attributes.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let instance = ContainerInstance {
        arn: arn.clone(),
        cluster: "shop".into(),
        ec2: format!("i-{id}"),
        status: "ACTIVE".into(),
        connected: true,
        provider: Some("capacity".into()),
        cpu: 1024,
        memory: 1900,
        attributes: BTreeMap::from(attributes),
        tags: BTreeMap::new(),
        registered_at: world.now,
    };
    world.ecs.instances.insert(arn.clone(), instance);
    arn
}

/// Adds a revision of the family `web` with one container, changed by `change`.
pub(crate) fn definition(world: &mut World, revision: u64, change: Value) -> String {
    let arn = world.arn("ecs", &format!("task-definition/web:{revision}"));
    let mut container = json!({
        "name": "web", "image": "nginx:1", "essential": true, "cpu": 0,
        "portMappings": [{"containerPort": 80, "hostPort": 0, "protocol": "tcp"}],
    });
    for (member, value) in change.as_object().into_iter().flatten() {
        container[member.as_str()] = value.clone();
    }
    let definition = Definition {
        family: "web".into(),
        revision,
        arn: arn.clone(),
        status: "ACTIVE".into(),
        document: json!({
            "cpu": "256", "memory": "512", "networkMode": "bridge",
            "containerDefinitions": [container],
        }),
        tags: BTreeMap::from([("from".into(), "definition".into())]),
        registered_at: world.now,
        deregistered_at: None,
    };
    world.ecs.definitions.insert(arn.clone(), definition);
    arn
}

/// Calls an action of ECS in the cluster.
pub(crate) fn call(world: &mut World, action: &str, members: Value) -> Result<Value, Refusal> {
    let mut members = members.as_object().cloned().unwrap_or_default();
    members.entry("cluster").or_insert(json!("shop"));
    let input = Input {
        service: "ecs".into(),
        action: action.into(),
        caller: Caller::default(),
        members,
    };
    service::run(world, &input)
}

/// Calls an action that succeeds.
pub(crate) fn done(world: &mut World, action: &str, members: Value) -> Value {
    match call(world, action, members) {
        Ok(answer) => answer,
        Err(refusal) => panic!("{action}: {refusal}"),
    }
}

/// Calls an action that is refused: the code and the words.
pub(crate) fn refused(world: &mut World, action: &str, members: Value) -> (String, String) {
    let refusal = call(world, action, members).expect_err("it is refused");
    (refusal.code, refusal.message)
}

/// Lets seconds pass.
pub(crate) fn pass(world: &mut World, seconds: u64) {
    let to = world.now + Duration::from_secs(seconds);
    world.advance(to);
}

/// Creates the service `web` with `web:1` on EC2 and a rolling deployment, changed by `change`.
pub(crate) fn create(world: &mut World, change: Value) -> Value {
    done(world, "CreateService", request(change))["service"].clone()
}

/// What `create` asks for.
pub(crate) fn request(change: Value) -> Value {
    let mut request = json!({
        "serviceName": "web", "taskDefinition": "web:1", "desiredCount": 2, "launchType": "EC2",
    });
    let members = request.as_object_mut().expect("it is an object");
    for (member, value) in change.as_object().into_iter().flatten() {
        match value.is_null() {
            true => members.remove(member),
            false => members.insert(member.clone(), value.clone()),
        };
    }
    request
}

/// The service `web` as it is shown now.
pub(crate) fn shown(world: &mut World) -> Value {
    let answer = done(world, "DescribeServices", json!({"services": ["web"]}));
    answer["services"][0].clone()
}

/// The texts of the service's events, oldest first.
pub(crate) fn events(world: &mut World) -> Vec<String> {
    let shown = shown(world);
    let events = shown["events"].as_array().into_iter().flatten().rev();
    events
        .filter_map(|it| it["message"].as_str())
        .map(str::to_owned)
        .collect()
}

/// The service's tasks with a desired status, as they are shown now.
pub(crate) fn tasks(world: &mut World, desired: &str) -> Vec<Value> {
    let listed = done(world, "ListTasks", json!({"desiredStatus": desired}));
    if listed["taskArns"] == json!([]) {
        return Vec::new();
    }
    let answer = done(world, "DescribeTasks", json!({"tasks": listed["taskArns"]}));
    answer["tasks"].as_array().cloned().unwrap_or_default()
}

//! Making tasks: what there is of one before it is placed.

use super::{super::definition::Definition, Task, fargate, port};
use crate::{World, service::tags::Tags};
use serde_json::{Value, json};

/// A task that is to be.
#[derive(Clone, Debug, Default)]
pub(in crate::service::ecs) struct Order {
    pub(in crate::service::ecs) cluster: String,
    pub(in crate::service::ecs) service: Option<String>,
    pub(in crate::service::ecs) deployment: Option<String>,
    /// `service:…` or `family:…`.
    pub(in crate::service::ecs) group: String,
    pub(in crate::service::ecs) started_by: Option<String>,
    /// The capacity provider; without one, the launch type is EC2, or FARGATE.
    pub(in crate::service::ecs) provider: Option<String>,
    pub(in crate::service::ecs) on_fargate: bool,
    pub(in crate::service::ecs) constraints: Vec<Value>,
    pub(in crate::service::ecs) strategy: Vec<Value>,
    pub(in crate::service::ecs) balancers: Vec<Value>,
    /// `networkConfiguration`.
    pub(in crate::service::ecs) network: Value,
    pub(in crate::service::ecs) overrides: Value,
    pub(in crate::service::ecs) tags: Tags,
    pub(in crate::service::ecs) execute_command: bool,
}

/// The task of an order, in PROVISIONING; the world does not hold it yet.
pub(in crate::service::ecs) fn make(
    world: &mut World,
    order: &Order,
    definition: &Definition,
) -> Task {
    let id = world.ids.hex(32);
    let arn = world.arn("ecs", &format!("task/{}/{id}", order.cluster));
    let document = &definition.document;
    let overrides = match order.overrides.is_object() {
        true => order.overrides.clone(),
        false => json!({}),
    };
    let size = size(document, &overrides);
    let constraints = document["placementConstraints"].as_array();
    let constraints = constraints.into_iter().flatten().cloned();
    let constraints: Vec<Value> = constraints.chain(order.constraints.clone()).collect();
    Task {
        containers: containers(world, order, document, &arn),
        cluster: order.cluster.clone(),
        service: order.service.clone(),
        deployment: order.deployment.clone(),
        task_definition: definition.arn.clone(),
        status: "PROVISIONING".into(),
        desired_status: "RUNNING".into(),
        ports: port::wanted(document),
        health: "UNKNOWN".into(),
        created_at: world.now,
        more: more(world, order, document, overrides, size),
        tags: order.tags.clone(),
        size,
        provider: order.provider.clone(),
        placement: json!({
            "placementConstraints": constraints,
            "placementStrategy": order.strategy,
        }),
        balancers: order.balancers.clone(),
        network: order.network["awsvpcConfiguration"].clone(),
        arn,
        ..Task::default()
    }
}

fn more(
    world: &mut World,
    order: &Order,
    document: &Value,
    overrides: Value,
    size: (i64, i64),
) -> Value {
    let mut more = json!({
        "group": order.group,
        "overrides": overrides_shown(document, overrides),
        "cpu": size.0.to_string(),
        "memory": size.1.to_string(),
        "enableExecuteCommand": order.execute_command,
        "inferenceAccelerators": [],
        "attachments": attachments(world, order, document),
        "attributes": [],
        "version": 1,
    });
    if let Some(provider) = &order.provider {
        more["capacityProviderName"] = json!(provider);
    }
    match order.on_fargate {
        true => fargate::fill(&mut more, document),
        false if order.provider.is_none() => more["launchType"] = json!("EC2"),
        false => {}
    }
    if let Some(started_by) = &order.started_by {
        more["startedBy"] = json!(started_by);
    }
    more
}

/// Overrides as they read back: every container is named in them.
fn overrides_shown(document: &Value, mut overrides: Value) -> Value {
    let written = overrides["containerOverrides"].take();
    let written = written.as_array().cloned().unwrap_or_default();
    let named = list(document, "containerDefinitions").map(|container| {
        let found = written.iter().find(|it| it["name"] == container["name"]);
        found.map_or_else(|| json!({"name": container["name"]}), Value::clone)
    });
    overrides["containerOverrides"] = named.collect();
    overrides["inferenceAcceleratorOverrides"] = json!([]);
    overrides
}

fn attachments(world: &mut World, order: &Order, document: &Value) -> Value {
    if document["networkMode"] != "awsvpc" {
        return json!([]);
    }
    let subnets = &order.network["awsvpcConfiguration"]["subnets"];
    let count = subnets.as_array().map_or(1, |it| it.len().max(1) as u64);
    let subnet = &subnets[world.ids.below(count) as usize];
    let address = format!(
        "172.31.{}.{}",
        world.ids.below(80),
        10 + world.ids.below(240)
    );
    let hex = world.ids.hex(10);
    let pairs: Vec<&str> = (0..5).map(|it| &hex[2 * it..2 * it + 2]).collect();
    json!([{
        "id": world.ids.uuid(),
        "type": "ElasticNetworkInterface",
        "status": "PRECREATED",
        "details": [
            {"name": "subnetId", "value": subnet},
            {"name": "networkInterfaceId", "value": world.ids.ec2("eni")},
            {"name": "macAddress", "value": format!("02:{}", pairs.join(":"))},
            {"name": "privateIPv4Address", "value": address},
        ],
    }])
}

fn containers(world: &mut World, order: &Order, document: &Value, task: &str) -> Vec<Value> {
    let id = task.rsplit('/').next().unwrap_or(task).to_owned();
    list(document, "containerDefinitions")
        .map(|container| {
            let own = world.ids.uuid();
            let name = format!("container/{}/{id}/{own}", order.cluster);
            let mut shown = json!({
                "containerArn": world.arn("ecs", &name),
                "taskArn": task,
                "name": container["name"],
                "image": container["image"],
                "lastStatus": "PENDING",
                "networkBindings": [],
                "networkInterfaces": [],
                "healthStatus": "UNKNOWN",
                "managedAgents": [],
                "cpu": container["cpu"].as_i64().unwrap_or_default().to_string(),
            });
            for member in ["memory", "memoryReservation"] {
                if let Some(amount) = container[member].as_i64() {
                    shown[member] = json!(amount.to_string());
                }
            }
            shown
        })
        .collect()
}

/// What a task takes of an instance: what is set for the task, or else what its containers ask for.
fn size(document: &Value, overrides: &Value) -> (i64, i64) {
    let of_task = |member: &str| {
        let written = [&overrides[member], &document[member]];
        let texts = written.iter().filter_map(|it| it.as_str());
        texts.filter_map(|it| it.parse::<i64>().ok()).next()
    };
    let of_container = |container: &Value, member: &str| {
        let changed =
            list(overrides, "containerOverrides").find(|it| it["name"] == container["name"]);
        let changed = changed.and_then(|it| it[member].as_i64());
        changed.or_else(|| container[member].as_i64())
    };
    let sum = |amount: &dyn Fn(&Value) -> i64| -> i64 {
        list(document, "containerDefinitions").map(amount).sum()
    };
    let cpu = |it: &Value| of_container(it, "cpu").unwrap_or_default();
    let memory = |it: &Value| {
        let soft = of_container(it, "memoryReservation");
        soft.or_else(|| of_container(it, "memory"))
            .unwrap_or_default()
    };
    (
        of_task("cpu").unwrap_or_else(|| sum(&cpu)),
        of_task("memory").unwrap_or_else(|| sum(&memory)),
    )
}

fn list<'a>(of: &'a Value, member: &str) -> impl Iterator<Item = &'a Value> {
    of[member].as_array().into_iter().flatten()
}

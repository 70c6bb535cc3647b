//! Running tasks that belong to no service.

use super::{
    super::{
        definition::Definition,
        schedule::{self, place::Misfit},
        service::{check, create, create::Launch, events, fargate, lookup, strategy},
    },
    Order, make, put, show,
};
use crate::{
    Answer, Grant, Input, Refusal, World,
    service::{iam, tags},
};
use serde_json::{Value, json};

/// What the caller of RunTask or StartTask must be allowed.
pub(super) fn needs(world: &World, input: &Input) -> Vec<Grant> {
    let written = input.text("taskDefinition");
    let found = super::super::definition::find(world, written);
    let arn = found.map_or_else(
        || world.arn("ecs", &format!("task-definition/{written}")),
        |it| it.arn.clone(),
    );
    let grant = lookup::in_cluster(world, input, &arn);
    let grant = lookup::with_what_runs(world, input, grant);
    let tasks = world.arn("ecs", "task/*");
    let mut needs = lookup::tagging(input, grant, &tasks);
    needs.extend(lookup::passing(world, input));
    needs
}

fn refuse<T>(text: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal::new("InvalidParameterException", text))
}

pub(super) fn run_task(world: &mut World, input: &Input) -> Answer {
    let cluster = lookup::cluster(world, input)?;
    lookup::token(input, 64)?;
    let count = input.integer("count").unwrap_or(1);
    if !(1..=10).contains(&count) {
        return refuse("count must be between 1 and 10.");
    }
    if let Some(answer) = answered_before(world, &cluster, input)? {
        return Ok(answer);
    }
    let definition = lookup::definition(world, input.text("taskDefinition"))?.clone();
    let launch = create::chosen(world, &cluster, input, true)?;
    let mut order = order(world, &cluster, input, &launch, &definition)?;
    order.constraints = input.list("placementConstraints").to_vec();
    order.strategy = input.list("placementStrategy").to_vec();
    if matches!(launch, Launch::Type("EC2")) && schedule::place::instances(world, &cluster) == 0 {
        return refuse("No Container Instances were found in your cluster.");
    }
    let mut arns = Vec::new();
    let mut failures = Vec::new();
    for _ in 0..count {
        if let Launch::Strategy(items) = &launch {
            order.provider = next_provider(world, items, &arns);
        }
        let task = make(world, &order, &definition);
        let chosen = schedule::place::choose(world, &task);
        if let Err(misfits) = &chosen
            && !schedule::waits(world, &task)
        {
            failures.extend(misfits.iter().map(failure));
            break;
        }
        arns.push(task.arn.clone());
        put(world, task, chosen.ok());
    }
    failures.dedup();
    remember(world, &cluster, input, &arns);
    answer(world, &arns, failures)
}

fn answer(world: &World, arns: &[String], failures: Vec<Value>) -> Answer {
    let shown = arns.iter().filter_map(|it| world.ecs.tasks.get(it));
    let shown: Vec<Value> = shown.map(|it| show::task(world, it, true)).collect();
    Ok(json!({"tasks": shown, "failures": failures}))
}

fn failure((instance, misfit): &(String, Misfit)) -> Value {
    json!({"arn": instance, "reason": misfit.code()})
}

fn next_provider(world: &World, items: &[Value], arns: &[String]) -> Option<String> {
    let running = |provider: &str| {
        let made = arns.iter().filter_map(|it| world.ecs.tasks.get(it));
        made.filter(|it| it.provider.as_deref() == Some(provider))
            .count() as i64
    };
    strategy::next(items, running)
}

/// What both actions check and say alike.
fn order(
    world: &World,
    cluster: &str,
    input: &Input,
    launch: &Launch,
    definition: &Definition,
) -> Result<Order, Refusal> {
    let mut document = Value::Object(input.members.clone());
    match launch {
        Launch::Type(name) => document["launchType"] = json!(name),
        Launch::Strategy(items) => document["capacityProviderStrategy"] = json!(items),
    }
    fargate::check(&document, &definition.document)?;
    check::placement(&document)?;
    check::network(world, &document, &definition.document)?;
    let overrides = input.get("overrides").cloned().unwrap_or(json!({}));
    known_containers(&overrides, &definition.document)?;
    for role in lookup::roles(&definition.document) {
        if !iam::assumable(world, role, "ecs-tasks.amazonaws.com") {
            return Err(Refusal::new("ClientException", events::unassumable(role)));
        }
    }
    let mut tags = tags::from_list(input.list("tags"));
    tags::check(&tags, "InvalidParameterException")?;
    match input.text("propagateTags") {
        "TASK_DEFINITION" => {
            for (key, value) in &definition.tags {
                tags.entry(key.clone()).or_insert_with(|| value.clone());
            }
        }
        "SERVICE" => return refuse("propagateTags SERVICE is only valid for services."),
        _ => {}
    }
    if input.flag("enableECSManagedTags") {
        tags.insert("aws:ecs:clusterName".into(), cluster.to_owned());
    }
    let group = input.maybe("group").map(str::to_owned);
    if group.as_ref().is_some_and(|it| it.starts_with("service:")) {
        return refuse("The group cannot begin with service:.");
    }
    Ok(Order {
        on_fargate: fargate::is_on(&document),
        cluster: cluster.to_owned(),
        group: group.unwrap_or_else(|| format!("family:{}", definition.family)),
        started_by: input.maybe("startedBy").map(str::to_owned),
        network: input
            .get("networkConfiguration")
            .cloned()
            .unwrap_or(Value::Null),
        overrides,
        tags,
        execute_command: input.flag("enableExecuteCommand"),
        ..Order::default()
    })
}

fn known_containers(overrides: &Value, definition: &Value) -> Result<(), Refusal> {
    let containers = definition["containerDefinitions"].as_array();
    for change in overrides["containerOverrides"]
        .as_array()
        .into_iter()
        .flatten()
    {
        let mut containers = containers.into_iter().flatten();
        if !containers.any(|it| it["name"] == change["name"]) {
            let name = change["name"].as_str().unwrap_or_default();
            return refuse(format!(
                "Override for container named {name} is not a container in the TaskDefinition."
            ));
        }
    }
    Ok(())
}

/// The answer to the same request with the same token.
fn answered_before(world: &World, cluster: &str, input: &Input) -> Result<Option<Value>, Refusal> {
    let Some(token) = input.maybe("clientToken") else {
        return Ok(None);
    };
    let Some(kept) = world.ecs.tokens.get(&format!("{cluster}/run:{token}")) else {
        return Ok(None);
    };
    let kept: Value = serde_json::from_str(kept).unwrap_or(Value::Null);
    let arns = kept["tasks"].as_array().into_iter().flatten();
    let arns: Vec<String> = arns.filter_map(Value::as_str).map(str::to_owned).collect();
    if kept["request"] != Value::Object(input.members.clone()) {
        let text = "The provided clientToken is already in use with a different RunTask request.";
        let mut refusal = Refusal::new("ConflictException", text);
        refusal.members.insert("resourceIds".into(), json!(arns));
        return Err(refusal);
    }
    answer(world, &arns, Vec::new()).map(Some)
}

fn remember(world: &mut World, cluster: &str, input: &Input, arns: &[String]) {
    if let Some(token) = input.maybe("clientToken") {
        let kept = json!({"request": input.members, "tasks": arns}).to_string();
        let token = format!("{cluster}/run:{token}");
        world.ecs.tokens.insert(token, kept);
    }
}

pub(super) fn start_task(world: &mut World, input: &Input) -> Answer {
    let cluster = lookup::cluster(world, input)?;
    let named: Vec<String> = input
        .texts("containerInstances")
        .into_iter()
        .map(str::to_owned)
        .collect();
    if named.is_empty() || named.len() > 10 {
        return refuse("containerInstances must name between 1 and 10 container instances.");
    }
    let definition = lookup::definition(world, input.text("taskDefinition"))?.clone();
    let order = order(world, &cluster, input, &Launch::Type("EC2"), &definition)?;
    let mut arns = Vec::new();
    let mut failures = Vec::new();
    for written in named {
        let arn = match written.starts_with("arn:") {
            true => written,
            false => world.arn("ecs", &format!("container-instance/{cluster}/{written}")),
        };
        let task = make(world, &order, &definition);
        let fits = match world.ecs.instances.get(&arn) {
            Some(instance) if instance.cluster == cluster => {
                schedule::place::fits(world, instance, &task).map_err(|it| it.code())
            }
            _ => Err("MISSING"),
        };
        match fits {
            Ok(()) => {
                arns.push(task.arn.clone());
                put(world, task, Some(arn));
            }
            Err(reason) => failures.push(json!({"arn": arn, "reason": reason})),
        }
    }
    answer(world, &arns, failures)
}

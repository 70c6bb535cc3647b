//! Making services.

use super::{
    super::{deployment, schedule},
    Service, check, document, fargate, lookup, show, strategy,
};
use crate::{
    Answer, Grant, Input, Refusal, World,
    service::{iam, tags},
};
use serde_json::{Value, json};

/// What the caller of CreateService must be allowed.
pub(super) fn needs(world: &World, input: &Input) -> Vec<Grant> {
    let grant = lookup::on_service(world, input, input.text("serviceName"));
    let arn = grant.resource.clone();
    let grant = lookup::with_what_runs(world, input, grant);
    let mut needs = lookup::tagging(input, grant, &arn);
    needs.extend(lookup::passing(world, input));
    needs
}

pub(super) fn create_service(world: &mut World, input: &Input) -> Answer {
    let cluster = lookup::cluster(world, input)?;
    let name = input.text("serviceName");
    check_name(name)?;
    lookup::token(input, 36)?;
    let key = format!("{cluster}/{name}");
    if let Some(existing) = before(world, &key, &cluster, input)? {
        return Ok(json!({"service": existing}));
    }
    if input.text("taskDefinition").is_empty() {
        return refuse("TaskDefinition can not be blank.");
    }
    let definition = lookup::definition(world, input.text("taskDefinition"))?;
    let (arn, shown) = (definition.arn.clone(), definition.document.clone());
    let mut document = document::fill(input);
    document
        .as_object_mut()
        .expect("it is filled")
        .remove("clientToken");
    let desired = desired_count(input)?;
    launch(world, &cluster, input, &mut document)?;
    rebalance(&mut document);
    fargate::fill(&mut document);
    check::document(world, &document, &shown)?;
    let tags = tags::from_list(input.list("tags"));
    tags::check(&tags, "InvalidParameterException")?;
    document["roleArn"] = json!(role(world, input));
    if !input.caller.arn.is_empty() {
        document["createdBy"] = json!(input.caller.arn);
    }
    let service = Service {
        name: name.to_owned(),
        arn: world.arn("ecs", &format!("service/{key}")),
        cluster: cluster.clone(),
        status: "ACTIVE".into(),
        task_definition: arn,
        desired,
        document,
        tags,
        created_at: world.now,
        request: Value::Object(input.members.clone()),
        ..Service::default()
    };
    world.ecs.services.insert(key.clone(), service);
    if let Some(token) = input.maybe("clientToken") {
        let token = format!("{cluster}/{token}");
        world.ecs.tokens.insert(token, name.to_owned());
    }
    deployment::begin(world, &key);
    schedule::soon(world, &key);
    Ok(json!({"service": show::service(world, &world.ecs.services[&key], true)}))
}

fn refuse<T>(text: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal::new("InvalidParameterException", text))
}

fn check_name(name: &str) -> Result<(), Refusal> {
    let plain = |it: char| it.is_ascii_alphanumeric() || it == '-' || it == '_';
    match !name.is_empty() && name.len() <= 255 && name.chars().all(plain) {
        true => Ok(()),
        false => refuse(
            "Invalid service name: up to 255 letters, numbers, underscores, and hyphens are \
             allowed.",
        ),
    }
}

/// What there is under the name already: the service that the same request made is answered again.
fn before(
    world: &World,
    key: &str,
    cluster: &str,
    input: &Input,
) -> Result<Option<Value>, Refusal> {
    let other = || refuse("Creation of service was not idempotent.");
    let token = input.maybe("clientToken");
    let made = token.and_then(|it| world.ecs.tokens.get(&format!("{cluster}/{it}")));
    let Some(existing) = world.ecs.services.get(key) else {
        return match made.map(|it| world.ecs.services.get(&format!("{cluster}/{it}"))) {
            Some(Some(service)) if service.status == "ACTIVE" => other(),
            _ => Ok(None),
        };
    };
    match existing.status.as_str() {
        "DRAINING" => refuse("Unable to Start a service that is still Draining."),
        "ACTIVE" if made.is_some() && existing.request == Value::Object(input.members.clone()) => {
            Ok(Some(show::service(world, existing, true)))
        }
        "ACTIVE" => other(),
        _ => Ok(None),
    }
}

fn desired_count(input: &Input) -> Result<i64, Refusal> {
    let daemon = input.text("schedulingStrategy") == "DAEMON";
    match (daemon, input.integer("desiredCount")) {
        (true, None) => Ok(0),
        (true, Some(_)) => refuse(
            "The daemon scheduling strategy does not support a desired count for services. Remove \
             the desired count value and try again.",
        ),
        (false, None) => refuse("desiredCount is required for the REPLICA scheduling strategy."),
        (false, Some(count)) if count < 0 => {
            refuse("desiredCount must be greater than or equal to 0.")
        }
        (false, Some(count)) => Ok(count),
    }
}

/// Settles what launches the tasks: what is written, or the cluster's default strategy, or EC2.
fn launch(
    world: &World,
    cluster: &str,
    input: &Input,
    document: &mut Value,
) -> Result<(), Refusal> {
    let daemon = document["schedulingStrategy"] == "DAEMON";
    let chosen = self::chosen(world, cluster, input, !daemon)?;
    let members = document.as_object_mut().expect("it is filled");
    members.remove("launchType");
    members.remove("capacityProviderStrategy");
    match chosen {
        Launch::Type(name) => document["launchType"] = json!(name),
        Launch::Strategy(items) => document["capacityProviderStrategy"] = json!(items),
    }
    Ok(())
}

/// What launches tasks.
pub(crate) enum Launch {
    /// The launch type `EC2` or `FARGATE`.
    Type(&'static str),
    /// Capacity providers.
    Strategy(Vec<Value>),
}

/// What is to launch the tasks that a request is about.
pub(crate) fn chosen(
    world: &World,
    cluster: &str,
    input: &Input,
    by_default: bool,
) -> Result<Launch, Refusal> {
    let written = input.list("capacityProviderStrategy");
    match (input.maybe("launchType"), written.is_empty()) {
        (Some(_), false) => refuse(
            "Specifying both a launch type and capacity provider strategy is not supported. \
             Remove one and try again.",
        ),
        (Some("EC2"), true) => Ok(Launch::Type("EC2")),
        (Some("FARGATE"), true) => Ok(Launch::Type("FARGATE")),
        (Some(other), true) => Err(Refusal::new(
            "UnsupportedFeatureException",
            format!("The launch type {other} is not available here."),
        )),
        (None, false) => Ok(Launch::Strategy(strategy::checked(
            world, cluster, written,
        )?)),
        (None, true) => {
            let default = world.ecs.clusters.get(cluster);
            let default = default.map_or(&[][..], |it| it.strategy.as_slice());
            match default.is_empty() || !by_default {
                true => Ok(Launch::Type("EC2")),
                false => Ok(Launch::Strategy(default.to_vec())),
            }
        }
    }
}

/// Rebalancing is on if nothing else is said. Services that could never have it - daemons, and
/// those that choose their own placement - are created without it; a maximum of 100 % is refused.
fn rebalance(document: &mut Value) {
    if document.get("availabilityZoneRebalancing").is_some() {
        return;
    }
    let eligible = document["schedulingStrategy"] != "DAEMON"
        && check::spreads_over_zones(document)
        && !check::names_zones(document);
    let default = if eligible { "ENABLED" } else { "DISABLED" };
    document["availabilityZoneRebalancing"] = json!(default);
}

fn role(world: &mut World, input: &Input) -> String {
    match input.maybe("role").filter(|it| !it.is_empty()) {
        Some(role) if role.starts_with("arn:") => role.to_owned(),
        Some(role) => {
            let account = crate::habits::ACCOUNT;
            format!(
                "arn:aws:iam::{account}:role/{}",
                role.trim_start_matches('/')
            )
        }
        None => iam::service_linked_role(world, "ecs.amazonaws.com"),
    }
}

//! Changing services.

use super::{
    super::{deployment, schedule},
    PER_REVISION, Service, check, document, lookup, show, strategy,
};
use crate::{Answer, Grant, Input, Refusal, World};
use serde_json::{Value, json};

/// Members that are taken over as they are written, and start no deployment.
const PLAIN: [&str; 7] = [
    "availabilityZoneRebalancing",
    "placementConstraints",
    "healthCheckGracePeriodSeconds",
    "deploymentController",
    "enableExecuteCommand",
    "enableECSManagedTags",
    "propagateTags",
];

/// What the caller of UpdateService must be allowed.
pub(super) fn needs(world: &World, input: &Input) -> Vec<Grant> {
    let grant = lookup::on_service(world, input, input.text("service"));
    let mut needs = vec![lookup::with_what_runs(world, input, grant)];
    needs.extend(lookup::passing(world, input));
    needs
}

pub(super) fn update_service(world: &mut World, input: &Input) -> Answer {
    let service = lookup::service(world, input)?;
    if service.status != "ACTIVE" {
        return Err(Refusal::new(
            "ServiceNotActiveException",
            "Service was not ACTIVE.",
        ));
    }
    let key = service.key();
    let mut changed = service.clone();
    write(world, input, &mut changed)?;
    desired(input, &mut changed)?;
    let definition = match input.maybe("taskDefinition") {
        Some(written) => lookup::definition(world, written)?,
        None => match super::super::definition::find(world, &changed.task_definition) {
            Some(definition) => definition,
            None => lookup::definition(world, &changed.task_definition)?,
        },
    };
    changed.task_definition = definition.arn.clone();
    check::document(world, &changed.document, &definition.document)?;
    let deploys = input.flag("forceNewDeployment") || differs(service, &changed);
    world.ecs.services.insert(key.clone(), changed);
    if deploys {
        deployment::begin(world, &key);
    }
    schedule::soon(world, &key);
    Ok(json!({"service": show::service(world, &world.ecs.services[&key], false)}))
}

fn write(world: &World, input: &Input, service: &mut Service) -> Result<(), Refusal> {
    let daemon = service.is_daemon();
    launch(world, input, service)?;
    let document = &mut service.document;
    let written = Value::Object(input.members.clone());
    document::copy(&written, document, &PLAIN);
    let revised = PER_REVISION
        .iter()
        .filter(|it| !matches!(**it, "capacityProviderStrategy" | "launchType"));
    for member in revised {
        document::copy(&written, document, &[member]);
    }
    if input.has("placementStrategy") {
        document["placementStrategy"] = document::strategy(input.list("placementStrategy"));
    }
    if let Some(configuration) = input.get("deploymentConfiguration") {
        let before = &document["deploymentConfiguration"];
        document["deploymentConfiguration"] =
            document::deployment_configuration(before, Some(configuration), daemon);
    }
    Ok(())
}

/// A change of what launches the tasks. The model says that it starts no deployment; AWS takes it
/// only with one.
fn launch(world: &World, input: &Input, service: &mut Service) -> Result<(), Refusal> {
    if !input.has("capacityProviderStrategy") {
        return Ok(());
    }
    let written = input.list("capacityProviderStrategy");
    let items = strategy::checked(world, &service.cluster, written)?;
    let document = &mut service.document;
    let before = document["capacityProviderStrategy"].as_array();
    if before.map_or(&[][..], Vec::as_slice) == items {
        return Ok(());
    }
    if !input.flag("forceNewDeployment") {
        return Err(Refusal::new(
            "InvalidParameterException",
            "When switching from launch type to capacity provider strategy on an existing \
             service, or making a change to a capacity provider strategy on a service that is \
             already using one, you must force a new deployment.",
        ));
    }
    let members = document.as_object_mut().expect("it is filled");
    members.remove("launchType");
    members.remove("capacityProviderStrategy");
    match items.is_empty() {
        true => document["launchType"] = json!("EC2"),
        false => document["capacityProviderStrategy"] = json!(items),
    }
    Ok(())
}

fn desired(input: &Input, service: &mut Service) -> Result<(), Refusal> {
    let refuse = |text: &str| Err(Refusal::new("InvalidParameterException", text));
    match input.integer("desiredCount") {
        None => Ok(()),
        Some(_) if service.is_daemon() => refuse(
            "The daemon scheduling strategy does not support a desired count for services. Remove \
             the desired count value and try again.",
        ),
        Some(count) if count < 0 => refuse("desiredCount must be greater than or equal to 0."),
        Some(count) => {
            service.desired = count;
            Ok(())
        }
    }
}

/// Whether the change is one that a new revision is needed for.
fn differs(before: &Service, after: &Service) -> bool {
    let differs = |member: &&str| {
        let of = |service: &Service| {
            let value = service.document.get(*member).cloned();
            value.unwrap_or(Value::Null)
        };
        let empty =
            |value: &Value| value.is_null() || value.as_array().is_some_and(|it| it.is_empty());
        let (before, after) = (of(before), of(after));
        before != after && !(empty(&before) && empty(&after))
    };
    before.task_definition != after.task_definition || PER_REVISION.iter().any(differs)
}

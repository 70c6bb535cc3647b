//! Making capacity providers.

use super::{Provider, arn, find};
use crate::{
    Answer, Grant, Input, Refusal, World,
    service::{
        autoscaling::{self, Group},
        ecs::{
            cluster::{client, invalid, is_name},
            tagging,
        },
        iam, tags,
    },
};
use serde_json::{Value, json};

pub(super) fn needs(world: &World, input: &Input) -> Vec<Grant> {
    let grant = tagging::requested(Grant::on("*"), input);
    let tagged = tagging::on_create(world, input, &arn(world, input.text("name")));
    [grant].into_iter().chain(tagged).collect()
}

pub(super) fn run(world: &mut World, input: &Input) -> Answer {
    let name = input.text("name");
    check_name(name)?;
    let asked = match (
        input.get("autoScalingGroupProvider"),
        input.has("managedInstancesProvider"),
    ) {
        (Some(asked), false) => asked,
        (None, true) => {
            return Err(Refusal::new(
                "UnsupportedFeatureException",
                "Amazon ECS Managed Instances are not available here.",
            ));
        }
        _ => {
            return Err(invalid(
                "Specify either autoScalingGroupProvider or managedInstancesProvider.",
            ));
        }
    };
    if find(world, name).is_some() {
        return Err(client(
            "The specified capacity provider already exists. To change the configuration of an \
             existing capacity provider, update the capacity provider.",
        ));
    }
    let tags = tags::from_list(input.list("tags"));
    tags::check(&tags, "InvalidParameterException")?;
    let named = asked["autoScalingGroupArn"].as_str().unwrap_or_default();
    let group = autoscaling::group(world, named)
        .ok_or_else(|| {
            client(
                "The specified Auto Scaling group ARN does not exist. Specify a valid Auto Scaling \
                 group ARN and try again.",
            )
        })?
        .clone();
    let mut others = world.ecs.providers.values();
    if others.any(|it| it.group == group.arn && it.status != "INACTIVE") {
        return Err(client(
            "The specified Auto Scaling group ARN is already being used by another capacity \
             provider. Specify a unique Auto Scaling group ARN and try again.",
        ));
    }
    let provider = Provider {
        name: name.to_owned(),
        arn: arn(world, name),
        status: "ACTIVE".into(),
        update_status: Some("CREATE_COMPLETE".into()),
        reason: None,
        group: group.arn.clone(),
        managed_scaling: scaling(&defaults(), asked.get("managedScaling"))?,
        termination_protection: asked["managedTerminationProtection"] == "ENABLED",
        draining: asked["managedDraining"] != "DISABLED",
        tags,
        created_at: world.now,
    };
    check_protection(&provider, &group)?;
    iam::service_linked_role(world, "ecs.amazonaws.com");
    autoscaling::tag(world, &group.name, "AmazonECSManaged", "");
    let shown = super::show::view(&provider, true);
    world.ecs.providers.insert(name.to_owned(), provider);
    Ok(json!({ "capacityProvider": shown }))
}

fn check_name(name: &str) -> Result<(), Refusal> {
    let lower = name.to_ascii_lowercase();
    let is_reserved = ["aws", "ecs", "fargate"]
        .iter()
        .any(|it| lower.starts_with(it));
    match is_name(name) && !is_reserved {
        true => Ok(()),
        false => Err(client(
            "The specified capacity provider name is invalid. Up to 255 characters are allowed, \
             including letters (upper and lowercase), numbers, underscores (_), and hyphens (-). \
             The name cannot be prefixed with \"aws\", \"ecs\", or \"fargate\". Specify a valid \
             name and try again.",
        )),
    }
}

/// What managed scaling is where nothing is said: off.
fn defaults() -> Value {
    json!({
        "status": "DISABLED",
        "targetCapacity": 100,
        "minimumScalingStepSize": 1,
        "maximumScalingStepSize": 10000,
        "instanceWarmupPeriod": 300,
    })
}

/// Managed scaling as it is to be: what was, but for what is asked.
pub(super) fn scaling(was: &Value, asked: Option<&Value>) -> Result<Value, Refusal> {
    let mut scaling = was.clone();
    let asked = asked.and_then(Value::as_object);
    for (member, value) in asked.into_iter().flatten() {
        scaling[member] = value.clone();
    }
    let number = |member: &str| scaling[member].as_i64().unwrap_or_default();
    if number("minimumScalingStepSize") > number("maximumScalingStepSize") {
        return Err(client(
            "The managed scaling settings for the capacity provider are invalid. The minimum \
             scaling step size cannot be greater than the maximum scaling step size.",
        ));
    }
    Ok(scaling)
}

/// Whether a provider's instances can be protected while they run tasks.
pub(super) fn check_protection(provider: &Provider, group: &Group) -> Result<(), Refusal> {
    if !provider.termination_protection {
        return Ok(());
    }
    let refused = |what: &str| {
        Err(client(format!(
            "The managed termination protection setting for the capacity provider is invalid. To \
             enable managed termination protection for a capacity provider, {what}"
        )))
    };
    if !provider.is_managed() {
        return refused("managed scaling must be enabled.");
    }
    let mut members = group.members.values();
    match group.protect_new && members.all(|it| it.protected) {
        true => Ok(()),
        false => {
            refused("the Auto Scaling group must have instance protection from scale in enabled.")
        }
    }
}

//! Reading capacity providers.

use super::{Provider, arn, is_fargate, name_of};
use crate::{
    Answer, Grant, Input, World,
    service::{
        ecs::cluster::{self, invalid},
        tags,
    },
};
use serde_json::{Value, json};

/// How many one call may name, and how many a page has.
const MOST: usize = 100;
const PAGE: usize = 10;

pub(super) fn needs(world: &World, input: &Input) -> Vec<Grant> {
    let names = input.texts("capacityProviders");
    names.iter().map(|it| super::grant(world, it)).collect()
}

pub(super) fn describe(world: &mut World, input: &Input) -> Answer {
    let names = input.texts("capacityProviders");
    if names.len() > MOST {
        return Err(invalid(
            "capacityProviders cannot have more than 100 elements.",
        ));
    }
    let limit = cluster::limit(input, PAGE)?;
    let with_tags = input.texts("include").contains(&"TAGS");
    let names = match input.has("capacityProviders") {
        true => names.into_iter().map(|it| name_of(it).to_owned()).collect(),
        false => all(world, input)?,
    };
    let (mut shown, mut failures) = (Vec::new(), Vec::new());
    for name in names {
        match world.ecs.providers.get(&name) {
            Some(provider) => shown.push(view(provider, with_tags)),
            None if is_fargate(&name) => shown.push(fargate(world, &name)),
            None => failures.push(json!({ "arn": arn(world, &name), "reason": "MISSING" })),
        }
    }
    let mut answer = cluster::paged("capacityProviders", &shown, input, limit)?;
    answer["failures"] = match input.has("nextToken") {
        true => json!([]),
        false => Value::from(failures),
    };
    Ok(answer)
}

/// The names of all that there are, or that the cluster has which the input names.
fn all(world: &World, input: &Input) -> Result<Vec<String>, crate::Refusal> {
    if let Some(cluster) = input.maybe("cluster") {
        return Ok(cluster::active(world, Some(cluster))?.providers.clone());
    }
    let own = world.ecs.providers.values();
    let own = own.filter(|it| it.status != "INACTIVE");
    let own = own.map(|it| it.name.clone());
    let fargate = ["FARGATE", "FARGATE_SPOT"].map(str::to_owned);
    Ok(fargate.into_iter().chain(own).collect())
}

fn fargate(world: &World, name: &str) -> Value {
    json!({
        "capacityProviderArn": arn(world, name),
        "name": name,
        "status": "ACTIVE",
        "tags": [],
        "type": name,
    })
}

/// A provider as DescribeCapacityProviders shows it.
pub(super) fn view(provider: &Provider, with_tags: bool) -> Value {
    let on = |it: bool| if it { "ENABLED" } else { "DISABLED" };
    let mut shown = json!({
        "capacityProviderArn": provider.arn,
        "name": provider.name,
        "status": provider.status,
        "autoScalingGroupProvider": {
            "autoScalingGroupArn": provider.group,
            "managedScaling": provider.managed_scaling,
            "managedTerminationProtection": on(provider.termination_protection),
            "managedDraining": on(provider.draining),
        },
        "tags": [],
        "type": "EC2_AUTOSCALING",
    });
    if with_tags {
        shown["tags"] = tags::lower(&provider.tags);
    }
    if let Some(status) = &provider.update_status {
        shown["updateStatus"] = Value::from(status.as_str());
    }
    if let Some(reason) = &provider.reason {
        shown["updateStatusReason"] = Value::from(reason.as_str());
    }
    shown
}

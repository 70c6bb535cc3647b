//! Application Auto Scaling of ECS services.

mod activity;
mod calendar;
mod count;
mod cron;
mod decision;
mod policy;
mod retag;
mod schedule;
mod scheduled;
mod step;
mod target;
mod tracking;
mod zone;

use crate::{Action, Refusal, Time, World, call, service::tags::Tags};
use activity::Activity;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use target::Target;

/// The only dimension of ECS services.
const DIMENSION: &str = "ecs:service:DesiredCount";

/// The service's part of the world.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Scaling {
    /// By resource id: `service/<cluster>/<service>`.
    targets: BTreeMap<String, Target>,
    /// Oldest first.
    activities: Vec<Activity>,
}

/// The service's actions.
pub fn actions() -> Vec<Action> {
    [
        target::actions(),
        policy::actions(),
        scheduled::actions(),
        activity::actions(),
        retag::actions(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Something that happens by itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Event {
    /// It is looked whether the service has come to the count that an activity set.
    Fulfilled(String),
    /// A scheduled action of a target is due, unless it has been changed since.
    Due(String, String, Time),
}

/// Lets it happen.
pub fn happen(world: &mut World, event: Event) {
    match event {
        Event::Fulfilled(activity) => activity::look(world, &activity),
        Event::Due(resource, action, at) => scheduled::run(world, &resource, &action, at),
    }
}

/// Every tagged resource, by ARN, as the tagging API lists it.
pub fn tagged(world: &World) -> Vec<(String, Tags)> {
    let targets = world.scaling.targets.values();
    targets
        .filter(|it| !it.tags.is_empty())
        .map(|it| (it.arn.clone(), it.tags.clone()))
        .collect()
}

/// An alarm that names a scaling policy of ours among its actions changed to ALARM, or is in ALARM
/// still a minute later. `action` is the policy's ARN as it stands among the alarm's actions.
pub fn alarm_fires(world: &mut World, action: &str, alarm: &str) {
    decision::decide(world, action, alarm);
}

/// The target of a service, if it is registered: its minimum and maximum.
pub fn bounds(world: &World, cluster: &str, service: &str) -> Option<(i64, i64)> {
    let resource = format!("service/{cluster}/{service}");
    let target = world.scaling.targets.get(&resource)?;
    Some((target.min, target.max))
}

/// The cluster and the service of a resource id.
fn place(resource: &str) -> Option<(&str, &str)> {
    resource.strip_prefix("service/")?.split_once('/')
}

fn invalid(text: impl Into<String>) -> Refusal {
    Refusal::new("ValidationException", text)
}

/// What is answered where a target, or something of it, is not there.
fn not_found(what: &str, input: &call::Input) -> Refusal {
    let text = format!(
        "No {what} found for service namespace: {}, resource ID: {}, scalable dimension: {}",
        input.text("ServiceNamespace"),
        input.text("ResourceId"),
        input.text("ScalableDimension")
    );
    Refusal::new("ObjectNotFoundException", text)
}

/// The target that an input names.
fn target_of<'a>(world: &'a mut World, input: &call::Input) -> Result<&'a mut Target, Refusal> {
    let is_ours =
        input.text("ServiceNamespace") == "ecs" && input.text("ScalableDimension") == DIMENSION;
    let target = world.scaling.targets.get_mut(input.text("ResourceId"));
    target
        .filter(|_| is_ours)
        .ok_or_else(|| not_found("scalable target", input))
}

/// What the caller must be allowed on the target that an input names, whether it is there or not.
fn on_target(world: &World, input: &call::Input) -> Vec<call::Grant> {
    let target = world.scaling.targets.get(input.text("ResourceId"));
    let arn = match target {
        Some(target) => target.arn.clone(),
        None => world.arn("application-autoscaling", "scalable-target/*"),
    };
    let grant = call::Grant::on(arn)
        .with(
            "application-autoscaling:service-namespace",
            input.text("ServiceNamespace"),
        )
        .with(
            "application-autoscaling:scalable-dimension",
            input.text("ScalableDimension"),
        );
    let tags = target.map(|it| it.tags.clone()).unwrap_or_default();
    vec![tags.iter().fold(grant, |grant, (key, value)| {
        grant.with(format!("aws:ResourceTag/{key}"), value)
    })]
}

/// A page of what the members ResourceId and ScalableDimension leave, as every Describe answers.
fn describe(
    input: &call::Input,
    member: &str,
    all: Vec<Value>,
    most: i64,
) -> Result<Value, Refusal> {
    if input.has("ScalableDimension") && !input.has("ResourceId") && !input.has("ResourceIds") {
        return Err(invalid(
            "Resource ID is required when a scalable dimension is specified.",
        ));
    }
    let limit = input.integer("MaxResults").unwrap_or(most);
    if !(1..=most).contains(&limit) {
        return Err(invalid(format!("MaxResults must be between 1 and {most}.")));
    }
    let has = |it: &Value, name: &str| {
        let asked = input.maybe(name);
        asked.is_none_or(|asked| it.get(name).and_then(Value::as_str) == Some(asked))
    };
    let asked = all.into_iter().filter(|it| {
        has(it, "ServiceNamespace") && has(it, "ResourceId") && has(it, "ScalableDimension")
    });
    let asked: Vec<Value> = asked.collect();
    let token = input.maybe("NextToken");
    let (page, next) = call::page(&asked, token, limit as usize).ok_or_else(|| {
        Refusal::new(
            "InvalidNextTokenException",
            "The next token supplied is invalid.",
        )
    })?;
    let mut answer = Map::new();
    answer.insert(member.to_owned(), page.into());
    if let Some(next) = next {
        answer.insert("NextToken".to_owned(), next.into());
    }
    Ok(answer.into())
}

#[cfg(test)]
mod tests;

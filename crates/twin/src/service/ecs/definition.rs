//! Task definitions.

mod container;
mod fargate;
mod list;
mod network;
mod register;
mod requires;
mod retire;
mod size;
mod task;
#[cfg(test)]
mod tests;

use super::{cluster::client, tagging};
use crate::{Action, Answer, Grant, Input, Time, World, service::tags, service::tags::Tags};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub use retire::gone;

/// One revision of a family.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Definition {
    /// The family.
    pub family: String,
    /// The revision, from 1.
    pub revision: u64,
    /// Its ARN.
    pub arn: String,
    /// `ACTIVE`, `INACTIVE`, `DELETE_IN_PROGRESS`.
    pub status: String,
    /// What DescribeTaskDefinition shows, but for the other fields here.
    pub document: Value,
    /// Its tags.
    pub tags: Tags,
    /// When it was registered.
    pub registered_at: Time,
    /// When it was deregistered.
    pub deregistered_at: Option<Time>,
}

impl Definition {
    /// Its containers, by the names of the model.
    pub fn containers(&self) -> &[Value] {
        let containers = self.document["containerDefinitions"].as_array();
        containers.map_or(&[], Vec::as_slice)
    }
}

/// The actions.
pub fn actions() -> Vec<Action> {
    vec![
        Action::on("DeleteTaskDefinitions", retire::delete, |world, input| {
            let names = input.texts("taskDefinitions").into_iter();
            names.map(|it| grant(world, it)).collect()
        }),
        Action::new("DeregisterTaskDefinition", retire::deregister),
        Action::new("DescribeTaskDefinition", describe),
        Action::new("ListTaskDefinitionFamilies", list::families),
        Action::new("ListTaskDefinitions", list::revisions),
        Action::on("RegisterTaskDefinition", register::run, register::needs),
    ]
}

fn grant(world: &World, name: &str) -> Grant {
    match find(world, name) {
        Some(found) => tagging::grant(&found.arn, Some(&found.tags)),
        None if name.starts_with("arn:") => Grant::on(name),
        None => Grant::on(world.arn("ecs", &format!("task-definition/{name}"))),
    }
}

/// A definition by its ARN, `family:revision`, or `family`, which is its latest ACTIVE revision.
pub fn find<'a>(world: &'a World, name: &str) -> Option<&'a Definition> {
    let (family, revision) = parts(name);
    match revision {
        Some(revision) => {
            let found = world
                .ecs
                .definitions
                .get(&arn(world, family, revision.parse().ok()?))?;
            (!name.starts_with("arn:") || found.arn == name).then_some(found)
        }
        None => {
            let prefix = world.arn("ecs", &format!("task-definition/{family}:"));
            let all = world.ecs.definitions.range(prefix.clone()..);
            let of_family = all.take_while(|(arn, _)| arn.starts_with(&prefix));
            let active = of_family.filter(|(_, it)| it.status == "ACTIVE");
            active.max_by_key(|(_, it)| it.revision).map(|(_, it)| it)
        }
    }
}

fn arn(world: &World, family: &str, revision: u64) -> String {
    world.arn("ecs", &format!("task-definition/{family}:{revision}"))
}

/// The family and the revision that a name or an ARN says.
fn parts(name: &str) -> (&str, Option<&str>) {
    let name = match name.split_once(":task-definition/") {
        Some((_, rest)) if name.starts_with("arn:") => rest,
        _ => name,
    };
    match name.split_once(':') {
        Some((family, revision)) => (family, Some(revision)),
        None => (name, None),
    }
}

/// What a task of a definition takes of its instance: CPU units and MiB. `overrides` are the
/// task's, in the shape of the model.
pub fn need(definition: &Definition, overrides: &Value) -> (i64, i64) {
    let whole = |member: &str| {
        let told = [&overrides[member], &definition.document[member]];
        told.into_iter()
            .find_map(|it| it.as_str()?.parse::<i64>().ok())
    };
    let sum = |one: fn(&Value, &Value) -> i64| {
        let containers = definition.containers().iter();
        let needs = containers.map(|it| one(it, told(overrides, &it["name"])));
        needs.sum::<i64>()
    };
    let cpu = whole("cpu").unwrap_or_else(|| {
        sum(|container, told| {
            number(told, "cpu")
                .or(number(container, "cpu"))
                .unwrap_or(0)
        })
    });
    let memory = whole("memory").unwrap_or_else(|| {
        sum(|container, told| {
            let members = ["memoryReservation", "memory"];
            let mut of = members
                .iter()
                .filter_map(|it| number(told, it).or(number(container, it)));
            of.next().unwrap_or(0)
        })
    });
    (cpu, memory)
}

/// What overrides say of a container.
fn told<'a>(overrides: &'a Value, container: &Value) -> &'a Value {
    let mut all = overrides["containerOverrides"]
        .as_array()
        .into_iter()
        .flatten();
    all.find(|it| it["name"] == *container)
        .unwrap_or(&Value::Null)
}

fn number(value: &Value, member: &str) -> Option<i64> {
    value[member].as_i64()
}

fn describe(world: &mut World, input: &Input) -> Answer {
    let Some(found) = find(world, input.text("taskDefinition")) else {
        return Err(client("Unable to describe task definition."));
    };
    let mut answer = json!({ "taskDefinition": view(found) });
    if input.texts("include").contains(&"TAGS") {
        answer["tags"] = tags::lower(&found.tags);
    }
    Ok(answer)
}

/// A definition as DescribeTaskDefinition shows it.
pub(super) fn view(definition: &Definition) -> Value {
    let mut shown = definition.document.clone();
    shown["taskDefinitionArn"] = Value::from(definition.arn.as_str());
    shown["family"] = Value::from(definition.family.as_str());
    shown["revision"] = Value::from(definition.revision);
    shown["status"] = Value::from(definition.status.as_str());
    shown["registeredAt"] = definition.registered_at.value();
    if let Some(at) = definition.deregistered_at {
        shown["deregisteredAt"] = at.value();
    }
    shown
}

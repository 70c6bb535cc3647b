//! Container instances: EC2 instances that joined a cluster.

mod agent;
mod join;
mod leave;
mod list;
mod query;
mod show;
mod state;
#[cfg(test)]
mod tests;

use super::{cluster, definition, task::Task};
use crate::{Action, Grant, Input, Time, World, service::ec2, service::tags::Tags};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use join::agent_started;
pub use leave::{drain, forget, gone, stopped, task_stopped};
pub use query::matches;

/// A container instance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ContainerInstance {
    /// Its ARN, with the cluster in it.
    pub arn: String,
    /// The cluster.
    pub cluster: String,
    /// `i-…`.
    pub ec2: String,
    /// `ACTIVE`, `DRAINING`, `INACTIVE`.
    pub status: String,
    /// Whether its agent is connected.
    pub connected: bool,
    /// The capacity provider whose group launched it.
    pub provider: Option<String>,
    /// CPU units: 1024 to a vCPU.
    pub cpu: i64,
    /// MiB, without what the system keeps.
    pub memory: i64,
    /// Its attributes: `ecs.availability-zone`, `ecs.instance-type`, `ecs.os-type`, … One without a
    /// value has the empty text.
    pub attributes: std::collections::BTreeMap<String, String>,
    /// Its tags.
    pub tags: Tags,
    /// When it joined.
    pub registered_at: Time,
}

/// The actions.
pub fn actions() -> Vec<Action> {
    vec![
        Action::on(
            "DeregisterContainerInstance",
            leave::deregister,
            cluster::on_cluster,
        ),
        Action::on(
            "DescribeContainerInstances",
            show::describe,
            |world, input| needs(world, input, input.texts("containerInstances")),
        ),
        Action::on("ListContainerInstances", list::run, cluster::on_cluster),
        Action::on(
            "UpdateContainerInstancesState",
            state::run,
            |world, input| needs(world, input, input.texts("containerInstances")),
        ),
    ]
}

/// Container instances of the input's cluster, as IAM judges them.
pub(super) fn needs(world: &World, input: &Input, names: Vec<&str>) -> Vec<Grant> {
    let cluster = cluster::name_of(input.maybe("cluster"));
    let one = |name: &str| {
        let arn = arn(world, cluster, id_of(name));
        let tags = world.ecs.instances.get(&arn).map(|it| &it.tags);
        let grant = super::tagging::grant(&arn, tags);
        grant.with("ecs:cluster", cluster::arn(world, cluster))
    };
    names.into_iter().map(one).collect()
}

fn arn(world: &World, cluster: &str, id: &str) -> String {
    world.arn("ecs", &format!("container-instance/{cluster}/{id}"))
}

/// The id in an id or an ARN.
fn id_of(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// A container instance of a cluster by its id or ARN, if it did not leave.
pub(super) fn find<'a>(
    world: &'a World,
    cluster: &str,
    name: &str,
) -> Option<&'a ContainerInstance> {
    let found = world.ecs.instances.get(&arn(world, cluster, id_of(name)))?;
    (found.status != "INACTIVE").then_some(found)
}

/// The container instance on an EC2 instance, if that is in a cluster.
fn on_ec2<'a>(world: &'a World, ec2: &str) -> Option<&'a ContainerInstance> {
    let mut all = world.ecs.instances.values();
    all.find(|it| it.ec2 == ec2 && it.status != "INACTIVE")
}

/// The tasks on a container instance that have not stopped.
pub(super) fn tasks<'a>(world: &'a World, instance: &'a str) -> impl Iterator<Item = &'a Task> {
    let all = world.ecs.tasks.values();
    all.filter(move |it| it.instance.as_deref() == Some(instance) && it.status != "STOPPED")
}

/// What an instance type offers to tasks: CPU units and MiB.
pub(super) fn size(instance_type: &str) -> Option<(i64, i64)> {
    let found = ec2::instance_type(instance_type)?;
    // The kernel and the agent keep about a twentieth of the memory.
    let memory = (f64::from(found.memory) * 0.947).round() as i64;
    Some((i64::from(found.vcpus) * 1024, memory))
}

/// What is free on an instance now: CPU units and MiB.
pub fn free(world: &World, instance: &ContainerInstance) -> (i64, i64) {
    let tasks = tasks(world, &instance.arn);
    tasks.fold((instance.cpu, instance.memory), |(cpu, memory), task| {
        let found = world.ecs.definitions.get(&task.task_definition);
        let need = found.map(|it| definition::need(it, &task.more["overrides"]));
        // A definition is there as long as a task uses it.
        let need = need.unwrap_or_default();
        (cpu - need.0, memory - need.1)
    })
}

/// The ports of an instance that are reserved, by protocol: those that the agent and the system
/// use, and those that tasks name in their definitions.
fn ports(world: &World, instance: &ContainerInstance, protocol: &str) -> Vec<String> {
    const SYSTEM: [i64; 6] = [22, 2375, 2376, 51678, 51679, 51680];
    let mut ports: Vec<i64> = match protocol {
        "tcp" => SYSTEM.to_vec(),
        _ => Vec::new(),
    };
    for task in tasks(world, &instance.arn) {
        let Some(definition) = world.ecs.definitions.get(&task.task_definition) else {
            continue;
        };
        if definition.document["networkMode"] == "awsvpc" {
            continue;
        }
        let fixed = definition
            .containers()
            .iter()
            .filter_map(|it| it["portMappings"].as_array())
            .flatten();
        let fixed = fixed.filter(|it| it["protocol"] == protocol);
        let fixed = fixed.filter_map(|it| it["hostPort"].as_i64());
        ports.extend(fixed.filter(|it| *it != 0));
    }
    ports.iter().map(i64::to_string).collect()
}

/// Lets the scheduler look at every service of a cluster.
fn look(world: &mut World, cluster: &str) {
    let services = world.ecs.services.iter();
    let keys: Vec<String> = services
        .filter(|(_, it)| it.cluster == cluster && it.status != "INACTIVE")
        .map(|(key, _)| key.clone())
        .collect();
    for key in keys {
        let looks = crate::world::Event::Ecs(super::Event::Look(key));
        world.agenda.once(world.now, looks);
    }
}

/// What failed of a batch: a container instance that is not there.
fn missing(world: &World, cluster: &str, name: &str) -> Value {
    let arn = arn(world, cluster, id_of(name));
    serde_json::json!({ "arn": arn, "reason": "MISSING" })
}

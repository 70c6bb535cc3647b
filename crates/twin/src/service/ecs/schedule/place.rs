//! On which container instance a task is placed.

use super::{
    super::{
        instance::{self, ContainerInstance},
        task::{Task, port},
    },
    expression, prefer,
};
use crate::{World, service::ec2};
use serde_json::Value;

/// Why an instance does not take a task; what comes later is closer to taking it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::service::ecs) enum Misfit {
    /// It drains, or is not there.
    Inactive,
    /// Its agent is not connected.
    Agent,
    /// A constraint of the type memberOf.
    MemberOf,
    /// The constraint distinctInstance.
    Distinct,
    /// It has no network interface left.
    Interfaces,
    /// A port is taken.
    Ports,
    /// CPU units.
    Cpu,
    /// Memory.
    Memory,
}

impl Misfit {
    /// As failures of RunTask and StartTask say it.
    pub(in crate::service::ecs) fn code(self) -> &'static str {
        match self {
            Misfit::Inactive => "INACTIVE",
            Misfit::Agent => "AGENT",
            Misfit::MemberOf => "MemberOf placement constraint unsatisfied.",
            Misfit::Distinct => "DistinctInstance placement constraint unsatisfied.",
            Misfit::Interfaces => "RESOURCE:ENI",
            Misfit::Ports => "RESOURCE:PORTS",
            Misfit::Cpu => "RESOURCE:CPU",
            Misfit::Memory => "RESOURCE:MEMORY",
        }
    }

    /// As service events say it.
    pub(in crate::service::ecs) fn problem(self) -> String {
        match self {
            Misfit::Cpu => "has insufficient CPU units available".into(),
            Misfit::Memory => "has insufficient memory available".into(),
            Misfit::Ports => "is already using a port required by your task".into(),
            other => format!("encountered error \"{}\"", other.code()),
        }
    }
}

/// How many container instances a cluster has that could ever take a task.
pub(in crate::service::ecs) fn instances(world: &World, cluster: &str) -> usize {
    let all = world.ecs.instances.values();
    all.filter(|it| it.cluster == cluster && it.status == "ACTIVE")
        .count()
}

/// The instance that takes a task, or why each that could be asked does not. None is asked for a
/// task on Fargate.
pub(in crate::service::ecs) fn choose(
    world: &World,
    task: &Task,
) -> Result<String, Vec<(String, Misfit)>> {
    let mut fitting = Vec::new();
    let mut misfits = Vec::new();
    let asked = world.ecs.instances.values().filter(|it| {
        let own = task.provider.is_none() || it.provider == task.provider;
        it.cluster == task.cluster && it.status == "ACTIVE" && own && !task.is_on_fargate()
    });
    for instance in asked {
        match fits(world, instance, task) {
            Ok(()) => fitting.push(instance),
            Err(misfit) => misfits.push((instance.arn.clone(), misfit)),
        }
    }
    let chosen = prefer::best(world, task, fitting);
    chosen.map(|it| it.arn.clone()).ok_or(misfits)
}

/// The instance that came closest to taking a task.
pub(in crate::service::ecs) fn closest(misfits: &[(String, Misfit)]) -> Option<&(String, Misfit)> {
    misfits.iter().max_by_key(|it| it.1)
}

/// Whether an instance takes a task.
pub(in crate::service::ecs) fn fits(
    world: &World,
    instance: &ContainerInstance,
    task: &Task,
) -> Result<(), Misfit> {
    admits(world, instance, task)?;
    if task.is_awsvpc() && interfaces(world, instance) < 1 {
        return Err(Misfit::Interfaces);
    }
    if !port::are_free(world, &instance.arn, task) {
        return Err(Misfit::Ports);
    }
    let (cpu, memory) = instance::free(world, instance);
    match task.size {
        (needed, _) if needed > cpu => Err(Misfit::Cpu),
        (_, needed) if needed > memory => Err(Misfit::Memory),
        _ => Ok(()),
    }
}

/// Whether a task may be on an instance, whatever room there is.
pub(in crate::service::ecs) fn admits(
    world: &World,
    instance: &ContainerInstance,
    task: &Task,
) -> Result<(), Misfit> {
    if instance.status != "ACTIVE" {
        return Err(Misfit::Inactive);
    }
    if !instance.connected {
        return Err(Misfit::Agent);
    }
    let constraints = task.placement["placementConstraints"].as_array();
    for constraint in constraints.into_iter().flatten() {
        let expression = constraint["expression"].as_str().unwrap_or_default();
        match constraint["type"].as_str() {
            Some("distinctInstance") if has_of_group(world, instance, task) => {
                return Err(Misfit::Distinct);
            }
            Some("memberOf") if !expression::holds(world, instance, expression) => {
                return Err(Misfit::MemberOf);
            }
            _ => {}
        }
    }
    Ok(())
}

fn has_of_group(world: &World, instance: &ContainerInstance, task: &Task) -> bool {
    on(world, instance).any(|it| it.more["group"] == task.more["group"] && it.arn != task.arn)
}

/// The tasks that take room on an instance.
pub(super) fn on<'a>(
    world: &'a World,
    instance: &'a ContainerInstance,
) -> impl Iterator<Item = &'a Task> {
    let all = world.ecs.tasks.values();
    all.filter(|it| it.takes_room() && it.instance.as_deref() == Some(&instance.arn))
}

/// How many network interfaces an instance has left for tasks.
fn interfaces(world: &World, instance: &ContainerInstance) -> i64 {
    let kind = instance.attributes.get("ecs.instance-type");
    let kind = kind.and_then(|it| ec2::instance_type(it));
    let all = kind.map_or(3, |it| i64::from(it.interfaces));
    let used = on(world, instance).filter(|it| it.is_awsvpc()).count() as i64;
    all - 1 - used
}

/// The value of a field of a placement strategy on an instance.
pub(super) fn field(instance: &ContainerInstance, field: &Value) -> String {
    let field = field.as_str().unwrap_or_default();
    match field.strip_prefix("attribute:") {
        Some(name) => instance.attributes.get(name).cloned().unwrap_or_default(),
        None => instance.arn.clone(),
    }
}

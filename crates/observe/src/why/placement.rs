//! Tasks that find no instance.

use super::{Case, Cause, capacity};
use crate::{picture::ContainerInstance, words::short};
use serde_json::Value;
use std::time::Duration;

/// How long a task may look for an instance that has room.
const WAIT: Duration = Duration::from_secs(60);

/// Why an instance does not take a task; what comes later is closer to taking it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Misfit {
    Draining,
    Agent,
    Constraint,
    Ports,
    Cpu,
    Memory,
}

pub(super) fn find(case: &mut Case<'_>) {
    let providers = case.picture.providers_of(case.service);
    let hosts: Vec<&ContainerInstance> = case
        .picture
        .container_instances
        .iter()
        .filter(|it| it.container_instance_arn.contains(&cluster(case)))
        .filter(|it| {
            let provider = it.capacity_provider_name.as_deref();
            providers.is_empty() || provider.is_some_and(|it| providers.contains(&it))
        })
        .collect();
    if !hosts.is_empty() && !waits(case) {
        return;
    }
    let needs = needs(case);
    if too_large(case, &hosts, needs) {
        return;
    }
    let misfits: Vec<(&ContainerInstance, Misfit)> = hosts
        .iter()
        .filter_map(|it| Some((*it, misfit(case, it, needs)?)))
        .collect();
    if misfits.len() < hosts.len() {
        return;
    }
    let evidence: Vec<String> = misfits
        .iter()
        .map(|(host, misfit)| told(host, *misfit, needs))
        .chain(
            case.complaint("unable to place a task")
                .map(|it| format!("{}: {}", it.created_at.clock(), brief(&it.message))),
        )
        .collect();
    let closest = misfits.iter().map(|it| it.1).max();
    // An instance that is broken comes before one that is full.
    let name = case.name();
    match closest {
        Some(Misfit::Agent) => {
            return case.wrong(
                Cause::AgentDisconnected,
                format!("the ECS agent of every instance that {name} could run on is disconnected"),
                evidence,
                vec![
                    "on the instance: sudo systemctl restart ecs; or replace it:".into(),
                    format!(
                        "aws autoscaling terminate-instance-in-auto-scaling-group --instance-id {} \
                     --no-should-decrement-desired-capacity",
                        hosts[0].ec2_instance_id
                    ),
                ],
            );
        }
        Some(Misfit::Constraint) => {
            return case.wrong(
                Cause::ConstraintUnmet,
                format!("no instance meets the placement constraint of {name}"),
                constraints(case).into_iter().chain(evidence).collect(),
                vec![format!(
                    "give instances that attribute, or change services.{name}.placementConstraints"
                )],
            );
        }
        _ => {}
    }
    if capacity::find(case, &evidence) {
        return;
    }
    match closest {
        None => case.wrong(
            Cause::NoInstances,
            format!("the cluster {} has no container instance for {name}", case.service.subject().cluster),
            evidence,
            vec!["autoScalingGroups:\n  NAME: { minSize: 1 }".into()],
        ),
        Some(Misfit::Draining) => case.wrong(
            Cause::InstancesDraining,
            format!("every instance that {name} could run on drains"),
            evidence,
            vec![format!(
                "aws ecs update-container-instances-state --cluster {} --status ACTIVE \
                 --container-instances {}",
                case.service.subject().cluster,
                crate::words::last(&hosts[0].container_instance_arn)
            )],
        ),
        Some(Misfit::Ports) => case.wrong(
            Cause::PortTaken,
            format!(
                "the host port {} that {name} needs is taken on every instance",
                numbers(&ports(case))
            ),
            evidence,
            vec!["portMappings:\n  - { hostPort: 0 }   # a free port for each task; or add instances".into()],
        ),
        Some(Misfit::Cpu) => case.wrong(
            Cause::NotEnoughCpu,
            format!("no instance has {} CPU units free for a task of {name}", needs.0),
            evidence,
            vec!["autoScalingGroups:\n  NAME: { minSize: 2 }   # or a smaller `cpu` in the task definition".into()],
        ),
        Some(_) => case.wrong(
            Cause::NotEnoughMemory,
            format!("no instance has {} MiB of memory free for a task of {name}", needs.1),
            evidence,
            vec!["autoScalingGroups:\n  NAME: { minSize: 2 }   # or a smaller `memory` in the task definition".into()],
        ),
    }
}

fn cluster(case: &Case<'_>) -> String {
    format!("/{}/", case.service.subject().cluster)
}

/// Whether tasks wait for an instance, or could not be made for want of one.
fn waits(case: &Case<'_>) -> bool {
    let mut tasks = case.picture.tasks_of(case.service);
    let waiting =
        tasks.any(|it| it.container_instance_arn.is_none() && it.last_status == "PROVISIONING");
    waiting || case.complaint("unable to place a task").is_some() || lacks(case)
}

/// Whether there are fewer tasks than there are to be. Those of a launch type wait nowhere, and ECS
/// complains of them once in hours.
fn lacks(case: &Case<'_>) -> bool {
    let tasks = case.picture.tasks_of(case.service);
    let there = tasks.filter(|it| it.desired_status == "RUNNING").count() as i64;
    there < case.service.desired_count
}

/// CPU units and MiB that a task takes of an instance.
pub(super) fn needs(case: &Case<'_>) -> (i64, i64) {
    let definition = case.definition();
    let whole = |member: &str| {
        let value = &definition[member];
        value.as_i64().or_else(|| value.as_str()?.parse().ok())
    };
    let sum = |read: &dyn Fn(&Value) -> i64| case.containers().iter().map(read).sum::<i64>();
    let cpu = whole("cpu").unwrap_or_else(|| sum(&|it| it["cpu"].as_i64().unwrap_or(0)));
    let memory = whole("memory").unwrap_or_else(|| {
        sum(&|it| {
            let reserved = it["memoryReservation"].as_i64();
            reserved.or(it["memory"].as_i64()).unwrap_or(0)
        })
    });
    (cpu, memory)
}

/// Host ports that a task needs whichever instance it is on.
fn ports(case: &Case<'_>) -> Vec<u16> {
    let mappings = case.containers().iter();
    let mappings = mappings
        .filter_map(|it| it["portMappings"].as_array())
        .flatten();
    let is_host = case.definition()["networkMode"] == "host";
    if case.definition()["networkMode"] == "awsvpc" {
        return Vec::new();
    }
    let port = |it: &Value| {
        let host = it["hostPort"].as_u64().filter(|it| *it > 0);
        let inside = it["containerPort"].as_u64().filter(|_| is_host);
        u16::try_from(host.or(inside)?).ok()
    };
    mappings.filter_map(port).collect()
}

fn too_large(case: &mut Case<'_>, hosts: &[&ContainerInstance], needs: (i64, i64)) -> bool {
    let whole = |it: &&ContainerInstance| (it.registered("CPU"), it.registered("MEMORY"));
    let never = |(cpu, memory): (i64, i64)| needs.0 > cpu || needs.1 > memory;
    if hosts.is_empty() || !hosts.iter().map(whole).all(never) {
        return false;
    }
    let (cpu, memory) = hosts.iter().map(whole).max().unwrap_or_default();
    let name = case.name();
    case.wrong(
        Cause::TaskTooLarge,
        format!("a task of {name} is larger than every instance"),
        vec![format!(
            "a task takes {} CPU units and {} MiB; the largest instance has {cpu} and {memory}",
            needs.0, needs.1
        )],
        vec![
            "launchTemplates:\n  NAME: { instanceType: … }   # a larger one, or a smaller task"
                .into(),
        ],
    );
    true
}

fn misfit(case: &Case<'_>, host: &ContainerInstance, needs: (i64, i64)) -> Option<Misfit> {
    let taken = host.taken_ports();
    let said = case.complaint("onstraint unsatisfied");
    let said = said.or_else(|| case.complaint("MemberOf"));
    match () {
        () if host.status != "ACTIVE" => Some(Misfit::Draining),
        () if !host.agent_connected => Some(Misfit::Agent),
        () if said.is_some() => Some(Misfit::Constraint),
        () if ports(case).iter().any(|it| taken.contains(it)) => Some(Misfit::Ports),
        () if needs.0 > host.free("CPU") => Some(Misfit::Cpu),
        () if needs.1 > host.free("MEMORY") => Some(Misfit::Memory),
        // It has room, and a task has waited for long: with a capacity provider nothing is said.
        () if is_constrained(case) && has_waited(case) => Some(Misfit::Constraint),
        () => None,
    }
}

fn is_constrained(case: &Case<'_>) -> bool {
    let of_task = case.definition()["placementConstraints"].as_array();
    let mut all = case.service.placement_constraints.iter();
    let mut of_task = of_task.into_iter().flatten();
    all.any(|it| it["type"] == "memberOf") || of_task.any(|it| it["type"] == "memberOf")
}

/// Whether a task waits for an instance for longer than it takes to find one.
fn has_waited(case: &Case<'_>) -> bool {
    let now = case.picture.at;
    let mut waiting = case
        .picture
        .tasks_of(case.service)
        .filter(|it| it.container_instance_arn.is_none() && it.last_status == "PROVISIONING");
    waiting.any(|it| it.created_at.is_some_and(|at| now.since(at) > WAIT))
}

fn told(host: &ContainerInstance, misfit: Misfit, needs: (i64, i64)) -> String {
    let why = match misfit {
        Misfit::Draining => format!("is {}", host.status),
        Misfit::Agent => "has an agent that is not connected".to_owned(),
        Misfit::Constraint => "does not meet the constraint".to_owned(),
        Misfit::Ports => format!("uses the ports {}", numbers(&host.taken_ports())),
        Misfit::Cpu => format!("has {} of {} CPU units free", host.free("CPU"), needs.0),
        Misfit::Memory => format!("has {} of {} MiB free", host.free("MEMORY"), needs.1),
    };
    let id = short(crate::words::last(&host.container_instance_arn));
    format!("{} (container instance {id}) {why}", host.ec2_instance_id)
}

fn numbers(ports: &[u16]) -> String {
    let ports: Vec<String> = ports.iter().map(u16::to_string).collect();
    ports.join(", ")
}

fn constraints(case: &Case<'_>) -> Vec<String> {
    let of_task = case.definition()["placementConstraints"].as_array();
    let all = case.service.placement_constraints.iter();
    all.chain(of_task.into_iter().flatten())
        .map(|it| {
            let kind = it["type"].as_str().unwrap_or_default();
            format!("{kind}: {}", it["expression"].as_str().unwrap_or_default())
        })
        .collect()
}

/// An event's message without the service's name and the link to the manual.
fn brief(message: &str) -> &str {
    let text = message.split_once(") ").map_or(message, |it| it.1);
    text.split(" For more information").next().unwrap_or(text)
}

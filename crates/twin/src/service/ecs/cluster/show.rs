//! Reading clusters.

use super::{Cluster, invalid, name_of};
use crate::{
    Answer, Grant, Input, World, call,
    service::{
        ecs::{provider, service::Service, task::Task},
        tags,
    },
};
use serde_json::{Value, json};

/// How many clusters one call describes at most, and one page lists.
const MOST: usize = 100;

pub(super) fn needs(world: &World, input: &Input) -> Vec<Grant> {
    let names = asked(input);
    let grants = names
        .iter()
        .map(|it| super::grant(world, name_of(Some(it))));
    grants.collect()
}

fn asked(input: &Input) -> Vec<&str> {
    match input.has("clusters") {
        true => input.texts("clusters"),
        false => vec!["default"],
    }
}

pub(super) fn describe(world: &mut World, input: &Input) -> Answer {
    let names = asked(input);
    if names.len() > MOST {
        return Err(invalid("Clusters cannot have more than 100 elements."));
    }
    let include = input.texts("include");
    let (mut clusters, mut failures) = (Vec::new(), Vec::new());
    for name in names {
        match super::find(world, name) {
            Some(cluster) => clusters.push(view(world, cluster, &include)),
            None => {
                let arn = super::arn(world, name_of(Some(name)));
                failures.push(json!({ "arn": arn, "reason": "MISSING" }));
            }
        }
    }
    Ok(json!({ "clusters": clusters, "failures": failures }))
}

pub(super) fn list(world: &mut World, input: &Input) -> Answer {
    let limit = limit(input, MOST)?;
    let there = world.ecs.clusters.values();
    let arns: Vec<String> = there
        .filter(|it| it.status != "INACTIVE")
        .map(|it| it.arn.clone())
        .collect();
    paged("clusterArns", &arns, input, limit)
}

/// How many elements a page has that the input asks for.
pub(in crate::service::ecs) fn limit(input: &Input, most: usize) -> Result<usize, crate::Refusal> {
    match input.integer("maxResults") {
        None => Ok(most),
        Some(limit) if (1..=most as i64).contains(&limit) => Ok(limit as usize),
        Some(_) => Err(invalid(format!(
            "maxResults must be a value between 1 and {most}."
        ))),
    }
}

/// A page of a list, by the name of its member.
pub(in crate::service::ecs) fn paged<T: Clone + serde::Serialize>(
    member: &str,
    all: &[T],
    input: &Input,
    limit: usize,
) -> Answer {
    let token = input.maybe("nextToken");
    let Some((page, next)) = call::page(all, token, limit) else {
        return Err(invalid("Invalid token."));
    };
    let mut answer = json!({ member: page });
    if let Some(next) = next {
        answer["nextToken"] = Value::from(next);
    }
    Ok(answer)
}

/// A cluster as DescribeClusters shows it. What `include` does not name is shown empty, or not.
pub fn view(world: &World, cluster: &Cluster, include: &[&str]) -> Value {
    let includes = |it: &str| include.contains(&it);
    let counts = Counts::of(world, &cluster.name);
    let mut shown = json!({
        "clusterArn": cluster.arn,
        "clusterName": cluster.name,
        "status": cluster.status,
        "registeredContainerInstancesCount": counts.instances,
        "runningTasksCount": counts.running.iter().sum::<i64>(),
        "pendingTasksCount": counts.pending.iter().sum::<i64>(),
        "activeServicesCount": counts.active.iter().sum::<i64>(),
        "statistics": [],
        "tags": [],
        "settings": [],
        "capacityProviders": cluster.providers,
        "defaultCapacityProviderStrategy": cluster.strategy,
    });
    if includes("STATISTICS") {
        shown["statistics"] = counts.statistics();
    }
    if includes("TAGS") {
        shown["tags"] = tags::lower(&cluster.tags);
    }
    if includes("SETTINGS") {
        shown["settings"] = cluster.more["settings"].clone();
    }
    if includes("CONFIGURATIONS") {
        copy(&cluster.more, &mut shown, "configuration");
    }
    copy(&cluster.more, &mut shown, "serviceConnectDefaults");
    if let (true, Some(status)) = (includes("ATTACHMENTS"), &cluster.attachments) {
        shown["attachments"] = provider::attachments(world, &cluster.name);
        shown["attachmentsStatus"] = Value::from(status.as_str());
    }
    shown
}

fn copy(from: &Value, to: &mut Value, member: &str) {
    if let Some(value) = from.get(member) {
        to[member] = value.clone();
    }
}

/// What is in a cluster; tasks and services first on EC2, then on Fargate.
#[derive(Default)]
struct Counts {
    instances: i64,
    running: [i64; 2],
    pending: [i64; 2],
    active: [i64; 2],
    draining: [i64; 2],
}

impl Counts {
    fn of(world: &World, cluster: &str) -> Counts {
        let ecs = &world.ecs;
        let mut counts = Counts::default();
        let instances = ecs.instances.values().filter(|it| it.cluster == cluster);
        counts.instances = instances.filter(|it| it.status != "INACTIVE").count() as i64;
        for task in ecs.tasks.values().filter(|it| it.cluster == cluster) {
            let place = usize::from(is_fargate_task(task));
            match task.status.as_str() {
                "RUNNING" => counts.running[place] += 1,
                "PROVISIONING" | "PENDING" | "ACTIVATING" => counts.pending[place] += 1,
                _ => {}
            }
        }
        for service in ecs.services.values().filter(|it| it.cluster == cluster) {
            let place = usize::from(is_fargate_service(service));
            match service.status.as_str() {
                "ACTIVE" => counts.active[place] += 1,
                "DRAINING" => counts.draining[place] += 1,
                _ => {}
            }
        }
        counts
    }

    fn statistics(&self) -> Value {
        let kinds = [
            ("running", "TasksCount", self.running),
            ("pending", "TasksCount", self.pending),
            ("active", "ServiceCount", self.active),
            ("draining", "ServiceCount", self.draining),
        ];
        let of_one = |(verb, noun, [ec2, fargate]): (&str, &str, [i64; 2])| {
            [("EC2", ec2), ("Fargate", fargate), ("External", 0)].map(|(on, count)| {
                json!({ "name": format!("{verb}{on}{noun}"), "value": count.to_string() })
            })
        };
        kinds.into_iter().flat_map(of_one).collect()
    }
}

fn is_fargate_task(task: &Task) -> bool {
    task.more["launchType"] == "FARGATE"
}

fn is_fargate_service(service: &Service) -> bool {
    let strategy = service.document["capacityProviderStrategy"].as_array();
    let first = strategy.and_then(|it| it.first()?["capacityProvider"].as_str());
    service.document["launchType"] == "FARGATE" || first.is_some_and(provider::is_fargate)
}

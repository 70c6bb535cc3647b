//! Which cluster, service or task definition a request means.

use super::{
    super::{definition, definition::Definition},
    Service,
};
use crate::{Grant, Input, Refusal, World};
use serde_json::Value;

/// Refuses a client token that is longer than `most`, or is not of the characters that ECS takes.
pub(crate) fn token(input: &Input, most: usize) -> Result<(), Refusal> {
    let token = input.maybe("clientToken").unwrap_or_default();
    match token.len() <= most && token.bytes().all(|it| (33..=126).contains(&it)) {
        true => Ok(()),
        false => Err(Refusal::new(
            "InvalidParameterException",
            format!(
                "Client token must have at most {most} ASCII characters in the range of 33-126 \
                 (inclusive)."
            ),
        )),
    }
}

/// The name of the cluster that a request names by its name or ARN, or of `default`, if it is
/// ACTIVE.
pub(crate) fn cluster(world: &World, input: &Input) -> Result<String, Refusal> {
    let name = cluster_name(input.maybe("cluster"));
    match world.ecs.clusters.get(name) {
        Some(cluster) if cluster.status == "ACTIVE" => Ok(name.to_owned()),
        _ => Err(Refusal::new(
            "ClusterNotFoundException",
            "Cluster not found.",
        )),
    }
}

fn cluster_name(written: Option<&str>) -> &str {
    let written = written.filter(|it| !it.is_empty()).unwrap_or("default");
    written.rsplit('/').next().unwrap_or(written)
}

/// The ARN that a cluster has or would have.
pub(crate) fn cluster_arn(world: &World, name: &str) -> String {
    world.arn("ecs", &format!("cluster/{name}"))
}

/// The key, `cluster/name`, of a service that is written as its name or its ARN.
pub(crate) fn key(cluster: &str, written: &str) -> Result<String, Refusal> {
    let parts: Vec<&str> = written.split('/').collect();
    match parts[..] {
        [_, other, _] if other != cluster => Err(elsewhere(other, cluster)),
        [.., name] => Ok(format!("{cluster}/{name}")),
        [] => Ok(format!("{cluster}/")),
    }
}

/// What is said of an ARN with another cluster in it.
pub(crate) fn elsewhere(theirs: &str, ours: &str) -> Refusal {
    Refusal::new(
        "InvalidParameterException",
        format!("Invalid identifier: Identifier is for cluster {theirs}. Your cluster is {ours}"),
    )
}

/// The service of a request that names it as `service`, whatever its status.
pub(crate) fn service<'a>(world: &'a World, input: &Input) -> Result<&'a Service, Refusal> {
    let cluster = cluster(world, input)?;
    let key = key(&cluster, input.text("service"))?;
    let found = world.ecs.services.get(&key);
    found.ok_or_else(|| Refusal::new("ServiceNotFoundException", "Service not found."))
}

/// A task definition that may be run.
pub(crate) fn definition<'a>(world: &'a World, written: &str) -> Result<&'a Definition, Refusal> {
    let refuse = |text: &str| Err(Refusal::new("ClientException", text));
    match definition::find(world, written) {
        Some(definition) if definition.status == "ACTIVE" => Ok(definition),
        Some(_) => refuse("TaskDefinition is inactive"),
        None => refuse("TaskDefinition not found."),
    }
}

/// A request's cluster as IAM's conditions name it.
pub(crate) fn needs_cluster(world: &World, input: &Input) -> Vec<Grant> {
    vec![in_cluster(world, input, "*")]
}

/// The called action on one resource in the request's cluster.
pub(crate) fn in_cluster(world: &World, input: &Input, arn: &str) -> Grant {
    let cluster = cluster_name(input.maybe("cluster"));
    Grant::on(arn).with("ecs:cluster", cluster_arn(world, cluster))
}

/// The called action on the request's service.
pub(crate) fn needs(world: &World, input: &Input) -> Vec<Grant> {
    vec![on_service(world, input, input.text("service"))]
}

/// The called action on a service by name or ARN, with the conditions that it is judged by.
pub(crate) fn on_service(world: &World, input: &Input, written: &str) -> Grant {
    let cluster = cluster_name(input.maybe("cluster"));
    let name = written.rsplit('/').next().unwrap_or(written);
    let arn = world.arn("ecs", &format!("service/{cluster}/{name}"));
    let mut grant = in_cluster(world, input, &arn);
    if let Some(service) = world.ecs.services.get(&format!("{cluster}/{name}")) {
        for (key, value) in &service.tags {
            grant = grant.with(format!("aws:ResourceTag/{key}"), value);
        }
    }
    grant
}

/// The conditions that a request's definition and capacity providers are judged by.
pub(crate) fn with_what_runs(world: &World, input: &Input, mut grant: Grant) -> Grant {
    if let Some(definition) = input
        .maybe("taskDefinition")
        .and_then(|it| definition::find(world, it))
    {
        grant = grant.with("ecs:task-definition", &definition.arn);
    }
    for item in input.list("capacityProviderStrategy") {
        let name = item["capacityProvider"].as_str().unwrap_or_default();
        let arn = world.arn("ecs", &format!("capacity-provider/{name}"));
        grant = grant.with("ecs:capacity-provider", arn);
    }
    grant
}

/// What the caller must be allowed to pass: the roles of the request's task definition.
pub(crate) fn passing(world: &World, input: &Input) -> Vec<Grant> {
    let definition = input
        .maybe("taskDefinition")
        .and_then(|it| definition::find(world, it));
    let document = definition.map_or(&Value::Null, |it| &it.document);
    roles(document)
        .into_iter()
        .map(|role| {
            Grant::of("iam:PassRole", role).with("iam:PassedToService", "ecs-tasks.amazonaws.com")
        })
        .collect()
}

/// The execution role and the task role of a definition.
pub(crate) fn roles(document: &Value) -> Vec<&str> {
    ["executionRoleArn", "taskRoleArn"]
        .iter()
        .filter_map(|it| document[*it].as_str())
        .filter(|it| !it.is_empty())
        .collect()
}

/// What the caller must be allowed to tag what it makes.
pub(crate) fn tagging(input: &Input, mut grant: Grant, arn: &str) -> Vec<Grant> {
    let tags = crate::service::tags::from_list(input.list("tags"));
    let mut tag = Grant::of("ecs:TagResource", arn).with("ecs:CreateAction", &input.action);
    for (key, value) in &tags {
        let condition = format!("aws:RequestTag/{key}");
        grant = grant
            .with(condition.clone(), value)
            .with("aws:TagKeys", key);
        tag = tag.with(condition, value).with("aws:TagKeys", key);
    }
    match tags.is_empty() {
        true => vec![grant],
        false => vec![grant, tag],
    }
}

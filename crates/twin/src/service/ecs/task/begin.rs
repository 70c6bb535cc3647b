//! Starting a task's containers: pulling images, opening logs, and what goes wrong there.

use super::{
    super::{Event as EcsEvent, definition, service::events},
    Target, Task, port, process, program, secret,
};
use crate::{
    Input, World,
    service::{ec2, ecr, elb, iam, logs},
    world::Event,
};
use serde_json::{Map, Value, json};

/// Why a container did not start.
pub(super) struct Failure {
    pub(super) container: String,
    /// In the words of the agent.
    pub(super) reason: String,
}

/// A task's container definitions, with its overrides.
pub(super) fn containers(world: &World, task: &Task) -> Vec<Value> {
    let definition = definition::find(world, &task.task_definition);
    let containers = definition.and_then(|it| it.document["containerDefinitions"].as_array());
    let overrides = task.more["overrides"]["containerOverrides"].as_array();
    containers
        .into_iter()
        .flatten()
        .map(|container| {
            let mut container = container.clone();
            let mut changes = overrides.into_iter().flatten();
            let change = changes.find(|it| it["name"] == container["name"]);
            if let Some(command) = change.and_then(|it| it.get("command")) {
                container["command"] = command.clone();
            }
            container
        })
        .collect()
}

/// The role with which images are pulled and logs are written: the execution role, or else that of
/// the instance.
fn role(world: &World, task: &Task) -> Option<String> {
    let overridden = task.more["overrides"]["executionRoleArn"].as_str();
    let definition = definition::find(world, &task.task_definition);
    let own = definition.and_then(|it| it.document["executionRoleArn"].as_str());
    if let Some(role) = overridden.or(own).filter(|it| !it.is_empty()) {
        return Some(role.to_owned());
    }
    let instance = world.ecs.instances.get(task.instance.as_ref()?)?;
    let profile = ec2::instance(world, &instance.ec2)?.profile.as_ref()?;
    iam::profile_role(world, profile).ok().flatten()
}

/// Pulls the images and opens the logs of a task.
pub(super) fn prepare(world: &mut World, arn: &str) -> Result<(), Failure> {
    let Some(task) = world.ecs.tasks.get(arn).cloned() else {
        return Ok(());
    };
    let role = role(world, &task);
    for container in containers(world, &task) {
        let name = container["name"].as_str().unwrap_or_default();
        let failure = |reason: String| Failure {
            container: name.to_owned(),
            reason,
        };
        secret::read(world, &container, role.as_deref()).map_err(failure)?;
        let digest = pull(world, &task, &container, role.as_deref()).map_err(failure)?;
        open_log(world, &container, role.as_deref()).map_err(failure)?;
        pin(world, &task, name, &digest);
        let held = world.ecs.tasks.get_mut(arn).expect("it was found");
        let shown = held.containers.iter_mut().find(|it| it["name"] == name);
        if let Some(shown) = shown.filter(|_| !digest.is_empty()) {
            shown["imageDigest"] = json!(digest);
        }
    }
    Ok(())
}

/// The ARN of the revision that a task was made from.
fn revision(world: &World, task: &Task) -> Option<String> {
    let service = world.ecs.services.get(&task.service_key()?)?;
    let id = task.deployment.as_ref()?;
    let deployment = service.deployments.iter().find(|it| it.id == *id)?;
    Some(deployment.revision.clone())
}

/// Pulls a container's image: by the digest that its tag stood for when the deployment's first task
/// started, if there was one before.
fn pull(
    world: &World,
    task: &Task,
    container: &Value,
    role: Option<&str>,
) -> Result<String, String> {
    let image = container["image"].as_str().unwrap_or_default();
    let revision = revision(world, task);
    let revision = revision.and_then(|it| world.ecs.service_revisions.get(&it));
    let images = revision.and_then(|it| it["containerImages"].as_array());
    let mut known = images.into_iter().flatten();
    let known = known.find(|it| it["containerName"] == container["name"]);
    let digest = known.and_then(|it| it["imageDigest"].as_str());
    match digest.filter(|_| container["versionConsistency"] != "disabled") {
        Some(digest) if !image.contains('@') => {
            let repository = untagged(image);
            ecr::pull(world, &format!("{repository}@{digest}"), role)
        }
        _ => ecr::pull(world, image, role),
    }
}

/// An image without its tag.
fn untagged(image: &str) -> &str {
    match image.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => repository,
        _ => image,
    }
}

/// Keeps what a container's tag stands for in its revision.
fn pin(world: &mut World, task: &Task, container: &str, digest: &str) {
    let revision = revision(world, task);
    let Some(revision) = revision.and_then(|it| world.ecs.service_revisions.get_mut(&it)) else {
        return;
    };
    let images = revision["containerImages"].as_array_mut();
    let mut images = images.into_iter().flatten();
    let image = images.find(|it| it["containerName"] == container);
    if let Some(image) = image.filter(|it| !digest.is_empty() && it.get("imageDigest").is_none()) {
        image["imageDigest"] = json!(digest);
    }
}

fn open_log(world: &mut World, container: &Value, role: Option<&str>) -> Result<(), String> {
    let Some(group) = group(container) else {
        return Ok(());
    };
    let failure = |text: String| {
        Err(format!(
            "CannotStartContainerError: Error response from daemon: failed to initialize logging \
             driver: failed to create Cloudwatch log {text}"
        ))
    };
    let denied = |action: &str| {
        let role = role?;
        let resource = world.arn("logs", &format!("log-group:{group}:*"));
        let allowed = iam::role_allows(world, role, action, &resource);
        let role = events::id(role);
        (!allowed).then(|| {
            format!(
                "AccessDeniedException: User: {role} is not authorized to perform: {action} on \
                 resource: {resource}"
            )
        })
    };
    if !logs::group_exists(world, group) {
        let options = &container["logConfiguration"]["options"];
        if options["awslogs-create-group"] != "true" {
            return failure(
                "stream: ResourceNotFoundException: The specified log group does not exist.".into(),
            );
        }
        if let Some(words) = denied("logs:CreateLogGroup") {
            return failure(format!("group: {words}"));
        }
        create_group(world, group).or_else(|words| failure(format!("group: {words}")))?;
    }
    let resource = world.arn("logs", &format!("log-group:{group}:*"));
    match role {
        Some(role) if !iam::role_allows(world, role, "logs:CreateLogStream", &resource) => {
            let role = events::id(role);
            failure(format!(
                "stream: AccessDeniedException: User: {role} is not authorized to perform: \
                 logs:CreateLogStream on resource: {resource}"
            ))
        }
        _ => Ok(()),
    }
}

fn create_group(world: &mut World, group: &str) -> Result<(), String> {
    let input = Input {
        service: "logs".into(),
        action: "CreateLogGroup".into(),
        members: Map::from_iter([("logGroupName".to_owned(), json!(group))]),
        ..Input::default()
    };
    let made = crate::service::run(world, &input);
    made.map(|_| ()).map_err(|it| it.to_string())
}

/// The log group of a container that writes to CloudWatch.
fn group(container: &Value) -> Option<&str> {
    let configuration = &container["logConfiguration"];
    match configuration["logDriver"] == "awslogs" {
        true => configuration["options"]["awslogs-group"].as_str(),
        false => None,
    }
}

/// Writes a line to a container's log, if it has one.
pub(super) fn log(world: &mut World, task: &Task, container: &Value, line: &str) {
    let Some(group) = group(container) else {
        return;
    };
    let name = &container["name"];
    let prefix = container["logConfiguration"]["options"]["awslogs-stream-prefix"].as_str();
    let mut shown = task.containers.iter();
    let runtime = shown.find(|it| it["name"] == *name);
    let runtime = runtime.and_then(|it| it["runtimeId"].as_str());
    let stream = match prefix {
        Some(prefix) => {
            let (name, id) = (name.as_str().unwrap_or_default(), events::id(&task.arn));
            format!("{prefix}/{name}/{id}")
        }
        None => runtime.unwrap_or_default().to_owned(),
    };
    logs::write(world, group, &stream, line);
}

/// Starts a task's containers.
pub(super) fn run(world: &mut World, arn: &str) {
    let now = world.now;
    let Some(task) = world.ecs.tasks.get(arn) else {
        return;
    };
    let definitions = containers(world, task);
    let runtimes: Vec<String> = definitions.iter().map(|_| world.ids.hex(64)).collect();
    let task = world.ecs.tasks.get_mut(arn).expect("it was found");
    let (ports, attachments) = (task.ports.clone(), task.more["attachments"].clone());
    for (container, runtime) in task.containers.iter_mut().zip(runtimes) {
        container["lastStatus"] = json!("RUNNING");
        container["runtimeId"] = json!(runtime);
        container["networkBindings"] = port::bindings(&ports, container);
        if let Some(address) = address(&attachments) {
            container["networkInterfaces"] = json!([{
                "attachmentId": attachments[0]["id"], "privateIpv4Address": address,
            }]);
        }
    }
    task.started_at = Some(now);
    task.plan = process::plan(&definitions, now);
    let moments: Vec<_> = task.plan.iter().map(|it| it.at).collect();
    if task.is_awsvpc() {
        task.more["attachments"][0]["status"] = json!("ATTACHED");
    }
    for at in moments {
        let event = Event::Ecs(EcsEvent::Process(arn.to_owned()));
        world.agenda.at(at, event);
    }
    let task = world.ecs.tasks[arn].clone();
    for container in &definitions {
        let said = match program::ends(container) {
            Some(_) => Vec::new(),
            None => program::says(container),
        };
        for line in program::greeting(container).into_iter().chain(said) {
            log(world, &task, container, &line);
        }
    }
    register(world, &task);
}

fn address(attachments: &Value) -> Option<String> {
    let details = attachments[0]["details"].as_array()?;
    let found = details
        .iter()
        .find(|it| it["name"] == "privateIPv4Address")?;
    found["value"].as_str().map(str::to_owned)
}

/// Registers a task with its target groups: by its instance and port, or by its own address.
fn register(world: &mut World, task: &Task) {
    let instance = task.instance.as_ref();
    let instance = instance.and_then(|it| world.ecs.instances.get(it));
    let host = instance.map(|it| it.ec2.clone()).unwrap_or_default();
    let mut targets = Vec::new();
    for balancer in &task.balancers {
        let inside = balancer["containerPort"].as_u64().unwrap_or_default();
        let own = task.ports.iter().find(|it| {
            balancer["containerName"] == *it.container && u64::from(it.container_port) == inside
        });
        let (id, port) = match (address(&task.more["attachments"]), own) {
            (Some(address), _) => (address, inside as u16),
            (None, Some(port)) => (host.clone(), port.host_port),
            (None, None) => continue,
        };
        let group = balancer["targetGroupArn"].as_str().unwrap_or_default();
        elb::register(world, group, &id, port);
        targets.push(Target {
            group: group.to_owned(),
            id,
            port,
        });
    }
    let held = world.ecs.tasks.get_mut(&task.arn).expect("it was found");
    held.targets = targets;
    let task = held.clone();
    events::registered(world, &task);
}

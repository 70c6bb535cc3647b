//! Registering task definitions.

use super::{Definition, arn, container, fargate, network, requires, task};
use crate::{
    Answer, Grant, Input, Refusal, World,
    habits::ACCOUNT,
    service::{
        ecs::{cluster::client, tagging},
        tags,
    },
};
use serde_json::{Map, Value, json};

/// What is kept of the input as it is.
const MEMBERS: [&str; 13] = [
    "taskRoleArn",
    "executionRoleArn",
    "networkMode",
    "requiresCompatibilities",
    "cpu",
    "memory",
    "pidMode",
    "ipcMode",
    "proxyConfiguration",
    "inferenceAccelerators",
    "ephemeralStorage",
    "runtimePlatform",
    "trustedExecutionConfiguration",
];

/// Bytes that a definition has at most.
const MOST: usize = 65_536;

pub(super) fn needs(world: &World, input: &Input) -> Vec<Grant> {
    let arn = world.arn(
        "ecs",
        &format!("task-definition/{}:*", input.text("family")),
    );
    let mut grant = tagging::requested(Grant::on(&arn), input);
    for compatibility in input.texts("requiresCompatibilities") {
        grant = grant.with("ecs:compute-compatibility", compatibility);
    }
    let mut containers = input.list("containerDefinitions").iter();
    let is_privileged = containers.any(|it| it["privileged"] == true);
    grant = grant.with("ecs:privileged", is_privileged.to_string());
    for (key, member) in [("ecs:task-cpu", "cpu"), ("ecs:task-memory", "memory")] {
        if let Some(value) = input.maybe(member) {
            grant = grant.with(key, value);
        }
    }
    let roles = ["taskRoleArn", "executionRoleArn"];
    let roles = roles.into_iter().filter_map(|it| input.maybe(it));
    let passed = roles.map(|role| {
        let grant = Grant::of("iam:PassRole", role_arn(role));
        grant.with("iam:PassedToService", "ecs-tasks.amazonaws.com")
    });
    let tagged = tagging::on_create(world, input, &arn);
    [grant].into_iter().chain(passed).chain(tagged).collect()
}

/// A role's ARN by its ARN or short name.
fn role_arn(role: &str) -> String {
    match role.starts_with("arn:") {
        true => role.to_owned(),
        false => format!("arn:aws:iam::{ACCOUNT}:role/{role}"),
    }
}

pub(super) fn run(world: &mut World, input: &Input) -> Answer {
    let family = input.text("family");
    check_family(family)?;
    let tags = tags::from_list(input.list("tags"));
    tags::check(&tags, "InvalidParameterException")?;
    let mut document = document(input)?;
    document["registeredBy"] = Value::from(input.caller.arn.as_str());
    let revision = world.ecs.revisions.entry(family.to_owned()).or_default();
    *revision += 1;
    let revision = *revision;
    let definition = Definition {
        family: family.to_owned(),
        revision,
        arn: arn(world, family, revision),
        status: "ACTIVE".into(),
        document,
        tags,
        registered_at: world.now,
        deregistered_at: None,
    };
    let mut answer = json!({ "taskDefinition": super::view(&definition) });
    if !definition.tags.is_empty() {
        answer["tags"] = tags::lower(&definition.tags);
    }
    let arn = definition.arn.clone();
    world.ecs.definitions.insert(arn, definition);
    Ok(answer)
}

fn check_family(family: &str) -> Result<(), Refusal> {
    let is_in = |it: char| it.is_ascii_alphanumeric() || it == '-' || it == '_';
    match family.len() {
        0 => Err(client("Family should not be null or empty.")),
        1..=255 if family.chars().all(is_in) => Ok(()),
        1..=255 => Err(client("Family contains invalid characters.")),
        _ => Err(client("Family is too long.")),
    }
}

/// The definition that the input asks for: checked, and with what AWS fills in.
fn document(input: &Input) -> Result<Value, Refusal> {
    let mut task = Map::new();
    for member in MEMBERS {
        if let Some(value) = input.get(member) {
            task.insert(member.to_owned(), value.clone());
        }
    }
    let mut task = Value::Object(task);
    task["volumes"] = Value::from(input.list("volumes"));
    task["placementConstraints"] = Value::from(input.list("placementConstraints"));
    task["enableFaultInjection"] = Value::from(input.flag("enableFaultInjection"));
    task["containerDefinitions"] = Value::from(input.list("containerDefinitions"));
    let length = task.to_string().len();
    if length > MOST {
        let text = format!("Actual length: '{length}'. Max allowed length is '{MOST}' bytes.");
        return Err(client(text));
    }
    task::check(&mut task)?;
    container::check(&mut task)?;
    network::check(&mut task)?;
    let is_for = |it: &str| input.texts("requiresCompatibilities").contains(&it);
    if is_for("FARGATE") {
        fargate::check(&task)?;
    }
    if is_for("EXTERNAL") && task["networkMode"] == "awsvpc" {
        let text = "The networkMode awsvpc is not supported for the EXTERNAL launch type.";
        return Err(client(text));
    }
    task["requiresAttributes"] = requires::attributes(&task);
    task["compatibilities"] = requires::compatibilities(&task);
    Ok(task)
}

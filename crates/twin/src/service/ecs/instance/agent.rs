//! The container agent: what it is told by user data, and what it can do.

use crate::service::ec2::{self, Instance};
use serde_json::Value;
use std::collections::BTreeMap;

/// A setting of `/etc/ecs/ecs.config` that user data writes. The last word counts.
pub(super) fn setting<'a>(user_data: &'a str, name: &str) -> Option<&'a str> {
    let assigned = format!("{name}=");
    let said = user_data
        .lines()
        .rev()
        .filter(|it| !it.trim().starts_with('#'));
    let mut said = said.filter_map(|line| {
        let (before, value) = line.split_once(&assigned)?;
        let ends = |it: char| it.is_ascii_alphanumeric() || it == '_';
        (!before.ends_with(ends)).then_some(value.trim())
    });
    said.next()
}

/// The cluster that user data names; `default` if it names none.
pub(super) fn cluster(user_data: &str) -> &str {
    let said = setting(user_data, "ECS_CLUSTER").unwrap_or_default();
    let said = said.trim_start_matches(['"', '\'']);
    let is_in = |it: char| it.is_ascii_alphanumeric() || it == '-' || it == '_';
    match said.split(|it| !is_in(it)).next() {
        None | Some("") => "default",
        Some(name) => name,
    }
}

/// MiB that user data keeps from tasks.
pub(super) fn reserved_memory(user_data: &str) -> i64 {
    let said = setting(user_data, "ECS_RESERVED_MEMORY").unwrap_or_default();
    let digits = said.split(|it: char| !it.is_ascii_digit());
    let first = digits.into_iter().find(|it| !it.is_empty());
    first.and_then(|it| it.parse().ok()).unwrap_or_default()
}

/// The attributes that user data adds, written as a JSON object.
fn own_attributes(user_data: &str) -> BTreeMap<String, String> {
    let read = || {
        let said = setting(user_data, "ECS_INSTANCE_ATTRIBUTES")?;
        let object = said.get(said.find('{')?..=said.find('}')?)?;
        let object: Value = serde_json::from_str(&object.replace('\\', "")).ok()?;
        let members = object.as_object()?.iter();
        let texts = members.map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())));
        texts.collect::<Option<BTreeMap<_, _>>>()
    };
    read().unwrap_or_default()
}

/// What the agent of the ECS-optimised Amazon Linux image can do, without its prefixes.
const CAPABILITIES: [&str; 40] = [
    "aws-appmesh",
    "branch-cni-plugin-version",
    "cni-plugin-version",
    "container-health-check",
    "container-ordering",
    "container-restart-policy",
    "docker-plugin.local",
    "ecr-endpoint",
    "efs",
    "efsAuth",
    "env-files.s3",
    "execution-role-awslogs",
    "execution-role-ecr-pull",
    "external.efs",
    "fault-injection",
    "firelens.fluentbit",
    "firelens.fluentd",
    "firelens.options.config.file",
    "firelens.options.config.s3",
    "full-sync",
    "increased-task-cpu-limit",
    "logging-driver.awsfirelens",
    "logging-driver.awsfirelens.log-driver-buffer-limit",
    "network.container-port-range",
    "pid-ipc-namespace-sharing",
    "private-registry-authentication.secretsmanager",
    "secrets.asm.bootstrap.log-driver",
    "secrets.asm.environment-variables",
    "secrets.ssm.bootstrap.log-driver",
    "secrets.ssm.environment-variables",
    "service-connect-v1",
    "storage.ebs-task-volume-attach",
    "task-cpu-mem-limit",
    "task-eia",
    "task-eia.optimized-cpu",
    "task-eni",
    "task-eni.ipv6",
    "task-eni-block-instance-metadata",
    "task-scoped-metadata",
    "temporary-credentials",
];

/// The same, of those with the older prefix.
const OLD_CAPABILITIES: [&str; 10] = [
    "ecr-auth",
    "logging-driver.awslogs",
    "logging-driver.fluentd",
    "logging-driver.json-file",
    "logging-driver.none",
    "logging-driver.syslog",
    "privileged-container",
    "selinux",
    "task-iam-role",
    "task-iam-role-network-host",
];

/// The attributes with which an instance registers.
pub(super) fn attributes(instance: &Instance) -> BTreeMap<String, String> {
    let new = CAPABILITIES.map(|it| format!("ecs.capability.{it}"));
    let old = OLD_CAPABILITIES.map(|it| format!("com.amazonaws.ecs.capability.{it}"));
    let api = (17..=44).map(|it| format!("com.amazonaws.ecs.capability.docker-remote-api.1.{it}"));
    let plain = new.into_iter().chain(old).chain(api);
    let mut attributes: BTreeMap<String, String> =
        plain.map(|name| (name, String::new())).collect();
    let architecture = ec2::instance_type(&instance.instance_type).map(|it| it.architecture);
    let vpc = instance.more["VpcId"].as_str().unwrap_or_default();
    let known = [
        ("ecs.ami-id", instance.image.as_str()),
        ("ecs.availability-zone", &instance.zone),
        ("ecs.cpu-architecture", architecture.unwrap_or("x86_64")),
        ("ecs.instance-type", &instance.instance_type),
        ("ecs.os-family", "LINUX"),
        ("ecs.os-type", "linux"),
        ("ecs.subnet-id", &instance.subnet),
        ("ecs.vpc-id", vpc),
    ];
    attributes.extend(own_attributes(&instance.user_data));
    attributes.extend(known.map(|(name, value)| (name.to_owned(), value.to_owned())));
    attributes
}

/// What the agent says of its own version and of Docker's.
pub(super) fn versions() -> Value {
    serde_json::json!({
        "agentVersion": "1.105.1",
        "agentHash": "f6f8d1ab",
        "dockerVersion": "DockerVersion: 25.0.14",
    })
}

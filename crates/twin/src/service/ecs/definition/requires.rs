//! What a task needs of its instance, and where it can run.

use super::{
    fargate::{self, is_of_ecr},
    task::{list, text},
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const OLD: &str = "com.amazonaws.ecs.capability";
const NEW: &str = "ecs.capability";

/// The attributes that an instance has to have, as `requiresAttributes` lists them.
pub(super) fn attributes(task: &Value) -> Value {
    let mut names = BTreeSet::from([format!("{OLD}.docker-remote-api.1.18")]);
    let has = |member: &str| task.get(member).is_some();
    let mode = text(task, "networkMode");
    if mode == "awsvpc" {
        names.insert(format!("{NEW}.task-eni"));
    }
    if has("taskRoleArn") {
        names.insert(match mode {
            "host" => format!("{OLD}.task-iam-role-network-host"),
            _ => format!("{OLD}.task-iam-role"),
        });
    }
    if has("pidMode") || has("ipcMode") {
        names.insert(format!("{NEW}.pid-ipc-namespace-sharing"));
    }
    if has("proxyConfiguration") {
        names.insert(format!("{NEW}.aws-appmesh"));
    }
    if task["enableFaultInjection"] == true {
        names.insert(format!("{NEW}.fault-injection"));
    }
    let cpu = text(task, "cpu").parse::<i64>().unwrap_or_default();
    if mode != "awsvpc" && (has("cpu") || has("memory")) {
        names.insert(format!("{NEW}.task-cpu-mem-limit"));
    }
    if cpu > 10_240 {
        names.insert(format!("{NEW}.increased-task-cpu-limit"));
    }
    for volume in list(task, "volumes") {
        of_volume(volume, &mut names);
    }
    let has_role = has("executionRoleArn");
    for container in list(task, "containerDefinitions") {
        of_container(container, has_role, &mut names);
    }
    names.iter().map(|it| json!({ "name": it })).collect()
}

fn of_volume(volume: &Value, names: &mut BTreeSet<String>) {
    if let Some(docker) = volume.get("dockerVolumeConfiguration") {
        let driver = match text(docker, "driver") {
            "" => "local",
            driver => driver,
        };
        names.insert(format!("{NEW}.docker-plugin.{driver}"));
        names.insert(format!("{OLD}.docker-remote-api.1.25"));
    }
    if let Some(efs) = volume.get("efsVolumeConfiguration") {
        names.insert(format!("{NEW}.efs"));
        names.insert(format!("{OLD}.docker-remote-api.1.25"));
        if efs.get("authorizationConfig").is_some() || efs.get("transitEncryption").is_some() {
            names.insert(format!("{NEW}.efsAuth"));
        }
    }
    if volume["configuredAtLaunch"] == true {
        names.insert(format!("{NEW}.storage.ebs-task-volume-attach"));
    }
}

fn of_container(container: &Value, has_role: bool, names: &mut BTreeSet<String>) {
    let mut add = |prefix: &str, name: &str| names.insert(format!("{prefix}.{name}"));
    if is_of_ecr(text(container, "image")) {
        add(OLD, "ecr-auth");
        if has_role {
            add(NEW, "execution-role-ecr-pull");
        }
    }
    match text(&container["logConfiguration"], "logDriver") {
        "" => {}
        "awsfirelens" => {
            add(NEW, "logging-driver.awsfirelens");
        }
        driver => {
            add(OLD, &format!("logging-driver.{driver}"));
            if driver == "awslogs" {
                add(OLD, "docker-remote-api.1.19");
                if has_role {
                    add(NEW, "execution-role-awslogs");
                }
            }
        }
    }
    if container.get("memoryReservation").is_some() {
        add(OLD, "docker-remote-api.1.21");
    }
    if container["privileged"] == true {
        add(OLD, "privileged-container");
    }
    if container.get("healthCheck").is_some() {
        add(NEW, "container-health-check");
        add(OLD, "docker-remote-api.1.29");
    }
    let list = |member: &str| list(container, member);
    if !list("dependsOn").is_empty() {
        add(NEW, "container-ordering");
    }
    if !list("environmentFiles").is_empty() {
        add(NEW, "env-files.s3");
    }
    if container["restartPolicy"]["enabled"] == true {
        add(NEW, "container-restart-policy");
    }
    if container.get("repositoryCredentials").is_some() {
        add(NEW, "private-registry-authentication.secretsmanager");
    }
    if let Some(firelens) = container.get("firelensConfiguration") {
        add(NEW, &format!("firelens.{}", text(firelens, "type")));
    }
    let ranges = list("portMappings").iter();
    if ranges
        .into_iter()
        .any(|it| it.get("containerPortRange").is_some())
    {
        add(NEW, "network.container-port-range");
    }
    let logs = container["logConfiguration"]["secretOptions"].as_array();
    for (secrets, place) in [
        (list("secrets"), "environment-variables"),
        (logs.map_or(&[][..], Vec::as_slice), "bootstrap.log-driver"),
    ] {
        for secret in secrets {
            let kind = match text(secret, "valueFrom").contains(":secretsmanager:") {
                true => "asm",
                false => "ssm",
            };
            add(NEW, &format!("secrets.{kind}.{place}"));
        }
    }
}

/// The launch types that could run the task.
pub(super) fn compatibilities(task: &Value) -> Value {
    let mode = text(task, "networkMode");
    let mut kinds = Vec::new();
    if mode != "awsvpc" {
        kinds.push("EXTERNAL");
    }
    kinds.push("EC2");
    if fargate::objection(task).is_none() {
        kinds.push("FARGATE");
    }
    if ["awsvpc", "host"].contains(&mode) && task.get("cpu").is_some() {
        kinds.push("MANAGED_INSTANCES");
    }
    Value::from(kinds)
}

//! Tasks.

mod begin;
mod fargate;
mod life;
mod make;
pub(super) mod port;
mod process;
mod program;
mod protection;
mod read;
mod run;
mod secret;
mod show;
mod stop;
#[cfg(test)]
mod tests;

use crate::{Action, Time, World, service::tags::Tags};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(super) use life::{lost, put};
pub(super) use make::{Order, make};
pub(super) use process::Happening;

/// A task.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// Its ARN, with the cluster in it.
    pub arn: String,
    /// The cluster.
    pub cluster: String,
    /// The service it belongs to, if any.
    pub service: Option<String>,
    /// The deployment it belongs to, if any.
    pub deployment: Option<String>,
    /// The task definition ARN.
    pub task_definition: String,
    /// The container instance ARN, once it is placed.
    pub instance: Option<String>,
    /// `PROVISIONING`, `PENDING`, `ACTIVATING`, `RUNNING`, `DEACTIVATING`, `STOPPING`, `STOPPED`.
    pub status: String,
    /// `RUNNING` or `STOPPED`.
    pub desired_status: String,
    /// Its containers, by the names of the model.
    pub containers: Vec<Value>,
    /// Host ports it has taken, with the container port and the container. A dynamic port is 0
    /// until the task is placed.
    pub ports: Vec<HostPort>,
    /// `HEALTHY`, `UNHEALTHY`, `UNKNOWN`.
    pub health: String,
    /// When it was made.
    pub created_at: Time,
    /// When it began to run.
    pub started_at: Option<Time>,
    /// When it stopped.
    pub stopped_at: Option<Time>,
    /// `stopCode` and `stoppedReason`.
    pub stopped: Option<(String, String)>,
    /// Everything else that DescribeTasks shows, by the names of the model.
    pub more: Value,
    /// Its tags.
    pub tags: Tags,
    /// CPU units and MiB that it takes of an instance.
    pub size: (i64, i64),
    /// The capacity provider that it is to run on, if any.
    pub provider: Option<String>,
    /// `placementConstraints` and `placementStrategy` that hold for it, by the names of the model.
    pub placement: Value,
    /// The load balancers of its service, by the names of the model.
    pub balancers: Vec<Value>,
    /// The targets that it is registered as.
    pub targets: Vec<Target>,
    /// What its containers will do, if nothing stops them.
    pub plan: Vec<Happening>,
    /// Until when it is protected from scale-in.
    pub protected_until: Option<Time>,
    /// Whether it has ever counted as healthy.
    pub was_healthy: bool,
    /// When its next status is due.
    pub due: Time,
    /// The EC2 instance that it was placed on.
    pub host: String,
    /// Its `awsvpcConfiguration`, by the names of the model.
    #[serde(default)]
    pub network: Value,
    /// The address that the internet knows its own network interface by: only on Fargate.
    #[serde(default)]
    pub public_ip: Option<String>,
}

/// A port of a container on its instance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HostPort {
    /// The container.
    pub container: String,
    /// The port inside.
    pub container_port: u16,
    /// The port of the instance.
    pub host_port: u16,
    /// `tcp` or `udp`.
    pub protocol: String,
}

/// A task as a load balancer knows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Target {
    /// The target group's ARN.
    pub group: String,
    /// The instance or the address.
    pub id: String,
    /// The port.
    pub port: u16,
}

/// How far a task is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Stage {
    /// PROVISIONING, PENDING or ACTIVATING: counted as pending.
    Coming,
    /// RUNNING or DEACTIVATING: counted as running.
    Running,
    /// STOPPING or DEPROVISIONING.
    Ending,
    /// STOPPED.
    Ended,
}

impl Task {
    /// How far it is.
    pub fn stage(&self) -> Stage {
        match self.status.as_str() {
            "PROVISIONING" | "PENDING" | "ACTIVATING" => Stage::Coming,
            "RUNNING" | "DEACTIVATING" => Stage::Running,
            "STOPPED" => Stage::Ended,
            _ => Stage::Ending,
        }
    }

    /// Whether it takes CPU units, memory and ports of the instance it is placed on.
    pub fn takes_room(&self) -> bool {
        self.stage() != Stage::Ended
    }

    /// Its service as the world keeps it, `cluster/name`.
    pub fn service_key(&self) -> Option<String> {
        let service = self.service.as_ref()?;
        Some(format!("{}/{service}", self.cluster))
    }

    /// Whether it runs on Fargate, and not on an instance of the account.
    pub fn is_on_fargate(&self) -> bool {
        self.more["launchType"] == "FARGATE"
    }

    /// Whether it has a network interface of its own.
    pub(super) fn is_awsvpc(&self) -> bool {
        self.more["attachments"]
            .as_array()
            .is_some_and(|it| !it.is_empty())
    }

    /// Whether it was stopped because health checks failed.
    pub(super) fn failed_checks(&self) -> bool {
        let reason = self.stopped.as_ref().map_or("", |it| it.1.as_str());
        reason.starts_with("Task failed container health") || reason.starts_with("Task failed ELB")
    }
}

/// The actions.
pub fn actions() -> Vec<Action> {
    vec![
        Action::on("RunTask", run::run_task, run::needs),
        Action::on("StartTask", run::start_task, run::needs),
        Action::on("StopTask", stop::stop_task, read::needs_one),
        Action::on("DescribeTasks", read::describe_tasks, read::needs),
        Action::on(
            "ListTasks",
            read::list_tasks,
            super::service::lookup::needs_cluster,
        ),
        Action::on(
            "UpdateTaskProtection",
            protection::update_task_protection,
            read::needs,
        ),
        Action::on(
            "GetTaskProtection",
            protection::get_task_protection,
            read::needs,
        ),
    ]
}

/// A task has got as far as its next status.
pub fn goes_on(world: &mut World, arn: &str) {
    life::goes_on(world, arn);
}

/// Whether a container of a task listens on its ports.
pub fn serves(world: &World, task: &Task, container: &str) -> bool {
    let all = begin::containers(world, task);
    let mut named = all.iter().filter(|it| it["name"] == container);
    named.all(program::serves)
}

/// The ports at which a task answers: those of its instance, or on Fargate its own.
pub fn ports(world: &World, task: &Task) -> Vec<HostPort> {
    match task.is_on_fargate() {
        true => port::own(&begin::containers(world, task)),
        false => task.ports.clone(),
    }
}

/// Writes a line to the log of a task's container, if it has one.
pub fn log(world: &mut World, arn: &str, container: &str, line: &str) {
    let Some(task) = world.ecs.tasks.get(arn).cloned() else {
        return;
    };
    let all = begin::containers(world, &task);
    if let Some(definition) = all.iter().find(|it| it["name"] == container) {
        begin::log(world, &task, definition, line);
    }
}

/// A task's process, or its health check, has something to say.
pub fn process(world: &mut World, arn: &str) {
    process::happen(world, arn);
}

/// How many tasks of a capacity provider wait for an instance, and what each needs: CPU units and
/// MiB. Managed scaling makes room for them.
pub fn waiting(world: &World, cluster: &str, provider: &str) -> Vec<(i64, i64)> {
    let tasks = world.ecs.tasks.values();
    tasks
        .filter(|it| it.cluster == cluster && it.provider.as_deref() == Some(provider))
        .filter(|it| it.status == "PROVISIONING" && it.desired_status == "RUNNING")
        .map(|it| it.size)
        .collect()
}

/// Stops a task, for a reason, as the scheduler or a user does.
pub fn stop(world: &mut World, arn: &str, code: &str, reason: &str) {
    life::stop(world, arn, code, reason);
}

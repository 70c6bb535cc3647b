//! Tasks, as `ecs:DescribeTasks` shows them.

use crate::Moment;
use serde::{Deserialize, Serialize};

/// A task.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Task {
    /// Its ARN.
    pub task_arn: String,
    /// Its cluster's ARN.
    pub cluster_arn: String,
    /// The container instance that it is on, once it is placed on EC2.
    pub container_instance_arn: Option<String>,
    /// The ARN of its task definition.
    pub task_definition_arn: String,
    /// `PROVISIONING`, `PENDING`, `ACTIVATING`, `RUNNING`, `DEACTIVATING`, `STOPPING`,
    /// `DEPROVISIONING`, `STOPPED` or `DELETED`.
    pub last_status: String,
    /// `RUNNING` or `STOPPED`.
    pub desired_status: String,
    /// `service:<name>` for a task of a service.
    pub group: String,
    /// The id of the deployment that started it.
    pub started_by: String,
    /// The launch type.
    pub launch_type: Option<String>,
    /// The capacity provider that placed it.
    pub capacity_provider_name: Option<String>,
    /// Where it is.
    pub availability_zone: Option<String>,
    /// CPU units of the task as a whole.
    pub cpu: Option<String>,
    /// Memory of the task as a whole, in MiB.
    pub memory: Option<String>,
    /// `HEALTHY`, `UNHEALTHY` or `UNKNOWN`.
    pub health_status: Option<String>,
    /// `CONNECTED` or `DISCONNECTED`.
    pub connectivity: Option<String>,
    /// When it was made.
    pub created_at: Option<Moment>,
    /// When its images began to be pulled.
    pub pull_started_at: Option<Moment>,
    /// When they were there.
    pub pull_stopped_at: Option<Moment>,
    /// When it became RUNNING.
    pub started_at: Option<Moment>,
    /// When it began to stop.
    pub stopping_at: Option<Moment>,
    /// When it had stopped.
    pub stopped_at: Option<Moment>,
    /// Who stopped it, such as `EssentialContainerExited`.
    pub stop_code: Option<String>,
    /// Why.
    pub stopped_reason: Option<String>,
    /// Its containers.
    pub containers: Vec<Container>,
    /// Its network interface, in `awsvpc` mode, and volumes.
    pub attachments: Vec<Attachment>,
}

impl Task {
    /// The last part of its ARN.
    pub fn id(&self) -> &str {
        self.task_arn.rsplit('/').next().unwrap_or_default()
    }

    /// What its own network interface says by that name, such as `networkInterfaceId`.
    pub fn interface_detail(&self, name: &str) -> Option<&str> {
        let mut attachments = self.attachments.iter();
        let interface = attachments.find(|it| it.kind == "ElasticNetworkInterface")?;
        let mut details = interface.details.iter();
        let found = details.find(|it| it.name == name)?;
        Some(&found.value)
    }
}

/// A container of a task.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Container {
    /// Its name.
    pub name: String,
    /// Its image.
    pub image: Option<String>,
    /// `PENDING`, `RUNNING` or `STOPPED`.
    pub last_status: String,
    /// How it ended.
    pub exit_code: Option<i64>,
    /// Why.
    pub reason: Option<String>,
    /// `HEALTHY`, `UNHEALTHY` or `UNKNOWN`.
    pub health_status: Option<String>,
    /// What Docker calls it.
    pub runtime_id: Option<String>,
    /// Its ports on the container instance.
    pub network_bindings: Vec<NetworkBinding>,
}

/// A port of a container, and where it is on the container instance.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NetworkBinding {
    /// The address that it is bound to.
    #[serde(rename = "bindIP")]
    pub bind_ip: Option<String>,
    /// The container's port.
    pub container_port: Option<u16>,
    /// The instance's.
    pub host_port: Option<u16>,
    /// `tcp` or `udp`.
    pub protocol: Option<String>,
}

/// Something attached to a task.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Attachment {
    /// Its id.
    pub id: String,
    /// What it is, such as `ElasticNetworkInterface`.
    #[serde(rename = "type")]
    pub kind: String,
    /// `PRECREATED` … `ATTACHED` … `DELETED`.
    pub status: String,
    /// What is known of it.
    pub details: Vec<Detail>,
}

/// A name and a value.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Detail {
    /// The name.
    pub name: String,
    /// The value.
    pub value: String,
}

/// Whether a task is protected from scaling in, as `ecs:GetTaskProtection` shows it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ProtectedTask {
    /// The task's ARN.
    pub task_arn: String,
    /// Whether it is.
    pub protection_enabled: bool,
    /// Until when.
    pub expiration_date: Option<Moment>,
}

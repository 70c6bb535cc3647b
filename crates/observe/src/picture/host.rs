//! Container instances, as `ecs:DescribeContainerInstances` shows them, and what they are in EC2.

use super::Detail;
use crate::Moment;
use serde::{Deserialize, Serialize};

/// A container instance.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ContainerInstance {
    /// Its ARN.
    pub container_instance_arn: String,
    /// Its id in EC2.
    pub ec2_instance_id: String,
    /// The capacity provider that it belongs to.
    pub capacity_provider_name: Option<String>,
    /// `ACTIVE`, `DRAINING`, `REGISTERING`, `DEREGISTERING` or `REGISTRATION_FAILED`.
    pub status: String,
    /// Why it failed to register.
    pub status_reason: Option<String>,
    /// Whether its agent speaks to ECS.
    pub agent_connected: bool,
    /// How many tasks run on it.
    pub running_tasks_count: i64,
    /// How many are to run.
    pub pending_tasks_count: i64,
    /// What it has for tasks.
    pub registered_resources: Vec<Resource>,
    /// What of it is free.
    pub remaining_resources: Vec<Resource>,
    /// When it joined the cluster.
    pub registered_at: Option<Moment>,
    /// What placement constraints see.
    pub attributes: Vec<Detail>,
}

impl ContainerInstance {
    /// How much of `CPU` (units, 1024 to a vCPU) or `MEMORY` (MiB) is free.
    pub fn free(&self, resource: &str) -> i64 {
        number(&self.remaining_resources, resource)
    }

    /// How much of `CPU` or `MEMORY` it has for tasks.
    pub fn registered(&self, resource: &str) -> i64 {
        number(&self.registered_resources, resource)
    }

    /// The TCP ports that are taken: by tasks, and by the instance itself.
    pub fn taken_ports(&self) -> Vec<u16> {
        let mut all = self.remaining_resources.iter();
        let ports = all.find(|it| it.name == "PORTS");
        let texts = ports.into_iter().flat_map(|it| &it.string_set_value);
        texts.filter_map(|it| it.parse().ok()).collect()
    }
}

fn number(resources: &[Resource], name: &str) -> i64 {
    let found = resources.iter().find(|it| it.name == name);
    found.map_or(0, |it| it.integer_value)
}

/// A resource of a container instance.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Resource {
    /// `CPU`, `MEMORY`, `PORTS`, `PORTS_UDP` or `GPU`.
    pub name: String,
    /// The value of `CPU`, in units, and of `MEMORY`, in MiB.
    pub integer_value: i64,
    /// The values of the others. Of `PORTS`, those that are taken.
    pub string_set_value: Vec<String>,
}

/// An EC2 instance.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Instance {
    /// Its id.
    pub id: String,
    /// Its type, such as `t2.small`.
    pub instance_type: String,
    /// `pending`, `running`, `shutting-down`, `terminated`, `stopping` or `stopped`.
    pub state: String,
    /// Why it is in it.
    pub state_reason: Option<String>,
    /// The image that it was started from.
    pub image: String,
    /// Its availability zone.
    pub zone: String,
    /// Its subnet.
    pub subnet: Option<String>,
    /// Its VPC.
    pub vpc: Option<String>,
    /// Its public address, if it has one.
    pub public_ip: Option<String>,
    /// Its private address.
    pub private_ip: Option<String>,
    /// The ids of its security groups.
    pub security_groups: Vec<String>,
    /// The ARN of its instance profile.
    pub instance_profile: Option<String>,
    /// `standard` or `unlimited`, if it was asked: of one that has used up its CPU credits.
    pub cpu_credits: Option<String>,
    /// When it was launched.
    pub launched_at: Option<Moment>,
}

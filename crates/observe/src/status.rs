//! How services do: one answer for each, for programs and for readers.

mod scaling;
mod text;

pub use scaling::ScalingState;
pub(crate) use scaling::states;
pub use text::{line, lines};

use crate::{
    Moment, Part, Picture,
    endpoints::{Endpoint, endpoints},
    picture::{ContainerInstance, Gauge, Policy, Service},
    spark::buckets,
    words::last,
};
use serde::Serialize;
use std::time::Duration;

/// What is looked at to tell the status.
pub const PARTS: [Part; 9] = [
    Part::Definitions,
    Part::Tasks,
    Part::Hosts,
    Part::Scaling,
    Part::ScalingActivities,
    Part::Metrics,
    Part::Rules,
    Part::Interfaces,
    Part::Balancers,
];

/// How far metrics go back.
pub const WINDOW: Duration = Duration::from_secs(30 * 60);

/// How many values a gauge has: one a minute.
const VALUES: usize = 30;

/// How a service does.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ServiceStatus {
    /// Its cluster.
    pub cluster: String,
    /// Its name.
    pub service: String,
    /// `ACTIVE` or `DRAINING`.
    pub status: String,
    /// Its newest deployment.
    pub deployment: Option<DeploymentStatus>,
    /// How many tasks run.
    pub running: i64,
    /// How many are on their way.
    pub pending: i64,
    /// How many there are to be.
    pub desired: i64,
    /// The fewest and the most that scaling allows, if there is scaling.
    pub bounds: Option<(i64, i64)>,
    /// CPU in percent of what is reserved.
    pub cpu: GaugeStatus,
    /// Memory in percent.
    pub memory: GaugeStatus,
    /// What scaling does; empty without scaling, or if it is not shown.
    pub scaling: Vec<ScalingState>,
    /// Container instances of its cluster.
    pub instances: Vec<HostStatus>,
    /// Where it answers.
    pub endpoints: Vec<Endpoint>,
}

/// How a deployment does.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DeploymentStatus {
    /// Its id.
    pub id: String,
    /// Family and revision that it runs.
    pub task_definition: String,
    /// `COMPLETED`, `IN_PROGRESS` or `FAILED`.
    pub state: String,
    /// Why.
    pub reason: Option<String>,
    /// How many tasks failed one after the other.
    pub failed_tasks: i64,
    /// Tasks of older deployments that still run.
    pub older_tasks: i64,
    /// When it began.
    pub since: Option<Moment>,
}

/// A metric, now and before.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GaugeStatus {
    /// The newest value.
    pub now: Option<f64>,
    /// The value of each of the last thirty minutes, oldest first.
    pub minutes: Vec<Option<f64>>,
    /// What a policy keeps it at.
    pub target: Option<f64>,
}

/// A container instance and what is free on it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HostStatus {
    /// Its id in EC2.
    pub id: String,
    /// Its type.
    pub instance_type: Option<String>,
    /// Its availability zone.
    pub zone: Option<String>,
    /// Its public address, or else its private one.
    pub address: Option<String>,
    /// `ACTIVE`, `DRAINING` and others; `LOST` if its agent does not speak to ECS.
    pub status: String,
    /// How many tasks run on it.
    pub tasks: i64,
    /// CPU units that are free, and that there are.
    pub cpu: (i64, i64),
    /// MiB of memory that are free, and that there are.
    pub memory: (i64, i64),
    /// TCP ports that are taken, without those that AWS takes for itself.
    pub ports_taken: Vec<u16>,
    /// CPU credits, in vCPU-minutes, of a burstable instance.
    pub credits: Option<f64>,
}

/// The status of every service of a picture.
pub fn status(picture: &Picture) -> Vec<ServiceStatus> {
    let endpoints = endpoints(picture);
    let services = picture.services.iter();
    services
        .map(|it| of_service(picture, it, &endpoints))
        .collect()
}

fn of_service(picture: &Picture, service: &Service, endpoints: &[Endpoint]) -> ServiceStatus {
    let subject = service.subject();
    let target = picture.target_of(service);
    let cpu_target = picture.policies_of(service).find_map(Policy::cpu_target);
    let hosts = picture.container_instances.iter();
    let cluster = format!("/{}/", subject.cluster);
    let hosts = hosts.filter(|it| it.container_instance_arn.contains(&cluster));
    let own = endpoints.iter().filter(|it| it.service == subject.service);
    ServiceStatus {
        status: service.status.clone(),
        deployment: deployment(service),
        running: service.running_count,
        pending: service.pending_count,
        desired: service.desired_count,
        bounds: target.map(|it| (it.min_capacity, it.max_capacity)),
        cpu: gauge(picture, service, Gauge::ServiceCpu, cpu_target),
        memory: gauge(picture, service, Gauge::ServiceMemory, None),
        scaling: scaling::states(picture, service),
        instances: hosts.map(|it| host(picture, it)).collect(),
        endpoints: own.cloned().collect(),
        cluster: subject.cluster,
        service: subject.service,
    }
}

fn deployment(service: &Service) -> Option<DeploymentStatus> {
    let primary = service.primary()?;
    let older = service
        .deployments
        .iter()
        .filter(|it| it.status != "PRIMARY");
    // Only the ECS deployment controller says a state.
    let by_counts = match primary.running_count == primary.desired_count {
        true => "COMPLETED",
        false => "IN_PROGRESS",
    };
    Some(DeploymentStatus {
        id: primary.id.clone(),
        task_definition: last(&primary.task_definition).to_owned(),
        state: primary
            .rollout_state
            .clone()
            .unwrap_or_else(|| by_counts.into()),
        reason: primary.rollout_state_reason.clone(),
        failed_tasks: primary.failed_tasks,
        older_tasks: older.map(|it| it.running_count).sum(),
        since: primary.created_at,
    })
}

fn gauge(picture: &Picture, service: &Service, gauge: Gauge, target: Option<f64>) -> GaugeStatus {
    let subject = service.subject();
    let of = format!("{}/{}", subject.cluster, subject.service);
    let series = picture.series(gauge, &of);
    GaugeStatus {
        now: series.and_then(|it| it.newest()).map(|it| it.value),
        minutes: series.map_or_else(Vec::new, |it| buckets(it, picture.at, WINDOW, VALUES)),
        target,
    }
}

fn host(picture: &Picture, host: &ContainerInstance) -> HostStatus {
    // SSH, Docker's two and the agent's three: "reserved ports" of ContainerInstance in the API.
    const RESERVED: [u16; 6] = [22, 2375, 2376, 51678, 51679, 51680];
    let instance = picture.instance(&host.ec2_instance_id);
    let credits = picture.series(Gauge::Credits, &host.ec2_instance_id);
    let mut ports = host.taken_ports();
    ports.retain(|it| !RESERVED.contains(it));
    ports.sort_unstable();
    let is_lost = host.status == "ACTIVE" && !host.agent_connected;
    HostStatus {
        id: host.ec2_instance_id.clone(),
        instance_type: instance.map(|it| it.instance_type.clone()),
        zone: instance.map(|it| it.zone.clone()),
        address: instance.and_then(|it| it.public_ip.clone().or_else(|| it.private_ip.clone())),
        status: if is_lost {
            "LOST".into()
        } else {
            host.status.clone()
        },
        tasks: host.running_tasks_count,
        cpu: (host.free("CPU"), host.registered("CPU")),
        memory: (host.free("MEMORY"), host.registered("MEMORY")),
        ports_taken: ports,
        credits: credits.and_then(|it| it.newest()).map(|it| it.value),
    }
}

//! A look at services: plain data, as AWS showed it.
//!
//! What ECS and Application Auto Scaling say is read by the names of their own models, and the rest
//! by the names nearest to these.

mod alarm;
mod capacity;
mod host;
mod metric;
mod network;
mod scaling;
mod service;
mod task;

pub use alarm::{Alarm, AlarmChange};
pub use capacity::{
    AutoScalingGroupProvider, CapacityProvider, Cluster, Group, GroupActivity, GroupInstance,
    ManagedScaling,
};
pub use host::{ContainerInstance, Instance, Resource};
pub use metric::{Gauge, Point, Series};
pub use network::{Balancer, Interface, Listener, Rule, SecurityGroup, TargetGroup, TargetHealth};
pub use scaling::{NotScaledReason, Policy, PolicyAlarm, ScalingActivity, SuspendedState, Target};
pub use service::{
    CircuitBreaker, Deployment, DeploymentConfiguration, Event, Service, ServiceBalancer,
    StrategyItem,
};
pub use task::{Attachment, Container, Detail, NetworkBinding, ProtectedTask, Task};

use crate::{Moment, Part, Subject};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// What was seen of the services asked for, and of what is around them.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Picture {
    /// When it was taken, by AWS's clock, to the second.
    pub at: Moment,
    /// The services that exist, in the order of the question.
    pub services: Vec<Service>,
    /// The services asked for that AWS does not know, or knows as deleted.
    pub absent: Vec<Subject>,
    /// Task definitions by their ARN, in AWS's own shape.
    pub definitions: BTreeMap<String, Value>,
    /// Tasks of the services, those that run and those that have stopped, oldest first.
    pub tasks: Vec<Task>,
    /// The protection of tasks of services that have more than they are to have.
    pub protected_tasks: Vec<ProtectedTask>,
    /// Container instances.
    pub container_instances: Vec<ContainerInstance>,
    /// EC2 instances.
    pub instances: Vec<Instance>,
    /// Clusters.
    pub clusters: Vec<Cluster>,
    /// Capacity providers.
    pub capacity_providers: Vec<CapacityProvider>,
    /// Auto Scaling groups.
    pub groups: Vec<Group>,
    /// What the groups did, newest first.
    pub group_activities: Vec<GroupActivity>,
    /// Scalable targets.
    pub targets: Vec<Target>,
    /// Scaling policies of the services.
    pub policies: Vec<Policy>,
    /// What Application Auto Scaling did and did not, newest first.
    pub scaling_activities: Vec<ScalingActivity>,
    /// Alarms of the policies.
    pub alarms: Vec<Alarm>,
    /// How they changed, newest first.
    pub alarm_changes: Vec<AlarmChange>,
    /// Metrics.
    pub series: Vec<Series>,
    /// Security groups of hosts and interfaces.
    pub security_groups: Vec<SecurityGroup>,
    /// Interfaces of tasks.
    pub interfaces: Vec<Interface>,
    /// Target groups of the services.
    pub target_groups: Vec<TargetGroup>,
    /// Load balancers of those.
    pub balancers: Vec<Balancer>,
    /// What could not be read, and why.
    pub not_shown: Vec<NotShown>,
}

/// A part that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NotShown {
    /// The part.
    pub part: Part,
    /// The call that failed, as IAM names it, or the last that was waited for.
    pub operation: String,
    /// Why, in words.
    pub because: String,
    /// Whether the caller may not make the call.
    pub denied: bool,
}

impl Picture {
    /// A service by its name, and by its cluster's if there are several.
    pub fn service(&self, subject: &Subject) -> Option<&Service> {
        let mut services = self.services.iter();
        services.find(|it| it.subject() == *subject)
    }

    /// The tasks of a service, stopped ones too.
    pub fn tasks_of(&self, service: &Service) -> impl Iterator<Item = &Task> {
        let group = format!("service:{}", service.service_name);
        let cluster = service.cluster_arn.clone();
        let tasks = self.tasks.iter();
        tasks.filter(move |it| it.group == group && it.cluster_arn == cluster)
    }

    /// The tasks of a service that are to run and do.
    pub fn running_of(&self, service: &Service) -> impl Iterator<Item = &Task> {
        let tasks = self.tasks_of(service);
        tasks.filter(|it| it.last_status == "RUNNING" && it.desired_status == "RUNNING")
    }

    /// The container instance that a task is on.
    pub fn container_instance(&self, arn: &str) -> Option<&ContainerInstance> {
        let mut all = self.container_instances.iter();
        all.find(|it| it.container_instance_arn == arn)
    }

    /// An EC2 instance.
    pub fn instance(&self, id: &str) -> Option<&Instance> {
        self.instances.iter().find(|it| it.id == id)
    }

    /// The EC2 instance that a task is on, if it is on one that was seen.
    pub fn instance_of(&self, task: &Task) -> Option<&Instance> {
        let host = self.container_instance(task.container_instance_arn.as_deref()?)?;
        self.instance(&host.ec2_instance_id)
    }

    /// The target of a service.
    pub fn target_of(&self, service: &Service) -> Option<&Target> {
        let id = service.subject().resource_id();
        self.targets.iter().find(|it| it.resource_id == id)
    }

    /// The policies of a service.
    pub fn policies_of(&self, service: &Service) -> impl Iterator<Item = &Policy> {
        let id = service.subject().resource_id();
        self.policies.iter().filter(move |it| it.resource_id == id)
    }

    /// What Application Auto Scaling did with a service, newest first.
    pub fn scaling_activities_of(
        &self,
        service: &Service,
    ) -> impl Iterator<Item = &ScalingActivity> {
        let id = service.subject().resource_id();
        let all = self.scaling_activities.iter();
        all.filter(move |it| it.resource_id == id)
    }

    /// An alarm by its name.
    pub fn alarm(&self, name: &str) -> Option<&Alarm> {
        self.alarms.iter().find(|it| it.name == name)
    }

    /// A metric of a service, an instance or a provider.
    pub fn series(&self, gauge: Gauge, of: &str) -> Option<&Series> {
        let mut all = self.series.iter();
        all.find(|it| it.gauge == gauge && it.of == of)
    }

    /// Whether an instance has used up its CPU credits.
    pub fn is_spent(&self, instance: &Instance) -> bool {
        /// Fewer than that, in vCPU-minutes, are none.
        const NONE: f64 = 1.0;
        let newest = self.series(Gauge::Credits, &instance.id);
        newest
            .and_then(Series::newest)
            .is_some_and(|it| it.value < NONE)
    }

    /// The capacity providers that place a service's tasks, by name: its own, or its cluster's
    /// unless it names a launch type.
    pub fn providers_of<'a>(&'a self, service: &'a Service) -> Vec<&'a str> {
        let own = &service.capacity_provider_strategy;
        let of_cluster = || {
            let mut clusters = self.clusters.iter();
            let found = clusters.find(|it| it.cluster_arn == service.cluster_arn);
            found.map(|it| it.default_capacity_provider_strategy.as_slice())
        };
        let strategy = match own.is_empty() && service.launch_type.is_none() {
            true => of_cluster().unwrap_or_default(),
            false => own,
        };
        strategy
            .iter()
            .map(|it| it.capacity_provider.as_str())
            .collect()
    }

    /// Why a part is not shown, if it was asked for and could not be read.
    pub fn gap(&self, part: Part) -> Option<&NotShown> {
        self.not_shown.iter().find(|it| it.part == part)
    }
}

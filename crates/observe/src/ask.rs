//! What is to be looked at.

use serde::Serialize;
use std::{collections::BTreeSet, fmt, time::Duration};

/// A service, by its name and its cluster's.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Subject {
    /// The cluster's name.
    pub cluster: String,
    /// The service's name.
    pub service: String,
}

impl Subject {
    /// A service of a cluster.
    pub fn new(cluster: impl Into<String>, service: impl Into<String>) -> Subject {
        Subject {
            cluster: cluster.into(),
            service: service.into(),
        }
    }

    /// What Application Auto Scaling calls it: `service/<cluster>/<service>`.
    pub fn resource_id(&self) -> String {
        format!("service/{}/{}", self.cluster, self.service)
    }
}

/// A part of a picture. The services themselves are in every one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Part {
    /// The services. Always looked at.
    Services,
    /// The task definitions that the services' deployments run.
    Definitions,
    /// Tasks that run, or are to run.
    Tasks,
    /// Tasks that have stopped. ECS shows them for an hour at least.
    StoppedTasks,
    /// The container instances that the tasks are on, and what these are in EC2.
    TaskHosts,
    /// All container instances of the clusters, and what they, and the instances of the groups, are
    /// in EC2.
    Hosts,
    /// Clusters, their capacity providers and the Auto Scaling groups of those.
    Capacity,
    /// What the groups have done.
    GroupActivities,
    /// Application Auto Scaling's targets and policies.
    Scaling,
    /// What Application Auto Scaling has done, and has not.
    ScalingActivities,
    /// The alarms of the policies. Needs [`Part::Scaling`].
    Alarms,
    /// How those alarms changed their states. Needs [`Part::Scaling`].
    AlarmHistory,
    /// CPU and memory of the services; credits of the instances, and reservation of the providers,
    /// where those are looked at.
    Metrics,
    /// The security groups of the hosts and interfaces that are looked at.
    Rules,
    /// Whether instances that have used up their CPU credits may use more. Needs [`Part::Metrics`].
    Credits,
    /// Which tasks are protected from scaling in, of services that have more than they are to have.
    /// Needs [`Part::Tasks`].
    Protection,
    /// The network interfaces of tasks that have their own. Needs [`Part::Tasks`].
    Interfaces,
    /// Load balancers and target groups of the services.
    Balancers,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Part::Services => "services",
            Part::Definitions => "task definitions",
            Part::Tasks => "tasks",
            Part::StoppedTasks => "stopped tasks",
            Part::TaskHosts | Part::Hosts => "instances",
            Part::Capacity => "capacity",
            Part::GroupActivities => "activities of the groups",
            Part::Scaling => "scaling",
            Part::ScalingActivities => "scaling activities",
            Part::Alarms => "alarms",
            Part::AlarmHistory => "alarm history",
            Part::Metrics => "metrics",
            Part::Rules => "security groups",
            Part::Credits => "CPU credits",
            Part::Protection => "protection of tasks",
            Part::Interfaces => "network interfaces",
            Part::Balancers => "load balancers",
        })
    }
}

/// A question about services.
#[derive(Clone, Debug)]
pub struct Ask {
    /// The services.
    pub services: Vec<Subject>,
    /// Auto Scaling groups to look at besides those of the capacity providers, by name.
    pub groups: Vec<String>,
    /// What is looked at.
    pub parts: BTreeSet<Part>,
    /// How far activities, alarm history and metrics go back.
    pub window: Duration,
    /// How long one part may take before it is told as not shown.
    pub patience: Duration,
}

impl Ask {
    /// Asks for these parts of these services, half an hour back, each within ten seconds.
    pub fn new(
        services: impl IntoIterator<Item = Subject>,
        parts: impl IntoIterator<Item = Part>,
    ) -> Ask {
        Ask {
            services: services.into_iter().collect(),
            groups: Vec::new(),
            parts: parts.into_iter().collect(),
            window: Duration::from_secs(30 * 60),
            patience: Duration::from_secs(10),
        }
    }

    /// Whether a part is asked for.
    pub fn wants(&self, part: Part) -> bool {
        self.parts.contains(&part)
    }

    /// The clusters, each once.
    pub fn clusters(&self) -> BTreeSet<&str> {
        self.services.iter().map(|it| it.cluster.as_str()).collect()
    }
}

//! AWS's published request quotas: token buckets for each account and region.

use crate::Time;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Buckets of the ECS API: name, burst, refill a second, actions. "Request throttling for the
/// Amazon ECS API"; no other service here publishes its own.
const ECS: [(&str, f64, f64, &[&str]); 12] = [
    (
        "cluster modify",
        20.0,
        1.0,
        &[
            "CreateCluster",
            "DeleteCluster",
            "UpdateCluster",
            "PutClusterCapacityProviders",
        ],
    ),
    (
        "cluster read",
        50.0,
        20.0,
        &["DescribeClusters", "ListClusters"],
    ),
    (
        "task definition modify",
        20.0,
        1.0,
        &["RegisterTaskDefinition", "DeregisterTaskDefinition"],
    ),
    (
        "task definition read",
        50.0,
        20.0,
        &[
            "DescribeTaskDefinition",
            "ListTaskDefinitions",
            "ListTaskDefinitionFamilies",
        ],
    ),
    (
        "task definition delete",
        5.0,
        1.0,
        &["DeleteTaskDefinitions"],
    ),
    (
        "capacity provider modify",
        10.0,
        1.0,
        &[
            "CreateCapacityProvider",
            "DeleteCapacityProvider",
            "UpdateCapacityProvider",
        ],
    ),
    (
        "capacity provider read",
        50.0,
        20.0,
        &["DescribeCapacityProviders"],
    ),
    (
        "cluster resource modify",
        100.0,
        40.0,
        &[
            "RunTask",
            "StartTask",
            "StopTask",
            "UpdateContainerInstancesState",
            "DeregisterContainerInstance",
        ],
    ),
    (
        "cluster resource read",
        100.0,
        20.0,
        &[
            "DescribeTasks",
            "ListTasks",
            "DescribeContainerInstances",
            "ListContainerInstances",
        ],
    ),
    (
        "service modify",
        50.0,
        5.0,
        &["CreateService", "UpdateService", "DeleteService"],
    ),
    (
        "service read",
        100.0,
        20.0,
        &["DescribeServices", "ListServices"],
    ),
    (
        "service deployment read",
        50.0,
        20.0,
        &[
            "DescribeServiceDeployments",
            "ListServiceDeployments",
            "DescribeServiceRevisions",
        ],
    ),
];

/// How full each bucket is.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Quotas {
    /// By bucket: the tokens, and when they were counted.
    buckets: BTreeMap<String, (f64, Time)>,
}

impl Quotas {
    /// Takes a token for an action, in buckets `factor` times as large as published. Answers
    /// whether there was one.
    pub fn take(&mut self, service: &str, action: &str, factor: f64, now: Time) -> bool {
        let of_action = |it: &&(&str, f64, f64, &[&str])| it.3.contains(&action);
        let Some((name, burst, rate, _)) = ECS
            .iter()
            .find(of_action)
            .filter(|_| service == "ecs")
            .copied()
        else {
            return true;
        };
        let (burst, rate) = (burst * factor, rate * factor);
        let (tokens, since) = self.buckets.entry(name.to_owned()).or_insert((burst, now));
        let refilled = *tokens + now.since(*since).as_secs_f64() * rate;
        (*tokens, *since) = (refilled.min(burst), now);
        if *tokens < 1.0 {
            return false;
        }
        *tokens -= 1.0;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_burst_is_let_through_and_then_the_rate() {
        let mut quotas = Quotas::default();
        let start = Time(1_000_000);
        let mut taken = |after: u64| {
            let now = start + Duration::from_secs(after);
            let asked = (0..100).map(|_| quotas.take("ecs", "RegisterTaskDefinition", 1.0, now));
            asked.filter(|it| *it).count()
        };
        assert_eq!(taken(0), 20);
        assert_eq!(taken(3), 3);
        assert_eq!(taken(1000), 20);
    }

    #[test]
    fn deregistering_takes_from_the_same_bucket_and_other_services_have_none() {
        let mut quotas = Quotas::default();
        let mut take = |service, action| quotas.take(service, action, 0.05, Time(0));
        assert!(take("ecs", "RegisterTaskDefinition"));
        assert!(!take("ecs", "DeregisterTaskDefinition"));
        assert!(take("iam", "GetRole") && take("iam", "GetRole"));
    }
}

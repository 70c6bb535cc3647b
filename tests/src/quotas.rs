//! The published rate limits of the ECS API.
//!
//! From "Request throttling for the Amazon ECS API" in the developer guide: all
//! actions of a category share one token bucket, per account and region.

use std::collections::HashMap;
use std::time::{Duration, Instant};

/// The token buckets of one account.
#[derive(Clone, Debug)]
pub struct Quotas {
    speed: f64,
    buckets: HashMap<Category, Bucket>,
}

/// The published categories of ECS actions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Category {
    /// Clusters: create, update, delete, and their capacity providers.
    ClusterModify,
    /// Clusters: describe and list.
    ClusterRead,
    /// Task definitions: register and deregister.
    TaskDefinitionModify,
    /// Task definitions: describe and list.
    TaskDefinitionRead,
    /// DeleteTaskDefinitions alone.
    TaskDefinitionDelete,
    /// Capacity providers: create, update, delete.
    CapacityProviderModify,
    /// Capacity providers: describe.
    CapacityProviderRead,
    /// Tasks, container instances, tags: change.
    ResourceModify,
    /// Tasks, container instances, tags: describe and list.
    ResourceRead,
    /// Services: create, update, delete.
    ServiceModify,
    /// Services: describe and list.
    ServiceRead,
    /// Service deployments: describe and list.
    ServiceDeploymentRead,
    /// Service revisions: describe.
    ServiceRevisionRead,
}

impl Category {
    /// The category of an ECS action. What the table does not name counts among
    /// the cluster resources.
    pub fn of(action: &str) -> Category {
        let read = action.starts_with("Describe") || action.starts_with("List");
        let about = |subject| action.contains(subject);
        if action == "DeleteTaskDefinitions" {
            Category::TaskDefinitionDelete
        } else if about("TaskDefinition") {
            if read {
                Category::TaskDefinitionRead
            } else {
                Category::TaskDefinitionModify
            }
        } else if action == "PutClusterCapacityProviders" {
            Category::ClusterModify
        } else if about("CapacityProvider") {
            if read {
                Category::CapacityProviderRead
            } else {
                Category::CapacityProviderModify
            }
        } else if about("ServiceDeployment") && read {
            Category::ServiceDeploymentRead
        } else if about("ServiceRevision") {
            Category::ServiceRevisionRead
        } else if about("Cluster") {
            if read {
                Category::ClusterRead
            } else {
                Category::ClusterModify
            }
        } else if about("Service") {
            if read {
                Category::ServiceRead
            } else {
                Category::ServiceModify
            }
        } else if read {
            Category::ResourceRead
        } else {
            Category::ResourceModify
        }
    }

    /// The size of the bucket, and the tokens added to it each second.
    pub fn limits(self) -> (f64, f64) {
        match self {
            Category::ClusterModify | Category::TaskDefinitionModify => (20.0, 1.0),
            Category::TaskDefinitionDelete => (5.0, 1.0),
            Category::CapacityProviderModify => (10.0, 1.0),
            Category::ServiceModify => (50.0, 5.0),
            Category::ResourceModify => (100.0, 40.0),
            Category::ResourceRead | Category::ServiceRead => (100.0, 20.0),
            Category::ClusterRead
            | Category::TaskDefinitionRead
            | Category::CapacityProviderRead
            | Category::ServiceDeploymentRead
            | Category::ServiceRevisionRead => (50.0, 20.0),
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    tokens: f64,
    filled: Instant,
}

impl Quotas {
    /// The published limits, with every bucket full.
    pub fn published() -> Quotas {
        Quotas::at_speed(1.0)
    }

    /// The published bursts, refilled `speed` times as fast: a test that would
    /// take a minute at 1 takes six seconds at 10, and is throttled all the same.
    pub fn at_speed(speed: f64) -> Quotas {
        Quotas {
            speed,
            buckets: HashMap::new(),
        }
    }

    /// Takes a token for the action, if there is one.
    pub fn admit(&mut self, action: &str, now: Instant) -> bool {
        let category = Category::of(action);
        let (burst, refill) = category.limits();
        let bucket = self.buckets.entry(category).or_insert(Bucket {
            tokens: burst,
            filled: now,
        });
        let elapsed = now.saturating_duration_since(bucket.filled);
        bucket.tokens = burst.min(bucket.tokens + elapsed.as_secs_f64() * refill * self.speed);
        bucket.filled = now;
        let admitted = bucket.tokens >= 1.0;
        if admitted {
            bucket.tokens -= 1.0;
        }
        admitted
    }

    /// How long `calls` calls of the action take at least at these limits.
    pub fn least_time(&self, action: &str, calls: u32) -> Duration {
        let (burst, refill) = Category::of(action).limits();
        Duration::from_secs_f64((f64::from(calls) - burst).max(0.0) / (refill * self.speed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admitted(quotas: &mut Quotas, action: &str, calls: u32, at: Instant) -> usize {
        (0..calls).filter(|_| quotas.admit(action, at)).count()
    }

    #[test]
    fn a_bucket_gives_its_burst_and_then_its_rate() {
        let mut quotas = Quotas::published();
        let start = Instant::now();
        assert_eq!(admitted(&mut quotas, "CreateService", 80, start), 50);
        let later = start + Duration::from_secs(2);
        assert_eq!(admitted(&mut quotas, "UpdateService", 80, later), 10);
        let much_later = start + Duration::from_secs(3600);
        assert_eq!(admitted(&mut quotas, "DeleteService", 80, much_later), 50);
        assert_eq!(
            quotas.least_time("CreateService", 100),
            Duration::from_secs(10)
        );
    }

    #[test]
    fn speed_multiplies_the_refill_and_keeps_the_burst() {
        let mut quotas = Quotas::at_speed(10.0);
        let start = Instant::now();
        assert_eq!(
            admitted(&mut quotas, "RegisterTaskDefinition", 30, start),
            20
        );
        let later = start + Duration::from_secs(1);
        assert_eq!(
            admitted(&mut quotas, "RegisterTaskDefinition", 30, later),
            10
        );
    }

    #[test]
    fn every_action_has_its_category() {
        for (action, category) in [
            ("PutClusterCapacityProviders", Category::ClusterModify),
            ("DescribeClusters", Category::ClusterRead),
            ("DeregisterTaskDefinition", Category::TaskDefinitionModify),
            ("DescribeTaskDefinition", Category::TaskDefinitionRead),
            ("DeleteTaskDefinitions", Category::TaskDefinitionDelete),
            ("UpdateCapacityProvider", Category::CapacityProviderModify),
            ("DescribeCapacityProviders", Category::CapacityProviderRead),
            ("TagResource", Category::ResourceModify),
            ("ListTasks", Category::ResourceRead),
            ("DeleteService", Category::ServiceModify),
            ("ListServices", Category::ServiceRead),
            ("ListServiceDeployments", Category::ServiceDeploymentRead),
            ("DescribeServiceRevisions", Category::ServiceRevisionRead),
        ] {
            assert_eq!(Category::of(action), category, "{action}");
        }
    }
}

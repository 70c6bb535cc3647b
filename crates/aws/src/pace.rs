//! AWS's published request quotas, kept by waiting for one's turn.

use std::{collections::BTreeMap, sync::Mutex, time::Duration};
use tokio::time::{Instant, sleep_until};

/// A group of actions that share one token bucket.
struct Quota {
    name: &'static str,
    /// Tokens when full.
    burst: f64,
    /// Tokens a second.
    rate: f64,
    actions: &'static [&'static str],
}

/// "Request throttling for the Amazon ECS API". No other service here publishes its own.
const QUOTAS: [Quota; 11] = [
    Quota {
        name: "cluster modify",
        burst: 20.0,
        rate: 1.0,
        actions: &[
            "CreateCluster",
            "DeleteCluster",
            "UpdateCluster",
            "PutClusterCapacityProviders",
        ],
    },
    Quota {
        name: "cluster read",
        burst: 50.0,
        rate: 20.0,
        actions: &["DescribeClusters", "ListClusters"],
    },
    Quota {
        name: "task definition modify",
        burst: 20.0,
        rate: 1.0,
        actions: &["RegisterTaskDefinition", "DeregisterTaskDefinition"],
    },
    Quota {
        name: "task definition read",
        burst: 50.0,
        rate: 20.0,
        actions: &[
            "DescribeTaskDefinition",
            "ListTaskDefinitions",
            "ListTaskDefinitionFamilies",
        ],
    },
    Quota {
        name: "task definition delete",
        burst: 5.0,
        rate: 1.0,
        actions: &["DeleteTaskDefinitions"],
    },
    Quota {
        name: "capacity provider modify",
        burst: 10.0,
        rate: 1.0,
        actions: &[
            "CreateCapacityProvider",
            "DeleteCapacityProvider",
            "UpdateCapacityProvider",
        ],
    },
    Quota {
        name: "capacity provider read",
        burst: 50.0,
        rate: 20.0,
        actions: &["DescribeCapacityProviders"],
    },
    Quota {
        name: "service modify",
        burst: 50.0,
        rate: 5.0,
        actions: &["CreateService", "UpdateService", "DeleteService"],
    },
    Quota {
        name: "service read",
        burst: 100.0,
        rate: 20.0,
        actions: &["DescribeServices", "ListServices"],
    },
    Quota {
        name: "cluster resource read",
        burst: 100.0,
        rate: 20.0,
        actions: &[
            "DescribeTasks",
            "ListTasks",
            "DescribeContainerInstances",
            "ListContainerInstances",
        ],
    },
    Quota {
        name: "service deployment read",
        burst: 50.0,
        rate: 20.0,
        actions: &[
            "DescribeServiceDeployments",
            "ListServiceDeployments",
            "DescribeServiceRevisions",
        ],
    },
];

/// The part of a quota that is used.
const BURST_USED: f64 = 0.9;
const RATE_USED: f64 = 0.97;

/// AWS counts when a request arrives, not when it leaves. Requests may be on their way this much
/// longer than one another and still meet their tokens; of a burst at most half is kept back for it.
const JITTER: Duration = Duration::from_millis(250);

/// When each bucket has its next token.
#[derive(Debug)]
pub(crate) struct Pace {
    factor: f64,
    /// For each bucket the time at which it would be full, had nothing more been taken.
    full_at: Mutex<BTreeMap<&'static str, Instant>>,
}

impl Pace {
    pub(crate) fn new(factor: f64) -> Pace {
        Pace {
            factor,
            full_at: Mutex::default(),
        }
    }

    /// Waits for the call's turn; calls of one bucket go in the order in which they asked.
    pub(crate) async fn turn(&self, operation: &str) {
        let Some(quota) = quota_of(operation) else {
            return;
        };
        let now = Instant::now();
        let (each, burst) = self.tokens(quota);
        let at = {
            let mut full_at = self.full_at.lock().expect("no holder panics");
            let full_at = full_at.entry(quota.name).or_insert(now);
            let at = (*full_at).checked_sub(burst).map_or(now, |it| it.max(now));
            *full_at = (*full_at).max(now) + each;
            at
        };
        if at > now {
            tracing::trace!(operation, bucket = quota.name, "waits for its turn");
            sleep_until(at).await;
        }
    }

    /// Takes the bucket for empty, since AWS said so.
    pub(crate) fn slow_down(&self, operation: &str) {
        if let Some(quota) = quota_of(operation) {
            let (_, burst) = self.tokens(quota);
            let mut full_at = self.full_at.lock().expect("no holder panics");
            let full_at = full_at.entry(quota.name).or_insert_with(Instant::now);
            *full_at = (*full_at).max(Instant::now() + burst);
        }
    }

    /// The time that one token takes, and that all but one of a full bucket take.
    fn tokens(&self, quota: &Quota) -> (Duration, Duration) {
        let rate = quota.rate * self.factor;
        let kept = rate * JITTER.as_secs_f64();
        let used = (quota.burst * BURST_USED).min((quota.burst - kept).max(quota.burst / 2.0));
        let each = Duration::from_secs_f64(1.0 / (rate * RATE_USED));
        (each, each.mul_f64(used.floor() - 1.0))
    }
}

fn quota_of(operation: &str) -> Option<&'static Quota> {
    let action = operation.strip_prefix("ecs:")?;
    QUOTAS.iter().find(|it| it.actions.contains(&action))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn seconds_for(calls: u32, factor: f64) -> u64 {
        let pace = Pace::new(factor);
        let start = Instant::now();
        for _ in 0..calls {
            pace.turn("ecs:RegisterTaskDefinition").await;
        }
        start.elapsed().as_secs()
    }

    #[tokio::test(start_paused = true)]
    async fn a_burst_goes_at_once_and_the_rest_at_the_rate() {
        assert_eq!(seconds_for(18, 1.0).await, 0);
        // 182 more at 0.97 a second; AWS's own bucket would take 180 s.
        assert_eq!(seconds_for(200, 1.0).await, 187);
        assert_eq!(seconds_for(200, 10.0).await, 18);
    }

    /// How many of 500 requests AWS's bucket refuses, where each is on its way for a time of its own.
    async fn refused(quota: &Quota, factor: f64, longest: Duration) -> usize {
        let pace = Pace::new(factor);
        let operation = format!("ecs:{}", quota.actions[0]);
        let mut arrivals = Vec::new();
        for number in 0..500_u32 {
            pace.turn(&operation).await;
            // The first ones are the latest, and later ones overtake each other.
            let late = if number < 60 {
                1.0
            } else {
                f64::from(number * 7 % 11) / 10.0
            };
            arrivals.push(Instant::now() + longest.mul_f64(late));
        }
        arrivals.sort();
        let (mut tokens, mut filled) = (quota.burst, arrivals[0]);
        let admitted = arrivals.iter().filter(|&&at| {
            tokens += at.duration_since(filled).as_secs_f64() * quota.rate * factor;
            tokens = tokens.min(quota.burst);
            filled = at;
            let admitted = tokens >= 1.0;
            tokens -= f64::from(u8::from(admitted));
            admitted
        });
        arrivals.len() - admitted.count()
    }

    #[tokio::test(start_paused = true)]
    async fn no_request_is_refused_however_unevenly_they_arrive_within_the_jitter() {
        for quota in &QUOTAS {
            for factor in [0.5, 1.0, 5.0] {
                let refused = refused(quota, factor, JITTER).await;
                assert_eq!(refused, 0, "{} at {factor}", quota.name);
            }
        }
        // What is allowed for is used: requests that are later than that find no token.
        assert_ne!(refused(&QUOTAS[1], 5.0, 4 * JITTER).await, 0);
    }

    #[tokio::test(start_paused = true)]
    async fn unpublished_actions_wait_for_nothing() {
        let pace = Pace::new(1.0);
        let start = Instant::now();
        for _ in 0..1000 {
            pace.turn("iam:GetRole").await;
        }
        assert_eq!(start.elapsed(), Duration::ZERO);
    }
}

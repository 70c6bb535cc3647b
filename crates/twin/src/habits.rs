//! How this AWS behaves, where AWS itself is sometimes one way and sometimes another.

use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, time::Duration};

/// The account that there is.
pub const ACCOUNT: &str = "123456789012";

/// What varies on AWS from day to day, and what a test or a rehearsal wants to choose.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct Habits {
    /// From a new role or instance profile to its being usable elsewhere. AWS: seconds, up to two
    /// minutes.
    pub iam_propagation: Duration,
    /// By how much a read may lag behind writes; zero: reads show what was written.
    pub read_lag: Duration,
    /// By how much the index behind `tag:GetResources` lags.
    pub index_lag: Duration,
    /// Whether the published token buckets are kept, and how many times as large they are; none:
    /// nothing is throttled.
    pub quota_factor: Option<f64>,
    /// Whether signatures are checked.
    pub check_signatures: bool,
    /// Whether IAM policies are enforced.
    pub enforce_policies: bool,
    /// From a launch to the instance running.
    pub instance_start: Duration,
    /// From running to the ECS agent having registered.
    pub agent_start: Duration,
    /// From terminating to terminated.
    pub instance_stop: Duration,
    /// How often a group looks after its instances.
    pub group_period: Duration,
    /// From a task's placement to RUNNING: pulling, creating, starting.
    pub task_start: Duration,
    /// From the word to stop to STOPPED, for a process that heeds it.
    pub task_stop: Duration,
    /// How long after RUNNING a task without health checks counts as healthy. AWS: 40 s.
    pub healthy_after: Duration,
    /// From asking for a change of a cluster's capacity providers, or of a provider, to its end.
    pub attachment: Duration,
    /// From a minute's end to its metrics being there.
    pub metric_delay: Duration,
    /// How many tasks fewer one scale-in takes at most. AWS does not publish it.
    pub scale_in_step: i64,
    /// Whether an image has to have been pushed. If not, every tag in a repository that exists,
    /// and every image elsewhere, is taken for pushed, except where the tag is `missing`.
    pub images_must_exist: bool,
    /// The page that containers of an image answer with, by the image's name without registry, path
    /// and tag.
    pub pages: BTreeMap<String, String>,
    /// Whether instances have public addresses of the loopback network (127.77.0.0/16), on which
    /// their tasks then really answer.
    pub loopback: bool,
    /// The CPU time that one request takes of one vCPU.
    pub request_cost: Duration,
}

impl Default for Habits {
    fn default() -> Habits {
        let seconds = Duration::from_secs;
        Habits {
            iam_propagation: seconds(8),
            read_lag: Duration::ZERO,
            index_lag: Duration::ZERO,
            quota_factor: Some(1.0),
            check_signatures: false,
            enforce_policies: false,
            instance_start: seconds(25),
            agent_start: seconds(35),
            instance_stop: seconds(40),
            group_period: seconds(5),
            task_start: seconds(6),
            task_stop: seconds(2),
            healthy_after: seconds(40),
            attachment: seconds(10),
            metric_delay: seconds(30),
            scale_in_step: 1,
            images_must_exist: true,
            pages: BTreeMap::new(),
            loopback: false,
            request_cost: Duration::from_millis(10),
        }
    }
}

use serde::{Deserialize, Serialize};

/// What must hold. What is not there is not asked.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Limits {
    /// Seconds that p95 may not pass for ten seconds together.
    pub p95: Option<f64>,
    /// The part of all requests, from 0 to 1, that may end badly or not be sent.
    pub errors: Option<f64>,
    /// Seconds from where CPU first passes its target until another task runs.
    pub scale_out: Option<f64>,
    /// Tasks that run when the load ends.
    pub tasks: Option<u32>,
    /// Seconds from the end of the load until no more tasks run than scaling keeps at least.
    pub scale_in: Option<f64>,
}

/// What a recording is about: the service, and what its stack allows it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct About {
    /// The stack.
    pub stack: String,
    /// The service.
    pub service: String,
    /// When the load began, in seconds since 1970.
    pub began: f64,
    /// The load in words, such as `2m@50rps 5m@50..800rps`.
    pub load: String,
    /// How long it lasts, in seconds.
    pub lasts: f64,
    /// How many times as fast as ours the clock of AWS was; 1 but on the sandbox.
    pub speed: f64,
    /// The CPU utilization that target tracking aims at, in percent.
    pub cpu_target: Option<f64>,
    /// The least and the most tasks that scaling allows.
    pub capacity: Option<(u32, u32)>,
    /// The most instances that the group allows.
    pub most_instances: Option<u32>,
    /// What must hold.
    pub limits: Limits,
}

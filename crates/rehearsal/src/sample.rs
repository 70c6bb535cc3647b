use serde::{Deserialize, Serialize};

/// What was measured at one time. What could not be measured then is not there.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Sample {
    /// Seconds since the load began; where something was counted, its end.
    pub at: f64,
    /// Over how many seconds, until then, requests were counted; 0 where only AWS was looked at.
    pub lasts: f64,
    /// Requests that were due in that time, each second.
    pub asked: f64,
    /// Requests that were sent, each second.
    pub sent: f64,
    /// Requests that ended, each second.
    pub done: f64,
    /// Requests that ended badly, each second.
    pub errors: f64,
    /// Requests that were due and could not be sent, each second.
    pub dropped: f64,
    /// Seconds since due, within which half of them ended.
    pub p50: Option<f64>,
    /// … 95 of a hundred.
    pub p95: Option<f64>,
    /// … 99 of a hundred.
    pub p99: Option<f64>,
    /// … all of them.
    pub max: Option<f64>,
    /// By endpoint.
    pub endpoints: Vec<OfEndpoint>,
    /// The service's average CPU utilization in percent of what its tasks reserve, as CloudWatch has it of the
    /// time until then: a minute, or 20 seconds.
    pub cpu: Option<f64>,
    /// The same of its memory.
    pub memory: Option<f64>,
    /// Its tasks.
    pub tasks: Option<Tasks>,
    /// Container instances that are there.
    pub instances: Option<u32>,
    /// CPU credits of the instance that has the fewest.
    pub credits: Option<f64>,
}

/// What an endpoint did.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct OfEndpoint {
    /// Its URL.
    pub endpoint: String,
    /// Requests that ended, each second.
    pub done: f64,
    /// Those that ended badly, each second.
    pub errors: f64,
    /// Seconds since due, within which 99 of a hundred ended.
    pub p99: Option<f64>,
}

/// A service's tasks, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Tasks {
    /// How many there should be.
    pub desired: u32,
    /// How many run.
    pub running: u32,
    /// How many are on their way.
    pub pending: u32,
}

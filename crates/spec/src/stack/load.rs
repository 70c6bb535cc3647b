//! What load the stack is to bear, and what must hold meanwhile, as it is written. What the texts mean is
//! known to those who play the load.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, de::Error};
use serde_json::Value;
use std::{collections::BTreeMap, path::PathBuf};

/// Load on the stack's own addresses, for `setpoint load` and `setpoint rehearse`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(extend("examples" = [{ "stages": ["2m@50rps", "5m@50..800rps", "10m@800rps"] }]))]
pub struct WrittenLoad {
    /// Stretches of the schedule, one after the other: `2m@50rps`, or `5m@50..800rps` for a ramp.
    pub stages: Vec<String>,
    /// A CSV file of times and requests a second, relative to this one, in the place of stages.
    pub replay: Option<PathBuf>,
    /// In the place of a schedule, so many that ask again as soon as they are answered.
    #[schemars(range(min = 1, max = 100_000))]
    pub workers: Option<u32>,
    /// How long the workers ask, such as `5m`.
    pub duration: Option<String>,
    /// The method; GET if nothing is said.
    pub method: Option<String>,
    /// Paths, by how often they are asked for in comparison; `/` if nothing is said.
    #[schemars(extend("examples" = [{ "/": 3, "/buy": 1 }]))]
    pub paths: BTreeMap<String, u32>,
    /// Headers, by their names.
    pub headers: BTreeMap<String, String>,
    /// The body of each request.
    pub body: Option<String>,
    /// Whether connections are used again; they are if nothing is said.
    pub keep_alive: Option<bool>,
    /// The HTTP version, 1.1 or 2; 1.1 if nothing is said.
    #[serde(deserialize_with = "version")]
    #[schemars(schema_with = "versions")]
    pub http: Option<String>,
    /// How long an answer is waited for; `3s` if nothing is said.
    pub timeout: Option<String>,
    /// How many requests may be on their way at once; 2000 if nothing is said.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub in_flight: Option<u32>,
    /// What ends it early, such as `p99 > 2s for 30s` and `errors > 5%`.
    pub abort_when: Vec<String>,
}

/// What `setpoint rehearse` rehearses, with the `load`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct WrittenRehearsal {
    /// The service; may be left out where there is one only.
    pub service: Option<String>,
    /// What must hold. What is not there is not asked.
    pub limits: WrittenLimits,
}

/// What must hold while the load is on, and after it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(extend("examples" = [{ "p95": "500ms", "errors": "1%", "scaleOut": "6m", "tasks": 3, "scaleIn": "40m" }]))]
pub struct WrittenLimits {
    /// The latency that p95 may not pass for ten seconds together, such as `500ms`.
    pub p95: Option<String>,
    /// The part of all requests that may end badly or not be sent, such as `1%`.
    pub errors: Option<String>,
    /// How long it may take from where CPU first passes its target until another task runs.
    pub scale_out: Option<String>,
    /// How many tasks run when the load ends.
    pub tasks: Option<u32>,
    /// How long it may take from the end of the load until no more tasks run than at least. So long the
    /// rehearsal watches.
    pub scale_in: Option<String>,
}

/// A version may be written as a number, too.
fn version<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text)),
        Value::Number(number) => Ok(Some(number.to_string())),
        _ => Err(D::Error::custom("an HTTP version is 1.1 or 2")),
    }
}

fn versions(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "enum": ["1.1", "2", 1.1, 2, null] })
}

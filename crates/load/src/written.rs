use crate::{
    Load, LoadError, Model, Path, Protocol, ReplayError, Requests, Schedule, Stage, StageError,
    Threshold, ThresholdError, TimeError, read_time, replay,
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, path::PathBuf};

/// A load as a file writes it. Each field stands for the option of the command of the same name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Written {
    /// Such as `5m@50..800rps`, one after the other.
    pub stages: Vec<String>,
    /// A CSV file of times and rates, instead of stages.
    pub replay: Option<PathBuf>,
    /// How many ask again as soon as they are answered, instead of a schedule.
    pub workers: Option<u32>,
    /// How long the workers do.
    pub duration: Option<String>,
    /// GET, if nothing is said.
    pub method: Option<String>,
    /// Paths by how often they are asked for in comparison; `/`, if nothing is said.
    pub paths: BTreeMap<String, u32>,
    /// Headers by their names.
    pub headers: BTreeMap<String, String>,
    /// The body of each request.
    pub body: Option<String>,
    /// Whether connections are used again; yes, if nothing is said.
    pub keep_alive: Option<bool>,
    /// `1.1`, or `2`.
    pub http: Option<String>,
    /// How long an answer is waited for; 3 s, if nothing is said.
    pub timeout: Option<String>,
    /// How many requests may be on their way at once; 2000, if nothing is said.
    pub in_flight: Option<u32>,
    /// What ends it early, such as `p99 > 2s for 30s`.
    pub abort_when: Vec<String>,
}

/// Why what is written is no load.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WrittenError {
    /// A stage.
    #[error(transparent)]
    Stage(#[from] StageError),
    /// A length of time.
    #[error(transparent)]
    Time(#[from] TimeError),
    /// A threshold.
    #[error(transparent)]
    Threshold(#[from] ThresholdError),
    /// A recording.
    #[error("the recording: {0}")]
    Replay(#[from] ReplayError),
    /// A method, path or header.
    #[error(transparent)]
    Request(#[from] LoadError),
    /// There is more than one thing that says when requests leave, or none.
    #[error("{0}")]
    Model(&'static str),
    /// A number that cannot be meant.
    #[error("{0}")]
    Number(&'static str),
}

const MODELS: &str = "say when requests leave in one way: stages (5m@50rps), a recording to replay, \
                      or workers with a duration";

impl Written {
    /// The load. `recording` reads the file to replay, which is not read here.
    pub fn load(&self, recording: Option<&str>) -> Result<Load, WrittenError> {
        let model = match (self.stages.is_empty(), recording, self.workers) {
            (false, None, None) => {
                let stages = self.stages.iter().map(|it| it.parse());
                Model::Open(Schedule::of(&stages.collect::<Result<Vec<Stage>, _>>()?))
            }
            (true, Some(text), None) => Model::Open(replay(text)?),
            (true, None, Some(workers)) => {
                let lasts = self.duration.as_deref();
                let lasts = lasts.ok_or(WrittenError::Model(
                    "say how long the workers ask: a duration",
                ))?;
                if !(1..=100_000).contains(&workers) {
                    return Err(WrittenError::Number("workers are from 1 to 100,000"));
                }
                Model::Closed {
                    workers,
                    lasts: read_time(lasts)?,
                }
            }
            _ => return Err(WrittenError::Model(MODELS)),
        };
        if self.duration.is_some() && matches!(model, Model::Open(_)) {
            return Err(WrittenError::Model(
                "a duration goes with workers; stages and recordings say themselves how long they last",
            ));
        }
        let mut load = Load::new(model);
        load.requests = self.requests()?;
        if let Some(in_flight) = self.in_flight {
            if !(1..=1_000_000).contains(&in_flight) {
                return Err(WrittenError::Number(
                    "from 1 to 1,000,000 requests may be on their way",
                ));
            }
            load.in_flight = in_flight;
        }
        let thresholds = self.abort_when.iter().map(|it| it.parse());
        load.abort_when = thresholds.collect::<Result<Vec<Threshold>, _>>()?;
        Ok(load)
    }

    fn requests(&self) -> Result<Requests, WrittenError> {
        let mut requests = Requests::default();
        if let Some(method) = &self.method {
            requests = requests.method(method)?;
        }
        let paths = self.paths.iter().map(|(path, weight)| Path {
            path: path.clone(),
            weight: *weight,
        });
        requests = requests.paths(paths.collect())?;
        for (name, value) in &self.headers {
            requests = requests.header(&format!("{name}: {value}"))?;
        }
        if let Some(body) = &self.body {
            requests = requests.body(body.clone().into_bytes());
        }
        requests.keep_alive = self.keep_alive.unwrap_or(true);
        requests.protocol = match self.http.as_deref() {
            None | Some("1.1") => Protocol::Http1,
            Some("2") => Protocol::Http2,
            Some(_) => {
                return Err(WrittenError::Number(
                    "HTTP is spoken in the versions 1.1 and 2",
                ));
            }
        };
        if let Some(time_out) = &self.timeout {
            requests.time_out = read_time(time_out)?;
            if requests.time_out.is_zero() {
                return Err(WrittenError::Number(
                    "the time-out must be longer than nothing",
                ));
            }
        }
        Ok(requests)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::time::Duration;

    fn load(value: serde_json::Value) -> Result<Load, String> {
        let written: Written = serde_json::from_value(value).map_err(|err| err.to_string())?;
        written.load(None).map_err(|err| err.to_string())
    }

    #[test]
    fn a_load_is_read_whole() {
        let load = load(json!({
            "stages": ["2m@50rps", "5m@50..800rps"],
            "method": "POST",
            "paths": { "/": 3, "/buy": 1 },
            "headers": { "accept": "text/html" },
            "body": "x",
            "keepAlive": false,
            "http": "2",
            "timeout": "5s",
            "inFlight": 10,
            "abortWhen": ["errors > 5%"],
        }))
        .expect("a load");
        assert_eq!((load.in_flight, load.requests.keep_alive), (10, false));
        assert_eq!(load.requests.time_out, Duration::from_secs(5));
        assert_eq!(load.requests.paths.len(), 2);
        assert_eq!(load.abort_when.len(), 1);
        let Model::Open(schedule) = load.model else {
            panic!("a schedule");
        };
        assert_eq!(schedule.requests(), 6000 + 127_500);
    }

    #[test]
    fn what_is_no_load_is_refused_with_the_reason() {
        for (value, why) in [
            (json!({}), "say when requests leave in one way"),
            (
                json!({ "stages": ["1m@5rps"], "workers": 5 }),
                "say when requests leave in one way",
            ),
            (json!({ "workers": 5 }), "say how long"),
            (
                json!({ "workers": 0, "duration": "1s" }),
                "from 1 to 100,000",
            ),
            (
                json!({ "stages": ["1m@5rps"], "duration": "1s" }),
                "goes with workers",
            ),
            (json!({ "stages": ["1m"] }), "`1m` is no stage"),
            (
                json!({ "stages": ["1m@5rps"], "http": "3" }),
                "versions 1.1 and 2",
            ),
            (
                json!({ "stages": ["1m@5rps"], "paths": { "buy": 1 } }),
                "`buy` is no path",
            ),
            (
                json!({ "stages": ["1m@5rps"], "timeout": "0s" }),
                "longer than nothing",
            ),
            (
                json!({ "stages": ["1m@5rps"], "inFlight": 0 }),
                "from 1 to 1,000,000",
            ),
            (
                json!({ "stages": ["1m@5rps"], "abortWhen": ["p99"] }),
                "there is no `>`",
            ),
            (json!({ "stagez": [] }), "unknown field `stagez`"),
        ] {
            let err = load(value).expect_err(why);
            assert!(err.contains(why), "{err}");
        }
    }
}

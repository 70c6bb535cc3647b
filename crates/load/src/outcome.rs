use crate::{Endpoint, Fault, Latency, OfEndpoint, Tally, Threshold};
use base64::{Engine, engine::general_purpose::STANDARD};
use hdrhistogram::serialization::{Deserializer, Serializer, V2DeflateSerializer};
use serde_json::{Map, Value, json};
use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// What became of a load.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// When it began, by the machine's clock.
    pub began: SystemTime,
    /// How long it lasted, until the last answer.
    pub lasted: Duration,
    /// Why it ended.
    pub ended: Ended,
    /// Everything counted.
    pub total: Tally,
    /// The same by seconds since it began.
    pub seconds: Vec<Tally>,
}

/// Why a load ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Ended {
    /// All of it was played.
    Complete,
    /// It was stopped.
    Interrupted,
    /// A threshold was passed.
    Threshold {
        /// Which.
        threshold: Threshold,
        /// The value, as the threshold has it.
        value: f64,
    },
}

/// Why a text is not the outcome of a load.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is no outcome of `setpoint load --json`: {0}")]
pub struct ReadError(String);

/// The version of the JSON. Within it fields may be added; none changes its meaning.
const VERSION: u64 = 1;

impl Outcome {
    /// Adds the outcome of another share of the same load: its counts and histograms exactly, second by
    /// second. It ended as badly as either, and began with the earlier.
    pub fn add(&mut self, other: &Outcome) {
        let end = (self.began + self.lasted).max(other.began + other.lasted);
        self.began = self.began.min(other.began);
        self.lasted = end.duration_since(self.began).unwrap_or_default();
        if self.ended == Ended::Complete {
            self.ended = other.ended.clone();
        }
        self.total.add(&other.total);
        if self.seconds.len() < other.seconds.len() {
            self.seconds
                .resize_with(other.seconds.len(), Tally::default);
        }
        for (second, of_other) in self.seconds.iter_mut().zip(&other.seconds) {
            second.add(of_other);
        }
    }

    /// The outcome for programs, with every histogram whole (HdrHistogram's compressed V2 form in base64),
    /// so that outcomes can be added up from it.
    pub fn to_json(&self) -> Value {
        let since = self.began.duration_since(UNIX_EPOCH).unwrap_or_default();
        let ended = match &self.ended {
            Ended::Complete => json!({ "why": "complete" }),
            Ended::Interrupted => json!({ "why": "interrupted" }),
            Ended::Threshold { threshold, value } => json!({
                "why": "threshold",
                "threshold": threshold.to_string(),
                "value": value,
            }),
        };
        json!({
            "version": VERSION,
            "began": since.as_secs_f64(),
            "lasted": self.lasted.as_secs_f64(),
            "ended": ended,
            "total": of_tally(&self.total),
            "seconds": self.seconds.iter().map(of_tally).collect::<Vec<Value>>(),
        })
    }

    /// Reads what [`Outcome::to_json`] wrote.
    pub fn from_json(value: &Value) -> Result<Outcome, ReadError> {
        let version = value["version"].as_u64();
        if version != Some(VERSION) {
            return Err(ReadError("its `version` is not 1".into()));
        }
        let time = |name: &str| {
            let seconds = value[name].as_f64().unwrap_or(-1.0);
            Duration::try_from_secs_f64(seconds).map_err(|_| missing(name))
        };
        let ended = &value["ended"];
        let ended = match ended["why"].as_str() {
            Some("complete") => Ended::Complete,
            Some("interrupted") => Ended::Interrupted,
            Some("threshold") => {
                let threshold = ended["threshold"].as_str().and_then(|it| it.parse().ok());
                Ended::Threshold {
                    threshold: threshold.ok_or_else(|| missing("ended.threshold"))?,
                    value: ended["value"]
                        .as_f64()
                        .ok_or_else(|| missing("ended.value"))?,
                }
            }
            _ => return Err(missing("ended.why")),
        };
        let began = UNIX_EPOCH
            .checked_add(time("began")?)
            .ok_or_else(|| missing("began"))?;
        let seconds = value["seconds"]
            .as_array()
            .ok_or_else(|| missing("seconds"))?;
        Ok(Outcome {
            began,
            lasted: time("lasted")?,
            ended,
            total: to_tally(&value["total"])?,
            seconds: seconds.iter().map(to_tally).collect::<Result<_, _>>()?,
        })
    }
}

fn missing(name: &str) -> ReadError {
    ReadError(format!("there is no `{name}`, or it is something else"))
}

fn of_tally(tally: &Tally) -> Value {
    let endpoints = tally.endpoints.iter().map(|(endpoint, it)| {
        json!({
            "endpoint": endpoint.to_string(),
            "done": it.done(),
            "errors": it.errors(),
            "statuses": names(&it.statuses, u16::to_string),
            "faults": names(&it.faults, |it| it.name().to_owned()),
            "latency": of_latency(&it.latency),
        })
    });
    json!({
        "asked": tally.asked,
        "sent": tally.sent,
        "done": tally.done(),
        "errors": tally.errors(),
        "dropped": tally.dropped,
        "withoutEndpoint": tally.homeless,
        "bytes": tally.bytes,
        "latency": percentiles(&tally.latency()),
        "startedLate": of_latency(&tally.late),
        "endpoints": endpoints.collect::<Vec<Value>>(),
    })
}

fn names<K>(counts: &BTreeMap<K, u64>, name: impl Fn(&K) -> String) -> Value {
    let named = counts
        .iter()
        .map(|(key, count)| (name(key), Value::from(*count)));
    Value::Object(named.collect::<Map<String, Value>>())
}

/// Percentiles in seconds.
fn percentiles(latency: &Latency) -> Value {
    let of = |part: f64| latency.quantile(part).map(|it| it.as_secs_f64());
    json!({
        "count": latency.count(),
        "mean": latency.mean().map(|it| it.as_secs_f64()),
        "p50": of(0.5),
        "p90": of(0.9),
        "p95": of(0.95),
        "p99": of(0.99),
        "p999": of(0.999),
        "max": of(1.0),
    })
}

fn of_latency(latency: &Latency) -> Value {
    let mut value = percentiles(latency);
    let mut bytes = Vec::new();
    let written = V2DeflateSerializer::new().serialize(&latency.0, &mut bytes);
    // Writing to memory fails only for histograms larger than can be made here.
    if written.is_ok() {
        value["histogram"] = Value::from(STANDARD.encode(bytes));
    }
    value
}

fn to_latency(value: &Value) -> Result<Latency, ReadError> {
    let text = value["histogram"].as_str();
    let bytes = text.and_then(|it| STANDARD.decode(it).ok());
    let bytes = bytes.ok_or_else(|| missing("histogram"))?;
    let mut histogram = Deserializer::new()
        .deserialize::<u64, _>(&mut bytes.as_slice())
        .map_err(|_| missing("histogram"))?;
    if histogram.sigfig() != 3 || histogram.low() != 1 {
        return Err(missing("histogram"));
    }
    histogram.auto(true);
    let mut latency = Latency::default();
    latency.add(&Latency(histogram));
    Ok(latency)
}

fn to_tally(value: &Value) -> Result<Tally, ReadError> {
    let count = |name: &str| value[name].as_u64().ok_or_else(|| missing(name));
    let mut tally = Tally {
        asked: count("asked")?,
        sent: count("sent")?,
        dropped: count("dropped")?,
        homeless: count("withoutEndpoint")?,
        bytes: count("bytes")?,
        late: to_latency(&value["startedLate"])?,
        endpoints: BTreeMap::new(),
    };
    let endpoints = value["endpoints"]
        .as_array()
        .ok_or_else(|| missing("endpoints"))?;
    for it in endpoints {
        let endpoint = it["endpoint"]
            .as_str()
            .and_then(|it| Endpoint::of_url(it).ok());
        let (endpoint, _) = endpoint.ok_or_else(|| missing("endpoint"))?;
        let status = |name: &str| name.parse::<u16>().ok();
        let fault = |name: &str| Fault::ALL.into_iter().find(|it| it.name() == name);
        let of_endpoint = OfEndpoint {
            latency: to_latency(&it["latency"])?,
            statuses: counts(&it["statuses"], status).ok_or_else(|| missing("statuses"))?,
            faults: counts(&it["faults"], fault).ok_or_else(|| missing("faults"))?,
        };
        tally
            .endpoints
            .entry(endpoint)
            .or_default()
            .add(&of_endpoint);
    }
    Ok(tally)
}

fn counts<K: Ord>(value: &Value, key: impl Fn(&str) -> Option<K>) -> Option<BTreeMap<K, u64>> {
    let counts = value.as_object()?.iter();
    counts
        .map(|(name, count)| Some((key(name)?, count.as_u64()?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(times: &[u64]) -> Outcome {
        let mut tally = Tally {
            asked: times.len() as u64 + 1,
            sent: times.len() as u64 + 1,
            ..Tally::default()
        };
        let endpoint = Endpoint::of_url("http://[::1]:8080").expect("a URL").0;
        let it = tally.endpoints.entry(endpoint).or_default();
        for time in times {
            it.latency.record(Duration::from_micros(*time));
            tally.late.record(Duration::from_micros(*time / 10));
        }
        it.statuses.insert(200, times.len() as u64);
        it.faults.insert(Fault::Connect, 1);
        Outcome {
            began: UNIX_EPOCH + Duration::from_secs(1_795_737_600),
            lasted: Duration::from_millis(1500),
            ended: Ended::Complete,
            total: tally.clone(),
            seconds: vec![tally],
        }
    }

    #[test]
    fn an_outcome_is_read_as_it_was_written() {
        let mut outcome = outcome(&[1, 90, 1_000_000, 3_600_000_000]);
        outcome.ended = Ended::Threshold {
            threshold: "p99 > 2s for 30s".parse().expect("a threshold"),
            value: 2.5,
        };
        let json = outcome.to_json();
        let read = Outcome::from_json(&json).expect("it is one");
        assert_eq!(read.total, outcome.total);
        assert_eq!(read.seconds, outcome.seconds);
        assert_eq!((read.began, read.lasted), (outcome.began, outcome.lasted));
        assert_eq!(read.ended, outcome.ended);
    }

    #[test]
    fn outcomes_add_up_as_if_they_had_been_one() {
        let all: Vec<u64> = (1..2000).map(|it| it * it % 1_000_003 + 1).collect();
        let whole = outcome(&all);
        let mut parts = outcome(&all[..700]);
        for part in [&all[700..701], &all[701..]] {
            let part = outcome(part).to_json();
            parts.add(&Outcome::from_json(&part).expect("it is one"));
        }
        assert_eq!(parts.total.latency(), whole.total.latency());
        assert_eq!(parts.total.late, whole.total.late);
        assert_eq!(parts.total.done(), whole.total.done() + 2);
        assert_eq!(parts.seconds[0].latency(), whole.seconds[0].latency());
    }

    #[test]
    fn what_is_no_outcome_is_refused() {
        let good = outcome(&[5]).to_json();
        for (at, bad) in [
            ("/version", json!(2)),
            ("/began", json!(-1)),
            ("/ended/why", json!("tired")),
            ("/total/asked", json!(-1)),
            ("/total/startedLate/histogram", json!("!")),
            ("/total/endpoints/0/latency/histogram", json!("AAAA")),
            ("/total/endpoints/0/endpoint", json!("nowhere")),
            ("/total/endpoints/0/statuses", json!({ "ok": 1 })),
            ("/seconds", json!(null)),
        ] {
            let mut value = good.clone();
            *value.pointer_mut(at).expect(at) = bad;
            assert!(Outcome::from_json(&value).is_err(), "{at}");
        }
    }
}

//! `setpoint load`, the binary, on sites that count what comes and on sandboxes.

mod ends;
mod refusals;
mod requests;
mod shares;
mod targets;

use base64::{Engine, engine::general_purpose::STANDARD};
use hdrhistogram::{Histogram, serialization::Deserializer};
use serde_json::{Value, json};
use setpoint_tests::{Outcome, Running, Sandbox, Setpoint, Site, Stack, Visit};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

/// A place without a stack.
pub(crate) fn nowhere() -> Setpoint {
    Setpoint::at("http://127.0.0.1:9").timeout(Duration::from_secs(30))
}

/// A place whose stack has this `load:`.
pub(crate) fn with_load(load: &str) -> Setpoint {
    let place = nowhere();
    let stack = Stack::flash_sale().replacing("stages: [3m@8rps, 1m@8..36rps, 9m@36rps]", load);
    place.write("stack.yaml", &stack.to_string());
    place
}

/// What loads a site that is one's own.
pub(crate) fn on<'a>(url: &'a str, options: &[&'a str]) -> Vec<&'a str> {
    [&["load", "--target", url, "--i-own-this"], options].concat()
}

pub(crate) fn loaded(place: &Setpoint, site: &Site, options: &[&str]) -> Outcome {
    place.run(&on(&site.url(), options))
}

pub(crate) fn count(value: &Value, name: &str) -> u64 {
    let count = value[name].as_u64();
    count.unwrap_or_else(|| panic!("no {name} in {value:#}"))
}

/// What was asked, sent, done, dropped and ended badly.
pub(crate) fn counts(tally: &Value) -> [u64; 5] {
    ["asked", "sent", "done", "dropped", "errors"].map(|it| count(tally, it))
}

pub(crate) fn seconds(document: &Value) -> &Vec<Value> {
    document["seconds"].as_array().expect("it has seconds")
}

pub(crate) fn by_path(visits: &[Visit]) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for visit in visits {
        *counts.entry(visit.path.as_str()).or_default() += 1;
    }
    counts
}

pub(crate) fn connections(visits: &[Visit]) -> usize {
    let all: BTreeSet<usize> = visits.iter().map(|it| it.connection).collect();
    all.len()
}

/// A histogram's values in microseconds, the least first.
pub(crate) fn values(base64: &str) -> Vec<u64> {
    let bytes = STANDARD.decode(base64).expect("it is base64");
    let histogram: Histogram<u64> = Deserializer::new()
        .deserialize(&mut bytes.as_slice())
        .expect("it is a histogram");
    let recorded = histogram.iter_recorded();
    recorded
        .flat_map(|it| {
            let count = usize::try_from(it.count_at_value()).expect("a few");
            std::iter::repeat_n(it.value_iterated_to(), count)
        })
        .collect()
}

/// The values over all endpoints of a tally.
pub(crate) fn latencies(tally: &Value) -> Vec<u64> {
    let endpoints = tally["endpoints"].as_array().expect("it has endpoints");
    let histograms = endpoints
        .iter()
        .filter_map(|it| it["latency"]["histogram"].as_str());
    let mut all: Vec<u64> = histograms.flat_map(values).collect();
    all.sort_unstable();
    all
}

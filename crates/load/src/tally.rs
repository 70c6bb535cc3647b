use crate::Endpoint;
use hdrhistogram::Histogram;
use std::{collections::BTreeMap, time::Duration};

/// What became of requests, counted. Tallies of threads, seconds and machines add up exactly.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tally {
    /// Requests that were due.
    pub asked: u64,
    /// Of those, the ones that were given to a connection.
    pub sent: u64,
    /// Due while as many as allowed were on their way, and so never sent.
    pub dropped: u64,
    /// Due while there was no endpoint to send them to.
    pub homeless: u64,
    /// Bytes of answers' bodies.
    pub bytes: u64,
    /// How late requests were begun, against when they were due: what this program is to blame for.
    pub late: Latency,
    /// By endpoint.
    pub endpoints: BTreeMap<Endpoint, OfEndpoint>,
}

/// What one endpoint did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OfEndpoint {
    /// From due to answered whole, of every answer, and of every request that timed out. One that could
    /// not be sent, or broke off, has none: an error that comes quickly is no speed.
    pub latency: Latency,
    /// Answers by status.
    pub statuses: BTreeMap<u16, u64>,
    /// What went wrong, by what it was.
    pub faults: BTreeMap<Fault, u64>,
}

/// How a request failed without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// No connection: nobody listens, no way there, or no more file descriptors.
    Connect,
    /// TLS could not be agreed on, or the certificate is not trusted.
    Tls,
    /// No whole answer in time.
    TimeOut,
    /// The connection ended before the answer did.
    Closed,
    /// What was answered is not HTTP.
    Protocol,
}

impl Fault {
    /// All there are.
    pub const ALL: [Fault; 5] = [
        Fault::Connect,
        Fault::Tls,
        Fault::TimeOut,
        Fault::Closed,
        Fault::Protocol,
    ];

    /// In two words, as it is shown and written.
    pub fn name(&self) -> &'static str {
        match self {
            Fault::Connect => "no connection",
            Fault::Tls => "no TLS",
            Fault::TimeOut => "timed out",
            Fault::Closed => "broken off",
            Fault::Protocol => "not HTTP",
        }
    }
}

impl Tally {
    /// Requests that ended: answered or failed.
    pub fn done(&self) -> u64 {
        self.endpoints.values().map(OfEndpoint::done).sum()
    }

    /// Requests that ended with a fault or a status of 400 and more.
    pub fn errors(&self) -> u64 {
        self.endpoints.values().map(OfEndpoint::errors).sum()
    }

    /// The part of the requests which were due and ended badly, were dropped or had nowhere to go: from 0
    /// to 1, and 0 of none.
    pub fn error_rate(&self) -> f64 {
        let unsent = self.dropped + self.homeless;
        match self.done() + unsent {
            0 => 0.0,
            all => (self.errors() + unsent) as f64 / all as f64,
        }
    }

    /// Latency over all endpoints.
    pub fn latency(&self) -> Latency {
        let mut all = Latency::default();
        for it in self.endpoints.values() {
            all.add(&it.latency);
        }
        all
    }

    /// Answers by status, over all endpoints.
    pub fn statuses(&self) -> BTreeMap<u16, u64> {
        let mut all = BTreeMap::new();
        for (status, count) in self.endpoints.values().flat_map(|it| &it.statuses) {
            *all.entry(*status).or_default() += count;
        }
        all
    }

    /// Faults over all endpoints.
    pub fn faults(&self) -> BTreeMap<Fault, u64> {
        let mut all = BTreeMap::new();
        for (fault, count) in self.endpoints.values().flat_map(|it| &it.faults) {
            *all.entry(*fault).or_default() += count;
        }
        all
    }

    /// Adds what another has counted.
    pub fn add(&mut self, other: &Tally) {
        self.asked += other.asked;
        self.sent += other.sent;
        self.dropped += other.dropped;
        self.homeless += other.homeless;
        self.bytes += other.bytes;
        self.late.add(&other.late);
        for (endpoint, of_other) in &other.endpoints {
            let of_endpoint = self.endpoints.entry(endpoint.clone()).or_default();
            of_endpoint.add(of_other);
        }
    }
}

impl OfEndpoint {
    /// Requests that ended.
    pub fn done(&self) -> u64 {
        self.statuses.values().sum::<u64>() + self.faults.values().sum::<u64>()
    }

    /// Those that ended badly.
    pub fn errors(&self) -> u64 {
        let bad = self.statuses.iter().filter(|(status, _)| **status >= 400);
        bad.map(|it| it.1).sum::<u64>() + self.faults.values().sum::<u64>()
    }

    pub(crate) fn add(&mut self, other: &OfEndpoint) {
        self.latency.add(&other.latency);
        for (status, count) in &other.statuses {
            *self.statuses.entry(*status).or_default() += count;
        }
        for (fault, count) in &other.faults {
            *self.faults.entry(*fault).or_default() += count;
        }
    }
}

/// Lengths of time, in an HdrHistogram: microseconds from 1 up, to three digits. Adding two is exact.
#[derive(Clone, Debug, PartialEq)]
pub struct Latency(pub(crate) Histogram<u64>);

impl Default for Latency {
    fn default() -> Latency {
        let mut histogram = Histogram::new(3).expect("three digits are allowed");
        histogram.auto(true);
        Latency(histogram)
    }
}

impl Latency {
    /// Counts one. Less than a microsecond counts as one.
    pub fn record(&mut self, time: Duration) {
        let microseconds = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        // It grows by itself. A time that no histogram holds, past a hundred thousand years, has not passed.
        let _ = self.0.record(microseconds.max(1));
    }

    /// How many were counted.
    pub fn count(&self) -> u64 {
        self.0.len()
    }

    /// The time within which this part (from 0 to 1) of them ended; nothing if there are none.
    pub fn quantile(&self, part: f64) -> Option<Duration> {
        let value = (self.count() > 0).then(|| self.0.value_at_quantile(part));
        value.map(|it| Duration::from_micros(it.min(self.0.max())))
    }

    /// The longest, to three digits; nothing if there are none.
    pub fn most(&self) -> Option<Duration> {
        self.quantile(1.0)
    }

    /// The mean; nothing if there are none.
    pub fn mean(&self) -> Option<Duration> {
        (self.count() > 0).then(|| Duration::from_secs_f64(self.0.mean() / 1e6))
    }

    /// Adds what another has counted.
    pub fn add(&mut self, other: &Latency) {
        if other.count() > 0 {
            self.0.add(&other.0).expect("it grows by itself");
        }
    }
}

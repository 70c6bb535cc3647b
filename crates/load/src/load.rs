use crate::{Schedule, Share, Threshold, written_time};
use http::{HeaderName, HeaderValue, Method, uri::PathAndQuery};
use std::{fmt, time::Duration};

/// Everything that is asked of a load.
#[derive(Clone, Debug, PartialEq)]
pub struct Load {
    /// When requests leave.
    pub model: Model,
    /// What they are.
    pub requests: Requests,
    /// How many may be on their way at once, over all threads; what is due beyond that is dropped.
    pub in_flight: u32,
    /// Which part of it is sent from here.
    pub share: Share,
    /// What ends it early.
    pub abort_when: Vec<Threshold>,
    /// How long each of the periods is that it is counted by; more than nothing.
    pub every: Duration,
}

/// When requests leave.
#[derive(Clone, Debug, PartialEq)]
pub enum Model {
    /// When they are due, whatever the answers do. Latency counts from then.
    Open(Schedule),
    /// Each worker asks again as soon as it is answered. Latency counts from the sending, so a server
    /// that stalls is asked less, and looks better than its visitors find it.
    Closed {
        /// How many; at least one.
        workers: u32,
        /// For how long.
        lasts: Duration,
    },
}

/// What is sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Requests {
    pub(crate) method: Method,
    pub(crate) paths: Vec<Path>,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) body: Vec<u8>,
    /// Whether a connection is used for more than one request.
    pub keep_alive: bool,
    /// Which HTTP is spoken.
    pub protocol: Protocol,
    /// How long an answer is waited for, since the request was sent; the connection's making included.
    pub time_out: Duration,
}

/// A path, and how often it is asked for in comparison with the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// With its query; begins with `/`.
    pub path: String,
    /// At least 1.
    pub weight: u32,
}

/// An HTTP version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// HTTP/1.1; a connection carries one request at a time.
    Http1,
    /// HTTP/2, one connection an endpoint and thread: by ALPN over TLS, by prior knowledge without.
    Http2,
}

/// Why there can be no such load.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// A method that HTTP does not allow.
    #[error("`{0}` is no method; GET, HEAD, POST, PUT, PATCH, DELETE and OPTIONS are")]
    Method(String),
    /// A path that HTTP does not allow.
    #[error("`{0}` is no path; it begins with / and holds no spaces")]
    Path(String),
    /// A path that is never asked for, or nothing else is.
    #[error("the weight of {0} is not from 1 to 1,000,000")]
    Weight(String),
    /// A header that HTTP does not allow.
    #[error("`{0}` is no header; write `name: value`")]
    Header(String),
    /// A header that is not the user's to set.
    #[error("the header {0} is set by the connection, and cannot be given")]
    OwnHeader(String),
}

/// How many requests may be on their way where nothing is said.
pub(crate) const IN_FLIGHT: u32 = 2000;

/// How long an answer is waited for where nothing is said.
pub(crate) const TIME_OUT: Duration = Duration::from_secs(3);

/// How many stages are written one by one.
const WRITTEN: usize = 8;

impl fmt::Display for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Model::Open(schedule) if schedule.stages().count() <= WRITTEN => {
                let stages = schedule.stages().map(|it| it.1.to_string());
                f.write_str(&stages.collect::<Vec<String>>().join(" "))
            }
            Model::Open(schedule) => write!(
                f,
                "{} of {} rates, up to {} requests a second",
                written_time(schedule.lasts()),
                schedule.stages().count(),
                schedule.peak()
            ),
            Model::Closed { workers, lasts } => {
                write!(f, "{workers} workers for {}", written_time(*lasts))
            }
        }
    }
}

impl Load {
    /// GET / on this model: the whole of it, 2000 requests at once, keep-alive, HTTP/1.1, 3 s.
    pub fn new(model: Model) -> Load {
        Load {
            model,
            requests: Requests::default(),
            in_flight: IN_FLIGHT,
            share: Share::WHOLE,
            abort_when: Vec::new(),
            every: Duration::from_secs(1),
        }
    }

    /// How long it lasts.
    pub fn lasts(&self) -> Duration {
        match &self.model {
            Model::Open(schedule) => schedule.lasts(),
            Model::Closed { lasts, .. } => *lasts,
        }
    }

    /// The options of `setpoint load` that stand for it, without its share. Nothing if its body is no text.
    pub fn options(&self) -> Option<Vec<String>> {
        let mut options = Vec::new();
        let mut option = |name: &str, value: String| options.extend([format!("--{name}"), value]);
        match &self.model {
            Model::Open(schedule) => {
                for (_, stage) in schedule.stages() {
                    option("stage", stage.to_string());
                }
            }
            Model::Closed { workers, lasts } => {
                option("workers", workers.to_string());
                option("duration", written_time(*lasts));
            }
        }
        let requests = &self.requests;
        option("method", requests.method.to_string());
        for path in &requests.paths {
            // In a query the weight comes after two.
            let by = if path.path.contains('?') { "==" } else { "=" };
            option("path", format!("{}{by}{}", path.path, path.weight));
        }
        for (name, value) in &requests.headers {
            option("header", format!("{name}: {}", value.to_str().ok()?));
        }
        if !requests.body.is_empty() {
            let body = String::from_utf8(requests.body.clone()).ok()?;
            // What begins so would be taken for a file.
            if body.starts_with('@') {
                return None;
            }
            option("body", body);
        }
        option("timeout", written_time(requests.time_out));
        option(
            "http",
            match requests.protocol {
                Protocol::Http1 => "1.1".into(),
                Protocol::Http2 => "2".into(),
            },
        );
        option("in-flight", self.in_flight.to_string());
        for threshold in &self.abort_when {
            option("abort-when", threshold.to_string());
        }
        if !requests.keep_alive {
            options.push("--no-keep-alive".into());
        }
        Some(options)
    }

    /// The same on a clock that is so many times as fast, a finite number above 0: what lasts, lasts as much
    /// less long; rates, time-outs and latencies are ours.
    pub fn hastened(mut self, times: f64) -> Load {
        self.model = match self.model {
            Model::Open(schedule) => Model::Open(schedule.hastened(times)),
            Model::Closed { workers, lasts } => Model::Closed {
                workers,
                lasts: lasts.div_f64(times),
            },
        };
        for threshold in &mut self.abort_when {
            threshold.over = threshold.over.div_f64(times);
            threshold.lasting = threshold.lasting.div_f64(times);
        }
        self.every = self.every.div_f64(times);
        self
    }
}

impl Default for Requests {
    fn default() -> Requests {
        Requests {
            method: Method::GET,
            paths: vec![Path {
                path: "/".into(),
                weight: 1,
            }],
            headers: Vec::new(),
            body: Vec::new(),
            keep_alive: true,
            protocol: Protocol::Http1,
            time_out: TIME_OUT,
        }
    }
}

impl Requests {
    /// Sends by another method.
    pub fn method(mut self, method: &str) -> Result<Requests, LoadError> {
        let wrong = || LoadError::Method(method.to_owned());
        let known = Method::from_bytes(method.to_ascii_uppercase().as_bytes());
        self.method = known.map_err(|_| wrong())?;
        match self.method {
            Method::CONNECT => Err(wrong()),
            _ => Ok(self),
        }
    }

    /// Asks for these paths, as often as their weights say; for `/` if there are none.
    pub fn paths(mut self, paths: Vec<Path>) -> Result<Requests, LoadError> {
        for Path { path, weight } in &paths {
            if !path.starts_with('/') || path.parse::<PathAndQuery>().is_err() {
                return Err(LoadError::Path(path.clone()));
            }
            if !(1..=1_000_000).contains(weight) {
                return Err(LoadError::Weight(path.clone()));
            }
        }
        if !paths.is_empty() {
            self.paths = paths;
        }
        Ok(self)
    }

    /// Sends a header as well, written `name: value`.
    pub fn header(mut self, text: &str) -> Result<Requests, LoadError> {
        let wrong = || LoadError::Header(text.to_owned());
        let (name, value) = text.split_once(':').ok_or_else(wrong)?;
        let name: HeaderName = name.trim().parse().map_err(|_| wrong())?;
        let value: HeaderValue = value.trim().parse().map_err(|_| wrong())?;
        let own = [
            "connection",
            "content-length",
            "transfer-encoding",
            "te",
            "upgrade",
            "expect",
        ];
        if own.contains(&name.as_str()) {
            return Err(LoadError::OwnHeader(name.to_string()));
        }
        self.headers.push((name, value));
        Ok(self)
    }

    /// Sends a body with each.
    pub fn body(mut self, body: Vec<u8>) -> Requests {
        self.body = body;
        self
    }

    /// Which path request `number` of the schedule asks for: by chance, and the same at every run.
    pub(crate) fn path_of(&self, number: u64) -> usize {
        if self.paths.len() == 1 {
            return 0;
        }
        let whole: u64 = self.paths.iter().map(|it| u64::from(it.weight)).sum();
        let mut drawn = scrambled(number) % whole;
        for (index, path) in self.paths.iter().enumerate() {
            match drawn.checked_sub(u64::from(path.weight)) {
                None => return index,
                Some(rest) => drawn = rest,
            }
        }
        0
    }

    /// Whether a request may be sent twice without harm (RFC 9110, 9.2.2).
    pub(crate) fn is_idempotent(&self) -> bool {
        self.method.is_idempotent()
    }
}

/// SplitMix64: a number that looks like chance and depends on `number` alone.
fn scrambled(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_drawn_by_their_weights_and_alike_at_every_run() {
        let path = |path: &str, weight| Path {
            path: path.into(),
            weight,
        };
        let requests = Requests::default().paths(vec![path("/", 3), path("/buy", 1)]);
        let requests = requests.expect("paths");
        let buys = (0..40_000).filter(|it| requests.path_of(*it) == 1).count();
        assert!((9_800..10_200).contains(&buys), "{buys}");
        // Shares do not divide the paths among them.
        let of_second = (0..40_000)
            .skip(1)
            .step_by(4)
            .filter(|it| requests.path_of(*it) == 1);
        assert!((2_350..2_650).contains(&of_second.count()));
    }

    #[test]
    fn what_http_does_not_allow_is_refused() {
        let of = || Requests::default();
        let path = |path: &str, weight| {
            vec![Path {
                path: path.into(),
                weight,
            }]
        };
        assert!(of().method("get it").is_err());
        assert!(of().method("connect").is_err());
        assert!(of().paths(path("buy", 1)).is_err());
        assert!(of().paths(path("/b uy", 1)).is_err());
        assert!(of().paths(path("/buy", 0)).is_err());
        assert!(of().header("no colon").is_err());
        assert!(of().header("a: b\r\nc: d").is_err());
        assert!(of().header("Content-Length: 5").is_err());
        assert!(of().header("host: sale.example").is_ok());
    }
}

//! What `load` takes.

use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct LoadOptions {
    /// When requests leave.
    #[command(flatten)]
    pub(crate) schedule: ScheduleOptions,
    /// How requests are made.
    #[command(flatten)]
    pub(crate) requests: RequestOptions,
    /// Where to, instead of the addresses of the stack's services. May be repeated.
    #[arg(long, value_name = "URL")]
    pub(crate) target: Vec<String>,
    /// The targets are mine, and may be loaded.
    #[arg(long)]
    pub(crate) i_own_this: bool,
    /// Send only this part of the schedule: 2/4 is the second of four, which together are the whole.
    #[arg(long, value_name = "PART/OF", default_value = "1/1")]
    pub(crate) share: String,
    /// Begin at this time, in seconds since 1970, so that shares begin together.
    #[arg(long, value_name = "SECONDS")]
    pub(crate) begin_at: Option<f64>,
    /// How many threads send. As many as the rate needs, if nothing is said.
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..=256))]
    pub(crate) threads: Option<u32>,
    /// Print the outcome as JSON, with every second and every histogram.
    #[arg(long)]
    pub(crate) json: bool,
    /// Write the latencies of each second to an HdrHistogram log.
    #[arg(long, value_name = "FILE")]
    pub(crate) hdr: Option<PathBuf>,
    /// Send nothing: add up what --json printed of the shares of a load.
    #[arg(
        long,
        value_name = "FILE",
        num_args = 1..,
        conflicts_with_all = ["stage", "replay", "workers", "target"]
    )]
    pub(crate) merge: Vec<PathBuf>,
}

/// When requests leave, and what ends it. What is not said here, the stack's `load:` says.
#[derive(Debug, Args)]
pub(crate) struct ScheduleOptions {
    /// A stretch of the schedule, such as 2m@50rps or 5m@50..800rps; they follow one another. Requests
    /// leave when they are due, whatever the answers do, and latency counts from then.
    #[arg(long, value_name = "TIME@RATE")]
    pub(crate) stage: Vec<String>,
    /// The schedule in a CSV file of times and requests a second.
    #[arg(long, value_name = "FILE")]
    pub(crate) replay: Option<PathBuf>,
    /// Instead of a schedule, so many that ask again as soon as they are answered.
    #[arg(long, value_name = "COUNT")]
    pub(crate) workers: Option<u32>,
    /// How long the workers ask.
    #[arg(long, value_name = "TIME")]
    pub(crate) duration: Option<String>,
    /// How many requests may be on their way at once; 2000 if nothing is said. What is due beyond that is
    /// dropped, and counted.
    #[arg(long, value_name = "COUNT")]
    pub(crate) in_flight: Option<u32>,
    /// End when this holds: `p99 > 2s for 30s`, `errors > 5%`, `dropped > 0% over 5s`. May be repeated.
    #[arg(long, value_name = "CONDITION")]
    pub(crate) abort_when: Vec<String>,
}

impl ScheduleOptions {
    /// Whether the command line says when requests leave.
    pub(crate) fn is_given(&self) -> bool {
        !self.stage.is_empty() || self.replay.is_some() || self.workers.is_some()
    }
}

/// What each request is.
#[derive(Debug, Args)]
pub(crate) struct RequestOptions {
    /// The method; GET if nothing is said.
    #[arg(long, value_name = "METHOD")]
    pub(crate) method: Option<String>,
    /// A path to ask for, and how often in comparison with the others: /buy=3. May be repeated.
    #[arg(long, value_name = "PATH[=WEIGHT]")]
    pub(crate) path: Vec<String>,
    /// A header, as `name: value`. May be repeated.
    #[arg(long, value_name = "HEADER")]
    pub(crate) header: Vec<String>,
    /// The body; @FILE sends what is in the file.
    #[arg(long, value_name = "TEXT")]
    pub(crate) body: Option<String>,
    /// Make a connection for each request.
    #[arg(long)]
    pub(crate) no_keep_alive: bool,
    /// The HTTP version, 1.1 or 2: by ALPN over TLS, by prior knowledge without. 1.1 if nothing is said.
    #[arg(long, value_name = "VERSION")]
    pub(crate) http: Option<String>,
    /// How long an answer is waited for; 3s if nothing is said.
    #[arg(long = "timeout", value_name = "TIME")]
    pub(crate) time_out: Option<String>,
    /// Take any certificate.
    #[arg(long)]
    pub(crate) insecure: bool,
}

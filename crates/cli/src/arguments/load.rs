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
    /// Where to, instead: the tasks and load balancers of this service, found without a stack. May be
    /// repeated.
    #[arg(long, value_name = "CLUSTER/SERVICE", conflicts_with = "target")]
    pub(crate) service: Vec<String>,
    /// The targets are mine, and may be loaded.
    #[arg(long)]
    pub(crate) i_own_this: bool,
    /// Where from.
    #[command(flatten)]
    pub(crate) fleet: FleetOptions,
    /// Send only this part of the schedule: 2/4 is the second of four, which together are the whole.
    #[arg(
        long,
        value_name = "PART/OF",
        default_value = "1/1",
        env = "SETPOINT_LOAD_SHARE"
    )]
    pub(crate) share: String,
    /// Begin at this time, in seconds since 1970, so that shares begin together.
    #[arg(long, value_name = "SECONDS", env = "SETPOINT_LOAD_BEGIN_AT")]
    pub(crate) begin_at: Option<f64>,
    /// How many threads send. As many as the rate needs, if nothing is said.
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..=256))]
    pub(crate) threads: Option<u32>,
    /// Print the outcome as JSON, with every second and every histogram.
    #[arg(long)]
    pub(crate) json: bool,
    /// Print the outcome in short lines, which a container's log keeps whole.
    #[arg(long, conflicts_with = "json", hide_short_help = true)]
    pub(crate) relay: bool,
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

/// Where the load comes from.
#[derive(Debug, Args)]
pub(crate) struct FleetOptions {
    /// Not from this machine: from tasks in the stack's own account, each of which sends a share. `ecs` runs
    /// them on the capacity of the service's cluster, `fargate` beside it.
    #[arg(long, value_enum, value_name = "WHERE", requires = "runner_image")]
    pub(crate) on: Option<Whence>,
    /// How many tasks.
    #[arg(long, value_name = "COUNT", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub(crate) runners: u32,
    /// An image whose entry point is `setpoint`.
    #[arg(long, value_name = "IMAGE", requires = "on")]
    pub(crate) runner_image: Option<String>,
    /// CPU units of each task, 1024 to a vCPU.
    #[arg(long, value_name = "UNITS", default_value_t = 512)]
    pub(crate) runner_cpu: u32,
    /// Memory of each task in MiB.
    #[arg(long, value_name = "MIB", default_value_t = 1024)]
    pub(crate) runner_memory: u32,
    /// Where tasks on Fargate get their public addresses: `default`, `tag:KEY=VALUE`, or ids joined by commas.
    /// Without it, the subnets of the stack's instances.
    #[arg(long, value_name = "SUBNETS", requires = "on")]
    pub(crate) runner_subnets: Option<String>,
    /// How long tasks have to start, before all begin together.
    #[arg(long, value_name = "TIME", default_value = "2m")]
    pub(crate) lead: String,
    /// Do not ask.
    #[arg(short, long, requires = "on")]
    pub(crate) yes: bool,
    /// Keep what was made for it.
    #[arg(long, requires = "on")]
    pub(crate) keep: bool,
}

/// Where tasks that send run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Whence {
    /// On the capacity of the service's cluster.
    Ecs,
    /// On AWS Fargate.
    Fargate,
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

//! What the commands take that look at what runs.

use super::duration;
use clap::Args;
use std::time::Duration;

#[derive(Debug, Args)]
pub(crate) struct StatusOptions {
    /// The service; all of the stack's, if none is named.
    #[arg(value_name = "SERVICE")]
    pub(crate) service: Option<String>,
    /// Print it as JSON; with --watch, a line for each look.
    #[arg(long)]
    pub(crate) json: bool,
    /// Look again and again, until Ctrl-C.
    #[arg(long)]
    pub(crate) watch: bool,
    /// How often, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 5, value_parser = every())]
    pub(crate) every: u64,
}

#[derive(Debug, Args)]
pub(crate) struct WatchOptions {
    /// The service; all of the stack's, if none is named.
    #[arg(value_name = "SERVICE")]
    pub(crate) service: Option<String>,
    /// How often AWS is asked, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 5, value_parser = every())]
    pub(crate) every: u64,
}

#[derive(Debug, Args)]
pub(crate) struct WhyOptions {
    /// The service; all of the stack's, if none is named.
    #[arg(value_name = "SERVICE")]
    pub(crate) service: Option<String>,
    /// Print the findings as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct EndpointsOptions {
    /// The service; all of the stack's, if none is named.
    #[arg(value_name = "SERVICE")]
    pub(crate) service: Option<String>,
    /// Print them as JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// Wait until each service answers at one of its endpoints.
    #[arg(long)]
    pub(crate) wait: bool,
    /// How long, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 120, value_parser = every())]
    pub(crate) timeout: u64,
    /// Open the first endpoint in the browser.
    #[arg(long)]
    pub(crate) open: bool,
}

#[derive(Debug, Args)]
pub(crate) struct EventsOptions {
    /// The service; all of the stack's, if none is named.
    #[arg(value_name = "SERVICE")]
    pub(crate) service: Option<String>,
    /// How far back: `90s`, `15m`, `3h` or `1d`.
    #[arg(long, value_name = "DURATION", default_value = "1h", value_parser = duration)]
    pub(crate) since: Duration,
    /// Go on telling what happens, until Ctrl-C.
    #[arg(long)]
    pub(crate) follow: bool,
    /// How often to look for more, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 5, value_parser = every())]
    pub(crate) every: u64,
    /// Print a JSON object for each, one a line.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct LogsOptions {
    /// The service, or the id of a task or its first characters; all services if none is named.
    #[arg(value_name = "SERVICE|TASK")]
    pub(crate) of: Option<String>,
    /// How far back: `90s`, `15m`, `3h` or `1d`. If not said: ten minutes, and for a task to its
    /// beginning.
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub(crate) since: Option<Duration>,
    /// Go on telling what is written, until Ctrl-C.
    #[arg(long)]
    pub(crate) follow: bool,
    /// How often to look for more, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 2, value_parser = every())]
    pub(crate) every: u64,
    /// Only what fits this filter pattern of CloudWatch Logs: `error`, `"no route"`, `?warn ?error`.
    #[arg(long, value_name = "PATTERN")]
    pub(crate) filter: Option<String>,
    /// Print a JSON object for each event, one a line.
    #[arg(long)]
    pub(crate) json: bool,
}

fn every() -> clap::builder::RangedU64ValueParser {
    clap::value_parser!(u64).range(1..=86_400)
}

//! What `rehearse` takes.

use super::{RequestOptions, ScheduleOptions};
use clap::Args;
use setpoint_spec::WrittenLimits;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct RehearseOptions {
    /// The service; the one that `rehearse:` names, or the only one, if nothing is said.
    #[arg(value_name = "SERVICE")]
    pub(crate) service: Option<String>,
    /// When requests leave.
    #[command(flatten)]
    pub(crate) schedule: ScheduleOptions,
    /// How requests are made.
    #[command(flatten)]
    pub(crate) requests: RequestOptions,
    /// What must hold.
    #[command(flatten)]
    pub(crate) limits: LimitOptions,
    /// Apply the stack first, if it is not as the file says.
    #[arg(long)]
    pub(crate) apply: bool,
    /// Afterwards put everything back as it was before --apply.
    #[arg(long, requires = "apply")]
    pub(crate) restore: bool,
    /// The folder for rehearsal.jsonl and report.html.
    #[arg(long, value_name = "FOLDER", default_value = "rehearsal")]
    pub(crate) output: PathBuf,
    /// Load nothing: judge what a rehearsal recorded, and make its report anew.
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = ["service", "stage", "replay", "workers", "apply"]
    )]
    pub(crate) from: Option<PathBuf>,
    /// Print the verdict as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Limits, over those of the stack's `rehearse:`.
#[derive(Debug, Args)]
pub(crate) struct LimitOptions {
    /// The latency that p95 may not pass for ten seconds together.
    #[arg(long, value_name = "TIME")]
    p95: Option<String>,
    /// The part of all requests that may end badly or not be sent.
    #[arg(long, value_name = "PERCENT")]
    errors: Option<String>,
    /// How long it may take from where CPU passes its target until another task runs.
    #[arg(long, value_name = "TIME")]
    scale_out: Option<String>,
    /// How many tasks run when the load ends.
    #[arg(long, value_name = "COUNT")]
    tasks: Option<u32>,
    /// How long it may take from the end of the load until no more tasks run than at least. So long it is
    /// watched.
    #[arg(long, value_name = "TIME")]
    scale_in: Option<String>,
}

impl LimitOptions {
    /// These, over others.
    pub(crate) fn over(&self, mut limits: WrittenLimits) -> WrittenLimits {
        let given = |it: &Option<String>, other: Option<String>| it.clone().or(other);
        limits.p95 = given(&self.p95, limits.p95);
        limits.errors = given(&self.errors, limits.errors);
        limits.scale_out = given(&self.scale_out, limits.scale_out);
        limits.tasks = self.tasks.or(limits.tasks);
        limits.scale_in = given(&self.scale_in, limits.scale_in);
        limits
    }
}

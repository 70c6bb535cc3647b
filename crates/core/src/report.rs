//! What was done, and what happened on the way.

use crate::{Action, AdapterError, Address, Field};
use std::{collections::BTreeMap, time::Duration};

/// Something that happened to one change.
#[derive(Debug)]
pub struct Event {
    /// To which.
    pub address: Address,
    /// What.
    pub kind: EventKind,
}

/// What can happen to a change.
#[derive(Debug, PartialEq)]
pub enum EventKind {
    /// The first call that may write it was made.
    Started(Action),
    /// It waits; the text says for what.
    Waiting(String),
    /// AWS shows it as asked.
    Done,
    /// It failed; the text says why.
    Failed(String),
    /// It was not begun, because of another that failed or was not begun.
    Skipped {
        /// Which other.
        because: Address,
    },
}

/// Why a change failed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// A call failed.
    #[error(transparent)]
    Adapter(#[from] AdapterError),
    /// AWS accepted it and then gave up.
    #[error("{0}")]
    GaveUp(String),
    /// AWS had not finished in time.
    #[error("not done after {}: {waiting_for}", in_words(.after))]
    TimedOut {
        /// How long was waited.
        after: Duration,
        /// For what.
        waiting_for: String,
    },
    /// AWS is ready, and shows another value than the one written.
    #[error("AWS kept another value than the one written, in {}", paths(.0))]
    NotKept(Vec<Field>),
    /// What is there is not what the plan was made from.
    #[error("stale: {0}; plan again")]
    Stale(String),
    /// It exists and is not this stack's.
    #[error(
        "it exists and is not this stack's: take it over with --adopt, or name it under `existing:`"
    )]
    NotOurs,
}

fn paths(fields: &[Field]) -> String {
    let texts: Vec<String> = fields.iter().map(|it| it.path.to_string()).collect();
    texts.join(", ")
}

/// A duration as a reader says it: `1m 30s`.
pub(crate) fn in_words(duration: &Duration) -> String {
    match duration.as_secs() {
        seconds @ 0..60 => format!("{seconds}s"),
        seconds if seconds % 60 == 0 => format!("{}m", seconds / 60),
        seconds => format!("{}m {}s", seconds / 60, seconds % 60),
    }
}

/// What became of each change of a plan.
#[derive(Debug, Default)]
pub struct Report {
    /// Done, in the order in which they were.
    pub done: Vec<Address>,
    /// Written, and not waited for.
    pub unsettled: BTreeMap<Address, String>,
    /// Failed, with the reason.
    pub failed: BTreeMap<Address, ChangeError>,
    /// Not begun, with the change it was for the sake of.
    pub skipped: BTreeMap<Address, Address>,
    /// Not begun, because the run was told to stop.
    pub left: Vec<Address>,
    /// Whether the run was told to stop before its end.
    pub stopped: bool,
}

impl Report {
    /// Whether everything was done, or at least written where nobody waits.
    pub fn is_success(&self) -> bool {
        self.failed.is_empty() && self.skipped.is_empty() && !self.stopped
    }
}

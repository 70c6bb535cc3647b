use std::{io, path::PathBuf};

/// Why nothing is rehearsed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RehearseFailure {
    /// There is more than one service.
    #[error("the stack has several services: {}", .0.join(", "))]
    Which(Vec<String>),
    /// A limit that is none.
    #[error("the limit `{limit}`: {why}")]
    Limit { limit: &'static str, why: String },
    /// AWS is not as the file says.
    #[error("the stack is not applied: {0} to change")]
    NotApplied(usize),
    /// AWS is still at work.
    #[error("the stack is still on its way: {0}")]
    Unsettled(String),
    /// What the plan does cannot be taken back.
    #[error("--restore cannot bring back what the plan deletes or takes over: {}", .0.join(", "))]
    Lost(Vec<String>),
    /// The service is not there.
    #[error("AWS shows no service {0}")]
    Absent(String),
    /// An address does not answer.
    #[error("{url} does not answer: {why}")]
    Unanswered { url: String, why: String },
    /// A file could not be written.
    #[error("cannot write {}: {source}", path.display())]
    Write { path: PathBuf, source: io::Error },
}

impl RehearseFailure {
    /// What to do about it.
    pub(crate) fn hint(&self) -> Option<&'static str> {
        match self {
            RehearseFailure::Which(_) => {
                Some("name one: setpoint rehearse SERVICE, or `rehearse: { service: … }`")
            }
            RehearseFailure::NotApplied(_) => {
                Some("`setpoint apply` first, or let this do it with --apply")
            }
            RehearseFailure::Unsettled(_) => {
                Some("`setpoint apply` waits for it, and so does --apply")
            }
            RehearseFailure::Lost(_) => Some("apply without --restore"),
            RehearseFailure::Absent(_) => Some("`setpoint apply` makes it"),
            RehearseFailure::Unanswered { .. } => {
                Some("`setpoint why` tells what stands in the way")
            }
            RehearseFailure::Limit { .. } | RehearseFailure::Write { .. } => None,
        }
    }
}

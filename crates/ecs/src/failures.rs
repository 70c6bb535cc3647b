//! What ECS's describing calls say, with success, of the members they do not show.

use setpoint_core::{AdapterError, ErrorKind, Result};

/// Accepts that members are missing, and nothing else.
pub(crate) fn only_missing<'a>(
    operation: &str,
    failures: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Result<()> {
    let other = failures
        .into_iter()
        .find(|(_, reason)| *reason != "MISSING");
    match other {
        None => Ok(()),
        Some((arn, reason)) => Err(refused(operation, format!("{arn}: {reason}"))),
    }
}

/// The error of a call that cannot be made, or whose answer says that it failed.
pub(crate) fn refused(operation: &str, text: String) -> AdapterError {
    AdapterError {
        operation: operation.to_owned(),
        kind: ErrorKind::Refused,
        source: text.into(),
    }
}

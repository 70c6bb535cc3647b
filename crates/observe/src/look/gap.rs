use crate::{Part, picture::NotShown};
use setpoint_aws::AwsError;
use setpoint_core::AdapterError;
use std::time::Duration;

/// Why a part was not read.
pub(super) enum Gap {
    /// Nothing else can be read either.
    Fatal(AdapterError),
    /// The rest may well be.
    Part(NotShown),
}

impl Gap {
    /// Of a call that failed.
    pub(super) fn of(part: Part, err: AdapterError) -> Gap {
        let aws = err.source.downcast_ref::<AwsError>();
        match aws.is_some_and(|it| it.is_unreachable() || it.is_unauthenticated()) {
            true => Gap::Fatal(err),
            false => Gap::Part(told(part, &err)),
        }
    }

    /// Of a part that took longer than anybody waits.
    pub(super) fn of_waiting(part: Part, patience: Duration) -> Gap {
        Gap::Part(NotShown {
            part,
            operation: part.to_string(),
            because: format!(
                "AWS throttles it, or does not answer within {} s",
                patience.as_secs()
            ),
            denied: false,
        })
    }

    /// The same as a value, where something else has been read.
    pub(super) fn told(self, part: Part) -> NotShown {
        match self {
            Gap::Fatal(err) => told(part, &err),
            Gap::Part(gap) => gap,
        }
    }
}

fn told(part: Part, err: &AdapterError) -> NotShown {
    let aws = err.source.downcast_ref::<AwsError>();
    let denied = aws.is_some_and(AwsError::is_denied);
    let because = match denied {
        true => format!("{} is not allowed", err.operation),
        false => format!("{} failed: {}", err.operation, err.source),
    };
    NotShown {
        part,
        operation: err.operation.clone(),
        because,
        denied,
    }
}

//! One call: paced, sent, repeated where that is safe, and its failure understood.

use crate::{Aws, AwsError};
use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use setpoint_core::{AdapterError, ErrorKind, Result};
use std::{error::Error, future::Future, time::Duration};
use tokio::time::sleep;

/// How often a call is repeated before its failure is told.
const REPEATS: u32 = 6;

impl Aws {
    /// Makes the call `operation`, such as `ecs:CreateService`, as IAM names it.
    ///
    /// `send` builds and sends one request. A throttled call had no effect and is repeated. A
    /// reading call is repeated when its answer is lost, too. A writing call whose answer is lost
    /// may have had its effect, so that is [`ErrorKind::Unsure`] and the engine looks.
    pub async fn call<O, E, F>(
        &self,
        operation: &'static str,
        mut send: impl FnMut() -> F,
    ) -> Result<O>
    where
        F: Future<Output = std::result::Result<O, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        let reads = is_reading(operation);
        let mut repeats = 0;
        loop {
            self.shared.pace.turn(operation).await;
            let permit = self.shared.permits.acquire().await;
            let result = send().await;
            drop(permit);
            let err = match result {
                Ok(output) => return Ok(output),
                Err(err) => AwsError::new(err),
            };
            tracing::debug!(
                operation,
                code = err.code(),
                message = err.message(),
                "failed"
            );
            if err.is_throttle() {
                self.shared.pace.slow_down(operation);
            }
            let again = err.is_throttle() || reads && err.is_passing();
            if !again || repeats == REPEATS || err.is_unreachable() && repeats == 2 {
                return Err(AdapterError {
                    operation: operation.to_owned(),
                    kind: err.kind(),
                    source: Box::new(err),
                });
            }
            sleep(backoff(repeats, err.is_throttle())).await;
            repeats += 1;
        }
    }
}

/// A tenth of a second, doubling; throttling is given five times as long.
fn backoff(repeats: u32, throttled: bool) -> Duration {
    Duration::from_millis(if throttled { 500 } else { 100 }) * 2u32.pow(repeats)
}

fn is_reading(operation: &str) -> bool {
    let action = operation.split_once(':').map_or(operation, |it| it.1);
    ["Describe", "List", "Get", "BatchGet", "Filter", "Simulate"]
        .iter()
        .any(|it| action.starts_with(it))
}

/// Turns the error that something is not there into nothing.
pub fn found<T>(result: Result<T>) -> Result<Option<T>> {
    match result {
        Ok(it) => Ok(Some(it)),
        Err(err) if err.kind == ErrorKind::Absent => Ok(None),
        Err(err) => Err(err),
    }
}

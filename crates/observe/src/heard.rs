//! Answers as they are on the wire, and the clock of who answers.

use crate::Moment;
use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        interceptors::{Intercept, context::AfterDeserializationInterceptorContextRef},
        runtime_components::RuntimeComponents,
    },
};
use aws_smithy_types::config_bag::ConfigBag;
use serde_json::Value;
use std::{
    sync::{Arc, Mutex},
    time::{SystemTime, UNIX_EPOCH},
};

/// Hears the last answer of a call, and when it was given. Clones hear together.
#[derive(Clone, Debug)]
pub(crate) struct Heard {
    body: Arc<Mutex<Vec<u8>>>,
    clock: Clock,
}

impl Heard {
    pub(crate) fn by(clock: &Clock) -> Heard {
        Heard {
            body: Arc::default(),
            clock: clock.clone(),
        }
    }

    /// The last answer, if it is JSON; null before there is one.
    pub(crate) fn answer(&self) -> Value {
        let bytes = self.body.lock().expect("no holder panics");
        serde_json::from_slice(&bytes).unwrap_or_default()
    }
}

impl Intercept for Heard {
    fn name(&self) -> &'static str {
        "Heard"
    }

    // Before, the body of a real answer is still on its way; now it is in memory.
    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response();
        let bytes = response.body().bytes().unwrap_or_default();
        *self.body.lock().expect("no holder panics") = bytes.to_vec();
        if let Some(at) = response.headers().get("date").and_then(Moment::of_http) {
            self.clock.set(at);
        }
        Ok(())
    }
}

/// AWS's clock, by the first answer that said the time. Ours may be wrong, and a sandbox's is its
/// own.
#[derive(Clone, Debug, Default)]
pub(crate) struct Clock(Arc<Mutex<Option<Moment>>>);

impl Clock {
    fn set(&self, at: Moment) {
        self.0.lock().expect("no holder panics").get_or_insert(at);
    }

    /// The time, to the second; ours, if no answer has said it.
    pub(crate) fn now(&self) -> Moment {
        let heard = *self.0.lock().expect("no holder panics");
        heard.unwrap_or_else(|| {
            let since = SystemTime::now().duration_since(UNIX_EPOCH);
            Moment::default() + since.unwrap_or_default()
        })
    }
}

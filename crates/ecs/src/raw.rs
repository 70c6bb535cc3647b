//! Documents as they are on the wire, so that nothing is lost between the SDK's model and ours.

use aws_sdk_ecs::client::customize::CustomizableOperation;
use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        interceptors::{Intercept, context::AfterDeserializationInterceptorContextRef},
        runtime_components::RuntimeComponents,
    },
};
use aws_smithy_types::{body::SdkBody, config_bag::ConfigBag};
use serde_json::Value;
use std::sync::{Arc, Mutex};

/// One call whose answer, and perhaps whose request, is kept as JSON.
#[derive(Clone, Debug, Default)]
pub(crate) struct Exchange {
    body: Option<Vec<u8>>,
    heard: Heard,
}

impl Exchange {
    /// An exchange that sends what the SDK builds, and hears the answer.
    pub(crate) fn listening() -> Exchange {
        Exchange::default()
    }

    /// An exchange that sends `body` in place of what the SDK builds.
    pub(crate) fn sending(body: &Value) -> Exchange {
        Exchange {
            body: Some(body.to_string().into_bytes()),
            heard: Heard::default(),
        }
    }

    /// Lets `operation` carry this exchange. The body is in place before the request is signed.
    pub(crate) fn over<T, E, B>(
        &self,
        operation: CustomizableOperation<T, E, B>,
    ) -> CustomizableOperation<T, E, B> {
        let operation = operation.interceptor(self.heard.clone());
        let Some(body) = self.body.clone() else {
            return operation;
        };
        operation.mutate_request(move |request| {
            let length = body.len().to_string();
            *request.body_mut() = SdkBody::from(body.clone());
            request.headers_mut().insert("content-length", length);
        })
    }

    /// The last answer; null before there is one.
    pub(crate) fn answer(&self) -> Value {
        let bytes = self.heard.0.lock().expect("no holder panics");
        serde_json::from_slice(&bytes).unwrap_or_default()
    }
}

#[derive(Clone, Debug, Default)]
struct Heard(Arc<Mutex<Vec<u8>>>);

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
        let bytes = context.response().body().bytes().unwrap_or_default();
        *self.0.lock().expect("no holder panics") = bytes.to_vec();
        Ok(())
    }
}

/// A member that is a text; empty if it is not there.
pub(crate) fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value[member].as_str().unwrap_or_default()
}

/// A member that is a list; empty if it is not there.
pub(crate) fn list<'a>(value: &'a Value, member: &str) -> &'a [Value] {
    value[member].as_array().map_or(&[], Vec::as_slice)
}

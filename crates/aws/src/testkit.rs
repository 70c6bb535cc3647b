//! A wire that answers as a test says, and remembers what it was asked.

use crate::{Aws, Settings, connect};
use aws_config::{BehaviorVersion, Region, SdkConfig, retry::RetryConfig};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_smithy_runtime_api::{
    client::{
        http::{
            HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings,
            SharedHttpClient, SharedHttpConnector,
        },
        orchestrator::{HttpRequest, HttpResponse},
        result::ConnectorError,
        runtime_components::RuntimeComponents,
    },
    http::StatusCode,
};
use aws_smithy_types::body::SdkBody;
use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Mutex},
};

/// One request.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The action, such as `CreateRole`, from the target header or from the form.
    pub action: String,
    /// The body: JSON, or a form.
    pub body: String,
}

impl Call {
    /// The decoded value of a form's field; empty if it is not there.
    pub fn field(&self, name: &str) -> String {
        let value = self
            .body
            .split('&')
            .find_map(|it| it.strip_prefix(&format!("{name}=")));
        decoded(value.unwrap_or_default())
    }

    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }
}

/// What to answer.
#[derive(Clone, Debug)]
pub enum Answer {
    /// A status and a body, JSON or XML as the service speaks.
    Body(u16, String),
    /// Nothing: the connection drops.
    Lost,
}

impl Answer {
    /// Success.
    pub fn ok(body: impl Into<String>) -> Answer {
        Answer::Body(200, body.into())
    }

    /// An error of a service that speaks AWS JSON.
    pub fn json_error(code: &str, message: &str) -> Answer {
        let body = serde_json::json!({"__type": code, "message": message});
        Answer::Body(400, body.to_string())
    }

    /// An error of a service that speaks AWS query.
    pub fn xml_error(status: u16, code: &str, message: &str) -> Answer {
        let body = format!(
            "<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
        );
        Answer::Body(status, body)
    }

    /// An error of EC2.
    pub fn ec2_error(code: &str, message: &str) -> Answer {
        let body = format!(
            "<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors></Response>"
        );
        Answer::Body(400, body)
    }
}

type Script = Box<dyn FnMut(&Call) -> Answer + Send>;

/// Answers every request by a function, and remembers them all.
#[derive(Clone)]
pub struct Wire {
    script: Arc<Mutex<Script>>,
    calls: Arc<Mutex<VecDeque<Call>>>,
}

impl Wire {
    /// A wire that answers by `script`.
    pub fn new(script: impl FnMut(&Call) -> Answer + Send + 'static) -> Wire {
        Wire {
            script: Arc::new(Mutex::new(Box::new(script))),
            calls: Arc::default(),
        }
    }

    /// A connection over this wire, for the stack `shop` in us-east-1.
    pub fn aws(&self) -> Aws {
        let credentials = Credentials::new("test", "test", None, None, "test");
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .region(Region::new("us-east-1"))
            .retry_config(RetryConfig::disabled())
            .sleep_impl(aws_smithy_async::rt::sleep::SharedAsyncSleep::new(
                aws_smithy_async::rt::sleep::TokioSleep::new(),
            ))
            .http_client(SharedHttpClient::new(self.clone()))
            .build();
        let settings = Settings {
            stack: "shop".into(),
            ..Settings::default()
        };
        connect::over(config, "us-east-1".into(), settings)
    }

    /// Takes the calls made since the last time.
    pub fn take(&self) -> Vec<Call> {
        let mut calls = self.calls.lock().expect("no holder panics");
        calls.drain(..).collect()
    }

    /// Takes the actions called since the last time, in order.
    pub fn take_actions(&self) -> Vec<String> {
        self.take().into_iter().map(|it| it.action).collect()
    }
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Wire")
    }
}

impl HttpConnector for Wire {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let body = request.body().bytes().unwrap_or_default();
        let body = String::from_utf8_lossy(body).into_owned();
        let target = request.headers().get("x-amz-target");
        let action = target
            .and_then(|it| it.rsplit('.').next())
            .or_else(|| body.split('&').find_map(|it| it.strip_prefix("Action=")))
            .unwrap_or_else(|| request.uri().rsplit('/').next().unwrap_or_default())
            .to_owned();
        let call = Call { action, body };
        let answer = (self.script.lock().expect("no holder panics"))(&call);
        self.calls.lock().expect("no holder panics").push_back(call);
        HttpConnectorFuture::ready(match answer {
            Answer::Body(status, body) => {
                let status = StatusCode::try_from(status).expect("a test answers a valid status");
                Ok(HttpResponse::new(status, SdkBody::from(body)))
            }
            Answer::Lost => Err(ConnectorError::io("the connection dropped".into())),
        })
    }
}

impl HttpClient for Wire {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let code = std::str::from_utf8(&after[..2]).expect("the SDK encodes well");
                bytes.push(u8::from_str_radix(code, 16).expect("the SDK encodes well"));
                rest = &after[2..];
            }
            byte => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

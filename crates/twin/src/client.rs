//! The way in for an SDK of the same process: no port, no thread.

use crate::{Twin, wire};
use aws_smithy_runtime_api::{
    client::{
        http::{
            HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings,
            SharedHttpConnector,
        },
        orchestrator::{HttpRequest, HttpResponse},
        result::ConnectorError,
        runtime_components::RuntimeComponents,
    },
    http::StatusCode,
};
use aws_smithy_types::body::SdkBody;
use std::time::Duration;

/// Carries an SDK's requests to a twin.
#[derive(Clone, Debug)]
pub struct Carrier {
    twin: Twin,
    latency: Duration,
}

impl Carrier {
    /// A way to `twin` on which each call takes `latency` there and back, on tokio's clock.
    pub fn new(twin: Twin, latency: Duration) -> Carrier {
        Carrier { twin, latency }
    }
}

impl HttpClient for Carrier {
    fn http_connector(
        &self,
        _settings: &HttpConnectorSettings,
        _components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Carrier {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (twin, latency) = (self.twin.clone(), self.latency);
        let request = read(&request);
        HttpConnectorFuture::new(async move {
            if !latency.is_zero() {
                tokio::time::sleep(latency).await;
            }
            match twin.answer(&request).await {
                Some(response) => Ok(write(response)),
                None => Err(ConnectorError::io("connection reset by peer".into())),
            }
        })
    }
}

fn read(request: &HttpRequest) -> wire::Request {
    let uri = request.uri();
    let rest = uri.split_once("://").map_or(uri, |it| it.1);
    let path_and_query = rest.find('/').map_or("/", |at| &rest[at..]);
    let (path, query) = path_and_query
        .split_once('?')
        .unwrap_or((path_and_query, ""));
    let mut headers: Vec<(String, String)> = request
        .headers()
        .iter()
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    if !headers.iter().any(|(name, _)| name == "host") {
        let host = rest.find('/').map_or(rest, |at| &rest[..at]);
        headers.push(("host".into(), host.to_owned()));
    }
    wire::Request {
        method: request.method().to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        headers,
        body: request.body().bytes().unwrap_or_default().to_vec(),
    }
}

fn write(response: wire::Response) -> HttpResponse {
    let status = StatusCode::try_from(response.status).unwrap_or_else(|_| internal());
    let mut written = HttpResponse::new(status, SdkBody::from(response.body));
    for (name, value) in response.headers {
        written.headers_mut().append(name, value);
    }
    written
}

fn internal() -> StatusCode {
    StatusCode::try_from(500).expect("it is a status")
}

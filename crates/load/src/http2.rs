//! HTTP/2 by hyper: one connection that carries many requests at once.

use crate::{Endpoint, Fault, Requests, Stream, http1::Answer};
use http::{HeaderValue, Request, header};
use http_body_util::{BodyExt, Full};
use hyper::{
    body::Bytes,
    client::conn::http2::{SendRequest, handshake},
    rt::Executor,
};
use hyper_util::rt::TokioIo;
use tokio::task::spawn_local;

/// A connection; clones are the same one.
#[derive(Clone)]
pub(crate) struct Connection(SendRequest<Full<Bytes>>);

/// Runs hyper's own tasks in the thread of the connection.
#[derive(Clone)]
struct Here;

impl<F: Future + 'static> Executor<F> for Here
where
    F::Output: 'static,
{
    fn execute(&self, task: F) {
        spawn_local(task);
    }
}

/// Begins to speak HTTP/2.
pub(crate) async fn connect(stream: Box<dyn Stream>) -> Result<Connection, Fault> {
    let begun = handshake(Here, TokioIo::new(stream)).await;
    let (sender, connection) = begun.map_err(|_| Fault::Protocol)?;
    spawn_local(async move {
        // How it ends is told to each request on it.
        let _ = connection.await;
    });
    Ok(Connection(sender))
}

impl Connection {
    /// Whether no request can be sent on it any more.
    pub(crate) fn is_closed(&self) -> bool {
        self.0.is_closed()
    }

    /// Sends a request and reads the whole answer.
    pub(crate) async fn exchange(
        &mut self,
        request: Request<Full<Bytes>>,
    ) -> Result<Answer, Fault> {
        let fault = |err: hyper::Error| match err.is_parse() {
            true => Fault::Protocol,
            false => Fault::Closed,
        };
        self.0.ready().await.map_err(fault)?;
        let response = self.0.send_request(request).await.map_err(fault)?;
        let status = response.status().as_u16();
        let mut body = response.into_body();
        let mut bytes = 0;
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(fault)?;
            bytes += frame.data_ref().map_or(0, Bytes::len) as u64;
        }
        Ok(Answer {
            status,
            bytes,
            keeps: true,
        })
    }
}

/// The request for a path. Nothing if its parts do not go together, which [`Requests`] rules out.
pub(crate) fn request(
    requests: &Requests,
    endpoint: &Endpoint,
    path: &str,
) -> Option<Request<Full<Bytes>>> {
    let uri = format!("{}://{}{path}", endpoint.scheme(), endpoint.authority());
    let mut request = Request::builder().method(requests.method.clone()).uri(uri);
    let headers = request.headers_mut()?;
    headers.insert(
        header::USER_AGENT,
        HeaderValue::from_static(crate::lane::AGENT),
    );
    for (name, value) in &requests.headers {
        // A name that is given once replaces ours; one that is given twice is sent twice.
        match name == header::USER_AGENT {
            true => drop(headers.insert(name, value.clone())),
            false => drop(headers.append(name, value.clone())),
        }
    }
    request.body(Full::from(requests.body.clone())).ok()
}

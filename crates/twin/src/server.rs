//! The way in for anybody's client: HTTP on a loopback port.

use crate::{Twin, wire};
use http_body_util::{BodyExt, Full, Limited};
use hyper::{
    Request, Response, StatusCode,
    body::{Bytes, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use std::{io, net::SocketAddr};
use tokio::net::{TcpListener, TcpStream};

/// No request of AWS's is larger but a layer's part, which is 20 MiB.
const MOST_BYTES: usize = 32 * 1024 * 1024;

/// Serves requests on a port until it is dropped; it must be polled.
pub async fn serve(twin: Twin, listener: TcpListener) -> io::Result<()> {
    loop {
        let (stream, _) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(err) if is_passing(&err) => continue,
            Err(err) => return Err(err),
        };
        tokio::spawn(connection(twin.clone(), stream));
    }
}

/// Listens on a loopback port; 0 takes any that is free.
pub async fn listen(port: u16) -> io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

pub(crate) fn is_passing(err: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted};
    matches!(
        err.kind(),
        ConnectionAborted | ConnectionReset | Interrupted
    )
}

async fn connection(twin: Twin, stream: TcpStream) {
    let answer = service_fn(move |request| {
        let twin = twin.clone();
        async move { answer(twin, request).await }
    });
    let served = http1::Builder::new().serve_connection(TokioIo::new(stream), answer);
    if let Err(err) = served.await {
        tracing::debug!(%err, "a connection ended");
    }
}

/// A connection that is to drop, told to the server by an error of the service.
#[derive(Debug, thiserror::Error)]
#[error("the connection drops")]
struct Drops;

async fn answer(twin: Twin, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Drops> {
    let (head, body) = request.into_parts();
    let body = match Limited::new(body, MOST_BYTES).collect().await {
        Ok(body) => body.to_bytes(),
        Err(_) => return Ok(plain(StatusCode::PAYLOAD_TOO_LARGE, "too large")),
    };
    let headers = head.headers.iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        (name.as_str().to_owned(), value)
    });
    let request = wire::Request {
        method: head.method.as_str().to_owned(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers: headers.collect(),
        body: body.to_vec(),
    };
    let answered = twin.answer(&request).await.ok_or(Drops)?;
    let mut response = Response::builder().status(answered.status);
    for (name, value) in answered.headers {
        response = response.header(name, value);
    }
    let response = response.body(Full::from(answered.body));
    Ok(response.unwrap_or_else(|_| plain(StatusCode::INTERNAL_SERVER_ERROR, "not a header")))
}

fn plain(status: StatusCode, text: &'static str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(text));
    *response.status_mut() = status;
    response
}

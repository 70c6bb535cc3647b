//! Asking an address whether anything answers there.

use http_body_util::Empty;
use hyper::{Request, body::Bytes, client::conn::http1};
use hyper_util::rt::TokioIo;
use std::time::Duration;
use tokio::{net::TcpStream, time::timeout};

/// How long an address may take to answer.
const ANSWER: Duration = Duration::from_secs(5);

/// Whether anything answers at a URL: HTTP with any status, or a connection where TLS is spoken.
pub(crate) async fn answers(url: &str) -> Result<(), String> {
    match timeout(ANSWER, asked(url)).await {
        Ok(answered) => answered,
        Err(_) => Err(format!("no answer within {} s", ANSWER.as_secs())),
    }
}

async fn asked(url: &str) -> Result<(), String> {
    let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
    let authority = rest.split('/').next().unwrap_or_default();
    let address = match (authority.rsplit_once(':'), scheme) {
        (Some(_), _) => authority.to_owned(),
        (None, "https") => format!("{authority}:443"),
        (None, _) => format!("{authority}:80"),
    };
    let stream = TcpStream::connect(&address).await;
    let stream = stream.map_err(|err| err.to_string())?;
    if scheme != "http" {
        return Ok(());
    }
    let said = |err: hyper::Error| err.to_string();
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(said)?;
    tokio::spawn(connection);
    let request = Request::get("/").header("host", authority);
    let request = request.body(Empty::<Bytes>::new());
    let request = request.map_err(|err| err.to_string())?;
    sender.send_request(request).await.map_err(said)?;
    Ok(())
}

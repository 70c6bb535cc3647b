use crate::{Endpoint, Fault, Protocol};
use rustls::{ClientConfig, pki_types::ServerName};
use std::{fmt, pin::Pin, sync::Arc};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;

/// Bytes to and from an endpoint.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// A stream that will be there.
pub type Dialled<'a> = Pin<Box<dyn Future<Output = Result<Box<dyn Stream>, Fault>> + Send + 'a>>;

/// The way to endpoints. It opens a stream each time; it keeps none and repeats nothing.
pub trait Dial: Send + Sync + 'static {
    /// Opens one, on which HTTP can be spoken at once: after TLS, where the endpoint has it.
    fn dial<'a>(&'a self, endpoint: &'a Endpoint, protocol: Protocol) -> Dialled<'a>;
}

/// TCP, and TLS over it.
pub struct Network {
    http1: TlsConnector,
    http2: TlsConnector,
}

impl Network {
    /// The network, with what TLS trusts; see [`crate::trusting`].
    pub fn new(trust: &ClientConfig) -> Network {
        let speaking = |protocol: &[u8]| {
            let mut config = trust.clone();
            config.alpn_protocols = vec![protocol.to_vec()];
            TlsConnector::from(Arc::new(config))
        };
        Network {
            http1: speaking(b"http/1.1"),
            http2: speaking(b"h2"),
        }
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Network")
    }
}

impl Dial for Network {
    fn dial<'a>(&'a self, endpoint: &'a Endpoint, protocol: Protocol) -> Dialled<'a> {
        Box::pin(async move {
            let stream = match endpoint.address() {
                Some(address) => TcpStream::connect(address).await,
                // A name is looked up each time: behind it addresses come and go, too.
                None => TcpStream::connect((endpoint.host.as_str(), endpoint.port)).await,
            };
            let stream = stream.map_err(|_| Fault::Connect)?;
            // Without it a small request may wait for an acknowledgement.
            stream.set_nodelay(true).map_err(|_| Fault::Connect)?;
            if !endpoint.tls {
                return Ok(Box::new(stream) as Box<dyn Stream>);
            }
            let connector = match protocol {
                Protocol::Http1 => &self.http1,
                Protocol::Http2 => &self.http2,
            };
            let name = ServerName::try_from(endpoint.host.clone()).map_err(|_| Fault::Tls)?;
            let stream = connector
                .connect(name, stream)
                .await
                .map_err(|_| Fault::Tls)?;
            let agreed = stream.get_ref().1.alpn_protocol();
            match protocol {
                Protocol::Http2 if agreed != Some(b"h2") => Err(Fault::Protocol),
                _ => Ok(Box::new(stream) as Box<dyn Stream>),
            }
        })
    }
}

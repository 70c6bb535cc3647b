//! TLS on a loopback port, with a certificate that only this test knows.

use http_body_util::Full;
use hyper::{Response, body::Bytes, service::service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::{ServerConfig, pki_types::CertificateDer};
use setpoint_load::{
    Crew, Endpoint, Fault, Load, Model, Network, Outcome, Protocol, Schedule, run, trusting,
};
use std::{collections::BTreeMap, convert::Infallible, sync::Arc};
use tokio::{net::TcpListener, sync::watch, time::Instant};
use tokio_rustls::TlsAcceptor;

/// Serves `localhost` over TLS, by these protocols: where, and its certificate.
async fn serve(protocols: &[&[u8]]) -> (Endpoint, CertificateDer<'static>) {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(vec!["localhost".to_owned()]).expect("a certificate");
    let certificate = cert.der().clone();
    let key = signing_key.serialize_der().try_into().expect("a key");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider);
    let config = config
        .with_safe_default_protocol_versions()
        .expect("versions");
    let config = config.with_no_client_auth();
    let mut config = config
        .with_single_cert(vec![certificate.clone()], key)
        .expect("they fit");
    config.alpn_protocols = protocols.iter().map(|it| it.to_vec()).collect();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(stream) = acceptor.accept(stream).await else {
                    return;
                };
                let is_http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
                let answer = service_fn(|_| async {
                    Ok::<_, Infallible>(Response::new(Full::<Bytes>::from("hello")))
                });
                // However it ends, it is over.
                let _ = match is_http2 {
                    true => {
                        let builder =
                            hyper::server::conn::http2::Builder::new(TokioExecutor::new());
                        builder.serve_connection(TokioIo::new(stream), answer).await
                    }
                    false => {
                        let builder = hyper::server::conn::http1::Builder::new();
                        builder.serve_connection(TokioIo::new(stream), answer).await
                    }
                };
            });
        }
    });
    let url = format!("https://localhost:{port}");
    (Endpoint::of_url(&url).expect("a URL").0, certificate)
}

async fn play(endpoint: &Endpoint, protocol: Protocol, network: Network) -> Outcome {
    let stages = ["200ms@50rps".parse().expect("a stage")];
    let mut load = Load::new(Model::Open(Schedule::of(&stages)));
    load.requests.protocol = protocol;
    let (_endpoints, endpoints) = watch::channel(vec![endpoint.clone()]);
    let (_stop, stop) = watch::channel(false);
    let begin = Instant::now();
    let ended = run(
        &load,
        Crew::Threads(1),
        begin,
        endpoints,
        Arc::new(network),
        stop,
        |_, _| (),
    );
    ended.await.expect("a thread")
}

fn ten<K: Ord>(key: K) -> BTreeMap<K, u64> {
    [(key, 10)].into()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_is_trusted_serves_both_protocols() {
    let (endpoint, certificate) = serve(&[b"h2", b"http/1.1"]).await;
    for protocol in [Protocol::Http1, Protocol::Http2] {
        let trust = trusting(false, std::slice::from_ref(&certificate)).expect("TLS");
        let outcome = play(&endpoint, protocol, Network::new(&trust)).await;
        assert_eq!(outcome.total.statuses(), ten(200), "{protocol:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_of_nobody_is_refused_unless_any_is_taken() {
    let (endpoint, _) = serve(&[b"http/1.1"]).await;
    let network = |blind| Network::new(&trusting(blind, &[]).expect("TLS"));
    let outcome = play(&endpoint, Protocol::Http1, network(false)).await;
    assert_eq!(outcome.total.faults(), ten(Fault::Tls));
    let outcome = play(&endpoint, Protocol::Http1, network(true)).await;
    assert_eq!(outcome.total.statuses(), ten(200));
    // A server without HTTP/2 is not spoken to in it.
    let outcome = play(&endpoint, Protocol::Http2, network(true)).await;
    assert_eq!(outcome.total.done(), 10);
    assert_eq!(outcome.total.errors(), 10);
}

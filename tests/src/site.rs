//! A site for a load: it answers after a while, and keeps what came.

use crate::listening::bound;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime};

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{HeaderMap, Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// One request that came to the site.
#[derive(Clone, Debug)]
pub struct Visit {
    /// Which connection it came on, counted from 0.
    pub connection: usize,
    /// When its body had been read.
    pub at: SystemTime,
    /// Its method.
    pub method: Method,
    /// Its path, with the query.
    pub path: String,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
}

impl Visit {
    /// A header's value; nothing if it is not there.
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).and_then(|it| it.to_str().ok());
        value.unwrap_or_default()
    }
}

/// A site on a loopback address. It runs on a thread of its own until it is dropped.
#[derive(Debug)]
pub struct Site {
    address: SocketAddr,
    seen: Arc<Seen>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Seen {
    visits: Mutex<Vec<Visit>>,
    connections: AtomicUsize,
    inside: AtomicUsize,
    most_inside: AtomicUsize,
}

/// What becomes of a visit, by its number from 0: a status, after some time.
type Answer = dyn Fn(usize) -> (u16, Duration) + Send + Sync;

impl Site {
    /// A site that answers 200 at once.
    pub fn start() -> Site {
        Site::answering(|_| (200, Duration::ZERO))
    }

    /// A site that answers 200 after some time.
    pub fn slow(time: Duration) -> Site {
        Site::answering(move |_| (200, time))
    }

    /// A site that answers each visit, by its number from 0, with a status, after some time.
    pub fn answering(answer: impl Fn(usize) -> (u16, Duration) + Send + Sync + 'static) -> Site {
        let (listener, address) = bound();
        let seen = Arc::<Seen>::default();
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::spawn({
            let (seen, answer) = (Arc::clone(&seen), Arc::new(answer) as Arc<Answer>);
            move || serve(listener, &seen, &answer, stopped)
        });
        Site {
            address,
            seen,
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    /// Where it is.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What came so far.
    pub fn visits(&self) -> Vec<Visit> {
        self.seen.visits.lock().expect("no holder panics").clone()
    }

    /// How many requests waited for their answers at once, at most.
    pub fn most_at_once(&self) -> usize {
        self.seen.most_inside.load(Ordering::SeqCst)
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn serve(
    listener: std::net::TcpListener,
    seen: &Arc<Seen>,
    answer: &Arc<Answer>,
    stopped: oneshot::Receiver<()>,
) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a thread can have a runtime");
    runtime.block_on(async {
        let listener = TcpListener::from_std(listener).expect("a listener is a listener");
        tokio::select! {
            () = accept(listener, seen, answer) => {}
            _ = stopped => {}
        }
    });
    runtime.shutdown_background();
}

async fn accept(listener: TcpListener, seen: &Arc<Seen>, answer: &Arc<Answer>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            continue;
        };
        let _ = stream.set_nodelay(true);
        let connection = seen.connections.fetch_add(1, Ordering::SeqCst);
        let (seen, answer) = (Arc::clone(seen), Arc::clone(answer));
        tokio::spawn(async move {
            let service = service_fn(|request| visit(&seen, &*answer, connection, request));
            // An error here is a client that left.
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

async fn visit(
    seen: &Seen,
    answer: &Answer,
    connection: usize,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, hyper::Error> {
    let (head, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    let visit = Visit {
        connection,
        at: SystemTime::now(),
        method: head.method,
        path: head.uri.to_string(),
        headers: head.headers,
        body,
    };
    let number = {
        let mut visits = seen.visits.lock().expect("no holder panics");
        visits.push(visit);
        visits.len() - 1
    };
    let inside = seen.inside.fetch_add(1, Ordering::SeqCst) + 1;
    seen.most_inside.fetch_max(inside, Ordering::SeqCst);
    let (status, time) = answer(number);
    if !time.is_zero() {
        tokio::time::sleep(time).await;
    }
    seen.inside.fetch_sub(1, Ordering::SeqCst);
    let mut response = Response::new(Full::from("here\n"));
    *response.status_mut() = StatusCode::from_u16(status).expect("a status of HTTP");
    Ok(response)
}

//! A proxy before moto that records calls, and slows, limits and breaks them.

use crate::listening::bound;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HOST, HeaderValue};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use crate::boto::Boto;
use crate::call::{Call, Identity};
use crate::denial::{self, Denial};
use crate::faults::{Fault, Matching};
use crate::moto;
use crate::quotas::Quotas;
use crate::record::Recording;

/// A proxy with an AWS account of its own behind it.
///
/// It runs on a thread of its own until it is dropped, so that a test may block
/// as it likes. Everything about it can be changed while calls pass through.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    account: String,
    moto: SocketAddr,
    recording: Recording,
    settings: Mutex<Settings>,
    connections: AtomicU64,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Shared")
            .field("account", &self.account)
            .finish_non_exhaustive()
    }
}

type Hook = Arc<dyn Fn() + Send + Sync>;

#[derive(Default)]
struct Settings {
    latency: Duration,
    quotas: Option<Quotas>,
    faults: Vec<(Matching, Fault)>,
    hooks: Vec<(Matching, Hook)>,
}

impl Proxy {
    /// Starts a proxy before this process's moto, with an account nobody else has.
    pub fn start() -> Proxy {
        static ACCOUNTS: AtomicU32 = AtomicU32::new(1);
        let number = ACCOUNTS.fetch_add(1, Ordering::Relaxed);
        Proxy::start_in(&format!("1{number:011}"))
    }

    /// Starts a proxy before this process's moto, in the given account.
    pub fn start_in(account: &str) -> Proxy {
        let shared = Arc::new(Shared {
            account: account.to_owned(),
            moto: moto::address(),
            recording: Recording::default(),
            settings: Mutex::default(),
            connections: AtomicU64::new(0),
        });
        let (listener, address) = bound();
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::spawn({
            let shared = Arc::clone(&shared);
            move || serve(listener, &shared, stopped)
        });
        Proxy {
            address,
            shared,
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    /// What to give as `AWS_ENDPOINT_URL`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The account behind it.
    pub fn account(&self) -> &str {
        &self.shared.account
    }

    /// The record of what passed through.
    pub fn recording(&self) -> &Recording {
        &self.shared.recording
    }

    /// boto3 behind the proxy: the same account, but unrecorded and undisturbed.
    pub fn behind(&self) -> Boto {
        Boto::direct(self.account())
    }

    /// boto3 in front of the proxy: recorded and disturbed like anyone else.
    pub fn before(&self) -> Boto {
        Boto::at(&self.url())
    }

    /// Adds this much to every call from now on.
    pub fn set_latency(&self, latency: Duration) {
        self.settings().latency = latency;
    }

    /// Limits ECS calls from now on, or no longer.
    pub fn set_quotas(&self, quotas: Option<Quotas>) {
        self.settings().quotas = quotas;
    }

    /// Lets the matching calls fail from now on. Where several match, the first given holds.
    pub fn inject(&self, matching: Matching, fault: Fault) {
        self.settings().faults.push((matching, fault));
    }

    /// Runs `hook` before each matching call is forwarded. It may block, and may
    /// use [`Proxy::behind`] to change the world in between.
    pub fn hook(&self, matching: Matching, hook: impl Fn() + Send + Sync + 'static) {
        self.settings().hooks.push((matching, Arc::new(hook)));
    }

    /// Takes away latency, quotas, faults and hooks; the recording stays.
    pub fn calm(&self) {
        *self.settings() = Settings::default();
    }

    fn settings(&self) -> MutexGuard<'_, Settings> {
        self.shared
            .settings
            .lock()
            .expect("no holder of the settings panics")
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn serve(listener: std::net::TcpListener, shared: &Arc<Shared>, stopped: oneshot::Receiver<()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a thread can have a runtime");
    runtime.block_on(async {
        let listener = TcpListener::from_std(listener).expect("a listener is a listener");
        tokio::select! {
            () = accept(listener, shared) => {}
            _ = stopped => {}
        }
    });
    runtime.shutdown_background();
}

async fn accept(listener: TcpListener, shared: &Arc<Shared>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            continue;
        };
        // Without this, small answers wait for acknowledgements.
        let _ = stream.set_nodelay(true);
        let connection = shared.connections.fetch_add(1, Ordering::Relaxed);
        let shared = Arc::clone(shared);
        tokio::spawn(async move {
            let service = service_fn(|request| answer(Arc::clone(&shared), connection, request));
            // An error here is a client that left, or a fault that was asked for.
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

/// The reason for which a connection closes without an answer.
#[derive(Debug)]
struct Dropped;

impl std::fmt::Display for Dropped {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("dropped on purpose")
    }
}

impl std::error::Error for Dropped {}

async fn answer(
    shared: Arc<Shared>,
    connection: u64,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Dropped> {
    let arrived = Instant::now();
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map_err(|_| Dropped)?.to_bytes();
    let request = Request::from_parts(parts, body.clone());
    let identity = Identity::of(&request);

    let (latency, admitted, fault, hooks) = shared.consult(&identity);
    let result = disturbed(&shared, &identity, request, latency, admitted, fault, hooks).await;
    let (status, response) = match &result {
        Ok(response) => (Some(response.status().as_u16()), response.body().clone()),
        Err(Dropped) => (None, Bytes::new()),
    };
    let mutating = identity.mutating();
    shared.recording.note(Call {
        service: identity.service,
        action: identity.action,
        protocol: identity.protocol,
        mutating,
        connection,
        arrived,
        finished: Instant::now(),
        status,
        throttled: !admitted,
        request: body,
        response,
    });
    result.map(|response| response.map(Full::new))
}

impl Shared {
    /// Asks the settings, once for each call, what is to become of it.
    fn consult(&self, identity: &Identity) -> (Duration, bool, Option<Fault>, Vec<Hook>) {
        let mut settings = self
            .settings
            .lock()
            .expect("no holder of the settings panics");
        let admitted = match &mut settings.quotas {
            Some(quotas) if identity.service == "ecs" => {
                quotas.admit(&identity.action, Instant::now())
            }
            _ => true,
        };
        // Every rule counts every call, whichever of them holds.
        let mut fault = None;
        for (matching, given) in &mut settings.faults {
            if matching.meets(identity) {
                fault = fault.or(Some(*given));
            }
        }
        let mut hooks = Vec::new();
        for (matching, hook) in &mut settings.hooks {
            if matching.meets(identity) {
                hooks.push(Arc::clone(hook));
            }
        }
        (settings.latency, admitted, fault, hooks)
    }
}

async fn disturbed(
    shared: &Shared,
    identity: &Identity,
    request: Request<Bytes>,
    latency: Duration,
    admitted: bool,
    fault: Option<Fault>,
    hooks: Vec<Hook>,
) -> Result<Response<Bytes>, Dropped> {
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    if !admitted {
        return Ok(refusal(denial::throttled(identity)));
    }
    for hook in hooks {
        tokio::task::spawn_blocking(move || hook())
            .await
            .expect("a hook does not panic");
    }
    match fault {
        None => forward(shared, request).await,
        Some(Fault::DropBefore) => Err(Dropped),
        Some(Fault::DropAfter) => {
            forward(shared, request).await?;
            Err(Dropped)
        }
        Some(Fault::InternalError) => Ok(refusal(denial::internal_error(identity))),
        Some(Fault::InternalErrorAfter) => {
            forward(shared, request).await?;
            Ok(refusal(denial::internal_error(identity)))
        }
        Some(Fault::Throttle) => Ok(refusal(denial::throttled(identity))),
        Some(Fault::AccessDenied) => Ok(refusal(denial::access_denied(identity))),
    }
}

fn refusal(denial: Denial) -> Response<Bytes> {
    let mut response = Response::builder()
        .status(denial.status)
        .header(CONTENT_TYPE, denial.content_type);
    if denial.content_type == "application/cbor" {
        response = response.header("smithy-protocol", "rpc-v2-cbor");
    }
    response
        .body(denial.body)
        .expect("a denial is a valid answer")
}

/// Hands the call to moto on a connection of its own. moto closes after each
/// answer anyway, and a pool that retried would count one call as two.
async fn forward(shared: &Shared, request: Request<Bytes>) -> Result<Response<Bytes>, Dropped> {
    let exchange = async {
        let stream = TcpStream::connect(shared.moto).await?;
        stream.set_nodelay(true)?;
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        let (mut parts, body) = request.into_parts();
        let host = shared.moto.to_string();
        parts.headers.insert(HOST, HeaderValue::from_str(&host)?);
        parts
            .headers
            .insert("x-moto-account-id", HeaderValue::from_str(&shared.account)?);
        let request = Request::from_parts(parts, Full::new(body));
        let (mut parts, body) = sender.send_request(request).await?.into_parts();
        // These describe moto's connection, not the caller's.
        parts.headers.remove("connection");
        parts.headers.remove("transfer-encoding");
        let body = body.collect().await?.to_bytes();
        Ok::<_, Box<dyn std::error::Error + Send + Sync>>(Response::from_parts(parts, body))
    };
    exchange.await.map_err(|error| {
        eprintln!("moto did not answer: {error}");
        Dropped
    })
}

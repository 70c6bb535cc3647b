//! A front before a registry that takes the tokens of an AWS in memory, counts and breaks requests.

use crate::listening::bound;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::JoinHandle;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::AUTHORIZATION;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use crate::registry::Registry;

/// One request that came to the front.
#[derive(Clone, Debug)]
pub struct Asked {
    /// `GET`, `HEAD`, `POST`, `PUT`, `PATCH`.
    pub method: Method,
    /// The path, without what follows `?`.
    pub path: String,
    /// The login, as it was sent; none if there was none.
    pub login: Option<String>,
}

impl Asked {
    /// Whether it would change what the registry holds.
    pub fn writes(&self) -> bool {
        !matches!(self.method, Method::GET | Method::HEAD)
    }

    /// Whether it brings the bytes of a part of an image.
    pub fn uploads(&self) -> bool {
        self.method == Method::PUT && self.path.contains("/blobs/uploads/")
    }

    /// Whether it puts a manifest under a tag.
    pub fn tags(&self) -> bool {
        self.method == Method::PUT && self.path.contains("/manifests/")
    }
}

/// What becomes of a request instead of an answer by the registry.
#[derive(Clone, Debug)]
pub enum Trouble {
    /// The connection closes, with the first of the body read and none of it handed on.
    Drop,
    /// The registry does as it is asked, and the connection closes without its answer.
    Lose,
    /// Nobody answers as long as the front is there, nor reads the body.
    Stall,
    /// This is answered: a status and a body.
    Answer(u16, String),
    /// The registry is asked, and another body is answered in the place of its own.
    Alter {
        /// That body.
        body: Vec<u8>,
        /// Whether its head still names the digest of the registry's own.
        keeps_digest: bool,
    },
}

impl Trouble {
    /// The answer that the distribution specification has for an error.
    pub fn error(status: u16, code: &str, message: &str) -> Trouble {
        let body = serde_json::json!({ "errors": [{ "code": code, "message": message }] });
        Trouble::Answer(status, body.to_string())
    }
}

type Rule = Box<dyn FnMut(&Asked) -> Option<Trouble> + Send>;

/// A front before a registry. It runs on a thread of its own until it is dropped.
#[derive(Debug)]
pub struct Front {
    registry: Registry,
    address: SocketAddr,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    registry: SocketAddr,
    login: String,
    asked: Mutex<Vec<Asked>>,
    rule: Mutex<Option<Rule>>,
    stalls: AtomicUsize,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Shared")
            .field("registry", &self.registry)
            .finish_non_exhaustive()
    }
}

impl Front {
    /// Starts a registry, and a front before it.
    pub fn start() -> Front {
        let registry = Registry::start("behind the front");
        let (listener, address) = bound();
        let shared = Arc::new(Shared {
            registry: registry.address(),
            login: format!(
                "Basic {}",
                base64(format!("AWS:{}", registry.password()).as_bytes())
            ),
            asked: Mutex::default(),
            rule: Mutex::default(),
            stalls: AtomicUsize::new(0),
        });
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::spawn({
            let shared = Arc::clone(&shared);
            move || serve(listener, &shared, stopped)
        });
        Front {
            registry,
            address,
            shared,
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    /// What `--registry` takes.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The registry behind it, neither counted nor disturbed.
    pub fn behind(&self) -> &Registry {
        &self.registry
    }

    /// What was asked since it was last taken.
    pub fn taken(&self) -> Vec<Asked> {
        std::mem::take(&mut *held(&self.shared.asked))
    }

    /// Asks `rule` about each request from now on.
    pub fn upon(&self, rule: impl FnMut(&Asked) -> Option<Trouble> + Send + 'static) {
        *held(&self.shared.rule) = Some(Box::new(rule));
    }

    /// Lets everything through again.
    pub fn calm(&self) {
        *held(&self.shared.rule) = None;
    }

    /// How many requests nobody answers.
    pub fn stalls(&self) -> usize {
        self.shared.stalls.load(Ordering::SeqCst)
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("no holder panics")
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
        let _ = stream.set_nodelay(true);
        let shared = Arc::clone(shared);
        tokio::spawn(async move {
            let service = service_fn(|request| answer(Arc::clone(&shared), request));
            // An error here is a client that left, or trouble that was asked for.
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

type Failed = Box<dyn std::error::Error + Send + Sync>;

async fn answer(
    shared: Arc<Shared>,
    mut request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Failed> {
    let login = request.headers().get(AUTHORIZATION);
    let login = login.and_then(|it| it.to_str().ok()).map(str::to_owned);
    let asked = Asked {
        method: request.method().clone(),
        path: request.uri().path().to_owned(),
        login,
    };
    held(&shared.asked).push(asked.clone());
    let trouble = held(&shared.rule).as_mut().and_then(|rule| rule(&asked));
    match trouble {
        Some(Trouble::Drop) => {
            // Whether there was a body makes no difference to what becomes of it.
            let _ = request.body_mut().frame().await;
            Err("dropped on purpose".into())
        }
        Some(Trouble::Lose) => {
            forward(&shared, request).await?;
            Err("lost on purpose".into())
        }
        Some(Trouble::Stall) => {
            shared.stalls.fetch_add(1, Ordering::SeqCst);
            std::future::pending().await
        }
        Some(Trouble::Answer(status, body)) => {
            // A body that is not read would break the connection before the answer is.
            request.into_body().collect().await?;
            let answer = Response::builder()
                .status(StatusCode::from_u16(status)?)
                .header("Content-Type", "application/json");
            Ok(answer.body(Full::new(body.into()))?)
        }
        Some(Trouble::Alter { body, keeps_digest }) => {
            let (mut parts, _) = forward(&shared, request).await?.into_parts();
            parts.headers.remove("content-length");
            if !keeps_digest {
                parts.headers.remove("docker-content-digest");
            }
            Ok(Response::from_parts(parts, Full::new(body.into())))
        }
        None => forward(&shared, request).await,
    }
}

/// Hands a request to the registry, with its own login in the place of a token of AWS's.
async fn forward(
    shared: &Shared,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Failed> {
    let stream = TcpStream::connect(shared.registry).await?;
    stream.set_nodelay(true)?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    // The host stays the front's: the registry says by it where to upload to.
    let (mut parts, body) = request.into_parts();
    if let Some(login) = parts.headers.get_mut(AUTHORIZATION)
        && is_token(login.to_str()?)
    {
        *login = shared.login.parse()?;
    }
    let answer = sender
        .send_request(Request::from_parts(parts, body))
        .await?;
    let (mut parts, body) = answer.into_parts();
    // These describe the registry's connection, not the caller's.
    parts.headers.remove("connection");
    parts.headers.remove("transfer-encoding");
    let body = body.collect().await?.to_bytes();
    Ok(Response::from_parts(parts, Full::new(body)))
}

/// Whether a login is one that GetAuthorizationToken of the sandbox hands out: by the user `AWS`, long,
/// and another one each time, which is why a registry cannot know it.
fn is_token(login: &str) -> bool {
    login.starts_with("Basic QVdTO") && login.len() > 500
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let bits = three
            .iter()
            .fold(0u32, |bits, it| bits << 8 | u32::from(*it));
        let bits = bits << (8 * (3 - three.len()));
        for at in 0..4 {
            match at <= three.len() {
                true => text.push(char::from(DIGITS[(bits >> (18 - 6 * at)) as usize & 63])),
                false => text.push('='),
            }
        }
    }
    text
}

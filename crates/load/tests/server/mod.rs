//! A server in memory, which remembers what it was asked and when.

use http_body_util::Full;
use hyper::{
    Request, Response,
    body::{Bytes, Incoming},
    service::service_fn,
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use setpoint_load::{Dial, Dialled, Endpoint, Fault, Protocol, Stream};
use std::{
    convert::Infallible,
    future::pending,
    ops::Range,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    io::duplex,
    time::{Instant, sleep, sleep_until},
};

/// A server for every endpoint. Clones are the same one.
#[derive(Clone)]
pub(crate) struct Server(Arc<Inner>);

struct Inner {
    habits: Habits,
    since: Instant,
    told: Mutex<Told>,
}

#[derive(Clone, Default)]
struct Habits {
    service: Duration,
    stall: Option<Range<Duration>>,
    is_mute: bool,
    refuses: bool,
    closes_after: Option<usize>,
    http2: bool,
}

#[derive(Default)]
struct Told {
    seen: Vec<Seen>,
    connections: usize,
    open: Vec<Endpoint>,
}

/// A request that came.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) at: Duration,
    pub(crate) path: String,
    pub(crate) endpoint: Endpoint,
}

impl Server {
    fn of(habits: Habits) -> Server {
        Server(Arc::new(Inner {
            habits,
            since: Instant::now(),
            told: Mutex::default(),
        }))
    }

    fn with(&self, change: impl FnOnce(&mut Habits)) -> Server {
        let mut habits = self.0.habits.clone();
        change(&mut habits);
        Server::of(habits)
    }

    /// One that answers each request after a time.
    pub(crate) fn answering_after(service: Duration) -> Server {
        Server::of(Habits {
            service,
            ..Habits::default()
        })
    }

    /// One that never answers.
    pub(crate) fn mute() -> Server {
        Server::of(Habits {
            is_mute: true,
            ..Habits::default()
        })
    }

    /// Takes up nothing in this time since it began.
    pub(crate) fn stalling(&self, stall: Range<Duration>) -> Server {
        self.with(|it| it.stall = Some(stall))
    }

    /// Closes each connection a moment after so many answers, without saying so.
    pub(crate) fn closing_after(&self, answers: usize) -> Server {
        self.with(|it| it.closes_after = Some(answers))
    }

    /// Takes no connection.
    pub(crate) fn refusing(&self) -> Server {
        self.with(|it| it.refuses = true)
    }

    /// Speaks HTTP/2, by prior knowledge.
    pub(crate) fn speaking_http2(&self) -> Server {
        self.with(|it| it.http2 = true)
    }

    /// What it was asked, in the order of its coming.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.0.told.lock().expect("nobody panicked").seen.clone()
    }

    /// How many connections it took.
    pub(crate) fn connections(&self) -> usize {
        self.0.told.lock().expect("nobody panicked").connections
    }

    /// How many connections of an endpoint are open.
    pub(crate) fn open_connections(&self, endpoint: &Endpoint) -> usize {
        let told = self.0.told.lock().expect("nobody panicked");
        told.open.iter().filter(|it| *it == endpoint).count()
    }

    async fn answer(
        &self,
        endpoint: &Endpoint,
        request: &Request<Incoming>,
    ) -> Response<Full<Bytes>> {
        let at = self.0.since.elapsed();
        self.0
            .told
            .lock()
            .expect("nobody panicked")
            .seen
            .push(Seen {
                at,
                path: request.uri().path().to_owned(),
                endpoint: endpoint.clone(),
            });
        let habits = &self.0.habits;
        if habits.is_mute {
            pending::<()>().await;
        }
        if let Some(stall) = habits.stall.as_ref().filter(|it| it.contains(&at)) {
            sleep_until(self.0.since + stall.end).await;
        }
        if !habits.service.is_zero() {
            sleep(habits.service).await;
        }
        Response::new(Full::from("hello"))
    }

    async fn serve(self, endpoint: Endpoint, stream: tokio::io::DuplexStream) {
        {
            let mut told = self.0.told.lock().expect("nobody panicked");
            told.connections += 1;
            told.open.push(endpoint.clone());
        }
        let answers = Arc::new(tokio::sync::Semaphore::new(0));
        let (server, at, count) = (self.clone(), endpoint.clone(), answers.clone());
        let answer = service_fn(move |request| {
            let (server, at, count) = (server.clone(), at.clone(), count.clone());
            async move {
                let response = server.answer(&at, &request).await;
                count.add_permits(1);
                Ok::<_, Infallible>(response)
            }
        });
        let stream = TokioIo::new(stream);
        let closing = async {
            match self.0.habits.closes_after {
                None => pending().await,
                Some(many) => {
                    let many = u32::try_from(many).expect("a small number");
                    let _enough = answers.acquire_many(many).await;
                    sleep(Duration::from_millis(20)).await;
                }
            }
        };
        // However it ends, it is over.
        if self.0.habits.http2 {
            let served = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
            tokio::select! {
                _ = served.serve_connection(stream, answer) => {}
                () = closing => {}
            }
        } else {
            let served = hyper::server::conn::http1::Builder::new();
            tokio::select! {
                _ = served.serve_connection(stream, answer) => {}
                () = closing => {}
            }
        }
        let mut told = self.0.told.lock().expect("nobody panicked");
        let index = told.open.iter().position(|it| *it == endpoint);
        told.open.swap_remove(index.expect("it was open"));
    }
}

impl Dial for Server {
    fn dial<'a>(&'a self, endpoint: &'a Endpoint, _: Protocol) -> Dialled<'a> {
        Box::pin(async move {
            if self.0.habits.refuses {
                return Err(Fault::Connect);
            }
            let (ours, theirs) = duplex(64 * 1024);
            tokio::spawn(self.clone().serve(endpoint.clone(), theirs));
            Ok(Box::new(ours) as Box<dyn Stream>)
        })
    }
}

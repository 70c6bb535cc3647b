//! Where requests are carried out: places with their connections, and lanes that use them.
//!
//! Everything here belongs to one thread, so that nothing on the way of a request is locked.

use crate::{
    Dial, Endpoint, Fault, OfEndpoint, Protocol, Requests, Tally, http1, http2, tally::Latency,
};
use http::header;
use std::{
    cell::{Cell, RefCell},
    pin::{Pin, pin},
    rc::Rc,
    sync::Arc,
};
use tokio::{
    sync::{Mutex, Notify},
    task::spawn_local,
    time::{Instant, Sleep, sleep_until},
};

/// What we call ourselves, where the user says nothing else.
pub(crate) const AGENT: &str = concat!("setpoint/", env!("CARGO_PKG_VERSION"));

/// An endpoint, its connections that are free, and what it did.
pub(crate) struct Place {
    pub(crate) endpoint: Endpoint,
    /// The requests for each path, ready to be sent by HTTP/1.1.
    ready: Vec<Box<[u8]>>,
    free: RefCell<Vec<http1::Connection>>,
    shared: Mutex<Option<http2::Connection>>,
    pub(crate) did: RefCell<OfEndpoint>,
    is_gone: Cell<bool>,
}

impl Place {
    pub(crate) fn new(endpoint: Endpoint, requests: &Requests) -> Place {
        let paths = requests.paths.iter();
        Place {
            ready: paths
                .map(|it| written(requests, &endpoint, &it.path))
                .collect(),
            endpoint,
            free: RefCell::default(),
            shared: Mutex::default(),
            did: RefCell::default(),
            is_gone: Cell::new(false),
        }
    }

    /// Lets its connections go. What is on its way is heard out.
    pub(crate) fn leave(&self) {
        self.is_gone.set(true);
        self.free.borrow_mut().clear();
        if let Ok(mut shared) = self.shared.try_lock() {
            *shared = None;
        }
    }
}

/// A request as HTTP/1.1 has it.
fn written(requests: &Requests, endpoint: &Endpoint, path: &str) -> Box<[u8]> {
    let mut bytes = format!("{} {path} HTTP/1.1\r\n", requests.method).into_bytes();
    let given = |name: &header::HeaderName| requests.headers.iter().any(|it| it.0 == *name);
    if !given(&header::HOST) {
        bytes.extend(format!("host: {}\r\n", endpoint.authority()).bytes());
    }
    if !given(&header::USER_AGENT) {
        bytes.extend(format!("user-agent: {AGENT}\r\n").bytes());
    }
    for (name, value) in &requests.headers {
        bytes.extend(name.as_str().bytes());
        bytes.extend(b": ");
        bytes.extend(value.as_bytes());
        bytes.extend(b"\r\n");
    }
    let needs_length = matches!(requests.method.as_str(), "POST" | "PUT" | "PATCH");
    if needs_length || !requests.body.is_empty() {
        bytes.extend(format!("content-length: {}\r\n", requests.body.len()).bytes());
    }
    if !requests.keep_alive {
        bytes.extend(b"connection: close\r\n");
    }
    bytes.extend(b"\r\n");
    bytes.extend(&requests.body);
    bytes.into()
}

/// What the lanes of one thread share.
pub(crate) struct Floor {
    pub(crate) requests: Requests,
    pub(crate) dial: Arc<dyn Dial>,
    /// How many may be on their way.
    pub(crate) room: u32,
    pub(crate) places: RefCell<Vec<Rc<Place>>>,
    /// Places that are gone, and may still be answering.
    gone: RefCell<Vec<Rc<Place>>>,
    turn: Cell<usize>,
    idle: RefCell<Vec<Rc<Lane>>>,
    on_their_way: Cell<u32>,
    counted: RefCell<Tally>,
    late: RefCell<Latency>,
    bytes: Cell<u64>,
    /// Told when nothing is on its way, and when a place comes.
    pub(crate) news: Notify,
}

/// One request to be made.
pub(crate) struct Job {
    pub(crate) number: u64,
    pub(crate) due: Instant,
    pub(crate) place: Rc<Place>,
}

/// A task that makes one request at a time, and waits for the next.
struct Lane {
    next: Cell<Option<Job>>,
    given: Notify,
}

impl Floor {
    pub(crate) fn new(requests: Requests, dial: Arc<dyn Dial>, room: u32) -> Floor {
        Floor {
            requests,
            dial,
            room,
            places: RefCell::default(),
            gone: RefCell::default(),
            turn: Cell::default(),
            idle: RefCell::default(),
            on_their_way: Cell::default(),
            counted: RefCell::default(),
            late: RefCell::default(),
            bytes: Cell::default(),
            news: Notify::new(),
        }
    }

    /// Sends to these endpoints from now on, and to no other.
    pub(crate) fn arrange(&self, endpoints: &[Endpoint]) {
        let mut places = self.places.borrow_mut();
        places.retain(|place| {
            let stays = endpoints.contains(&place.endpoint);
            if !stays {
                place.leave();
                self.gone.borrow_mut().push(place.clone());
            }
            stays
        });
        for endpoint in endpoints {
            if !places.iter().any(|it| it.endpoint == *endpoint) {
                places.push(Rc::new(Place::new(endpoint.clone(), &self.requests)));
            }
        }
        drop(places);
        self.news.notify_waiters();
    }

    /// The place whose turn it is; nothing if there is none.
    pub(crate) fn place(&self) -> Option<Rc<Place>> {
        let places = self.places.borrow();
        let turn = self.turn.get();
        self.turn.set(turn.wrapping_add(1));
        (!places.is_empty()).then(|| places[turn % places.len()].clone())
    }

    /// A request is due: it is begun, or counted as one that could not be.
    pub(crate) fn due(self: &Rc<Floor>, number: u64, due: Instant) {
        let mut counted = self.counted.borrow_mut();
        counted.asked += 1;
        if self.on_their_way.get() >= self.room {
            counted.dropped += 1;
            return;
        }
        let Some(place) = self.place() else {
            counted.homeless += 1;
            return;
        };
        counted.sent += 1;
        drop(counted);
        self.on_their_way.set(self.on_their_way.get() + 1);
        let job = Job { number, due, place };
        // The lane that was free last: its stack of connections is the warmest.
        let lane = self.idle.borrow_mut().pop();
        match lane {
            Some(lane) => {
                lane.next.set(Some(job));
                lane.given.notify_one();
            }
            None => drop(spawn_local(self.clone().serve(job))),
        }
    }

    /// How many are on their way.
    pub(crate) fn on_their_way(&self) -> u32 {
        self.on_their_way.get()
    }

    /// What was counted since it was last asked.
    pub(crate) fn take(&self) -> Tally {
        let mut tally = self.counted.take();
        tally.late = self.late.take();
        tally.bytes = self.bytes.take();
        let places = self.places.borrow();
        let mut gone = self.gone.borrow_mut();
        for place in places.iter().chain(gone.iter()) {
            let of_endpoint = tally.endpoints.entry(place.endpoint.clone()).or_default();
            of_endpoint.add(&place.did.take());
        }
        // One that is gone is forgotten once nobody uses it.
        gone.retain(|it| Rc::strong_count(it) > 1);
        tally
    }

    /// The life of a lane in the open model.
    async fn serve(self: Rc<Floor>, mut job: Job) {
        let lane = Rc::new(Lane {
            next: Cell::default(),
            given: Notify::new(),
        });
        let mut alarm = pin!(sleep_until(Instant::now() + self.requests.time_out));
        loop {
            let begun = Instant::now();
            self.late.borrow_mut().record(begun - job.due);
            self.make(&job, begun, job.due, alarm.as_mut()).await;
            self.on_their_way.set(self.on_their_way.get() - 1);
            if self.on_their_way.get() == 0 {
                self.news.notify_waiters();
            }
            // A job's place would be kept alive by an idle lane.
            drop(job);
            self.idle.borrow_mut().push(lane.clone());
            job = loop {
                lane.given.notified().await;
                if let Some(job) = lane.next.take() {
                    break job;
                }
            };
        }
    }

    /// The life of a worker in the closed model: asks again as soon as it is answered. `next` gives the
    /// numbers of its requests, and ends it.
    pub(crate) async fn work(self: Rc<Floor>, mut next: impl FnMut() -> Option<u64>) {
        let mut alarm = pin!(sleep_until(Instant::now() + self.requests.time_out));
        while let Some(number) = next() {
            let Some(place) = self.place() else {
                self.news.notified().await;
                continue;
            };
            {
                let mut counted = self.counted.borrow_mut();
                counted.asked += 1;
                counted.sent += 1;
            }
            let begun = Instant::now();
            let job = Job {
                number,
                due: begun,
                place,
            };
            self.on_their_way.set(self.on_their_way.get() + 1);
            let did_answer = self.make(&job, begun, begun, alarm.as_mut()).await;
            self.on_their_way.set(self.on_their_way.get() - 1);
            if !did_answer {
                // One that is refused at once must not take the machine for asking again.
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
        }
        self.news.notify_waiters();
    }

    /// Makes a request, and counts what becomes of it. Answers whether there was an answer.
    async fn make(
        &self,
        job: &Job,
        begun: Instant,
        since: Instant,
        alarm: Pin<&mut Sleep>,
    ) -> bool {
        let ended = tokio::select! {
            biased;
            ended = self.exchange(job) => ended,
            () = ring(alarm, begun + self.requests.time_out) => Err(Fault::TimeOut),
        };
        let time = Instant::now() - since;
        let mut did = job.place.did.borrow_mut();
        match ended {
            Ok(answer) => {
                did.latency.record(time);
                *did.statuses.entry(answer.status).or_default() += 1;
                self.bytes.set(self.bytes.get() + answer.bytes);
            }
            Err(fault) => {
                if fault == Fault::TimeOut {
                    did.latency.record(time);
                }
                *did.faults.entry(fault).or_default() += 1;
            }
        }
        ended.is_ok()
    }

    async fn exchange(&self, job: &Job) -> Result<http1::Answer, Fault> {
        let path = self.requests.path_of(job.number);
        match self.requests.protocol {
            Protocol::Http1 => self.exchange1(&job.place, path).await,
            Protocol::Http2 => self.exchange2(&job.place, path).await,
        }
    }

    async fn exchange1(&self, place: &Place, path: usize) -> Result<http1::Answer, Fault> {
        let request = &place.ready[path];
        let is_head = self.requests.method == http::Method::HEAD;
        let free = place.free.borrow_mut().pop();
        let mut connection = match free {
            Some(connection) => connection,
            None => self.connect(place).await?,
        };
        let was_used = connection.was_used;
        let mut ended = connection.exchange(request, is_head).await;
        // A server may close a connection that waits. Only what may be sent twice is (RFC 9112, 9.3.1).
        let may_repeat = was_used && self.requests.is_idempotent();
        if may_repeat && ended.is_err_and(|it| it.unanswered) {
            connection = self.connect(place).await?;
            ended = connection.exchange(request, is_head).await;
        }
        let answer = ended.map_err(|it| it.fault)?;
        if answer.keeps && self.requests.keep_alive && !place.is_gone.get() {
            place.free.borrow_mut().push(connection);
        }
        Ok(answer)
    }

    async fn connect(&self, place: &Place) -> Result<http1::Connection, Fault> {
        let stream = self.dial.dial(&place.endpoint, Protocol::Http1).await?;
        Ok(http1::Connection::new(stream))
    }

    async fn exchange2(&self, place: &Place, path: usize) -> Result<http1::Answer, Fault> {
        let path = &self.requests.paths[path].path;
        let request = http2::request(&self.requests, &place.endpoint, path);
        let request = request.ok_or(Fault::Protocol)?;
        let mut connection = match self.requests.keep_alive {
            false => self.connect2(place).await?,
            true => {
                // Those that come while it is made wait for it, and make no other.
                let mut shared = place.shared.lock().await;
                match &*shared {
                    Some(it) if !it.is_closed() => it.clone(),
                    _ => shared.insert(self.connect2(place).await?).clone(),
                }
            }
        };
        connection.exchange(request).await
    }

    async fn connect2(&self, place: &Place) -> Result<http2::Connection, Fault> {
        let stream = self.dial.dial(&place.endpoint, Protocol::Http2).await?;
        http2::connect(stream).await
    }
}

/// Waits until a time on an alarm that is used again and again: it is set anew only when it has rung, so
/// that a request which is answered in time costs no timer.
async fn ring(mut alarm: Pin<&mut Sleep>, until: Instant) {
    loop {
        if alarm.is_elapsed() || alarm.deadline() > until {
            alarm.as_mut().reset(until);
        }
        alarm.as_mut().await;
        if Instant::now() >= until {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_written_as_the_user_asks() {
        let endpoint = Endpoint::of_url("http://sale.example:8080")
            .expect("a URL")
            .0;
        let requests = Requests::default().method("post").expect("a method");
        let requests = requests
            .header("X-Sale: friday")
            .expect("a header")
            .body(b"{}".to_vec());
        let text = String::from_utf8(written(&requests, &endpoint, "/buy?n=1").into());
        assert_eq!(
            text.expect("text"),
            format!(
                "POST /buy?n=1 HTTP/1.1\r\nhost: sale.example:8080\r\nuser-agent: {AGENT}\r\n\
                 x-sale: friday\r\ncontent-length: 2\r\n\r\n{{}}"
            )
        );
        let mut requests = Requests::default().header("host: other").expect("a header");
        requests.keep_alive = false;
        let text = String::from_utf8(written(&requests, &endpoint, "/").into());
        assert_eq!(
            text.expect("text"),
            format!(
                "GET / HTTP/1.1\r\nuser-agent: {AGENT}\r\nhost: other\r\nconnection: close\r\n\r\n"
            )
        );
    }
}

//! The twin as its callers meet it: requests in, answers out, on a clock.

use crate::{
    Answer, Refusal, Time, World,
    quota::Quotas,
    service::{self, iam, scaling, sts},
    store::{Store, StoreError},
    wire::{self, Request, Response, signature},
};
use serde_json::Value;
use std::{
    collections::{BTreeMap, VecDeque},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// An AWS in memory. Clones are the same one.
///
/// Its clock is tokio's, times a speed. Under tokio's paused time it is a virtual one, which moves
/// only when nothing else can; everything that is due by then happens when the next request comes
/// or when [`Twin::look`] is called.
#[derive(Clone)]
pub struct Twin {
    state: Arc<Mutex<State>>,
}

struct State {
    world: World,
    speed: f64,
    /// The world's time at `since`.
    base: Time,
    since: Instant,
    quotas: Quotas,
    /// Worlds as they were, for reads that lag.
    past: VecDeque<(Time, Arc<World>)>,
    heard: Vec<Heard>,
    meddler: Option<Meddler>,
    writes: u64,
    store: Option<Arc<Store>>,
    watched: Option<Arc<Mutex<Vec<String>>>>,
    signers: Option<fn() -> Time>,
}

/// What calls lowered, since it was begun to watch.
#[derive(Debug)]
pub struct Lowered(Arc<Mutex<Vec<String>>>);

impl Lowered {
    /// What was lowered so far, each in words; it is forgotten then.
    pub fn taken(&mut self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A request that was heard, and what was answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Heard {
    /// Which request it was, from 0.
    pub number: usize,
    /// When it came.
    pub at: Time,
    /// The service's signing name.
    pub service: String,
    /// The action.
    pub action: String,
    /// What it asked, by the names of the model.
    pub members: Value,
    /// The code of the refusal; none if it was done.
    pub refused: Option<String>,
}

impl Heard {
    /// Whether it only reads.
    pub fn reads(&self) -> bool {
        is_reading(&self.action)
    }
}

/// Decides what befalls a request, by its number and what it is; `refused` is not known yet.
pub type Meddler = Box<dyn FnMut(&Heard) -> Fate + Send>;

/// What befalls a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Nothing.
    Served,
    /// It is throttled.
    Throttled,
    /// The service fails, without an effect.
    Failed,
    /// The connection drops before it arrives.
    DroppedBefore,
    /// The connection drops after its effect; the answer is lost.
    DroppedAfter,
    /// No answer ever comes, and there was no effect.
    SilentBefore,
    /// No answer ever comes, and there was the effect.
    SilentAfter,
    /// It is answered later than usual.
    Late(Duration),
}

impl Twin {
    /// A twin of a world, from its time on, `speed` times as fast as tokio's clock.
    pub fn new(world: World, speed: f64) -> Twin {
        let state = State {
            speed,
            base: world.now,
            since: Instant::now(),
            quotas: Quotas::default(),
            past: VecDeque::new(),
            heard: Vec::new(),
            meddler: None,
            writes: 0,
            store: None,
            watched: None,
            signers: None,
            world,
        };
        Twin {
            state: Arc::new(Mutex::new(state)),
        }
    }

    /// How many times as fast as tokio's clock its own is.
    pub fn speed(&self) -> f64 {
        self.lock().speed
    }

    /// The time on its clock.
    pub fn now(&self) -> Time {
        self.lock().now()
    }

    /// Lets everything happen that is due, and shows the world as it is then.
    pub fn look<T>(&self, look: impl FnOnce(&World) -> T) -> T {
        let mut state = self.lock();
        state.advance();
        look(&state.world)
    }

    /// Lets everything happen that is due, and changes the world as no caller could.
    pub fn change<T>(&self, change: impl FnOnce(&mut World) -> T) -> T {
        let mut state = self.lock();
        state.advance();
        state.writes += 1;
        change(&mut state.world)
    }

    /// Watches from now on whether calls lower a service's count, a group's size or the least of
    /// either, and which do.
    pub fn watch_counts(&self) -> Lowered {
        let lowered = Arc::new(Mutex::new(Vec::new()));
        self.lock().watched = Some(Arc::clone(&lowered));
        Lowered(lowered)
    }

    /// Holds signatures from now on to the clock by which callers sign, where its own is another.
    pub fn signed_by(&self, clock: fn() -> Time) {
        self.lock().signers = Some(clock);
    }

    /// Keeps the world in a store from now on: after every call that may have changed it.
    pub fn keep(&self, store: Arc<Store>) {
        self.lock().store = Some(store);
    }

    /// Keeps the world now, if there is a store.
    pub fn save(&self) -> Result<(), StoreError> {
        let mut state = self.lock();
        state.advance();
        state.save()
    }

    /// Lets a task serve a request, which is no change that anybody could read.
    pub(crate) fn serve<T>(&self, serve: impl FnOnce(&World) -> T) -> T {
        serve(&self.lock().world)
    }

    /// Charges a task for the CPU time of one request. On a clock that is faster than ours a
    /// request stands for as many as the clock is faster, so that load feels the same. The
    /// container's log gets the line.
    pub(crate) fn charge(&self, task: &str, cost: Duration, container: &str, line: &str) {
        let mut state = self.lock();
        state.advance();
        service::ecs::task::log(&mut state.world, task, container, line);
        let cost = cost.as_secs_f64() * 1000.0 * state.speed;
        let served = state.world.work.served.entry(task.to_owned());
        *served.or_default() += cost;
    }

    /// How often the world was changed by callers.
    pub fn writes(&self) -> u64 {
        self.lock().writes
    }

    /// Lets `meddler` decide what befalls every request from now on; numbers begin at 0 again.
    pub fn meddle(&self, meddler: Option<Meddler>) {
        let mut state = self.lock();
        state.heard.clear();
        state.meddler = meddler;
    }

    /// What was heard since the beginning or the last [`Twin::forget`] or [`Twin::meddle`].
    pub fn heard(&self) -> Vec<Heard> {
        self.lock().heard.clone()
    }

    /// Forgets what was heard.
    pub fn forget(&self) {
        self.lock().heard.clear();
    }

    /// Answers a request. `None`: the connection drops. What never gets an answer waits for ever.
    pub async fn answer(&self, request: &Request) -> Option<Response> {
        let call = match wire::read(request) {
            Ok(call) => call,
            Err(response) => return Some(response),
        };
        let (number, fate) = self.lock().hear(&call);
        match fate {
            Fate::DroppedBefore => return None,
            Fate::SilentBefore => std::future::pending::<()>().await,
            Fate::Late(duration) => tokio::time::sleep(duration).await,
            _ => {}
        }
        let response = self.lock().respond(request, call, fate, number);
        match fate {
            Fate::DroppedAfter => None,
            Fate::SilentAfter => std::future::pending().await,
            _ => Some(response),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // What panicked was one action; the world is plain values and as good as before it.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Twin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Twin").finish_non_exhaustive()
    }
}

impl State {
    fn now(&self) -> Time {
        self.base + self.since.elapsed().mul_f64(self.speed)
    }

    fn advance(&mut self) {
        let now = self.now();
        self.world.advance(now);
    }

    fn save(&self) -> Result<(), StoreError> {
        match &self.store {
            Some(store) => store.save(&self.world),
            None => Ok(()),
        }
    }

    /// Writes down that a call came, and says what befalls it.
    fn hear(&mut self, call: &wire::Call) -> (usize, Fate) {
        self.advance();
        let heard = Heard {
            number: self.heard.len(),
            at: self.world.now,
            service: call.input.service.clone(),
            action: call.input.action.clone(),
            members: Value::Object(call.input.members.clone()),
            refused: None,
        };
        let fate = match &mut self.meddler {
            Some(meddler) => meddler(&heard),
            None => Fate::Served,
        };
        self.heard.push(heard);
        (self.heard.len() - 1, fate)
    }

    fn respond(
        &mut self,
        request: &Request,
        mut call: wire::Call,
        fate: Fate,
        number: usize,
    ) -> Response {
        self.advance();
        let answer = match fate {
            Fate::Throttled => Err(throttled(&call.input.service)),
            Fate::Failed => Err(failed(&call.input.service)),
            _ => self.judged(request, &mut call),
        };
        if let (Some(heard), Err(refusal)) = (self.heard.get_mut(number), &answer) {
            heard.refused = Some(refusal.code.clone());
        }
        debug_assert_eq!(
            answer.as_ref().map_or(Vec::new(), |it| {
                wire::misfits(&call.input.service, &call.input.action, it)
            }),
            Vec::<String>::new(),
            "{} answers what the model has no place for",
            call.input.action
        );
        let request_id = self.world.ids.uuid();
        let mut response = wire::write(&call, &answer, &request_id);
        // Every answer of AWS's says the time, which here is the world's.
        let date = self.world.now.http_date();
        response.headers.push(("date".into(), date));
        response
    }

    /// Lets a call pass AWS's front doors, and does it.
    fn judged(&mut self, request: &Request, call: &mut wire::Call) -> Answer {
        let input = &mut call.input;
        let habits = &self.world.habits;
        if let Some(factor) = habits.quota_factor
            && !self
                .quotas
                .take(&input.service, &input.action, factor, self.world.now)
        {
            return Err(throttled(&input.service));
        }
        let scope = signature::scope(request);
        if scope.is_none() && habits.check_signatures {
            return Err(signature::unsigned(&input.service));
        }
        let key = scope.as_ref().map_or("", |it| it.access_key.as_str());
        let Some((caller, secret)) = sts::caller(&self.world, key) else {
            return Err(match sts::is_over(&self.world, key) {
                true => signature::expired_token(&input.service),
                false => signature::unknown_key(&input.service),
            });
        };
        input.caller = caller;
        if habits.check_signatures {
            let now = self.signers.map_or(self.world.now, |clock| clock());
            signature::verify(request, &secret, now)?;
            let token = request.headers.iter();
            let mut token = token.filter(|(name, _)| name == "x-amz-security-token");
            if token.next().map(|(_, it)| it.as_str()) != sts::token(&self.world, key) {
                return Err(signature::unknown_key(&input.service));
            }
        }
        if let Some(scope) = &scope
            && scope.region != self.world.region
            && !is_global(&input.service)
        {
            return Err(signature::unknown_key(&input.service));
        }
        let Some(action) = service::action(&input.service, &input.action) else {
            return service::run(&mut self.world, input);
        };
        if habits.enforce_policies {
            let grants = (action.needs)(&self.world, input);
            iam::judge(&self.world, input, &grants)?;
        }
        if input.service == "ec2" && input.flag("DryRun") {
            (action.run)(&mut self.world.clone(), input)?;
            let text = "Request would have succeeded, but DryRun flag is set.";
            return Err(Refusal::new("DryRunOperation", text).status(412));
        }
        match is_reading(&input.action) {
            true => match self.lagging() {
                Some(past) => (action.run)(&mut World::clone(&past), input),
                None => (action.run)(&mut self.world, input),
            },
            false => {
                self.keep_past();
                self.writes += 1;
                let before = self.watched.is_some().then(|| counts(&self.world));
                let answer = (action.run)(&mut self.world, input);
                if let (Some(before), Some(watched)) = (before, &self.watched) {
                    let mut watched = watched.lock().unwrap_or_else(PoisonError::into_inner);
                    for (what, count) in counts(&self.world) {
                        if let Some(more) = before.get(&what).filter(|it| **it > count) {
                            let text = format!("{}: {what} from {more} to {count}", input.action);
                            watched.push(text);
                        }
                    }
                }
                if let Err(err) = self.save() {
                    tracing::warn!(%err, "the sandbox is not kept");
                }
                answer
            }
        }
    }

    /// Keeps the world as it is before a change, while reads may lag.
    fn keep_past(&mut self) {
        let lag = self.world.habits.read_lag;
        if lag.is_zero() {
            return;
        }
        let now = self.world.now;
        // A change that is older than the lag is seen by every read.
        while self
            .past
            .front()
            .is_some_and(|(changed, _)| *changed + lag < now)
        {
            self.past.pop_front();
        }
        self.past.push_back((now, Arc::new(self.world.clone())));
    }

    /// The world that a read shows, if it is not the present one: as it was before the first
    /// change that the read is too early to see.
    fn lagging(&mut self) -> Option<Arc<World>> {
        let lag = self.world.habits.read_lag.as_millis() as u64;
        if lag == 0 || self.world.ids.below(2) == 0 {
            return None;
        }
        let behind = Duration::from_millis(self.world.ids.below(lag + 1));
        let seen = self.world.now - behind;
        let unseen = self.past.iter().find(|(changed, _)| *changed > seen);
        unseen.map(|(_, world)| Arc::clone(world))
    }
}

/// What autoscalers move, and its bounds.
fn counts(world: &World) -> BTreeMap<String, i64> {
    let services = world.ecs.services.values().flat_map(|it| {
        let bounds = scaling::bounds(world, &it.cluster, &it.name);
        let least = bounds.map(|(least, _)| (format!("the least of {}", it.name), least));
        [(format!("the count of {}", it.name), it.desired)]
            .into_iter()
            .chain(least)
    });
    let groups = world.autoscaling.groups.values().flat_map(|it| {
        [
            (format!("the size of {}", it.name), it.desired),
            (format!("the least of {}", it.name), it.min),
        ]
    });
    services.chain(groups).collect()
}

/// Whether an action only reads, by its name.
pub fn is_reading(action: &str) -> bool {
    [
        "Describe",
        "List",
        "Get",
        "BatchGet",
        "BatchCheck",
        "Filter",
        "Simulate",
    ]
    .iter()
    .any(|it| action.starts_with(it))
}

fn is_global(service: &str) -> bool {
    matches!(service, "iam" | "sts")
}

/// Too many requests, as each service says it.
fn throttled(service: &str) -> Refusal {
    match service {
        "ec2" => Refusal::new("RequestLimitExceeded", "Request limit exceeded.").status(503),
        "iam" | "sts" | "autoscaling" | "elasticloadbalancing" => {
            Refusal::new("Throttling", "Rate exceeded")
        }
        _ => Refusal::new("ThrottlingException", "Rate exceeded"),
    }
}

/// A failure of the service's own.
fn failed(service: &str) -> Refusal {
    let code = match service {
        "ec2" => "InternalError",
        "ecs" | "ecr" => "ServerException",
        "application-autoscaling" => "InternalServiceException",
        _ => "InternalFailure",
    };
    Refusal::new(
        code,
        "The request processing has failed because of an unknown error.",
    )
    .status(500)
}

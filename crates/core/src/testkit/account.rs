//! What the adapters of one pretended account share: the log, the faults and who links to what.

use super::Memory;
use crate::{AdapterError, Address, ErrorKind, Kind, Name, Resource, Result};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};
use tokio::{
    sync::watch,
    time::{Instant, sleep, sleep_until},
};

/// What a call does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Names what the stack owns.
    List,
    /// Shows some names.
    Observe,
    /// Makes one.
    Create,
    /// Changes one.
    Update,
    /// Deletes one.
    Delete,
}

impl Operation {
    /// Whether it changes anything.
    pub fn is_write(self) -> bool {
        !matches!(self, Operation::List | Operation::Observe)
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Operation::List => "list",
            Operation::Observe => "observe",
            Operation::Create => "create",
            Operation::Update => "update",
            Operation::Delete => "delete",
        })
    }
}

/// A call that the account received, written `create role.exec` or `observe role.a role.b`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// What it does.
    pub operation: Operation,
    /// To which kind.
    pub kind: Kind,
    /// To which names.
    pub names: Vec<Name>,
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.operation)?;
        if self.operation == Operation::List {
            return write!(f, " {}", self.kind);
        }
        for name in &self.names {
            write!(f, " {}.{name}", self.kind)?;
        }
        Ok(())
    }
}

/// How a call goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It fails without an effect, and the caller cannot know that.
    Unsure,
    /// It has its effect, and the answer is lost.
    LostAnswer,
    /// It is refused.
    Refused,
    /// The caller dies before the call has its effect.
    KilledBefore,
    /// The caller dies once the call has had its effect.
    KilledAfter,
}

/// Which call goes wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum At {
    /// The call with this number, from 0, since the log was last cleared.
    Call(usize),
    /// The write with this number, from 0, since the log was last cleared.
    Write(usize),
    /// The next call that is written like this.
    Line(String),
}

/// One pretended account.
#[derive(Clone, Default)]
pub struct Account(Arc<Shared>);

#[derive(Default)]
struct Shared {
    ledger: Mutex<Ledger>,
    dead: watch::Sender<bool>,
}

#[derive(Default)]
pub(super) struct Ledger {
    calls: Vec<Call>,
    effects: Vec<String>,
    faults: Vec<(At, Fault)>,
    latency: (Duration, Duration),
    pace: Duration,
    next_write: Option<Instant>,
    /// The kind and handle of everything that may be linked to, and whose version it is.
    pub(super) published: BTreeMap<(Kind, String), Address>,
    /// What each resource links to.
    pub(super) uses: BTreeMap<Address, BTreeSet<(Kind, String)>>,
}

impl Account {
    /// The adapter for one kind. Keep a clone of it to look and to meddle.
    pub fn of<R: Resource>(&self) -> Memory<R> {
        Memory::new(self.clone())
    }

    /// Makes every read and every write take this long.
    pub fn set_latency(&self, read: Duration, write: Duration) {
        self.ledger().latency = (read, write);
    }

    /// Lets one write through in this time, whatever its kind.
    pub fn set_pace(&self, pace: Duration) {
        self.ledger().pace = pace;
    }

    /// Makes one call go wrong, once.
    pub fn fault(&self, at: At, fault: Fault) {
        self.ledger().faults.push((at, fault));
    }

    /// Every call received.
    pub fn calls(&self) -> Vec<Call> {
        self.ledger().calls.clone()
    }

    /// How many calls were received for this.
    pub fn count(&self, operation: Operation) -> usize {
        let of_it = |it: &&Call| it.operation == operation;
        self.ledger().calls.iter().filter(of_it).count()
    }

    /// Every call received, as text.
    pub fn log(&self) -> Vec<String> {
        self.ledger().calls.iter().map(Call::to_string).collect()
    }

    /// Every write received, as text.
    pub fn writes(&self) -> Vec<String> {
        let ledger = self.ledger();
        let writes = ledger.calls.iter().filter(|it| it.operation.is_write());
        writes.map(Call::to_string).collect()
    }

    /// Every write that had its effect, as text.
    pub fn effects(&self) -> Vec<String> {
        self.ledger().effects.clone()
    }

    /// Forgets the calls and the faults, and counts from 0 again.
    pub fn clear(&self) {
        let mut ledger = self.ledger();
        ledger.calls.clear();
        ledger.effects.clear();
        ledger.faults.clear();
    }

    /// Returns once the caller was killed. From then on no call has an effect or an answer.
    pub async fn killed(&self) {
        let mut dead = self.0.dead.subscribe();
        dead.wait_for(|it| *it).await.expect("the account lives");
    }

    /// Lets a new caller begin.
    pub fn revive(&self) {
        self.0.dead.send_replace(false);
    }

    pub(super) fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.0.ledger.lock().expect("no call panics half-way")
    }

    /// Receives a call, carries it out unless it goes wrong before, and answers it unless it goes
    /// wrong after.
    pub(super) async fn carry_out<T>(
        &self,
        call: Call,
        effect: impl FnOnce() -> Result<T>,
    ) -> Result<T> {
        self.arrive(&call).await;
        let fault = self.receive(&call);
        match fault {
            Some(Fault::Refused) => return Err(error(&call, ErrorKind::Refused, "injected")),
            Some(Fault::Unsure) => return Err(error(&call, ErrorKind::Unsure, "injected")),
            Some(Fault::KilledBefore) => return self.kill().await,
            Some(Fault::LostAnswer | Fault::KilledAfter) | None => {}
        }
        let answer = effect();
        if answer.is_ok() && call.operation.is_write() {
            self.ledger().effects.push(call.to_string());
        }
        match fault {
            Some(Fault::LostAnswer) => Err(error(&call, ErrorKind::Unsure, "the answer was lost")),
            Some(Fault::KilledAfter) => self.kill().await,
            _ => answer,
        }
    }

    async fn arrive(&self, call: &Call) {
        let (latency, turn) = {
            let mut ledger = self.ledger();
            let (read, write) = ledger.latency;
            match call.operation.is_write() {
                false => (read, None),
                true if ledger.pace.is_zero() => (write, None),
                true => {
                    let now = Instant::now();
                    let turn = ledger.next_write.map_or(now, |it| it.max(now));
                    ledger.next_write = Some(turn + ledger.pace);
                    (write, Some(turn))
                }
            }
        };
        if let Some(turn) = turn {
            sleep_until(turn).await;
        }
        if !latency.is_zero() {
            sleep(latency).await;
        }
        if *self.0.dead.borrow() {
            std::future::pending().await
        }
    }

    fn receive(&self, call: &Call) -> Option<Fault> {
        let mut ledger = self.ledger();
        let number = ledger.calls.len();
        let write = call.operation.is_write().then(|| {
            let writes = ledger.calls.iter().filter(|it| it.operation.is_write());
            writes.count()
        });
        let line = call.to_string();
        ledger.calls.push(call.clone());
        let found = ledger.faults.iter().position(|(at, _)| match at {
            At::Call(at) => *at == number,
            At::Write(at) => Some(*at) == write,
            At::Line(at) => *at == line,
        });
        found.map(|found| ledger.faults.remove(found).1)
    }

    async fn kill<T>(&self) -> T {
        self.0.dead.send_replace(true);
        std::future::pending().await
    }
}

pub(super) fn error(call: &Call, kind: ErrorKind, why: &str) -> AdapterError {
    AdapterError {
        operation: call.to_string(),
        kind,
        source: why.into(),
    }
}

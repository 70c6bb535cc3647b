//! Carrying out a plan: every change as soon as those it needs are far enough.
//!
//! One loop owns every step and hears every answer. Writes run side by side; looks are gathered by
//! kind, so that two hundred services are looked at in twenty calls and not in two hundred. What
//! only waits holds nothing.

use crate::{
    Action, AdapterError, Adapters, Address, ChangeError, ErrorKind, Event, EventKind, Freshness,
    Kind, Limits, Name, Plan, Report, Stop,
    erased::Shown,
    settle::{Purpose, Stage, Step, Verdict},
    snapshot::look,
};
use futures::{
    FutureExt, StreamExt,
    future::BoxFuture,
    stream::{FuturesUnordered, Next},
};
use std::collections::{BTreeMap, BTreeSet};
use tokio::time::{Instant, sleep_until};

type Written = (Address, Result<Option<String>, AdapterError>);
type Looked = (Kind, BTreeSet<Name>, Result<Shown, AdapterError>);

/// Applies a plan, telling `tell` of each event in the order in which it happened.
///
/// A change that fails leaves those that need it undone and nothing else. What was accepted and
/// then lost on the way back is found by looking again, and is not made twice.
pub async fn apply(
    plan: Plan,
    adapters: &Adapters,
    limits: Limits,
    mut stop: Stop,
    tell: impl FnMut(Event),
) -> Report {
    let mut run = Run::new(plan, adapters, limits, tell);
    let mut writes: FuturesUnordered<BoxFuture<'_, Written>> = FuturesUnordered::new();
    let mut looks: FuturesUnordered<BoxFuture<'_, Looked>> = FuturesUnordered::new();
    loop {
        if run.stopping || *stop.0.borrow() {
            run.stop();
        }
        run.promote();
        run.start_looks(&mut looks);
        run.start_writes(&mut writes);
        if writes.is_empty() && looks.is_empty() && run.next_due().is_none() {
            debug_assert!(run.stopping || run.steps.is_empty());
            return run.report;
        }
        let due = run.next_due();
        tokio::select! {
            biased;
            () = stop.said(), if !run.stopping => run.stop(),
            (address, result) = some(writes.next()) => run.written(address, result),
            (kind, names, result) = some(looks.next()) => run.looked(kind, names, result),
            () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {}
        }
    }
}

/// The next item; an empty stream has none, ever.
async fn some<S: StreamExt + Unpin>(next: Next<'_, S>) -> S::Item {
    match next.await {
        Some(item) => item,
        None => futures::future::pending().await,
    }
}

struct Run<'a, T> {
    adapters: &'a Adapters,
    limits: Limits,
    begun: Instant,
    steps: BTreeMap<Address, Step>,
    /// What AWS calls the resources that this run wrote.
    handles: BTreeMap<Address, String>,
    /// Accepted by AWS: those that link to it may begin.
    accepted: BTreeSet<Address>,
    /// Settled: what it no longer uses may be deleted.
    done: BTreeSet<Address>,
    looking: BTreeSet<Kind>,
    stopping: bool,
    report: Report,
    tell: T,
}

impl<'a, T: FnMut(Event)> Run<'a, T> {
    fn new(plan: Plan, adapters: &'a Adapters, limits: Limits, tell: T) -> Self {
        let changes = plan.changes.into_iter().chain(plan.awaited);
        let steps = changes.map(|change| (change.address.clone(), Step::new(change)));
        Run {
            adapters,
            limits,
            begun: Instant::now(),
            steps: steps.collect(),
            handles: BTreeMap::new(),
            accepted: BTreeSet::new(),
            done: BTreeSet::new(),
            looking: BTreeSet::new(),
            stopping: false,
            report: Report::default(),
            tell,
        }
    }

    /// Begins what is ready, and gives up what needs something that failed.
    fn promote(&mut self) {
        // What is given up may be needed by what stands before it.
        let mut open = None;
        while open != Some(self.steps.len()) {
            open = Some(self.steps.len());
            self.promote_waiting();
        }
    }

    fn promote_waiting(&mut self) {
        let waiting: Vec<Address> = self
            .steps
            .iter()
            .filter(|(_, step)| step.stage == Stage::Waiting)
            .map(|(address, _)| address.clone())
            .collect();
        for address in waiting {
            let step = &self.steps[&address];
            let needs = &step.change.needs;
            let lost = needs.iter().find(|it| {
                self.report.failed.contains_key(it) || self.report.skipped.contains_key(it)
            });
            let deferred = needs
                .iter()
                .find(|it| self.report.unsettled.contains_key(it));
            let enough = match step.change.action {
                Action::Delete => &self.done,
                _ => &self.accepted,
            };
            if let Some(because) = lost.cloned() {
                self.steps.remove(&address);
                self.report.skipped.insert(address.clone(), because.clone());
                self.tell(address, EventKind::Skipped { because });
            } else if !step.change.granted {
                self.fail(address, ChangeError::NotOurs);
            } else if let (Action::Delete, Some(because)) = (step.change.action, deferred) {
                let text = format!("kept until {because} has settled; run again then");
                self.steps.remove(&address);
                self.report.unsettled.insert(address, text);
            } else if needs.is_subset(enough) {
                let now = Instant::now();
                let fresh = now.duration_since(self.begun) <= self.limits.fresh;
                let action = step.change.action;
                let step = self.steps.get_mut(&address).expect("it was just seen");
                step.since = now;
                step.stage = match action {
                    Action::Create if fresh => Stage::Write { due: now },
                    Action::Await => Stage::Look(Purpose::Settle, now),
                    _ => Stage::Look(Purpose::Before, now),
                };
                self.tell(address, EventKind::Started(action));
            }
        }
    }

    /// Looks at everything of a kind that is due, one look at a time for each kind.
    ///
    /// What is due soon is looked at along with it. So those that were written one after the other
    /// fall into step, and do not each ask for looks of their own.
    fn start_looks(&mut self, looks: &mut FuturesUnordered<BoxFuture<'a, Looked>>) {
        let now = Instant::now();
        let is_due = |step: &Step| matches!(step.stage, Stage::Look(_, at) if at <= now);
        let due_kinds: BTreeSet<Kind> = self
            .steps
            .iter()
            .filter(|(address, step)| is_due(step) && !self.looking.contains(&address.kind))
            .map(|(address, _)| address.kind)
            .collect();
        let mut due: BTreeMap<Kind, BTreeSet<Name>> = BTreeMap::new();
        for (address, step) in &mut self.steps {
            if let Stage::Look(purpose, at) = step.stage
                && due_kinds.contains(&address.kind)
                && (at <= now || purpose == Purpose::Settle && at <= now + step.slack(&self.limits))
            {
                step.stage = Stage::Looking(purpose);
                due.entry(address.kind)
                    .or_default()
                    .insert(address.name.clone());
            }
        }
        for (kind, names) in due {
            self.looking.insert(kind);
            let adapter = self.adapters.of(kind);
            looks.push(
                async move {
                    let shown = look(adapter, &names, Freshness::Direct).await;
                    (kind, names, shown)
                }
                .boxed(),
            );
        }
    }

    fn start_writes(&mut self, writes: &mut FuturesUnordered<BoxFuture<'a, Written>>) {
        let now = Instant::now();
        for (address, step) in &mut self.steps {
            if !matches!(step.stage, Stage::Write { due } if due <= now) {
                continue;
            }
            step.stage = Stage::Writing;
            step.fill(&self.handles);
            let adapter = self.adapters.of(address.kind);
            let (address, asked, now) =
                (address.clone(), step.change.asked.clone(), step.now.clone());
            writes.push(
                async move {
                    let name = &address.name;
                    let result = match (&asked, &now) {
                        (Some(asked), None) => adapter.create(name, &**asked).await.map(Some),
                        (Some(asked), Some(now)) => {
                            adapter.update(name, &**asked, now).await.map(Some)
                        }
                        (None, Some(now)) => adapter.delete(name, now).await.map(|()| None),
                        (None, None) => Ok(None),
                    };
                    (address, result)
                }
                .boxed(),
            );
        }
    }

    fn written(&mut self, address: Address, result: Result<Option<String>, AdapterError>) {
        let now = Instant::now();
        let limits = self.limits;
        let Some(step) = self.steps.get_mut(&address) else {
            return;
        };
        match result {
            Ok(handle) => {
                step.since = now;
                step.looks = 0;
                step.stage = Stage::Look(Purpose::Settle, now);
                if let Some(handle) = handle {
                    self.accept(&address, handle);
                }
            }
            Err(err) => match err.kind.clone() {
                ErrorKind::NotYet(text) if step.since.elapsed() < limits.patience => {
                    step.stage = Stage::Write {
                        due: now + step.delay(&limits),
                    };
                    self.wait_for(&address, text);
                }
                ErrorKind::Exists | ErrorKind::Unsure | ErrorKind::Absent
                    if step.failures < FAILURES =>
                {
                    step.failures += 1;
                    let due = now + step.delay(&limits);
                    step.stage = Stage::Look(Purpose::Heal, due);
                }
                ErrorKind::NotYet(text) => {
                    let timed_out = ChangeError::TimedOut {
                        after: limits.patience,
                        waiting_for: text,
                    };
                    self.fail(address, timed_out)
                }
                _ => self.fail(address, err.into()),
            },
        }
    }

    fn looked(&mut self, kind: Kind, names: BTreeSet<Name>, result: Result<Shown, AdapterError>) {
        self.looking.remove(&kind);
        let mut shown = match result {
            Ok(shown) => shown,
            Err(err) => return self.look_failed(kind, names, err),
        };
        for name in names {
            let now = shown.remove(&name);
            let address = Address { kind, name };
            let Some(step) = self.steps.get_mut(&address) else {
                continue;
            };
            let Stage::Looking(purpose) = step.stage else {
                continue;
            };
            if purpose == Purpose::Settle {
                // Only failures in a row count against what is waited for.
                step.failures = 0;
            }
            step.fill(&self.handles);
            match step.judge(purpose, now, &self.limits) {
                Verdict::Write => {
                    step.stage = Stage::Write {
                        due: Instant::now(),
                    }
                }
                Verdict::Fail(err) => self.fail(address, err),
                Verdict::Wait { text, accepted } => {
                    if let Some(handle) = accepted {
                        self.accept(&address, handle);
                    }
                    let limits = self.limits;
                    let step = self.steps.get_mut(&address).expect("it was just judged");
                    let due = Instant::now() + step.delay(&limits);
                    step.stage = Stage::Look(Purpose::Settle, due);
                    self.wait_for(&address, text);
                }
                Verdict::Unsettled { text, handle } => {
                    self.accept(&address, handle);
                    self.steps.remove(&address);
                    self.report.unsettled.insert(address, text);
                }
                Verdict::Done(handle) => {
                    if let Some(handle) = handle {
                        self.accept(&address, handle);
                    }
                    self.steps.remove(&address);
                    self.accepted.insert(address.clone());
                    self.done.insert(address.clone());
                    self.report.done.push(address.clone());
                    self.tell(address, EventKind::Done);
                }
            }
        }
    }

    /// A look that failed is repeated; one that is refused, or fails too often, fails its changes.
    fn look_failed(&mut self, kind: Kind, names: BTreeSet<Name>, err: AdapterError) {
        let text = chain(&err);
        let refused = err.kind == ErrorKind::Refused;
        let mut err = Some(err);
        for name in names {
            let address = Address { kind, name };
            let Some(step) = self.steps.get_mut(&address) else {
                continue;
            };
            let Stage::Looking(purpose) = step.stage else {
                continue;
            };
            step.failures += 1;
            let due = Instant::now() + step.delay(&self.limits);
            if step.failures <= FAILURES && !refused {
                step.stage = Stage::Look(purpose, due);
            } else {
                let reason = match err.take() {
                    Some(err) => err.into(),
                    None => ChangeError::GaveUp(text.clone()),
                };
                self.fail(address, reason);
            }
        }
    }

    fn accept(&mut self, address: &Address, handle: String) {
        self.handles.insert(address.clone(), handle);
        self.accepted.insert(address.clone());
    }

    fn fail(&mut self, address: Address, err: ChangeError) {
        self.steps.remove(&address);
        let text = chain(&err);
        self.report.failed.insert(address.clone(), err);
        self.tell(address, EventKind::Failed(text));
    }

    /// Tells what a change waits for, once for each thing.
    fn wait_for(&mut self, address: &Address, text: String) {
        let step = self.steps.get_mut(address).expect("only steps wait");
        if step.said != text {
            step.said.clone_from(&text);
            self.tell(address.clone(), EventKind::Waiting(text));
        }
    }

    fn tell(&mut self, address: Address, kind: EventKind) {
        (self.tell)(Event { address, kind });
    }

    /// When the next look or write is due. One that waits for a look of its kind has no time.
    fn next_due(&self) -> Option<Instant> {
        self.steps
            .iter()
            .filter_map(|(address, step)| match step.stage {
                Stage::Look(_, due) if !self.looking.contains(&address.kind) => Some(due),
                Stage::Write { due } => Some(due),
                _ => None,
            })
            .min()
    }

    /// Begins nothing more. What runs is heard out.
    fn stop(&mut self) {
        self.stopping = true;
        self.report.stopped |= !self.steps.is_empty();
        let steps = std::mem::take(&mut self.steps);
        for (address, step) in steps {
            match step.stage {
                Stage::Writing => {
                    self.steps.insert(address, step);
                }
                Stage::Look(Purpose::Settle, _) | Stage::Looking(Purpose::Settle) => {
                    let text = match step.said.is_empty() {
                        true => "written, and not looked at again".into(),
                        false => step.said,
                    };
                    self.report.unsettled.insert(address, text);
                }
                _ => self.report.left.push(address),
            }
        }
    }
}

/// How often one change may fail in a way that could heal.
const FAILURES: u32 = 8;

/// An error and what it was caused by, in one line.
fn chain(err: &dyn std::error::Error) -> String {
    let mut text = err.to_string();
    let mut source = err.source();
    while let Some(err) = source {
        let more = err.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        source = err.source();
    }
    text
}

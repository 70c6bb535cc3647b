//! One change on its way: what it waits for, and what a look at its resource means.

use crate::{
    Action, Address, Change, ChangeError, Limits, Owner, Status,
    erased::{AnyObserved, AnyResource},
    field::{Field, fields},
    plan::shown_fields,
};
use serde_json::Value;
use std::{collections::BTreeMap, time::Duration};
use tokio::time::Instant;

/// A change, and how far it has come.
pub(crate) struct Step {
    pub(crate) change: Change,
    pub(crate) stage: Stage,
    /// When it began, or when its last write was accepted.
    pub(crate) since: Instant,
    /// What the last look showed, and so what a write starts from.
    pub(crate) now: Option<AnyObserved>,
    /// Looks since then; the time between them grows.
    pub(crate) looks: u32,
    pub(crate) failures: u32,
    /// What it was last said to wait for.
    pub(crate) said: String,
    /// What the spec says, as it was when the plan was made.
    planned: Option<Box<dyn AnyResource>>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Stage {
    Waiting,
    Look(Purpose, Instant),
    Looking(Purpose),
    Write { due: Instant },
    Writing,
}

/// Why a resource is looked at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Purpose {
    /// To write only if the world is still as it was planned for.
    Before,
    /// To see whether AWS has done what it accepted.
    Settle,
    /// To see what came of a write that failed.
    Heal,
}

/// What a look means.
pub(crate) enum Verdict {
    Write,
    Done(Option<String>),
    Wait {
        text: String,
        accepted: Option<String>,
    },
    Unsettled {
        text: String,
        handle: String,
    },
    Fail(ChangeError),
}

impl Step {
    pub(crate) fn new(change: Change) -> Step {
        Step {
            planned: change.asked.clone(),
            change,
            stage: Stage::Waiting,
            since: Instant::now(),
            now: None,
            looks: 0,
            failures: 0,
            said: String::new(),
        }
    }

    /// Fills the links to what this run has written.
    pub(crate) fn fill(&mut self, handles: &BTreeMap<Address, String>) {
        if let Some(asked) = &mut self.change.asked {
            asked.links(&mut |link| {
                if let Some(handle) = link.waits_for().and_then(|it| handles.get(&it)) {
                    link.fill(handle);
                }
            });
        }
    }

    /// How long to wait before the next look: a fifth of a second, doubling up to the limit.
    pub(crate) fn delay(&mut self, limits: &Limits) -> Duration {
        let delay = delay_after(self.looks, limits);
        self.looks += 1;
        delay
    }

    /// How much sooner than that it may be looked at, where that saves a look.
    pub(crate) fn slack(&self, limits: &Limits) -> Duration {
        match self.looks {
            0 => Duration::ZERO,
            looks => delay_after(looks - 1, limits) / 2,
        }
    }

    pub(crate) fn judge(
        &mut self,
        purpose: Purpose,
        now: Option<AnyObserved>,
        limits: &Limits,
    ) -> Verdict {
        let verdict = match (&self.change.asked, &now, purpose) {
            (None, None, _) => Verdict::Done(None),
            (None, Some(now), Purpose::Before | Purpose::Heal) => self.may_delete(now),
            (None, Some(now), Purpose::Settle) => match &now.status {
                // What AWS gave up deleting stays, however long one waits. A failure from before
                // the deletion may still show for a while.
                Status::Failed(reason) if self.since.elapsed() >= limits.lag => {
                    Verdict::Fail(ChangeError::GaveUp(reason.clone()))
                }
                _ => self.wait(gone_when(now), None, limits),
            },
            (Some(_), None, Purpose::Before) => self.may_create(),
            (Some(_), None, Purpose::Heal) if self.change.action == Action::Create => {
                Verdict::Write
            }
            (Some(_), None, Purpose::Heal) => stale("it is gone"),
            (Some(_), None, Purpose::Settle) => self.wait("it to appear".into(), None, limits),
            (Some(asked), Some(now), Purpose::Before) => self.may_update(&**asked, now, limits),
            (Some(asked), Some(now), Purpose::Heal) => self.heal(&**asked, now, limits),
            (Some(asked), Some(now), Purpose::Settle) => self.settled(&**asked, now, limits),
        };
        if matches!(verdict, Verdict::Write) {
            self.now = now.filter(|it| !is_free_for(it, self.change.action));
        }
        verdict
    }

    fn may_delete(&self, now: &AnyObserved) -> Verdict {
        let same = self.change.handle() == Some(&now.handle);
        match now.status {
            _ if now.owner != Owner::Ours => stale("it is no longer this stack's"),
            _ if !same => stale("it was deleted and made anew"),
            Status::Leaving(_) => Verdict::Wait {
                text: gone_when(now),
                accepted: None,
            },
            _ => Verdict::Write,
        }
    }

    fn may_create(&self) -> Verdict {
        match self.change.action {
            Action::Create => Verdict::Write,
            _ => stale("it is gone"),
        }
    }

    fn may_update(&self, asked: &dyn AnyResource, now: &AnyObserved, limits: &Limits) -> Verdict {
        let ours = now.owner == Owner::Ours;
        if let Status::Leaving(_) = now.status {
            return match self.change.action {
                // AWS will say when the name is free.
                Action::Create => Verdict::Write,
                _ => stale("it is being deleted"),
            };
        }
        if ours && asked.is_met_by(&*now.resource) {
            return self.settled(asked, now, limits);
        }
        let (Some(before), Some(planned)) = (&self.change.before, &self.planned) else {
            return match ours {
                true => stale("it appeared, and differs from what is asked"),
                false => stale("it appeared, and is not this stack's"),
            };
        };
        if now.owner != before.owner && !ours {
            return stale("it has changed hands");
        }
        let moved = moved(&**planned, &*before.resource, &*now.resource);
        match moved.is_empty() {
            true => Verdict::Write,
            false => stale(&format!("{} changed", moved.join(", "))),
        }
    }

    fn heal(&self, asked: &dyn AnyResource, now: &AnyObserved, limits: &Limits) -> Verdict {
        let ours = now.owner == Owner::Ours;
        match &now.status {
            // AWS will say when the name is free.
            Status::Leaving(_) => Verdict::Write,
            _ if ours && asked.is_met_by(&*now.resource) => self.settled(asked, now, limits),
            _ if self.change.action == Action::Create && !ours => {
                stale("it appeared, and is not this stack's")
            }
            _ if self.change.action == Action::Create => {
                // A creation of ours that got half-way lacks something. Another value is another
                // run's.
                match contradicted(asked, now).as_slice() {
                    [] => Verdict::Write,
                    paths => stale(&format!(
                        "it appeared, and differs from what is asked in {}",
                        paths.join(", ")
                    )),
                }
            }
            _ if ours || self.change.action == Action::Adopt => Verdict::Write,
            _ => stale("it has changed hands"),
        }
    }

    fn settled(&self, asked: &dyn AnyResource, now: &AnyObserved, limits: &Limits) -> Verdict {
        let met = now.owner == Owner::Ours && asked.is_met_by(&*now.resource);
        let handle = || now.handle.clone();
        match &now.status {
            Status::Failed(reason) => Verdict::Fail(ChangeError::GaveUp(reason.clone())),
            Status::Ready if met => Verdict::Done(Some(handle())),
            Status::Settling(text) if met && !limits.wait => Verdict::Unsettled {
                text: text.clone(),
                handle: handle(),
            },
            Status::Settling(text) => self.wait(text.clone(), met.then(handle), limits),
            Status::Leaving(text) => self.wait(text.clone(), None, limits),
            // Reads may lag behind writes, so this is wrong only if it lasts.
            Status::Ready if self.since.elapsed() < limits.lag => {
                self.wait("AWS to show what was written".into(), None, limits)
            }
            Status::Ready => Verdict::Fail(ChangeError::NotKept(differences(asked, now))),
        }
    }

    fn wait(&self, text: String, accepted: Option<String>, limits: &Limits) -> Verdict {
        match self.since.elapsed() < limits.patience {
            true => Verdict::Wait { text, accepted },
            false => Verdict::Fail(ChangeError::TimedOut {
                after: limits.patience,
                waiting_for: text,
            }),
        }
    }
}

fn delay_after(looks: u32, limits: &Limits) -> Duration {
    let delay = Duration::from_millis(200) * 2u32.pow(looks.min(10));
    delay.min(limits.poll)
}

fn stale(why: &str) -> Verdict {
    Verdict::Fail(ChangeError::Stale(why.to_owned()))
}

fn gone_when(now: &AnyObserved) -> String {
    match &now.status {
        Status::Leaving(text) | Status::Settling(text) => text.clone(),
        _ => "it to be gone".into(),
    }
}

/// Whether what is there is only on its way out, so that a creation still is one.
fn is_free_for(now: &AnyObserved, action: Action) -> bool {
    action == Action::Create && matches!(now.status, Status::Leaving(_))
}

/// The fields that are no longer as they were when the change was planned.
///
/// A field counts if the change would write it; what others move beside it does not.
fn moved(
    planned: &dyn AnyResource,
    before: &dyn AnyResource,
    now: &dyn AnyResource,
) -> Vec<String> {
    let to_write = |from: &dyn AnyResource| -> Vec<Field> {
        fields(&from.value(), &planned.resolved(from).value())
    };
    let (then, now) = (to_write(before), to_write(now));
    let moved = then.iter().chain(&now);
    let mut moved: Vec<String> = moved
        .filter(|it| !(then.contains(it) && now.contains(it)))
        .map(|it| it.path.to_string())
        .collect();
    moved.sort();
    moved.dedup();
    moved
}

/// The fields for which what is there has a value, and not the one asked for.
fn contradicted(asked: &dyn AnyResource, now: &AnyObserved) -> Vec<String> {
    let is_one = |it: &Option<Value>| {
        it.as_ref()
            .is_some_and(|it| it.is_number() || it.is_string() || it.is_boolean())
    };
    let resolved = asked.resolved(&*now.resource);
    fields(&now.resource.value(), &resolved.value())
        .into_iter()
        .filter(|it| is_one(&it.before) && is_one(&it.after))
        .map(|it| it.path.to_string())
        .collect()
}

fn differences(asked: &dyn AnyResource, now: &AnyObserved) -> Vec<Field> {
    let resolved = asked.resolved(&*now.resource);
    let found = shown_fields(&*now.resource, &*resolved);
    match found.is_empty() {
        false => found,
        true => vec![Field {
            path: crate::Path(vec![crate::Segment::Key("owner".into())]),
            before: None,
            after: None,
        }],
    }
}

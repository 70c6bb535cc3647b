//! A plan as JSON, version 1. Fields may be added within a version; none changes its meaning.

use super::diagnostics;
use crate::{preflight::Preflight, session::Session};
use serde::Serialize;
use serde_json::Value;
use setpoint_core::{Action, Address, Change, Field, Owner};
use std::collections::BTreeSet;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    version: u32,
    stack: &'a str,
    account: &'a str,
    region: &'a str,
    summary: Summary,
    changes: Vec<Entry<'a>>,
    /// What is as asked and not settled.
    awaited: Vec<Awaited<'a>>,
    /// What AWS tells of the stack beside that, in the form of `validate --json`.
    problems: Vec<diagnostics::Entry<'a>>,
    /// What could not be asked, and why.
    not_checked: &'a [String],
}

#[derive(Serialize)]
struct Awaited<'a> {
    address: String,
    /// What AWS is at, or why it gave up.
    state: Option<&'a str>,
}

#[derive(Default, Serialize)]
struct Summary {
    create: usize,
    update: usize,
    adopt: usize,
    delete: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    address: String,
    kind: &'static str,
    name: &'a str,
    action: &'static str,
    /// Whether apply may carry it out without another word of the user's.
    granted: bool,
    owner: Option<String>,
    effect: Option<&'a str>,
    fields: &'a [Field],
    /// The whole document, of a creation.
    after: Option<Value>,
    /// The whole document, of a deletion.
    before: Option<Value>,
    /// The resources whose handles stand as `(kind.name)` until they are made.
    known_after_apply: BTreeSet<Address>,
    needs: &'a BTreeSet<Address>,
}

pub(super) fn plan(session: &Session, found: &Preflight) -> String {
    let files = &session.read.files;
    let mut summary = Summary::default();
    for change in &session.plan.changes {
        match change.action {
            Action::Create => summary.create += 1,
            Action::Update => summary.update += 1,
            Action::Adopt => summary.adopt += 1,
            Action::Delete => summary.delete += 1,
            Action::Await => {}
        }
    }
    let document = Document {
        version: 1,
        stack: &session.read.stack.name,
        account: &session.identity.account,
        region: session.aws.region(),
        summary,
        changes: session.plan.changes.iter().map(entry).collect(),
        awaited: session.plan.awaited.iter().map(awaited).collect(),
        problems: diagnostics::entries(files, &found.problems),
        not_checked: &found.not_checked,
    };
    let text = serde_json::to_string_pretty(&document).expect("a plan is plain data");
    text + "\n"
}

fn awaited(change: &Change) -> Awaited<'_> {
    Awaited {
        address: change.address.to_string(),
        state: change.effect.as_deref(),
    }
}

fn entry(change: &Change) -> Entry<'_> {
    let action = match change.action {
        Action::Create => "create",
        Action::Update => "update",
        Action::Adopt => "adopt",
        Action::Delete => "delete",
        Action::Await => "await",
    };
    Entry {
        address: change.address.to_string(),
        kind: change.address.kind.0,
        name: change.address.name.as_str(),
        action,
        granted: change.granted,
        owner: change.owner.as_ref().and_then(|it| match it {
            Owner::Stack(name) => Some(name.clone()),
            _ => None,
        }),
        effect: change.effect.as_deref(),
        fields: &change.fields,
        after: change.after().filter(|_| change.action == Action::Create),
        before: change.before().filter(|_| change.action == Action::Delete),
        known_after_apply: change.unknown(),
        needs: &change.needs,
    }
}

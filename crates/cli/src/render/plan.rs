//! A plan as text.

use super::{paint::Paint, value};
use crate::session::Session;
use serde_json::Value;
use setpoint_core::{Action, Address, Change, Field, Owner, Plan};
use std::collections::BTreeSet;

/// The whole plan: whose, each change, and a line that sums it up.
pub(super) fn text(session: &Session, paint: &Paint) -> String {
    let Session {
        read,
        aws,
        identity,
        plan,
        ..
    } = session;
    let head = format!(
        "{} in {}, account {}",
        read.stack.name,
        aws.region(),
        identity.account
    );
    let mut text = format!("{}\n\n", paint.strong(&head));
    if plan.is_settled() {
        return text + "Nothing to do: AWS is as the stack says.\n";
    }
    for it in plan.changes.iter().chain(&plan.awaited) {
        text += &change(it, paint);
    }
    text + &format!("{}\n", summary(plan))
}

/// How many changes of each kind.
pub(super) fn summary(plan: &Plan) -> String {
    let all = || plan.changes.iter().chain(&plan.awaited);
    let count = |action| all().filter(|it| it.action == action).count();
    let mut parts = Vec::new();
    for (action, word) in [
        (Action::Create, "create"),
        (Action::Update, "update"),
        (Action::Adopt, "adopt"),
        (Action::Delete, "delete"),
        (Action::Await, "wait for"),
    ] {
        if count(action) > 0 {
            parts.push(format!("{} to {word}", count(action)));
        }
    }
    format!("Plan: {}.", parts.join(", "))
}

fn change(change: &Change, paint: &Paint) -> String {
    let (mark, word) = match change.action {
        Action::Create => (paint.good("+"), "create"),
        Action::Update => (paint.change("~"), "update"),
        Action::Adopt => (paint.change("!"), "adopt"),
        Action::Delete => (paint.bad("-"), "delete"),
        Action::Await => (paint.change("…"), "as the stack says, and not settled"),
    };
    let address = paint.strong(&change.address.to_string());
    let mut head = format!("{mark} {address}  {word}");
    if let Some(effect) = &change.effect {
        head += &format!(" · {effect}");
    }
    let mut text = format!("{head}\n");
    if let Some(owner) = &change.owner {
        let whose = match owner {
            Owner::Stack(other) => format!("it belongs to the stack {other}"),
            _ => "it exists, and no stack owns it".into(),
        };
        let way = match change.granted {
            true => "it is taken over".into(),
            false => format!("needs --adopt {}", change.address),
        };
        text += &format!("    {whose}; {way}\n");
    }
    let unknown = change.unknown();
    match change.action {
        Action::Create => text += &document(change.after(), &unknown, paint),
        Action::Delete => {
            if let Some(handle) = change
                .handle()
                .filter(|it| *it != change.address.name.as_str())
            {
                text += &format!("    {}\n", paint.faint(handle));
            }
        }
        _ => {
            for it in &change.fields {
                text += &field(it, &unknown, paint);
            }
        }
    }
    text + "\n"
}

/// A whole document, line by line.
fn document(document: Option<Value>, unknown: &BTreeSet<Address>, paint: &Paint) -> String {
    let yaml = document.map(|it| value::yaml(&it)).unwrap_or_default();
    let lines = yaml
        .lines()
        .filter(|it| *it != "{}")
        .map(|line| format!("    {}\n", paint.faint(&explained(line, unknown))));
    lines.collect()
}

fn field(field: &Field, unknown: &BTreeSet<Address>, paint: &Paint) -> String {
    let path = field.path.to_string();
    let short = |it: &Option<Value>| match it {
        None => Some("(none)".to_owned()),
        Some(value) => value::short(value),
    };
    if let (Some(before), Some(after)) = (short(&field.before), short(&field.after)) {
        let (before, after) = (paint.bad(&before), paint.good(&explained(&after, unknown)));
        return format!("    {path}: {before} → {after}\n");
    }
    let mut text = format!("    {path}:\n");
    for (mark, line) in value::lines(field.before.as_ref(), field.after.as_ref()) {
        let line = format!("{mark} {}", explained(&line, unknown));
        let line = match mark {
            '+' => paint.good(&line),
            '-' => paint.bad(&line),
            _ => paint.faint(&line),
        };
        text += &format!("      {}\n", line.trim_end());
    }
    text
}

/// Says of a line that speaks of something not made yet that it is only known then.
fn explained(line: &str, unknown: &BTreeSet<Address>) -> String {
    match unknown.iter().any(|it| line.contains(&format!("({it})"))) {
        true => format!("{line}  (known after apply)"),
        false => line.to_owned(),
    }
}

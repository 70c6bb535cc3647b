//! AWS's own managed policies: those that stacks of ECS name, and broad ones.
//!
//! `managed.txt` holds them. Each begins with its path and name, its version, and when it was made
//! and last changed. `allow`, `allow-all-but` and `deny` begin a statement, which a `sid` may
//! precede; `on` names its resources (without it: all), and each `if` a condition's operator, key
//! and values. The documents of the broad ones (`ReadOnlyAccess`, `ViewOnlyAccess`,
//! `SecurityAudit`) are shorter than AWS's, and their versions and dates are only near.

use super::{moment, policy::Policy};
use crate::{Time, ids::Ids};
use serde_json::{Map, Value, json};
use std::{collections::BTreeMap, sync::LazyLock};

static ALL: LazyLock<BTreeMap<String, Policy>> = LazyLock::new(|| {
    let policies = include_str!("managed.txt").split("\n\n");
    let policies = policies.filter_map(policy);
    policies.map(|it| (it.arn.clone(), it)).collect()
});

/// AWS's policies by their ARNs.
pub(super) fn all() -> &'static BTreeMap<String, Policy> {
    &ALL
}

fn policy(text: &str) -> Option<Policy> {
    let mut lines = text.trim().lines();
    let mut head = lines.next()?.split(' ');
    let full = head.next()?;
    let version = head.next()?.strip_prefix('v')?.parse().ok()?;
    let mut time = || head.next().and_then(moment::read).unwrap_or(Time(0));
    let (created_at, updated_at) = (time(), time());
    let (folder, name) = match full.split_once('/') {
        Some((folder, name)) => (format!("/{folder}/"), name),
        None => ("/".to_owned(), full),
    };
    let mut about = None;
    let mut statements: Vec<Map<String, Value>> = Vec::new();
    let mut sid = None;
    for line in lines {
        let (word, rest) = line.split_once(' ')?;
        let words: Vec<&str> = rest.split(' ').collect();
        match word {
            "about" => about = Some(rest.to_owned()),
            "sid" => sid = Some(rest),
            "on" => {
                statements
                    .last_mut()?
                    .insert("Resource".into(), few(&words));
            }
            "if" => condition(statements.last_mut()?, &words)?,
            _ => statements.push(statement(word, sid.take(), &words)),
        }
    }
    let document = json!({ "Version": "2012-10-17", "Statement": statements });
    Some(Policy {
        name: name.to_owned(),
        arn: format!("arn:aws:iam::aws:policy{folder}{name}"),
        path: folder,
        id: Ids::new(seed(name)).iam("ANPA"),
        description: about,
        created_at,
        updated_at,
        versions: BTreeMap::from([(version, (document.to_string(), updated_at))]),
        default: version,
        last: version,
        tags: BTreeMap::new(),
    })
}

fn statement(word: &str, sid: Option<&str>, actions: &[&str]) -> Map<String, Value> {
    let (effect, name) = match word {
        "deny" => ("Deny", "Action"),
        "allow-all-but" => ("Allow", "NotAction"),
        _ => ("Allow", "Action"),
    };
    let mut statement = Map::new();
    if let Some(sid) = sid {
        statement.insert("Sid".into(), sid.into());
    }
    statement.insert("Effect".into(), effect.into());
    statement.insert(name.into(), few(actions));
    statement.insert("Resource".into(), "*".into());
    statement
}

fn condition(statement: &mut Map<String, Value>, words: &[&str]) -> Option<()> {
    let [operator, key, values @ ..] = words else {
        return None;
    };
    let block = statement.entry("Condition").or_insert_with(|| json!({}));
    block[operator][key] = few(values);
    Some(())
}

/// One text, or a list of them.
fn few(texts: &[&str]) -> Value {
    match texts {
        [one] => (*one).into(),
        more => json!(more),
    }
}

/// A number of a name's own, so that a policy has the same unique id in every world.
fn seed(name: &str) -> u64 {
    let mix = |sum: u64, byte: u8| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    name.bytes().fold(0xcbf2_9ce4_8422_2325, mix)
}

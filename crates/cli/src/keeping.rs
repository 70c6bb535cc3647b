//! Which images of a repository something needs.

use crate::session::Session;
use futures::{future::try_join_all, try_join};
use setpoint_check::{StoredImage, preflight::KeepQuestion};
use setpoint_core::AdapterError;
use setpoint_ecs::{InUse, User};
use setpoint_spec::Problem;
use std::{
    collections::{BTreeMap, BTreeSet},
    time::{SystemTime, UNIX_EPOCH},
};

/// Tries the lifecycle policies that are asked about on what the repositories hold.
pub(crate) async fn judged(
    session: &Session,
    asked: &[KeepQuestion],
) -> Vec<Result<Option<Problem>, AdapterError>> {
    if asked.is_empty() {
        return Vec::new();
    }
    let services = session.read.stack.clusters_of_services();
    let running = setpoint_ecs::running(&session.aws, &services);
    let families: BTreeSet<String> = asked.iter().flat_map(|it| it.families.clone()).collect();
    let families: Vec<String> = families.into_iter().collect();
    let kept = setpoint_ecs::kept(&session.aws, &families);
    let images = setpoint_ecr::Images::new(&session.aws);
    let stored = try_join_all(asked.iter().map(|it| images.stored(&it.repository)));
    let (running, kept, stored) = match try_join!(running, kept, stored) {
        Ok(answers) => answers,
        Err(err) => return vec![Err(err)],
    };
    let in_use: Vec<InUse> = running.into_iter().chain(kept).collect();
    // The days of a policy are days of the clock on the wall, on a sandbox, too, until it runs ahead.
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.map_or(0.0, |it| it.as_secs_f64());
    let each = asked.iter().zip(stored).map(|(question, stored)| {
        let stored: Vec<StoredImage> = stored.unwrap_or_default().into_iter().map(of).collect();
        let needed = needed(question, &stored, &in_use);
        let newest = stored.iter().map(|it| it.pushed_at).fold(now, f64::max);
        Ok(question.judge(&stored, &needed, newest))
    });
    each.collect()
}

fn of(stored: setpoint_ecr::Stored) -> StoredImage {
    StoredImage {
        digest: stored.digest,
        tags: stored.tags,
        pushed_at: stored.pushed_at,
        pulled_at: stored.pulled_at,
        is_index: stored.is_index,
    }
}

/// The digests that are needed, with what needs them.
fn needed(
    question: &KeepQuestion,
    stored: &[StoredImage],
    in_use: &[InUse],
) -> BTreeMap<String, BTreeSet<String>> {
    let tagged = |tag: &str| {
        let found = stored.iter().find(|it| it.tags.iter().any(|it| it == tag));
        found.map(|it| it.digest.clone())
    };
    let mut needed: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut insert = |digest: Option<String>, by: String| {
        if let Some(digest) = digest {
            needed.entry(digest).or_default().insert(by);
        }
    };
    for (reference, by) in &question.named {
        match reference.starts_with("sha256:") {
            true => insert(Some(reference.clone()), by.clone()),
            false => insert(tagged(reference), by.clone()),
        }
    }
    for it in in_use {
        let by = match &it.by {
            User::Service(service) => format!("a running task of {service}"),
            User::Revision(revision) => format!("the revision {revision}"),
        };
        let Some((name, reference)) = parted(&it.image) else {
            continue;
        };
        if name != question.repository {
            continue;
        }
        let digest = match reference {
            Reference::Digest(digest) => Some(digest.to_owned()),
            // What a tag meant when the task began is what the agent tells.
            Reference::Tag(tag) => it.digest.clone().or_else(|| tagged(tag)),
        };
        insert(digest, by);
    }
    needed
}

enum Reference<'a> {
    Tag(&'a str),
    Digest(&'a str),
}

/// The repository's name in its registry, and what follows it.
fn parted(image: &str) -> Option<(&str, Reference<'_>)> {
    let (_, path) = image.split_once('/')?;
    if let Some((name, digest)) = path.split_once('@') {
        let name = name.split_once(':').map_or(name, |it| it.0);
        return Some((name, Reference::Digest(digest)));
    }
    Some(match path.rsplit_once(':') {
        Some((name, tag)) => (name, Reference::Tag(tag)),
        None => (path, Reference::Tag("latest")),
    })
}

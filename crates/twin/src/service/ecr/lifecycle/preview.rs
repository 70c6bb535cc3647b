//! What a lifecycle policy would do.

use super::{
    super::{
        invalid,
        repository::{find, find_mut},
    },
    effect, none, rule,
};
use crate::{
    Answer, Input, Refusal, Time, World,
    call::{object, page},
    habits::ACCOUNT,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::time::Duration;

const DURATION: Duration = Duration::from_secs(5);

/// A preview that was asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Preview {
    /// The policy: JSON text.
    pub text: String,
    /// When it was asked for; it takes some seconds.
    pub begun_at: Time,
    /// The images and what would happen to them, in the shape of the model.
    pub results: Vec<Value>,
}

pub(super) fn start(world: &mut World, input: &Input) -> Answer {
    let now = world.now;
    let repository = find_mut(world, input)?;
    let given = input.maybe("lifecyclePolicyText").map(str::to_owned);
    let own = repository.lifecycle.as_ref().map(|it| it.text.clone());
    let Some(text) = given.or(own) else {
        return Err(none(repository));
    };
    let rules = rule::read(&text)?;
    let last = repository.preview.as_ref();
    if last.is_some_and(|it| now.since(it.begun_at) < DURATION) {
        let text = "The previous lifecycle policy preview request has not completed. Wait and try \
                    again.";
        return Err(Refusal::new(
            "LifecyclePolicyPreviewInProgressException",
            text,
        ));
    }
    let fates = effect::of(&rules, repository, now);
    let results = fates.into_iter().filter_map(|fate| {
        let image = repository.images.get(&fate.digest)?;
        let action = match fate.archives {
            true => json!({ "type": "TRANSITION", "targetStorageClass": "ARCHIVE" }),
            false => json!({ "type": "EXPIRE" }),
        };
        let class = image.archived_at.map_or("STANDARD", |_| "ARCHIVE");
        Some(json!({
            "imageTags": image.tags,
            "imageDigest": image.digest,
            "imagePushedAt": image.pushed_at.value(),
            "action": action,
            "appliedRulePriority": fate.priority,
            "storageClass": class,
        }))
    });
    let results = results.collect();
    repository.preview = Some(Preview {
        text: text.clone(),
        begun_at: now,
        results,
    });
    Ok(json!({
        "registryId": ACCOUNT,
        "repositoryName": repository.name,
        "lifecyclePolicyText": text,
        "status": "IN_PROGRESS",
    }))
}

pub(super) fn get(world: &mut World, input: &Input) -> Answer {
    let repository = find(world, input)?;
    let Some(preview) = &repository.preview else {
        let text = "There is no dry run for this repository.";
        return Err(Refusal::new(
            "LifecyclePolicyPreviewNotFoundException",
            text,
        ));
    };
    let is_done = world.now.since(preview.begun_at) >= DURATION;
    let results: &[Value] = match is_done {
        true => &preview.results,
        false => &[],
    };
    let asked = |it: &&Value| is_asked(it, input);
    let asked: Vec<&Value> = results.iter().filter(asked).collect();
    let limit = input.integer("maxResults").unwrap_or(100) as usize;
    let Some((some, next)) = page(&asked, input.maybe("nextToken"), limit) else {
        return Err(invalid("nextToken", "Invalid next token"));
    };
    let status = if is_done { "COMPLETE" } else { "IN_PROGRESS" };
    Ok(object([
        ("registryId", Some(json!(ACCOUNT))),
        ("repositoryName", Some(json!(repository.name))),
        ("lifecyclePolicyText", Some(json!(preview.text))),
        ("status", Some(json!(status))),
        ("nextToken", next.map(Value::from)),
        ("previewResults", Some(json!(some))),
        ("summary", is_done.then(|| summary(results))),
    ]))
}

fn is_asked(result: &Value, input: &Input) -> bool {
    let is_untagged = result["imageTags"].as_array().is_none_or(Vec::is_empty);
    let status = input.get("filter").and_then(|it| it["tagStatus"].as_str());
    let by_status = match status {
        Some("TAGGED") => !is_untagged,
        Some("UNTAGGED") => is_untagged,
        _ => true,
    };
    let ids = input.list("imageIds");
    let is_named = |id: &Value| {
        let tags = result["imageTags"].as_array();
        id["imageDigest"] == result["imageDigest"]
            || tags.is_some_and(|tags| tags.contains(&id["imageTag"]))
    };
    by_status && (ids.is_empty() || ids.iter().any(is_named))
}

fn summary(results: &[Value]) -> Value {
    let of = |kind: &str| {
        results
            .iter()
            .filter(|it| it["action"]["type"] == kind)
            .count()
    };
    let moved = match of("TRANSITION") {
        0 => None,
        some => Some(json!([{ "targetStorageClass": "ARCHIVE", "imageTotalCount": some }])),
    };
    object([
        ("expiringImageTotalCount", Some(json!(of("EXPIRE")))),
        ("transitioningImageTotalCounts", moved),
    ])
}

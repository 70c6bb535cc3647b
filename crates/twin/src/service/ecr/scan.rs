//! Basic scans, which find nothing here.

use super::{
    grants,
    image::{self, Image, resolve},
    matches,
    repository::{Repository, find, find_mut},
};
use crate::{Action, Answer, Input, Refusal, Time, World, call::object, habits::ACCOUNT};
use serde_json::{Value, json};
use std::time::Duration;

const SCAN: Duration = Duration::from_secs(10);
const DAY: Duration = Duration::from_secs(24 * 3600);

pub(super) fn actions() -> Vec<Action> {
    let on = grants::on_repositories;
    vec![
        Action::on("StartImageScan", start, on),
        Action::on("DescribeImageScanFindings", findings, on),
    ]
}

/// Whether an image that is pushed is scanned, by the repository's word or the registry's.
pub(super) fn on_push(world: &World, repository: &Repository) -> bool {
    let scanning = world.ecr.scanning.as_ref();
    let rules = scanning.and_then(|it| it["rules"].as_array());
    let rules = rules.into_iter().flatten();
    let filters = rules
        .filter(|it| it["scanFrequency"] != "MANUAL")
        .filter_map(|it| it["repositoryFilters"].as_array())
        .flatten();
    // A filter without a wildcard stands for every name that contains it.
    let by_registry = filters.filter_map(|it| it["filter"].as_str()).any(|it| {
        matches(it, &repository.name) || !it.contains('*') && repository.name.contains(it)
    });
    repository.scan_on_push || by_registry
}

/// Whether a scan that was begun has come to its end.
pub(super) fn is_done(begun_at: Time, now: Time) -> bool {
    now.since(begun_at) >= SCAN
}

/// What DescribeImages shows of a scan.
pub(super) fn summary(begun_at: Time) -> Value {
    json!({
        "imageScanCompletedAt": (begun_at + SCAN).value(),
        "vulnerabilitySourceUpdatedAt": begun_at.floor(DAY).value(),
        "findingSeverityCounts": {},
    })
}

fn start(world: &mut World, input: &Input) -> Answer {
    let now = world.now;
    let repository = find_mut(world, input)?;
    let image = named(repository, input)?;
    if image.archived_at.is_some() {
        let text = "The specified image is archived and cannot be scanned.";
        return Err(Refusal::new("ImageArchivedException", text));
    }
    if !image.children.is_empty() {
        let text = "The image is of a type that cannot be scanned.";
        return Err(Refusal::new("UnsupportedImageTypeException", text));
    }
    if image.scanned_at.is_some_and(|it| now.since(it) < DAY) {
        let text = "The scan quota per image has been exceeded. Wait and try again.";
        return Err(Refusal::new("LimitExceededException", text));
    }
    let digest = image.digest.clone();
    if let Some(image) = repository.images.get_mut(&digest) {
        image.scanned_at = Some(now);
    }
    Ok(json!({
        "registryId": ACCOUNT,
        "repositoryName": repository.name,
        "imageId": with_digest(input, &digest),
        "imageScanStatus": { "status": "IN_PROGRESS" },
    }))
}

fn findings(world: &mut World, input: &Input) -> Answer {
    let repository = find(world, input)?;
    let image = named(repository, input)?;
    let Some(begun_at) = image.scanned_at else {
        let text = format!(
            "Image scan does not exist for the image with '{{imageDigest:'{}', imageTag:'{}'}}' in \
             the repository with name '{}' in the registry with id '{ACCOUNT}'",
            image.digest,
            input
                .get("imageId")
                .and_then(|it| it["imageTag"].as_str())
                .unwrap_or("null"),
            repository.name
        );
        return Err(Refusal::new("ScanNotFoundException", text));
    };
    let is_done = is_done(begun_at, world.now);
    let status = match is_done {
        true => json!({
            "status": "COMPLETE",
            "description": "The scan was completed successfully.",
        }),
        false => json!({ "status": "IN_PROGRESS" }),
    };
    let mut found = summary(begun_at);
    found["findings"] = json!([]);
    Ok(object([
        ("registryId", Some(json!(ACCOUNT))),
        ("repositoryName", Some(json!(repository.name))),
        ("imageId", Some(with_digest(input, &image.digest))),
        ("imageScanStatus", Some(status)),
        ("imageScanFindings", is_done.then_some(found)),
    ]))
}

fn named<'a>(repository: &'a Repository, input: &Input) -> Result<&'a Image, Refusal> {
    let id = input.get("imageId").unwrap_or(&Value::Null);
    resolve(repository, id).map_err(|_| image::missing(repository, id))
}

fn with_digest(input: &Input, digest: &str) -> Value {
    let id = input.get("imageId");
    object([
        ("imageDigest", Some(json!(digest))),
        ("imageTag", id.and_then(|it| it.get("imageTag")).cloned()),
    ])
}

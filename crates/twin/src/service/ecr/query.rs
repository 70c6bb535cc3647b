//! Reading images, and deleting them.

use super::{
    grants,
    image::{self, Image, failed, passes, resolve},
    invalid, pull,
    repository::{Repository, find, find_mut},
    scan,
};
use crate::{
    Action, Answer, Input, Refusal, Time, World,
    call::{object, page},
    habits::ACCOUNT,
};
use serde_json::{Value, json};

pub(super) fn actions() -> Vec<Action> {
    let on = grants::on_repositories;
    vec![
        Action::on("BatchGetImage", batch_get, on),
        Action::on("DescribeImages", describe, on),
        Action::on("ListImages", list, on),
        Action::on("BatchDeleteImage", batch_delete, on),
    ]
}

/// Manifests are given as they were pushed, whatever types the caller takes.
fn batch_get(world: &mut World, input: &Input) -> Answer {
    let now = world.now;
    let name = find(world, input)?.name.clone();
    let (mut images, mut failures) = (Vec::new(), Vec::new());
    for id in input.list("imageIds") {
        let assumed = pull::assumed(world, &name, id);
        let repository = find_mut(world, input)?;
        let image = match (resolve(repository, id), assumed) {
            (Err(("ImageNotFound", _)), Some((digest, manifest))) => {
                let tag = id.get("imageTag").cloned();
                images.push(json!({
                    "registryId": ACCOUNT,
                    "repositoryName": name,
                    "imageId": object([("imageDigest", Some(json!(digest))), ("imageTag", tag)]),
                    "imageManifest": manifest,
                    "imageManifestMediaType": pull::INDEX,
                }));
                continue;
            }
            (resolved, _) => resolved,
        };
        let image = match image {
            Ok(image) if image.archived_at.is_some() => {
                let text = "Requested image is archived";
                failures.push(failed(id, "ImageInaccessible", text));
                continue;
            }
            Ok(image) => image,
            Err((code, reason)) => {
                failures.push(failed(id, code, reason));
                continue;
            }
        };
        let named = object([
            ("imageDigest", Some(json!(image.digest))),
            ("imageTag", id.get("imageTag").cloned()),
        ]);
        images.push(json!({
            "registryId": ACCOUNT,
            "repositoryName": repository.name,
            "imageId": named,
            "imageManifest": image.manifest,
            "imageManifestMediaType": image.media_type,
        }));
        let digest = image.digest.clone();
        if let Some(image) = repository.images.get_mut(&digest) {
            image.pulled_at = Some(now);
        }
    }
    Ok(json!({ "images": images, "failures": failures }))
}

fn describe(world: &mut World, input: &Input) -> Answer {
    let repository = find(world, input)?;
    let ids = input.list("imageIds");
    if ids.is_empty() {
        let all = repository.images.values();
        let all: Vec<&Image> = all.filter(|it| passes(it, input.get("filter"))).collect();
        let (some, next) = paged(&all, input)?;
        let shown = some.into_iter().map(|it| detail(repository, it, world.now));
        let details: Vec<Value> = shown.collect();
        return Ok(object([
            ("imageDetails", Some(json!(details))),
            ("nextToken", next.map(Value::from)),
        ]));
    }
    if input.has("maxResults") || input.has("nextToken") {
        let text = "maxResults and nextToken cannot be used with imageIds";
        return Err(Refusal::new("InvalidParameterException", text));
    }
    let mut details = Vec::new();
    for id in ids {
        let image = resolve(repository, id).map_err(|(code, reason)| match code {
            "ImageNotFound" | "ImageTagDoesNotMatchDigest" => image::missing(repository, id),
            _ => Refusal::new("InvalidParameterException", reason),
        })?;
        details.push(detail(repository, image, world.now));
    }
    Ok(json!({ "imageDetails": details }))
}

fn detail(repository: &Repository, image: &Image, now: Time) -> Value {
    let tags = Some(&image.tags).filter(|it| !it.is_empty());
    let scanned = image.scanned_at.filter(|it| scan::is_done(*it, now));
    object([
        ("registryId", Some(json!(ACCOUNT))),
        ("repositoryName", Some(json!(repository.name))),
        ("imageDigest", Some(json!(image.digest))),
        ("imageTags", tags.map(|it| json!(it))),
        ("imageSizeInBytes", Some(json!(image.size))),
        ("imagePushedAt", Some(image.pushed_at.value())),
        ("imageManifestMediaType", Some(json!(image.media_type))),
        (
            "artifactMediaType",
            image.artifact_type.clone().map(Into::into),
        ),
        (
            "subjectManifestDigest",
            image.subject.clone().map(Into::into),
        ),
        ("lastRecordedPullTime", image.pulled_at.map(|it| it.value())),
        ("imageStatus", Some(json!(image.status()))),
        ("lastArchivedAt", image.archived_at.map(|it| it.value())),
        ("imageScanFindingsSummary", scanned.map(scan::summary)),
    ])
}

fn list(world: &mut World, input: &Input) -> Answer {
    let repository = find(world, input)?;
    let all = repository.images.values();
    let all = all.filter(|it| passes(it, input.get("filter")));
    let all: Vec<Value> = all.flat_map(Image::ids).collect();
    let (ids, next) = paged(&all, input)?;
    Ok(object([
        ("imageIds", Some(json!(ids))),
        ("nextToken", next.map(Value::from)),
    ]))
}

fn paged<T: Clone>(all: &[T], input: &Input) -> Result<(Vec<T>, Option<String>), Refusal> {
    let limit = input.integer("maxResults").unwrap_or(100) as usize;
    page(all, input.maybe("nextToken"), limit)
        .ok_or_else(|| invalid("nextToken", "Invalid next token"))
}

/// By its digest an image goes with all its tags; by a tag only the tag goes, and with the last
/// tag the image. Lists go first, for they hold the images that they list.
fn batch_delete(world: &mut World, input: &Input) -> Answer {
    let repository = find_mut(world, input)?;
    let mut ids: Vec<&Value> = input.list("imageIds").iter().collect();
    ids.sort_by_key(|id| !resolve(repository, id).is_ok_and(|it| !it.children.is_empty()));
    let (mut deleted, mut failures) = (Vec::new(), Vec::new());
    for id in ids {
        match delete(repository, id) {
            Ok(gone) => deleted.extend(gone),
            Err((code, reason)) => failures.push(failed(id, code, reason)),
        }
    }
    Ok(json!({ "imageIds": deleted, "failures": failures }))
}

fn delete(repository: &mut Repository, id: &Value) -> Result<Vec<Value>, (&'static str, String)> {
    let image = resolve(repository, id).map_err(|(code, reason)| (code, reason.to_owned()))?;
    let digest = image.digest.clone();
    let tag = id["imageTag"].as_str();
    let gone = match tag {
        Some(tag) => vec![json!({ "imageDigest": digest, "imageTag": tag })],
        None => image.ids(),
    };
    if tag.is_some() && image.tags.len() > 1 {
        if let (Some(image), Some(tag)) = (repository.images.get_mut(&digest), tag) {
            image.tags.remove(tag);
        }
        return Ok(gone);
    }
    let lists = lists_of(repository, &digest);
    if !lists.is_empty() {
        let reason = format!(
            "Requested image referenced by manifest list: [{}]",
            lists.join(", ")
        );
        return Err(("ImageReferencedByManifestList", reason));
    }
    repository.images.remove(&digest);
    Ok(gone)
}

/// The digests of the lists that hold an image.
pub(super) fn lists_of<'a>(repository: &'a Repository, digest: &str) -> Vec<&'a str> {
    let images = repository.images.values();
    images
        .filter(|it| it.children.iter().any(|child| child == digest))
        .map(|it| it.digest.as_str())
        .collect()
}

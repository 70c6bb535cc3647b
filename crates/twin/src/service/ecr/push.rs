//! Pushing images.

use super::{
    digest, grants,
    image::Image,
    invalid, lifecycle,
    manifest::{self, Manifest},
    repository::{Repository, find, find_mut},
    scan,
};
use crate::{Action, Answer, Input, Refusal, World, call::object, habits::ACCOUNT};
use serde_json::json;
use std::collections::BTreeSet;

pub(super) fn actions() -> Vec<Action> {
    vec![Action::on("PutImage", put, grants::on_repositories)]
}

fn put(world: &mut World, input: &Input) -> Answer {
    let repository = find(world, input)?;
    let tag = input.maybe("imageTag");
    tag.map_or(Ok(()), check_tag)?;
    let text = input.text("imageManifest");
    let manifest = manifest::read(text, input.maybe("imageManifestMediaType"))?;
    let digest = digest(text.as_bytes());
    check_digest(input, &digest)?;
    check_parts(repository, &manifest)?;
    check_new(repository, &digest, tag)?;

    let scanned_at = scan::on_push(world, repository).then_some(world.now);
    let fresh = Image {
        size: size(repository, &manifest),
        digest: digest.clone(),
        manifest: text.to_owned(),
        media_type: manifest.media_type,
        artifact_type: manifest.artifact_type,
        subject: manifest.subject,
        children: manifest.children,
        layers: manifest.layers.into_iter().map(|(it, _)| it).collect(),
        tags: BTreeSet::new(),
        pushed_at: world.now,
        pulled_at: None,
        scanned_at,
        archived_at: None,
    };
    let repository = find_mut(world, input)?;
    if let Some(tag) = tag {
        for other in repository.images.values_mut() {
            other.tags.remove(tag);
        }
    }
    let image = repository.images.entry(digest).or_insert(fresh);
    image.tags.extend(tag.map(str::to_owned));
    let id = object([
        ("imageDigest", Some(json!(image.digest))),
        ("imageTag", tag.map(Into::into)),
    ]);
    let answer = json!({ "image": {
        "registryId": ACCOUNT,
        "repositoryName": repository.name,
        "imageId": id,
        "imageManifest": text,
        "imageManifestMediaType": image.media_type,
    }});
    lifecycle::schedule(world, input.text("repositoryName"));
    Ok(answer)
}

fn check_tag(tag: &str) -> Result<(), Refusal> {
    let is_word = |it: char| it.is_ascii_alphanumeric() || it == '_';
    let rest = |it: char| is_word(it) || it == '.' || it == '-';
    match tag.len() <= 128 && tag.starts_with(is_word) && tag.chars().all(rest) {
        true => Ok(()),
        false => Err(invalid(
            "imageTag",
            "must satisfy regular expression '[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}'",
        )),
    }
}

fn check_digest(input: &Input, digest: &str) -> Result<(), Refusal> {
    match input.maybe("imageDigest") {
        Some(said) if said != digest => {
            let text = format!(
                "The image digest '{said}' does not match the digest '{digest}' that was \
                 calculated for the image"
            );
            Err(Refusal::new("ImageDigestDoesNotMatchException", text))
        }
        _ => Ok(()),
    }
}

/// Everything that a manifest speaks of has to be there before it.
fn check_parts(repository: &Repository, manifest: &Manifest) -> Result<(), Refusal> {
    let missing = |what: &str, code: &str, digests: Vec<&str>| match digests.is_empty() {
        true => Ok(()),
        false => {
            let text = format!(
                "{what} with digests '[{}]' required for pushing image into repository with name \
                 '{}' in the registry with id '{ACCOUNT}' do not exist",
                digests.join(", "),
                repository.name
            );
            Err(Refusal::new(code, text))
        }
    };
    let layers = manifest.layers.iter().map(|(it, _)| it);
    let layers = layers.filter(|it| !repository.layers.contains_key(*it));
    let layers = layers.map(String::as_str).collect();
    missing("Layers", "LayersNotFoundException", layers)?;
    let images = manifest.children.iter();
    let images = images.filter(|it| !repository.images.contains_key(*it));
    let images = images.map(String::as_str).collect();
    missing("Images", "ReferencedImagesNotFoundException", images)
}

fn check_new(repository: &Repository, digest: &str, tag: Option<&str>) -> Result<(), Refusal> {
    let same = repository.images.get(digest);
    if same.is_some_and(|it| tag.is_none_or(|tag| it.tags.contains(tag))) {
        let text = format!(
            "Image with digest '{digest}' and tag '{}' already exists in the repository with name \
             '{}' in registry with id '{ACCOUNT}'",
            tag.unwrap_or("null"),
            repository.name
        );
        return Err(Refusal::new("ImageAlreadyExistsException", text));
    }
    match tag {
        Some(tag) if repository.tagged(tag).is_some() && repository.is_immutable(tag) => {
            let text = format!(
                "The image tag '{tag}' already exists in the '{}' repository and cannot be \
                 overwritten because the tag is immutable.",
                repository.name
            );
            Err(Refusal::new("ImageTagAlreadyExistsException", text))
        }
        _ => Ok(()),
    }
}

/// The sum of its parts, or for a list the largest of its images.
fn size(repository: &Repository, manifest: &Manifest) -> u64 {
    let listed = manifest.children.iter();
    let largest = listed
        .filter_map(|it| Some(repository.images.get(it)?.size))
        .max();
    let uploaded = |digest: &String| repository.layers.get(digest).map(|it| it.size);
    let parts = manifest.layers.iter();
    let sum = parts
        .filter_map(|(digest, said)| said.or_else(|| uploaded(digest)))
        .sum();
    largest.unwrap_or(sum)
}

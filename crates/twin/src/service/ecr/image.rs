//! Images, and how they are named.

use super::{is_digest, repository::Repository};
use crate::{Refusal, Time, habits::ACCOUNT};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// An image: a manifest, and what is known of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Image {
    /// `sha256:…` of the manifest.
    pub digest: String,
    /// The manifest, as it was pushed.
    pub manifest: String,
    /// The manifest's type.
    pub media_type: String,
    /// What kind of thing it is, for OCI: `artifactType`, or the type of its configuration.
    pub artifact_type: Option<String>,
    /// The digest of the image that it is about (a signature, an attestation).
    pub subject: Option<String>,
    /// The digests of the images that it lists, if it is a list.
    pub children: Vec<String>,
    /// The digests of its layers and its configuration.
    pub layers: Vec<String>,
    /// Bytes.
    pub size: u64,
    /// Its tags.
    pub tags: BTreeSet<String>,
    /// When it was pushed.
    pub pushed_at: Time,
    /// When it was last pulled through the API.
    pub pulled_at: Option<Time>,
    /// When a scan of it was begun.
    pub scanned_at: Option<Time>,
    /// Since when it is in the archive.
    pub archived_at: Option<Time>,
}

/// Why an image that was named is not found: a code and the words.
pub(super) type Failure = (&'static str, &'static str);

/// The image that an `imageId` of the model names.
pub(super) fn resolve<'a>(repository: &'a Repository, id: &Value) -> Result<&'a Image, Failure> {
    const NOT_FOUND: Failure = ("ImageNotFound", "Requested image not found");
    match (id["imageDigest"].as_str(), id["imageTag"].as_str()) {
        (None, None) => Err((
            "MissingDigestAndTag",
            "Invalid request parameters: both tag and digest cannot be null",
        )),
        (Some(digest), _) if !is_digest(digest) => Err((
            "InvalidImageDigest",
            "Invalid request parameters: image digest should satisfy the regex \
             '[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+'",
        )),
        (Some(digest), tag) => {
            let image = repository.images.get(digest).ok_or(NOT_FOUND)?;
            match tag.is_none_or(|it| image.tags.contains(it)) {
                true => Ok(image),
                false => Err((
                    "ImageTagDoesNotMatchDigest",
                    "Requested image tag does not match the digest",
                )),
            }
        }
        (None, Some(tag)) => repository.tagged(tag).ok_or(NOT_FOUND),
    }
}

/// A failure in the shape of the model.
pub(super) fn failed(id: &Value, code: &str, reason: impl Into<String>) -> Value {
    json!({ "imageId": id, "failureCode": code, "failureReason": reason.into() })
}

/// The error for an image that is not there.
pub(super) fn missing(repository: &Repository, id: &Value) -> Refusal {
    let text = format!(
        "The image with imageId {{imageDigest:'{}', imageTag:'{}'}} does not exist within the \
         repository with name '{}' in the registry with id '{ACCOUNT}'",
        id["imageDigest"].as_str().unwrap_or("null"),
        id["imageTag"].as_str().unwrap_or("null"),
        repository.name
    );
    Refusal::new("ImageNotFoundException", text)
}

/// Whether the image passes a filter on `tagStatus` and `imageStatus`. Without a filter, what is
/// archived does not.
pub(super) fn passes(image: &Image, filter: Option<&Value>) -> bool {
    let asked = |name: &str| filter.and_then(|it| it[name].as_str());
    let by_tag = match asked("tagStatus") {
        Some("TAGGED") => !image.tags.is_empty(),
        Some("UNTAGGED") => image.tags.is_empty(),
        _ => true,
    };
    let by_status = match asked("imageStatus") {
        Some("ANY") => true,
        Some(status) => status == image.status(),
        None => image.status() == "ACTIVE",
    };
    by_tag && by_status
}

impl Image {
    /// `ACTIVE` or `ARCHIVED`.
    pub fn status(&self) -> &'static str {
        match self.archived_at {
            None => "ACTIVE",
            Some(_) => "ARCHIVED",
        }
    }

    /// The ids by which it is listed: one for each tag, or else its digest alone.
    pub(super) fn ids(&self) -> Vec<Value> {
        if self.tags.is_empty() {
            return vec![json!({ "imageDigest": self.digest })];
        }
        let tags = self.tags.iter();
        tags.map(|it| json!({ "imageDigest": self.digest, "imageTag": it }))
            .collect()
    }
}

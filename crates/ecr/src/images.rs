//! Reading which images a repository holds, and for which processors they are built.

use aws_sdk_ecr::{
    Client,
    types::{Image, ImageDetail, ImageFailureCode, ImageIdentifier},
};
use futures::future::try_join_all;
use serde_json::Value;
use setpoint_aws::{Aws, found};
use setpoint_core::{ErrorKind, Result};
use std::collections::{BTreeMap, BTreeSet};

/// How many images one `ecr:BatchGetImage` is asked for.
const BATCH: usize = 100;

/// The manifests that are understood: those of one image, and those that list several.
const MEDIA_TYPES: [&str; 4] = [
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.docker.distribution.manifest.v2+json",
];

/// Reads images. Nothing is written; AWS notes a reading as a pull of the image.
#[derive(Clone, Debug)]
pub struct Images {
    aws: Aws,
    ecr: Client,
}

impl Images {
    /// The images of the connection's account and region.
    pub fn new(aws: &Aws) -> Self {
        Images {
            aws: aws.clone(),
            ecr: Client::new(aws.config()),
        }
    }

    /// Those of `references`, tags or digests, that a repository holds. Nothing if there is no such
    /// repository.
    pub async fn held(
        &self,
        repository: &str,
        references: &BTreeSet<String>,
    ) -> Result<Option<BTreeMap<String, Held>>> {
        let ids: Vec<ImageIdentifier> = references.iter().map(|it| id(it)).collect();
        let batches = ids.chunks(BATCH).map(|ids| self.batch(repository, ids));
        let batches: Option<Vec<Vec<Image>>> = try_join_all(batches).await?.into_iter().collect();
        Ok(batches.map(|it| it.iter().flatten().flat_map(shown).collect()))
    }

    async fn batch(&self, repository: &str, ids: &[ImageIdentifier]) -> Result<Option<Vec<Image>>> {
        let get = self.aws.call("ecr:BatchGetImage", || {
            self.ecr
                .batch_get_image()
                .repository_name(repository)
                .set_image_ids(Some(ids.to_vec()))
                .set_accepted_media_types(Some(MEDIA_TYPES.map(str::to_owned).to_vec()))
                .send()
        });
        let Some(answer) = found(get.await)? else {
            return Ok(None);
        };
        let mut images = answer.images.unwrap_or_default();
        // An image that is there and cannot be shown, archived or of an unknown kind, is not
        // missing.
        let there = answer
            .failures
            .unwrap_or_default()
            .into_iter()
            .filter(|it| {
                let missing = [
                    ImageFailureCode::ImageNotFound,
                    ImageFailureCode::ImageTagDoesNotMatchDigest,
                ];
                !it.failure_code
                    .as_ref()
                    .is_some_and(|it| missing.contains(it))
            });
        images.extend(there.map(|it| Image::builder().set_image_id(it.image_id).build()));
        Ok(Some(images))
    }

    /// Puts a manifest, all parts of which are there, under a tag. What is there already stays.
    pub async fn put(
        &self,
        repository: &str,
        manifest: &str,
        media_type: &str,
        tag: &str,
    ) -> Result<()> {
        let put = self.aws.call("ecr:PutImage", || {
            self.ecr
                .put_image()
                .repository_name(repository)
                .image_manifest(manifest)
                .image_manifest_media_type(media_type)
                .image_tag(tag)
                .send()
        });
        match put.await {
            Err(err) if err.kind == ErrorKind::Exists => Ok(()),
            put => put.map(drop),
        }
    }

    /// Everything a repository holds, what was pushed last first. Nothing if it is not there.
    pub async fn stored(&self, repository: &str) -> Result<Option<Vec<Stored>>> {
        let mut images: Vec<ImageDetail> = Vec::new();
        let mut token = None;
        loop {
            let describe = self.aws.call("ecr:DescribeImages", || {
                self.ecr
                    .describe_images()
                    .repository_name(repository)
                    .max_results(1000)
                    .set_next_token(token.clone())
                    .send()
            });
            let Some(page) = found(describe.await)? else {
                return Ok(None);
            };
            images.extend(page.image_details.unwrap_or_default());
            token = page.next_token.filter(|it| !it.is_empty());
            if token.is_none() {
                break;
            }
        }
        images.sort_by_key(|it| std::cmp::Reverse(it.image_pushed_at));
        Ok(Some(images.into_iter().map(Stored::of).collect()))
    }

    /// The tags of a repository, those that were pushed last first. Nothing if it is not there.
    pub async fn newest_tags(&self, repository: &str) -> Result<Vec<String>> {
        let stored = self.stored(repository).await?.unwrap_or_default();
        Ok(stored.into_iter().flat_map(|it| it.tags).collect())
    }
}

/// An image as its repository lists it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stored {
    /// Its digest.
    pub digest: String,
    /// Its tags.
    pub tags: Vec<String>,
    /// When it was pushed, in seconds since 1970.
    pub pushed_at: f64,
    /// When it was pulled last, as far as AWS notes it, in seconds since 1970.
    pub pulled_at: Option<f64>,
    /// The bytes of its layers as they are stored. None for an index, whose images are listed
    /// beside it.
    pub size: Option<u64>,
    /// Whether it is an index of images for several platforms.
    pub is_index: bool,
}

impl Stored {
    fn of(detail: ImageDetail) -> Stored {
        let media_type = detail.image_manifest_media_type.unwrap_or_default();
        Stored {
            digest: detail.image_digest.unwrap_or_default(),
            tags: detail.image_tags.unwrap_or_default(),
            pushed_at: detail.image_pushed_at.map_or(0.0, |it| it.as_secs_f64()),
            pulled_at: detail.last_recorded_pull_time.map(|it| it.as_secs_f64()),
            size: detail
                .image_size_in_bytes
                .and_then(|it| u64::try_from(it).ok()),
            is_index: media_type.contains("index") || media_type.contains("manifest.list"),
        }
    }
}

fn id(reference: &str) -> ImageIdentifier {
    let id = ImageIdentifier::builder();
    match reference.starts_with("sha256:") {
        true => id.image_digest(reference).build(),
        false => id.image_tag(reference).build(),
    }
}

/// By which names an image is known, with what it is.
fn shown(image: &Image) -> Vec<(String, Held)> {
    let id = image.image_id.as_ref();
    let held = Held {
        digest: id
            .and_then(|it| it.image_digest.clone())
            .unwrap_or_default(),
        registry: image.registry_id.clone(),
        manifest: image.image_manifest.clone(),
    };
    let names = id
        .iter()
        .flat_map(|it| [it.image_tag.clone(), it.image_digest.clone()]);
    names.flatten().map(|it| (it, held.clone())).collect()
}

/// An image that a repository holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Held {
    /// Its digest; empty where AWS does not show it.
    pub digest: String,
    /// The account whose registry holds it, where it is AWS that says so.
    pub registry: Option<String>,
    /// Its manifest, where it can be shown.
    pub manifest: Option<String>,
}

impl Held {
    /// The architectures that it is built for, as images name them (`amd64`), if it is an index
    /// (OCI image index specification, `platform`). A single image does not say. What belongs to no
    /// platform, such as an attestation, is `unknown` there.
    pub fn architectures(&self) -> Vec<String> {
        let manifest = self.json();
        let listed = manifest["manifests"].as_array().into_iter().flatten();
        let listed = listed.filter(|it| it["platform"]["os"] == "linux");
        let named = listed.filter_map(|it| it["platform"]["architecture"].as_str());
        let named: BTreeSet<&str> = named.filter(|it| *it != "unknown").collect();
        named.into_iter().map(str::to_owned).collect()
    }

    /// The bytes of its configuration and layers, as they are stored. None for an index.
    pub fn size(&self) -> Option<u64> {
        let manifest = self.json();
        let layers = manifest["layers"].as_array()?.iter();
        let parts = layers.chain([&manifest["config"]]);
        Some(parts.filter_map(|it| it["size"].as_u64()).sum())
    }

    /// The digest of its configuration, which says the architecture of a single image.
    pub fn configuration(&self) -> Option<String> {
        let manifest = self.json();
        manifest["config"]["digest"].as_str().map(str::to_owned)
    }

    fn json(&self) -> Value {
        let manifest = self.manifest.as_deref().unwrap_or_default();
        serde_json::from_str(manifest).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_names_its_platforms_and_a_single_image_none() {
        let index = r#"{"manifests": [
            {"platform": {"os": "linux", "architecture": "arm64", "variant": "v8"}},
            {"platform": {"os": "linux", "architecture": "amd64"}},
            {"platform": {"os": "windows", "architecture": "amd64"}},
            {"platform": {"os": "unknown", "architecture": "unknown"}}
        ]}"#;
        let held = |manifest: &str| Held {
            digest: String::new(),
            registry: None,
            manifest: Some(manifest.into()),
        };
        assert_eq!(held(index).architectures(), ["amd64", "arm64"]);
        let single = held(r#"{"config": {"digest": "sha256:1"}, "layers": []}"#);
        assert_eq!(single.architectures(), [""; 0]);
        assert_eq!(single.configuration().as_deref(), Some("sha256:1"));
        assert_eq!(held("no JSON").architectures(), [""; 0]);
    }
}

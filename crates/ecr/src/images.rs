//! Reading which images a repository holds, and for which processors they are built.

use aws_sdk_ecr::{
    Client,
    types::{Image, ImageDetail, ImageFailureCode, ImageIdentifier},
};
use futures::future::try_join_all;
use serde_json::Value;
use setpoint_aws::{Aws, found};
use setpoint_core::Result;
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

    /// Those of `references`, tags or digests, that a repository holds, with the architectures that
    /// they are built for, as images name them (`amd64`). None are named for a single image: only
    /// an index says. Nothing if there is no such repository.
    pub async fn held(
        &self,
        repository: &str,
        references: &BTreeSet<String>,
    ) -> Result<Option<BTreeMap<String, Vec<String>>>> {
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

    /// The tags of a repository, those that were pushed last first. Nothing if it is not there.
    pub async fn newest_tags(&self, repository: &str) -> Result<Vec<String>> {
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
                return Ok(Vec::new());
            };
            images.extend(page.image_details.unwrap_or_default());
            token = page.next_token.filter(|it| !it.is_empty());
            if token.is_none() {
                break;
            }
        }
        images.sort_by_key(|it| std::cmp::Reverse(it.image_pushed_at));
        Ok(images
            .into_iter()
            .flat_map(|it| it.image_tags.unwrap_or_default())
            .collect())
    }
}

fn id(reference: &str) -> ImageIdentifier {
    let id = ImageIdentifier::builder();
    match reference.starts_with("sha256:") {
        true => id.image_digest(reference).build(),
        false => id.image_tag(reference).build(),
    }
}

/// By which names an image is known, with its architectures.
fn shown(image: &Image) -> Vec<(String, Vec<String>)> {
    let architectures = image.image_manifest.as_deref().map(architectures);
    let architectures = architectures.unwrap_or_default();
    let id = image.image_id.iter();
    let names = id.flat_map(|it| [it.image_tag.clone(), it.image_digest.clone()]);
    names
        .flatten()
        .map(|it| (it, architectures.clone()))
        .collect()
}

/// The architectures that an index lists (OCI image index specification, `platform`). What belongs
/// to no platform, such as an attestation, is `unknown` there.
fn architectures(manifest: &str) -> Vec<String> {
    let manifest: Value = serde_json::from_str(manifest).unwrap_or_default();
    let listed = manifest["manifests"].as_array().into_iter().flatten();
    let listed = listed.filter(|it| it["platform"]["os"] == "linux");
    let named = listed.filter_map(|it| it["platform"]["architecture"].as_str());
    let named: BTreeSet<&str> = named.filter(|it| *it != "unknown").collect();
    named.into_iter().map(str::to_owned).collect()
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
        assert_eq!(architectures(index), ["amd64", "arm64"]);
        assert_eq!(architectures(r#"{"config": {}, "layers": []}"#), [""; 0]);
        assert_eq!(architectures("no JSON"), [""; 0]);
    }
}

//! Manifests: what an image consists of.

use super::invalid;
use crate::Refusal;
use serde_json::Value;

const MEMBER: &str = "ImageManifest";
const DOCKER_LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
const DOCKER_V2: &str = "application/vnd.docker.distribution.manifest.v2+json";
const DOCKER_V1: &str = "application/vnd.docker.distribution.manifest.v1+json";
const DOCKER_V1_SIGNED: &str = "application/vnd.docker.distribution.manifest.v1+prettyjws";
const OCI: &str = "application/vnd.oci.image.manifest.v1+json";
const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// A manifest as it was read.
pub(super) struct Manifest {
    pub(super) media_type: String,
    pub(super) artifact_type: Option<String>,
    pub(super) subject: Option<String>,
    /// The digests of the images that it lists.
    pub(super) children: Vec<String>,
    /// The layers and the configuration: digest, and size where the manifest says it.
    pub(super) layers: Vec<(String, Option<u64>)>,
}

/// Reads a manifest, whose type is in it or else `said`.
pub(super) fn read(text: &str, said: Option<&str>) -> Result<Manifest, Refusal> {
    let Ok(document) = serde_json::from_str::<Value>(text) else {
        return Err(invalid(MEMBER, "Invalid JSON syntax"));
    };
    let media_type = media_type(&document, said)?;
    let list = |name: &str| document[name].as_array().cloned().unwrap_or_default();
    let digest = |it: &Value| it["digest"].as_str().map(str::to_owned);
    let layers = match media_type.as_str() {
        DOCKER_V1 | DOCKER_V1_SIGNED => list("fsLayers")
            .iter()
            .filter_map(|it| Some((it["blobSum"].as_str()?.to_owned(), None)))
            .collect(),
        DOCKER_V2 | OCI => {
            let mut parts = vec![document["config"].clone()];
            // Layers with an address of their own are not in the registry.
            parts.extend(
                list("layers")
                    .into_iter()
                    .filter(|it| it.get("urls").is_none()),
            );
            let read = |it: &Value| Some((digest(it)?, it["size"].as_u64()));
            let layers: Option<Vec<_>> = parts.iter().map(read).collect();
            layers.ok_or_else(|| invalid(MEMBER, "a config or layer has no digest"))?
        }
        _ => Vec::new(),
    };
    let children = match media_type.as_str() {
        DOCKER_LIST | OCI_INDEX => list("manifests").iter().filter_map(digest).collect(),
        _ => Vec::new(),
    };
    let artifact_type = document["artifactType"].as_str();
    let artifact_type = artifact_type.or_else(|| document["config"]["mediaType"].as_str());
    Ok(Manifest {
        artifact_type: artifact_type.map(str::to_owned),
        subject: digest(&document["subject"]),
        media_type,
        children,
        layers,
    })
}

fn media_type(document: &Value, said: Option<&str>) -> Result<String, Refusal> {
    let own = document["mediaType"].as_str();
    if let (Some(own), Some(said)) = (own, said)
        && own != said
    {
        let text = "the media type of the manifest differs from imageManifestMediaType";
        return Err(invalid(MEMBER, text));
    }
    let first = (document["schemaVersion"] == 1).then_some(DOCKER_V1);
    match own.or(said).or(first) {
        Some(it @ (DOCKER_LIST | DOCKER_V2 | DOCKER_V1 | DOCKER_V1_SIGNED | OCI | OCI_INDEX)) => {
            Ok(it.to_owned())
        }
        Some(_) => Err(invalid(MEMBER, "Unsupported image manifest media type")),
        None => {
            let text = "the manifest has no mediaType, and imageManifestMediaType is not given";
            Err(invalid(MEMBER, text))
        }
    }
}

//! Layers, and uploading them.

use super::{
    digest, grants, is_digest,
    repository::{Repository, find, find_mut},
};
use crate::{Action, Answer, Input, Refusal, Time, World, habits::ACCOUNT};
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

const PART: u64 = 20 * 1024 * 1024;
const SMALLEST_PART: u64 = 5 * 1024 * 1024;
const LARGEST_KEPT: u64 = 1024 * 1024;

/// A layer, or an image's configuration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Layer {
    /// Bytes.
    pub size: u64,
    /// What it consists of, in base64; not kept beyond 1 MiB.
    pub content: Option<String>,
}

/// A layer of which parts have come.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Upload {
    /// When it was begun.
    pub begun_at: Time,
    /// The parts in base64, each with its size.
    pub parts: Vec<(u64, String)>,
}

pub(super) fn actions() -> Vec<Action> {
    let on = grants::on_repositories;
    vec![
        Action::on("BatchCheckLayerAvailability", check, on),
        Action::on("InitiateLayerUpload", initiate, on),
        Action::on("UploadLayerPart", upload, on),
        Action::on("CompleteLayerUpload", complete, on),
        Action::on("GetDownloadUrlForLayer", download_url, on),
    ]
}

fn check(world: &mut World, input: &Input) -> Answer {
    let repository = find(world, input)?;
    let (mut layers, mut failures) = (Vec::new(), Vec::new());
    for digest in input.texts("layerDigests") {
        if !is_digest(digest) {
            let (code, reason) = match digest {
                "" => ("MissingLayerDigest", "the layer digest is missing"),
                _ => ("InvalidLayerDigest", "the layer digest is not valid"),
            };
            failures.push(json!({
                "layerDigest": digest,
                "failureCode": code,
                "failureReason": format!("Invalid request parameters: {reason}"),
            }));
            continue;
        }
        layers.push(match repository.layers.get(digest) {
            Some(layer) => json!({
                "layerDigest": digest,
                "layerAvailability": "AVAILABLE",
                "layerSize": layer.size,
            }),
            None => json!({ "layerDigest": digest, "layerAvailability": "UNAVAILABLE" }),
        });
    }
    Ok(json!({ "layers": layers, "failures": failures }))
}

fn initiate(world: &mut World, input: &Input) -> Answer {
    find(world, input)?;
    let id = world.ids.uuid();
    let upload = Upload {
        begun_at: world.now,
        parts: Vec::new(),
    };
    find_mut(world, input)?.uploads.insert(id.clone(), upload);
    Ok(json!({ "uploadId": id, "partSize": PART }))
}

fn upload(world: &mut World, input: &Input) -> Answer {
    let repository = find_mut(world, input)?;
    let name = repository.name.clone();
    let id = input.text("uploadId");
    let found = repository.uploads.get_mut(id);
    let upload = found.ok_or_else(|| no_upload(&name, id))?;
    let blob = input.text("layerPartBlob");
    let Ok(bytes) = BASE64.decode(blob) else {
        return Err(super::invalid("layerPartBlob", "must be base64"));
    };
    let received: u64 = upload.parts.iter().map(|(size, _)| size).sum();
    let place = |name: &str| input.integer(name).map(|it| it as u64);
    let (first, last) = (place("partFirstByte"), place("partLastByte"));
    let size = bytes.len() as u64;
    let is_next = first == Some(received) && last.map(|it| it + 1) == Some(received + size);
    if !is_next || size == 0 || size > PART {
        return Err(wrong_part(&name, id, received.saturating_sub(1)));
    }
    upload.parts.push((size, blob.to_owned()));
    Ok(json!({
        "registryId": ACCOUNT,
        "repositoryName": name,
        "uploadId": id,
        "lastByteReceived": received + size - 1,
    }))
}

fn wrong_part(name: &str, id: &str, last: u64) -> Refusal {
    let mut refusal = Refusal::new(
        "InvalidLayerPartException",
        "The layer part size is not valid, or the first byte specified is not consecutive to the \
         last byte of a previous layer part upload.",
    );
    let members: [(&str, Value); 4] = [
        ("registryId", json!(ACCOUNT)),
        ("repositoryName", json!(name)),
        ("uploadId", json!(id)),
        ("lastValidByteReceived", json!(last)),
    ];
    let members = members.map(|(name, value)| (name.to_owned(), value));
    refusal.members.extend(members);
    refusal
}

fn no_upload(name: &str, id: &str) -> Refusal {
    let text = format!(
        "Upload with id '{id}' does not exist in the repository with name '{name}' in the registry \
         with id '{ACCOUNT}'"
    );
    Refusal::new("UploadNotFoundException", text)
}

fn complete(world: &mut World, input: &Input) -> Answer {
    let repository = find_mut(world, input)?;
    let name = repository.name.clone();
    let id = input.text("uploadId");
    let found = repository.uploads.get(id);
    let upload = found.ok_or_else(|| no_upload(&name, id))?;
    let (digest, layer) = joined(upload)?;
    let said = input.texts("layerDigests");
    if !said.contains(&digest.as_str()) {
        let text = format!(
            "Invalid parameter at 'layerDigests' failed to satisfy constraint: 'the digest of the \
             layer is {digest}'"
        );
        return Err(Refusal::new("InvalidLayerException", text));
    }
    repository.uploads.remove(id);
    if repository.layers.contains_key(&digest) {
        let text = format!(
            "Layer with digest '{digest}' already exists in the repository with name '{name}' in \
             the registry with id '{ACCOUNT}'"
        );
        return Err(Refusal::new("LayerAlreadyExistsException", text));
    }
    repository.layers.insert(digest.clone(), layer);
    Ok(json!({
        "registryId": ACCOUNT,
        "repositoryName": name,
        "uploadId": id,
        "layerDigest": digest,
    }))
}

/// The layer that an upload's parts make up, and its digest.
fn joined(upload: &Upload) -> Result<(String, Layer), Refusal> {
    let Some((_, before)) = upload.parts.split_last() else {
        let text = "The specified layer upload does not contain any layer parts.";
        return Err(Refusal::new("EmptyUploadException", text));
    };
    if before.iter().any(|(size, _)| *size < SMALLEST_PART) {
        let text = "Layer parts must be at least 5 MiB in size.";
        return Err(Refusal::new("LayerPartTooSmallException", text));
    }
    let parts = upload.parts.iter();
    let bytes: Vec<u8> = parts
        .filter_map(|(_, part)| BASE64.decode(part).ok())
        .flatten()
        .collect();
    let size = bytes.len() as u64;
    let content = (size <= LARGEST_KEPT).then(|| BASE64.encode(&bytes));
    Ok((digest(&bytes), Layer { size, content }))
}

/// The address is of S3's form; nothing listens there.
fn download_url(world: &mut World, input: &Input) -> Answer {
    let (region, now) = (world.region.clone(), world.now);
    let repository = find(world, input)?;
    let digest = input.text("layerDigest");
    if !repository.layers.contains_key(digest) {
        return Err(layer_error(repository, digest, "LayersNotFoundException"));
    }
    let used = |it: &String| it == digest;
    if !repository
        .images
        .values()
        .any(|it| it.layers.iter().any(used))
    {
        return Err(layer_error(
            repository,
            digest,
            "LayerInaccessibleException",
        ));
    }
    let url = format!(
        "https://prod-{region}-starport-layer-bucket.s3.{region}.amazonaws.com/{ACCOUNT}/{}/{digest}\
         ?X-Amz-Date={}&X-Amz-Expires=3600",
        repository.name, now.0
    );
    Ok(json!({ "downloadUrl": url, "layerDigest": digest }))
}

fn layer_error(repository: &Repository, digest: &str, code: &str) -> Refusal {
    let what = match code {
        "LayersNotFoundException" => "does not exist",
        _ => "is not associated with an image",
    };
    let text = format!(
        "Layer with digest '{digest}' {what} in the repository with name '{}' in the registry with \
         id '{ACCOUNT}'",
        repository.name
    );
    Refusal::new(code, text)
}

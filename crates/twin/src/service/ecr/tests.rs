mod images;
mod layers;
mod lifecycle;
mod pull;
mod repositories;

use super::digest;
use crate::{Answer, Habits, Input, Refusal, Time, World, service};
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use serde_json::{Value, json};

const NOW: Time = Time(1_795_737_600_000);

fn world() -> World {
    World::new("us-east-1", 1, NOW, Habits::default())
}

fn call(world: &mut World, action: &str, members: Value) -> Answer {
    let input = Input {
        service: "ecr".into(),
        action: action.into(),
        members: members.as_object().cloned().expect("an object"),
        ..Input::default()
    };
    service::run(world, &input)
}

fn ok(world: &mut World, action: &str, members: Value) -> Value {
    call(world, action, members).expect(action)
}

fn refused(world: &mut World, action: &str, members: Value) -> Refusal {
    call(world, action, members).expect_err(action)
}

/// A world with the repository `shop/web`.
fn with_repository() -> World {
    let mut world = world();
    ok(
        &mut world,
        "CreateRepository",
        json!({ "repositoryName": "shop/web" }),
    );
    world
}

/// Uploads a layer, if it is not there yet; answers its digest.
fn upload(world: &mut World, bytes: &[u8]) -> String {
    let begun = ok(
        world,
        "InitiateLayerUpload",
        json!({ "repositoryName": "shop/web" }),
    );
    let id = &begun["uploadId"];
    ok(
        world,
        "UploadLayerPart",
        json!({
            "repositoryName": "shop/web",
            "uploadId": id,
            "partFirstByte": 0,
            "partLastByte": bytes.len() - 1,
            "layerPartBlob": BASE64.encode(bytes),
        }),
    );
    let digest = digest(bytes);
    let end = json!({ "repositoryName": "shop/web", "uploadId": id, "layerDigests": [digest] });
    let _ = call(world, "CompleteLayerUpload", end);
    digest
}

/// A manifest whose layer is the given text, after uploading that.
fn manifest(world: &mut World, layer: &str) -> String {
    let config = upload(world, b"{}");
    let digest = upload(world, layer.as_bytes());
    json!({
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": {
            "mediaType": "application/vnd.oci.image.config.v1+json",
            "digest": config,
            "size": 2,
        },
        "layers": [{
            "mediaType": "application/vnd.oci.image.layer.v1.tar+gzip",
            "digest": digest,
            "size": layer.len(),
        }],
    })
    .to_string()
}

/// Pushes an image; answers its digest.
fn push(world: &mut World, layer: &str, tag: Option<&str>) -> String {
    let manifest = manifest(world, layer);
    let mut members = json!({ "repositoryName": "shop/web", "imageManifest": manifest });
    if let Some(tag) = tag {
        members["imageTag"] = json!(tag);
    }
    let pushed = ok(world, "PutImage", members);
    pushed["image"]["imageId"]["imageDigest"]
        .as_str()
        .expect("a digest")
        .to_owned()
}

fn tags_of(world: &mut World) -> Vec<String> {
    let listed = ok(world, "ListImages", json!({ "repositoryName": "shop/web" }));
    let ids = listed["imageIds"].as_array().expect("a list");
    let mut tags: Vec<String> = ids
        .iter()
        .map(|it| it["imageTag"].as_str().unwrap_or("-").to_owned())
        .collect();
    tags.sort();
    tags
}

//! Images that somebody else made: OCI image layouts, written by hand.

use serde_json::{Value, json};
use setpoint_tests::parts;
use sha2::{Digest, Sha256};
use std::{fs, path::Path};

/// Writes an image with one layer, in which a file has this text, for one architecture.
pub(crate) fn image(folder: &Path, architecture: &str, text: &str) {
    let manifest = manifest(folder, architecture, text);
    index(folder, &[manifest]);
}

/// Writes an index of such images, one for each architecture.
pub(crate) fn several(folder: &Path, architectures: &[&str], text: &str) {
    let each = architectures.iter().map(|architecture| {
        let mut it = manifest(folder, architecture, text);
        it["platform"] = json!({ "os": "linux", "architecture": architecture });
        it
    });
    let inner = json!({
        "schemaVersion": 2,
        "mediaType": INDEX,
        "manifests": each.collect::<Vec<Value>>(),
    });
    let inner = blob(folder, INDEX, inner.to_string().as_bytes());
    index(folder, &[inner]);
}

const INDEX: &str = "application/vnd.oci.image.index.v1+json";

fn manifest(folder: &Path, architecture: &str, text: &str) -> Value {
    let files = folder.join("files");
    fs::create_dir_all(&files).expect("a temporary directory can be written to");
    fs::write(files.join("text"), text).expect("a temporary directory can be written to");
    let files = files.to_str().expect("a temporary directory is UTF-8");
    let tar = ["--create", "--directory", files, "text"];
    let plain = parts::run("tar", &tar).stdout;
    let layer = blob(folder, "application/vnd.oci.image.layer.v1.tar", &plain);
    let configuration = json!({
        "architecture": architecture,
        "os": "linux",
        "rootfs": { "type": "layers", "diff_ids": [layer["digest"]] },
    });
    let configuration = configuration.to_string();
    let media_type = "application/vnd.oci.image.config.v1+json";
    let configuration = blob(folder, media_type, configuration.as_bytes());
    let media_type = "application/vnd.oci.image.manifest.v1+json";
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": media_type,
        "config": configuration,
        "layers": [layer],
    });
    blob(folder, media_type, manifest.to_string().as_bytes())
}

fn blob(folder: &Path, media_type: &str, bytes: &[u8]) -> Value {
    let digest = Sha256::digest(bytes);
    let digits: String = digest.iter().map(|it| format!("{it:02x}")).collect();
    let blobs = folder.join("blobs/sha256");
    fs::create_dir_all(&blobs).expect("a temporary directory can be written to");
    fs::write(blobs.join(&digits), bytes).expect("a temporary directory can be written to");
    json!({ "mediaType": media_type, "digest": format!("sha256:{digits}"), "size": bytes.len() })
}

fn index(folder: &Path, manifests: &[Value]) {
    let index = json!({ "schemaVersion": 2, "manifests": manifests });
    fs::write(folder.join("index.json"), index.to_string())
        .and_then(|()| {
            fs::write(
                folder.join("oci-layout"),
                "{\"imageLayoutVersion\":\"1.0.0\"}",
            )
        })
        .expect("a temporary directory can be written to");
}

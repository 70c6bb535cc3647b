//! A built image on disk: an OCI image layout, or what `docker save` writes.

use crate::content::digest;
use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

/// The media types of the manifests that are understood.
pub(crate) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";

/// An image that was built, ready to be pushed.
#[derive(Debug)]
pub struct Built {
    /// The manifest, byte for byte.
    pub manifest: Vec<u8>,
    /// The manifest's media type.
    pub media_type: String,
    /// What the manifest speaks of: the configuration and the layers.
    pub blobs: Vec<Blob>,
}

/// A part of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blob {
    /// `sha256:` and 64 digits.
    pub digest: String,
    /// Bytes.
    pub size: u64,
    /// Where it is.
    pub path: PathBuf,
}

/// Why a built image cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum LayoutError {
    /// A file is missing or cannot be read.
    #[error("{}: {why}", .path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// What the system says.
        why: io::Error,
    },
    /// It is not what it should be.
    #[error("what was built is no image: {0}")]
    Malformed(String),
}

impl Built {
    /// The image's digest.
    pub fn digest(&self) -> String {
        digest(&self.manifest)
    }

    /// The bytes of all its parts.
    pub fn size(&self) -> u64 {
        self.blobs.iter().map(|it| it.size).sum()
    }

    /// Reads an OCI image layout that holds one image.
    pub fn layout(folder: &Path) -> Result<Built, LayoutError> {
        let index = json(&read(&folder.join("index.json"))?)?;
        let blob = |it: &Value| -> Result<Blob, LayoutError> {
            let digest = it["digest"].as_str().unwrap_or_default();
            let hex = digest.strip_prefix("sha256:").unwrap_or_default();
            if hex.len() != 64 || !hex.chars().all(|it| it.is_ascii_hexdigit()) {
                return Err(LayoutError::Malformed(format!("`{digest}` is no digest")));
            }
            let path = folder.join("blobs/sha256").join(hex);
            let metadata = fs::metadata(&path).map_err(unreadable(&path))?;
            Ok(Blob {
                digest: digest.to_owned(),
                size: metadata.len(),
                path,
            })
        };
        let Some([found]) = index["manifests"].as_array().map(Vec::as_slice) else {
            return Err(LayoutError::Malformed("it is not one image".into()));
        };
        let manifest = read(&blob(found)?.path)?;
        let parts = json(&manifest)?;
        let layers = parts["layers"].as_array().into_iter().flatten();
        let blobs: Result<Vec<Blob>, LayoutError> = [&parts["config"]]
            .into_iter()
            .chain(layers)
            .map(blob)
            .collect();
        Ok(Built {
            media_type: found["mediaType"].as_str().unwrap_or(MANIFEST).to_owned(),
            blobs: blobs?,
            manifest,
        })
    }

    /// Reads what `docker save` wrote, unpacked: layers that are not compressed are, beside them.
    pub fn saved(folder: &Path) -> Result<Built, LayoutError> {
        let list = json(&read(&folder.join("manifest.json"))?)?;
        let named = |it: &Value| -> Result<PathBuf, LayoutError> {
            let name = it.as_str().unwrap_or_default();
            let is_inside = |it| matches!(it, std::path::Component::Normal(_));
            match !name.is_empty() && Path::new(name).components().all(is_inside) {
                true => Ok(folder.join(name)),
                false => Err(LayoutError::Malformed(format!("`{name}` is no file of it"))),
            }
        };
        let mut blobs = vec![hashed(named(&list[0]["Config"])?)?];
        for layer in list[0]["Layers"].as_array().into_iter().flatten() {
            blobs.push(compressed(&named(layer)?)?);
        }
        let descriptor = |media_type: &str, it: &Blob| json!({ "mediaType": media_type, "digest": it.digest, "size": it.size });
        let layers: Vec<Value> = blobs[1..].iter().map(|it| descriptor(LAYER, it)).collect();
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": descriptor(CONFIG, &blobs[0]),
            "layers": layers,
        });
        // Images without a change share layers, and one is pushed once.
        blobs.sort_by(|a, b| a.digest.cmp(&b.digest));
        blobs.dedup();
        Ok(Built {
            manifest: manifest.to_string().into_bytes(),
            media_type: MANIFEST.into(),
            blobs,
        })
    }
}

fn unreadable(path: &Path) -> impl FnOnce(io::Error) -> LayoutError {
    let path = path.to_owned();
    |why| LayoutError::Unreadable { path, why }
}

fn read(path: &Path) -> Result<Vec<u8>, LayoutError> {
    fs::read(path).map_err(unreadable(path))
}

fn json(bytes: &[u8]) -> Result<Value, LayoutError> {
    serde_json::from_slice(bytes).map_err(|err| LayoutError::Malformed(err.to_string()))
}

/// The layer as gzip, which every registry and runtime takes.
fn compressed(path: &Path) -> Result<Blob, LayoutError> {
    let mut magic = [0; 2];
    let mut file = File::open(path).map_err(unreadable(path))?;
    // A shorter file is no gzip.
    let is_gzip = file.read_exact(&mut magic).is_ok() && magic == [0x1f, 0x8b];
    if is_gzip {
        return hashed(path.to_owned());
    }
    let to = PathBuf::from(format!("{}.gz", path.display()));
    let copy = || {
        let mut encoder = GzEncoder::new(File::create(&to)?, Compression::default());
        io::copy(&mut File::open(path)?, &mut encoder)?;
        encoder.finish()?.flush()
    };
    copy().map_err(unreadable(path))?;
    hashed(to)
}

fn hashed(path: PathBuf) -> Result<Blob, LayoutError> {
    let mut digest = Sha256::new();
    let copied = File::open(&path).and_then(|mut file| {
        let mut buffer = vec![0; 64 * 1024];
        let mut size = 0;
        loop {
            let length = file.read(&mut buffer)?;
            if length == 0 {
                return Ok(size);
            }
            digest.update(&buffer[..length]);
            size += length as u64;
        }
    });
    let size = copied.map_err(unreadable(&path))?;
    let digits: String = digest
        .finalize()
        .iter()
        .map(|it| format!("{it:02x}"))
        .collect();
    Ok(Blob {
        digest: format!("sha256:{digits}"),
        size,
        path,
    })
}

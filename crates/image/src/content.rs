//! A digest over everything that an image is built from.

use crate::context::{Context, ContextError, EntryKind, unreadable};
use setpoint_spec::kind::Recipe;
use sha2::{Digest, Sha256};
use std::{
    fs::File,
    io::{self, Read},
    os::unix::ffi::OsStrExt,
    path::Path,
};

/// The label of an image that says what it was built from.
pub const LABEL: &str = "io.setpoint.content";

/// The digest of a recipe and its context: `sha256:` and 64 hexadecimal digits.
///
/// It is over the Dockerfile, the arguments, the stage, the platform, and of the context every
/// path, every file's content and whether its owner may run it, and where links lead. Times, owners
/// and other permissions differ between two checkouts of the same commit and do not count.
///
/// A base image that moves does not change it.
pub fn content(recipe: &Recipe, context: &Context) -> Result<String, ContextError> {
    let mut digest = Fields(Sha256::new());
    digest.field(b"setpoint image 1");
    digest.field(recipe.platform.as_bytes());
    digest.field(recipe.target.as_deref().unwrap_or_default().as_bytes());
    for (name, value) in &recipe.args {
        digest.field(b"argument");
        digest.field(name.as_bytes());
        digest.field(value.as_bytes());
    }
    digest.field(b"dockerfile");
    digest.field(&of_file(&context.dockerfile)?);
    for entry in &context.entries {
        digest.field(match &entry.kind {
            EntryKind::Folder => b"folder",
            EntryKind::File {
                is_executable: true,
            } => b"program",
            EntryKind::File { .. } => b"file",
            EntryKind::Link(_) => b"link",
        });
        digest.field(entry.path.as_os_str().as_bytes());
        match &entry.kind {
            EntryKind::Folder => {}
            EntryKind::File { .. } => digest.field(&of_file(&context.folder.join(&entry.path))?),
            EntryKind::Link(leads) => digest.field(leads.as_os_str().as_bytes()),
        }
    }
    Ok(named(&digest.0.finalize()))
}

/// A digest over fields, no two lists of which run together.
struct Fields(Sha256);

impl Fields {
    fn field(&mut self, bytes: &[u8]) {
        self.0.update((bytes.len() as u64).to_be_bytes());
        self.0.update(bytes);
    }
}

fn of_file(path: &Path) -> Result<Vec<u8>, ContextError> {
    let mut file = File::open(path).map_err(unreadable(path))?;
    let mut digest = Sha256::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(digest.finalize().to_vec()),
            Ok(length) => digest.update(&buffer[..length]),
            Err(err) if err.kind() == io::ErrorKind::Interrupted => {}
            Err(err) => return Err(unreadable(path)(err)),
        }
    }
}

/// `sha256:` and the digest of some bytes.
pub(crate) fn digest(bytes: &[u8]) -> String {
    named(&Sha256::digest(bytes))
}

fn named(digest: &[u8]) -> String {
    let digits: String = digest.iter().map(|it| format!("{it:02x}")).collect();
    format!("sha256:{digits}")
}

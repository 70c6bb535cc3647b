//! Revisions that were read before. A revision never changes, so its content never grows old.

use crate::raw::text;
use serde_json::Value;
use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

/// A folder with one file for each revision, or no folder. Losing it costs calls and nothing else.
#[derive(Debug)]
pub(crate) struct Cache(Option<PathBuf>);

impl Cache {
    pub(crate) fn new(folder: Option<PathBuf>) -> Cache {
        Cache(folder)
    }

    /// The content of a revision, if it was kept and can be read.
    pub(crate) fn get(&self, arn: &str) -> Option<Value> {
        let file = fs::read(self.0.as_ref()?.join(file_name(arn))).ok()?;
        let mut kept: Value = serde_json::from_slice(&file).ok()?;
        let document = kept.get_mut("document")?.take();
        let is_whole = text(&document, "taskDefinitionArn") == arn
            && document["containerDefinitions"].is_array();
        is_whole.then_some(document)
    }

    /// Keeps the content of an active revision. If it cannot be kept, it will be read again.
    pub(crate) fn put(&self, document: &Value) {
        if let Some(folder) = &self.0
            && text(document, "status") == "ACTIVE"
            && let Err(err) = write(folder, document)
        {
            tracing::debug!(%err, "a revision was not kept");
        }
    }
}

/// Writes beside and renames, so that a reader finds a whole file or none.
fn write(folder: &Path, document: &Value) -> io::Result<()> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let beside = folder.join(format!(".{}-{count}", std::process::id()));
    fs::create_dir_all(folder)?;
    // Environment variables may hold what is nobody else's business.
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let kept = serde_json::json!({"document": document}).to_string();
    let name = file_name(text(document, "taskDefinitionArn"));
    let written = options
        .open(&beside)
        .and_then(|mut file| file.write_all(kept.as_bytes()))
        .and_then(|()| fs::rename(&beside, folder.join(name)));
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written
}

fn file_name(arn: &str) -> String {
    format!("{}.json", arn.replace(['/', ':', '\\'], "_"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_whole_files_of_active_revisions_count() {
        let folder = std::env::temp_dir().join(format!("setpoint-cache-{}", std::process::id()));
        let cache = Cache::new(Some(folder.clone()));
        let arn = "arn:aws:ecs:us-east-1:1:task-definition/web:3";
        let revision = |status: &str| json!({"taskDefinitionArn": arn, "status": status, "containerDefinitions": []});
        cache.put(&revision("INACTIVE"));
        assert_eq!(cache.get(arn), None);
        cache.put(&revision("ACTIVE"));
        assert_eq!(cache.get(arn), Some(revision("ACTIVE")));
        for wrong in [
            r#"{"document": {"taskDefinitionArn": "another"}}"#,
            "{\"docu",
        ] {
            fs::write(folder.join(file_name(arn)), wrong).unwrap();
            assert_eq!(cache.get(arn), None, "{wrong}");
        }
        fs::remove_dir_all(&folder).unwrap();
        fs::write(&folder, "in the way").unwrap();
        cache.put(&revision("ACTIVE"));
        assert_eq!(cache.get(arn), None);
        fs::remove_file(&folder).unwrap();
    }
}

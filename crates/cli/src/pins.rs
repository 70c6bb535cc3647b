//! Digests in the place of tags.

use futures::future::join_all;
use setpoint_core::AdapterError;
use setpoint_image::Shelf;
use setpoint_spec::Stack;
use std::collections::BTreeMap;

/// A stack whose tags have given way to digests.
pub struct Pinned {
    /// The stack. A tag that no image bears is still there.
    pub stack: Stack,
    /// Why tags of repositories could not be resolved. They are still there, too.
    pub unresolved: Vec<AdapterError>,
}

/// Finds which images the tags stand for that task definitions name, one call for each repository.
pub async fn pinned(stack: &Stack, shelf: &Shelf) -> Pinned {
    let tags = stack.tags_to_pin();
    let each = tags.iter().map(|(repository, tags)| async move {
        let held = shelf.held(repository, tags).await;
        (repository, held)
    });
    let mut digests = BTreeMap::new();
    let mut unresolved = Vec::new();
    for (repository, held) in join_all(each).await {
        match held {
            Ok(held) => {
                let held = held.into_iter().flatten();
                let known = held.filter(|it| !it.1.digest.is_empty());
                digests.extend(known.map(|(tag, it)| ((repository.clone(), tag), it.digest)));
            }
            Err(err) => unresolved.push(err),
        }
    }
    let mut stack = stack.clone();
    stack.pin(|repository, tag| {
        let key = (repository.to_owned(), tag.to_owned());
        digests.get(&key).cloned()
    });
    Pinned { stack, unresolved }
}

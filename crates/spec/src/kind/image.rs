use super::Repository;
use serde::Serialize;
use setpoint_core::{AnyLink, Kind, Link, Resource};
use std::collections::{BTreeMap, BTreeSet};

/// An image that is built from a folder and pushed to a repository of ECR.
///
/// It is there when the repository holds an image under the tag that says what it was built from.
/// Its handle is what a task definition runs: the repository's URI, `@`, and the image's digest.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Image {
    /// Where it is pushed.
    pub repository: Link<Repository>,
    /// What it is built from, as `sha256:` and 64 hexadecimal digits; empty while that has not
    /// been read.
    pub content: String,
    /// The tags it bears beside the one that says what it was built from.
    pub tags: BTreeSet<String>,
    /// How it is built. Not part of what AWS knows.
    #[serde(skip)]
    pub recipe: Recipe,
}

/// How an image is built.
///
/// What differs in it differs in the content, too, so any two are equal.
#[derive(Clone, Debug, Default)]
pub struct Recipe {
    /// The folder that the build may copy from, relative to the stack's file.
    pub context: String,
    /// The Dockerfile, relative to the context.
    pub dockerfile: String,
    /// Build arguments.
    pub args: BTreeMap<String, String>,
    /// The stage to build, instead of the last.
    pub target: Option<String>,
    /// What it is built for, as `os/architecture`.
    pub platform: String,
}

impl PartialEq for Recipe {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Image {
    /// Marks the tags that say what an image was built from.
    pub const MARK: &str = "setpoint-";

    /// The tag under which the repository holds what was built from this content: [`Image::MARK`]
    /// and the first 32 digits of it, enough to tell contents apart and short enough to read.
    pub fn content_tag(&self) -> String {
        let digits = self.content.trim_start_matches("sha256:");
        format!("{}{}", Image::MARK, &digits[..digits.len().min(32)])
    }
}

impl Resource for Image {
    const KIND: Kind = Kind("image");

    fn links(&mut self, visit: &mut dyn FnMut(&mut dyn AnyLink)) {
        visit(&mut self.repository);
    }

    fn effect(&self, before: Option<(&Self, u64)>) -> Option<String> {
        let Some((before, _)) = before else {
            return Some("builds and pushes it".into());
        };
        let missing: Vec<&str> = self.tags.difference(&before.tags).map(|it| &**it).collect();
        (!missing.is_empty()).then(|| format!("tags it {}; nothing is built", missing.join(", ")))
    }
}

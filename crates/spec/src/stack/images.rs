//! Images that are built from a folder.

use super::{Around, Written, Wrong};
use crate::kind::{Image, Recipe};
use schemars::JsonSchema;
use serde::Deserialize;
use setpoint_core::Link;
use std::collections::{BTreeMap, BTreeSet};

/// An image that is built from a folder and pushed to a repository.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct WrittenImage {
    /// The repository of the stack that it is pushed to.
    #[schemars(example = &"flash-sale-webapp")]
    repository: String,
    /// The folder that the build may copy from, relative to this file.
    #[schemars(example = &"webapp")]
    context: String,
    /// The Dockerfile, relative to the context.
    #[serde(default = "dockerfile")]
    dockerfile: String,
    /// Build arguments: what `ARG` of the Dockerfile takes.
    #[serde(default)]
    args: BTreeMap<String, String>,
    /// The stage to build, instead of the last.
    #[serde(default)]
    target: Option<String>,
    /// The operating system and architecture it is built for.
    #[serde(default = "platform")]
    #[schemars(regex(pattern = "^linux/[a-z0-9]+(/[a-z0-9]+)?$"), example = &"linux/arm64")]
    platform: String,
    /// Tags it is pushed under, beside the one that says what it was built from.
    #[serde(default)]
    #[schemars(example = ["v1"])]
    tags: BTreeSet<String>,
}

fn dockerfile() -> String {
    "Dockerfile".into()
}

fn platform() -> String {
    "linux/amd64".into()
}

impl Written for WrittenImage {
    type Resource = Image;

    fn resource(self, _: &str, _: &Around<'_>) -> Result<Image, Vec<Wrong>> {
        let mut wrongs = Vec::new();
        if !is_platform(&self.platform) {
            let message = format!("`{}` is no platform of ECS on Linux", self.platform);
            let wrong = Wrong::new(["platform".into()], message);
            wrongs.push(wrong.hint("platform: linux/amd64, or linux/arm64"));
        }
        for tag in &self.tags {
            let message = match (is_tag(tag), tag.starts_with(Image::MARK)) {
                (false, _) => format!("`{tag}` is no tag"),
                (true, true) => format!("`{tag}`: tags that begin so say what was built"),
                (true, false) => continue,
            };
            let wrong = Wrong::new(["tags".into()], message);
            wrongs.push(
                wrong.hint("letters, digits, `_`, `.` and `-`, 128 at most, not `.` or `-` first"),
            );
        }
        match wrongs.is_empty() {
            true => Ok(Image {
                repository: Link::to(&self.repository),
                content: String::new(),
                tags: self.tags,
                recipe: Recipe {
                    context: self.context,
                    dockerfile: self.dockerfile,
                    args: self.args,
                    target: self.target,
                    platform: self.platform,
                },
            }),
            false => Err(wrongs),
        }
    }
}

fn is_platform(text: &str) -> bool {
    let parts: Vec<&str> = text.split('/').collect();
    let is_word = |it: &&str| {
        !it.is_empty()
            && it
                .chars()
                .all(|it| it.is_ascii_lowercase() || it.is_ascii_digit())
    };
    matches!(parts.as_slice(), ["linux", rest @ ..]
        if (1..=2).contains(&rest.len()) && rest.iter().all(is_word))
}

/// A tag as the distribution specification has it.
fn is_tag(text: &str) -> bool {
    let is_word = |it: char| it.is_ascii_alphanumeric() || it == '_';
    text.len() <= 128
        && text.starts_with(is_word)
        && text.chars().all(|it| is_word(it) || it == '.' || it == '-')
}

use super::Tags;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use setpoint_core::{Kind, Resource};
use std::collections::BTreeSet;

/// An Amazon ECR repository. Its handle is its URI, `<account>.dkr.ecr.<region>.amazonaws.com/<name>`.
///
/// Defaults are those of `CreateRepositoryRequest`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Repository {
    /// Whether a tag may be moved to another image.
    #[serde(default)]
    pub image_tag_mutability: TagMutability,
    /// Patterns of the tags for which the opposite holds, such as `dev-*`.
    #[serde(default)]
    #[schemars(example = ["dev-*"])]
    pub mutability_exclusions: BTreeSet<String>,
    /// Whether each pushed image is scanned.
    #[serde(default)]
    pub scan_on_push: bool,
    /// How images are encrypted. Cannot be changed.
    #[serde(default)]
    pub encryption: Option<Encryption>,
    /// The lifecycle policy, as ECR's own document.
    #[serde(default, with = "crate::policy::lifecycle")]
    #[schemars(with = "Option<serde_json::Value>")]
    pub lifecycle_policy: Option<Value>,
    /// Its tags.
    #[serde(default)]
    pub tags: Tags,
}

/// `imageTagMutability`, where the exclusions decide between each value and its `_WITH_EXCLUSION`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TagMutability {
    /// A tag may be moved.
    #[default]
    Mutable,
    /// A tag stays with its image.
    Immutable,
}

/// `EncryptionConfiguration`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Encryption {
    /// How images are encrypted.
    #[schemars(extend("enum" = ["AES256", "KMS", "KMS_DSSE"]))]
    pub encryption_type: String,
    /// The key, for the KMS types.
    #[serde(default)]
    pub kms_key: Option<String>,
}

impl Resource for Repository {
    const KIND: Kind = Kind("repository");

    fn inherit(&mut self, observed: &Self) {
        match (&mut self.encryption, &observed.encryption) {
            (none @ None, observed) => none.clone_from(observed),
            // Without a key named, AWS chooses its own and shows that.
            (Some(asked), Some(shown)) if asked.encryption_type == shown.encryption_type => {
                asked.kms_key = asked.kms_key.take().or(shown.kms_key.clone());
            }
            _ => {}
        }
    }

    fn fixed(&self, observed: &Self) -> Option<&'static str> {
        (self.encryption != observed.encryption).then_some("encryption")
    }
}

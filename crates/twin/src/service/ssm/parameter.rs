//! The account's own parameters.

use crate::{Refusal, Time, World, service::tags::Tags};
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A parameter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Own {
    /// The oldest first; the last hundred are kept.
    pub(super) versions: Vec<Version>,
    pub(super) tags: Tags,
}

/// A version of a parameter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Version {
    pub(super) number: i64,
    /// `String`, `StringList` or `SecureString`.
    pub(super) kind: String,
    pub(super) value: String,
    pub(super) data_type: String,
    pub(super) tier: String,
    pub(super) description: Option<String>,
    pub(super) pattern: Option<String>,
    /// The key that a secret is encrypted with.
    pub(super) key: Option<String>,
    pub(super) changed_at: Time,
    pub(super) changed_by: String,
}

impl Own {
    /// The present version.
    pub(super) fn last(&self) -> &Version {
        self.versions.last().expect("a parameter has a version")
    }

    /// The version of that number; the present one without a number.
    pub(super) fn version(&self, selector: Option<&str>) -> Option<&Version> {
        match selector {
            None => self.versions.last(),
            Some(text) => {
                let number: i64 = text.parse().ok()?;
                self.versions.iter().find(|it| it.number == number)
            }
        }
    }
}

impl Version {
    /// The value; that of a secret is a blob unless it is decrypted.
    pub(super) fn value(&self, decrypted: bool) -> String {
        match self.kind == "SecureString" && !decrypted {
            true => BASE64.encode(format!("kms:{}", self.value)),
            false => self.value.clone(),
        }
    }

    /// What DescribeParameters and GetParameterHistory show alike.
    pub(super) fn show(&self, name: &str) -> Value {
        let mut shown = json!({
            "Name": name,
            "Type": self.kind,
            "LastModifiedDate": self.changed_at.value(),
            "LastModifiedUser": self.changed_by,
            "Version": self.number,
            "Tier": self.tier,
            "Policies": [],
            "DataType": self.data_type,
        });
        let some = [
            ("Description", &self.description),
            ("AllowedPattern", &self.pattern),
            ("KeyId", &self.key),
        ];
        for (name, value) in some {
            if let Some(value) = value {
                shown[name] = value.as_str().into();
            }
        }
        shown
    }
}

/// Refuses a name that no parameter of an account can have.
pub(super) fn check_name(world: &World, name: &str) -> Result<(), Refusal> {
    let rules = "If formed as a path, it can consist of sub-paths divided by slash symbol; each \
                 sub-path can be formed as a mix of letters, numbers and the following 3 symbols \
                 .-_";
    let first = name.trim_start_matches('/').split('/').next();
    let first = first.unwrap_or_default().to_ascii_lowercase();
    if first.starts_with("aws") {
        let words = format!("No access to reserved parameter name: {name}.");
        return Err(Refusal::new("AccessDeniedException", words));
    }
    if first.starts_with("ssm") {
        return Err(wrong(format!(
            "Parameter name: can't be prefixed with \"ssm\" (case-insensitive). {rules}"
        )));
    }
    let plain = |it: char| it.is_ascii_alphanumeric() || "./-_".contains(it);
    if !name.chars().all(plain) || name.ends_with('/') || name.contains("//") {
        return Err(wrong(format!(
            "Parameter name: can't be prefixed with \"aws\" or \"ssm\" (case-insensitive). {rules}"
        )));
    }
    if name.contains('/') && !name.starts_with('/') {
        return Err(wrong("Parameter name must be a fully qualified name."));
    }
    if super::arn(world, name).len() > 1011 {
        return Err(wrong("Parameter name is too long."));
    }
    match name.matches('/').count() {
        0..=15 => Ok(()),
        _ => Err(Refusal::new(
            "HierarchyLevelLimitExceededException",
            "Parameter name exceeds the maximum number of fifteen levels.",
        )),
    }
}

/// Something about a request is wrong.
pub(super) fn wrong(words: impl Into<String>) -> Refusal {
    Refusal::new("ValidationException", words)
}

/// There is no such parameter.
pub(super) fn absent(name: &str) -> Refusal {
    Refusal::new("ParameterNotFound", format!("Parameter {name} not found."))
}

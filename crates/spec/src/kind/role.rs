use super::Tags;
use crate::policy::PolicyDocument;
use serde::Serialize;
use setpoint_core::{Kind, Resource};
use std::collections::{BTreeMap, BTreeSet};

/// An IAM role. Its handle is its ARN.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Role {
    /// Its path; nothing takes what is there, and for a new role `/setpoint/<stack>/`. Cannot be
    /// changed.
    pub path: Option<String>,
    /// What it is for.
    pub description: String,
    /// Seconds, 3600 to 43200.
    pub max_session_duration: i32,
    /// Who may assume it.
    pub trust: PolicyDocument,
    /// AWS managed policies by bare name, others by ARN.
    pub managed_policies: BTreeSet<String>,
    /// Inline policies by name.
    pub inline_policies: BTreeMap<String, PolicyDocument>,
    /// The ARN of the permissions boundary.
    pub permissions_boundary: Option<String>,
    /// Its tags.
    pub tags: Tags,
}

impl Resource for Role {
    const KIND: Kind = Kind("role");

    fn inherit(&mut self, observed: &Self) {
        self.path = self.path.take().or(observed.path.clone());
    }

    fn fixed(&self, observed: &Self) -> Option<&'static str> {
        (self.path != observed.path).then_some("path")
    }
}

use super::{Role, Tags};
use serde::Serialize;
use setpoint_core::{AnyLink, Kind, Link, Resource};

/// An IAM instance profile, which hands one role to instances. Its handle is its ARN.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct InstanceProfile {
    /// Its path; nothing takes what is there, and for a new profile `/setpoint/<stack>/`. Cannot be
    /// changed.
    pub path: Option<String>,
    /// The one role in it; none only while it is being made.
    pub role: Option<Link<Role>>,
    /// Its tags.
    pub tags: Tags,
}

impl Resource for InstanceProfile {
    const KIND: Kind = Kind("instanceProfile");

    fn links(&mut self, visit: &mut dyn FnMut(&mut dyn AnyLink)) {
        if let Some(role) = &mut self.role {
            visit(role);
        }
    }

    fn inherit(&mut self, observed: &Self) {
        self.path = self.path.take().or(observed.path.clone());
    }

    fn fixed(&self, observed: &Self) -> Option<&'static str> {
        (self.path != observed.path).then_some("path")
    }
}

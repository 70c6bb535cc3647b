//! IAM: roles with all that is attached to them, and instance profiles.
//!
//! Absent here: users, groups, managed policies of one's own (a role names them by ARN) and
//! service-linked roles, which AWS makes by itself.

mod instance_profiles;
mod managed;
mod ownership;
mod quotas;
mod roles;

pub use instance_profiles::InstanceProfiles;
pub use quotas::{Quota, Quotas, quotas};
pub use roles::Roles;

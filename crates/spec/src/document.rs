//! The documents of the ECS API: a task definition and a service as AWS writes them.
//!
//! Here is what a document may hold ([`check`]), when two documents say the same
//! ([`normalise`], then `==`), and what a change of a service takes ([`changes`],
//! [`can_update`], [`starts_deployment`]).
//!
//! What may be written comes from the API's own model, kept in `schema/ecs.json`.
//! What AWS makes of it (defaults, lists without order, other spellings) is in one
//! table, `habits`. No function here knows a member by name that is not in one of
//! the two, except where one member decides what another means.
//!
//! Absent: the AWS SDK, YAML, links between resources, and anything that waits.

mod check;
mod habits;
mod nearest;
mod normalise;
mod problem;
mod schema;
mod service;
mod size;

#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod laws;

pub use check::check;
pub use normalise::normalise;
pub use problem::{Problem, Segment};
#[cfg(test)]
pub(crate) use schema::shapes;
pub(crate) use schema::{Bounds, Member, Shape, root_shape, shape};
pub use service::{can_update, changes, inherit, starts_deployment};

/// Names which of the API's documents a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DocumentKind {
    /// What `RegisterTaskDefinition` takes and `DescribeTaskDefinition` shows.
    TaskDefinition,
    /// What `CreateService` takes and `DescribeServices` shows.
    Service,
}

/// Names the API and the release of its model that documents are held against.
pub fn schema_version() -> &'static str {
    &schema::schema().version
}

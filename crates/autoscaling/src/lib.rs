//! EC2 Auto Scaling groups.
//!
//! Absent here: what ECS makes in a group that belongs to a capacity provider (its scaling policy,
//! its alarms, its lifecycle hook), launch configurations, mixed instances policies, and the
//! replacement of running instances.

mod deletion;
mod groups;
mod limits;
mod read;

pub use groups::Groups;
pub use limits::limits;

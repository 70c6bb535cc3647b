//! The scaling of services: the scalable target with its policies and scheduled actions, as one.
//!
//! Absent here: the CloudWatch alarms, which AWS makes for target tracking and the user for steps;
//! the services themselves; and scaling of anything else.

mod policy;
mod scalings;
mod schedule;
mod targets;
mod writer;

pub use scalings::Scalings;

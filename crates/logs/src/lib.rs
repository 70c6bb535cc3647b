//! CloudWatch Logs: log groups.
//!
//! Absent here: log streams and events, and the account's own policies, which are neither written
//! nor removed.

mod log_groups;

pub use log_groups::LogGroups;

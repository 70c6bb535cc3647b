//! CloudWatch Logs: log groups, and what a stream of one holds.
//!
//! Absent here: the account's own policies, which are neither written nor removed.

mod log_groups;
mod stream;

pub use log_groups::LogGroups;
pub use stream::whole_stream;

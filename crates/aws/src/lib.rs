//! What the adapters share: how a call is made, paced and understood, and whose a resource is.
//!
//! Absent here: any kind of resource, and any call but those that say who calls
//! (`sts:GetCallerIdentity`) and what is tagged (`tag:GetResources`).

mod call;
mod connect;
mod error;
mod identity;
mod index;
mod owner;
mod pace;
#[cfg(feature = "testkit")]
pub mod testkit;

pub use call::found;
pub use connect::{Aws, ConnectError, Settings};
pub use error::{AwsError, code, message};
pub use identity::Identity;
pub use index::{Index, IndexedTags};
pub use owner::{MARK, Retagging, tags_of};

//! Amazon ECR: private repositories, their settings and lifecycle policies.
//!
//! Absent here: images. Whether a repository holds any is asked, nothing more; building and pushing
//! them is another crate's work. The registry's own settings and repository policies are neither
//! written nor removed.

mod read;
mod repositories;

pub use repositories::Repositories;

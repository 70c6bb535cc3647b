//! Amazon ECR: private repositories, their settings and lifecycle policies.
//!
//! Images are read, no more: which there are, and for which processors. Absent here: building and
//! pushing them, which is another crate's work. The registry's own settings and repository policies are neither
//! written nor removed.

mod images;
mod read;
mod repositories;

pub use images::Images;
pub use repositories::Repositories;

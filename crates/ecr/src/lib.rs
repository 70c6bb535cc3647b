//! Amazon ECR: private repositories, their settings and lifecycle policies.
//!
//! Images are read, no more, and logged in for: building and pushing them is `setpoint-image`'s
//! work. The registry's own settings and repository policies are neither written nor removed.

mod images;
mod login;
mod read;
mod repositories;

pub use images::{Held, Images, Stored};
pub use login::Login;
pub use repositories::Repositories;

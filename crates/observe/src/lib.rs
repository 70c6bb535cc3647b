//! What runs: one read-only look at a stack's services and everything around them, and what is told
//! of it.
//!
//! [`Observer::look`] answers an [`Ask`] with a [`Picture`], which is plain data. What could not be
//! read is a value in it, beside everything else. The texts are pure functions of pictures.
//!
//! Absent here: any writing call, any waiting but for answers, any terminal.

mod ask;
pub mod endpoints;
mod heard;
pub mod logs;
mod look;
mod moment;
pub mod picture;
mod read;
pub mod spark;
pub mod status;
pub mod timeline;
#[cfg(feature = "view")]
pub mod view;
pub mod why;
pub mod words;

pub use ask::{Ask, Part, Subject};
pub use logs::last_lines;
pub use look::Observer;
pub use moment::Moment;
pub use picture::Picture;
pub use words::{Line, Tone};

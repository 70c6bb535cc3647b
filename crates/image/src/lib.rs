//! Images: built from a folder, pushed to a registry, and found there again.
//!
//! What an image is built from is told by a digest ([`content()`]), which it bears as a label and
//! as a tag. So whether there is anything to do is asked of the registry, and no file of state is
//! kept. Absent here: what a stack is, and in which order things are done.

mod builder;
mod content;
mod context;
mod ignore;
mod images;
mod layout;
mod registry;
mod shelf;
mod workshop;

pub use builder::{BuildError, Builder, Program};
pub use content::{LABEL, content};
pub use context::{Context, ContextError, Entry, EntryKind};
pub use ignore::{Ignore, IgnoreError};
pub use images::{Images, Maker, Said, Tell};
pub use layout::{Blob, Built, LayoutError};
pub use registry::{Registry, RegistryError};
pub use shelf::{Pinned, Shelf};
pub use workshop::{Workshop, read, repository_of};

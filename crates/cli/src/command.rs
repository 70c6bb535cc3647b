//! The commands, one file each.

mod apply;
mod build;
mod completions;
mod destroy;
mod endpoints;
mod events;
mod explain;
mod images;
mod load;
mod logs;
mod plan;
mod push;
mod rehearse;
mod sandbox;
mod schema;
mod show;
mod status;
mod validate;
mod watch;
mod why;

pub(crate) use apply::apply;
pub(crate) use build::build;
pub(crate) use completions::completions;
pub(crate) use destroy::destroy;
pub(crate) use endpoints::endpoints;
pub(crate) use events::events;
pub(crate) use explain::explain;
pub(crate) use images::{Listed, images};
pub(crate) use load::{LoadFailure, asked, load};
pub(crate) use logs::logs;
pub(crate) use plan::plan;
pub(crate) use push::push;
pub(crate) use rehearse::{RehearseFailure, rehearse};
pub(crate) use sandbox::sandbox;
pub(crate) use schema::schema;
pub(crate) use show::show;
pub(crate) use status::status;
pub(crate) use validate::validate;
pub(crate) use watch::watch;
pub(crate) use why::why;

use crate::failure::Failure;

/// How a command ended: its exit code, or why it failed.
pub(crate) type Ended = Result<u8, Failure>;

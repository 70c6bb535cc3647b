//! What can be done with the sandbox itself.

mod demo;
mod serve;

use super::Ended;
use crate::{
    arguments::{Common, Sandbox},
    render,
    sandbox::folder,
};
use setpoint_twin::store::Store;

/// Does it.
pub(crate) async fn sandbox(common: &Common, command: &Sandbox) -> Ended {
    match command {
        Sandbox::Demo => demo::demo(common).await,
        Sandbox::Serve(options) => serve::serve(common, options).await,
        Sandbox::Reset => reset(common),
    }
}

fn reset(common: &Common) -> Ended {
    let folder = folder(common.stack());
    let was_there = folder.exists() && Store::open(&folder)?.forget()?;
    render::reset(&folder, was_there)?;
    Ok(0)
}

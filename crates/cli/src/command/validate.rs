use super::Ended;
use crate::{arguments::Common, render, session::read_stack};

/// Reads and checks the stack.
pub(crate) fn validate(common: &Common) -> Ended {
    let stack = read_stack(&common.file)?;
    let resources = stack.desired().managed().count();
    render::valid(&common.file, &stack.name, resources)?;
    Ok(0)
}

use super::Ended;
use crate::render;

/// Prints the JSON Schema of a stack.
pub(crate) fn schema() -> Ended {
    render::document(&setpoint_spec::schema())?;
    Ok(0)
}

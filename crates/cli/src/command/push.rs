use super::{Ended, build::asked};
use crate::{
    arguments::Common,
    connection::Connection,
    failure::Failure,
    reading::{Use, read_stack},
    render,
};
use setpoint_image::Images;

/// Pushes images that were built, and builds none.
pub(crate) async fn push(common: &Common, named: &[String]) -> Ended {
    let read = read_stack(common, Use::Make)?;
    let stack = &read.stack;
    let asked = asked(stack, named)?;
    let connection = Connection::open(common, stack).await?;
    connection.caller(common, stack).await?;
    let images = Images::new(
        &connection.aws,
        connection.registry(common),
        stack.images().clone(),
        common.base(),
        connection.maker(common)?,
        render::Narrator::default().tell(),
    );
    for (name, image) in asked {
        let digest = images.push(name, image).await.map_err(Failure::Call)?;
        render::pushed(name, image, &digest)?;
    }
    Ok(0)
}

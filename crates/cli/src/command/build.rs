use super::Ended;
use crate::{
    arguments::Common,
    failure::Failure,
    reading::{Use, read_stack},
    render,
    session::nearest,
};
use setpoint_image::{Maker, Workshop};
use setpoint_spec::{Stack, kind::Image};

/// Builds images of the stack, and pushes none.
pub(crate) async fn build(common: &Common, named: &[String]) -> Ended {
    let read = read_stack(common, Use::Make)?;
    let program = match common.builder {
        Some(Maker::Program(program)) => program,
        Some(Maker::StandIn) => return Err(Failure::StandIn),
        None => None,
    };
    let tell = render::Narrator::default().tell();
    let workshop = Workshop::new(common.base(), program, tell);
    for (name, image) in asked(&read.stack, named)? {
        let (of_store, is_new) = workshop.build(name, image).await?;
        render::built(name, &of_store, &image.content, is_new)?;
    }
    Ok(0)
}

/// The images that are named, or all of the stack.
pub(super) fn asked<'a>(
    stack: &'a Stack,
    named: &'a [String],
) -> Result<Vec<(&'a String, &'a Image)>, Failure> {
    let all = stack.images();
    if all.is_empty() {
        return Err(Failure::NoImages);
    }
    if named.is_empty() {
        return Ok(all.iter().collect());
    }
    let each = named.iter().map(|name| {
        let near = || nearest(name, all.keys().cloned());
        all.get_key_value(name)
            .ok_or_else(|| Failure::UnknownImage {
                name: name.clone(),
                near: near(),
            })
    });
    each.collect()
}

use super::Ended;
use crate::{
    arguments::{Common, StatusOptions},
    interrupt::interrupted,
    looking::Looking,
    render,
};
use setpoint_observe::status::{PARTS, WINDOW};
use std::{pin::pin, time::Duration};

/// Shows how services do, once or again and again.
pub(crate) async fn status(common: &Common, options: &StatusOptions) -> Ended {
    let looking = Looking::begin(common, options.service.as_deref()).await?;
    let every = Duration::from_secs(options.every);
    // Asked for once, so that none is lost while AWS is asked.
    let mut stop = pin!(interrupted());
    loop {
        let picture = tokio::select! {
            picture = looking.look(PARTS, WINDOW) => picture?,
            _ = &mut stop => return Ok(if options.watch { 0 } else { 130 }),
        };
        match options.json {
            true => render::status_as_json(&picture, options.watch)?,
            false => render::status(&picture, options.watch)?,
        }
        if !options.watch {
            return Ok(u8::from(picture.services.is_empty()));
        }
        tokio::select! {
            () = tokio::time::sleep(every) => {}
            _ = &mut stop => return Ok(0),
        }
    }
}

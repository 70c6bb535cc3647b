use super::Ended;
use crate::{
    arguments::{Common, WatchOptions},
    failure::Failure,
    interrupt::interrupted,
    looking::Looking,
    render::{self, Screen, Wish},
};
use setpoint_observe::view::{LONGEST, View, parts};
use std::{pin::pin, time::Duration};
use tokio::time::sleep;

/// Shows a service on the whole screen, or without a terminal a line for it again and again.
pub(crate) async fn watch(common: &Common, options: &WatchOptions) -> Ended {
    let looking = Looking::begin(common, options.service.as_deref()).await?;
    let every = Duration::from_secs(options.every);
    match render::is_terminal() {
        true => on_screen(&looking, every).await,
        false => in_lines(&looking, every).await,
    }
}

async fn in_lines(looking: &Looking, every: Duration) -> Ended {
    loop {
        let picture = looking.look(parts(), LONGEST).await?;
        render::status(&picture, true)?;
        tokio::select! {
            () = sleep(every) => {}
            _ = interrupted() => return Ok(0),
        }
    }
}

async fn on_screen(looking: &Looking, every: Duration) -> Ended {
    // The first look may fail before the screen is taken.
    let picture = looking.look(parts(), LONGEST).await?;
    let mut screen = Screen::take()?;
    let mut view = View::new(picture, screen.is_coloured());
    loop {
        screen.draw(&view)?;
        let next = async {
            sleep(every).await;
            looking.look(parts(), LONGEST).await
        };
        let mut next = pin!(next);
        // Keys are heard while AWS is asked.
        loop {
            let wish = tokio::select! {
                picture = &mut next => {
                    match picture {
                        Ok(picture) => view.show(picture),
                        Err(failure) => view.notice(said(&failure)),
                    }
                    break;
                }
                wish = screen.wish() => wish?,
                _ = interrupted() => Wish::Leave,
            };
            match wish {
                Wish::Leave => return Ok(0),
                Wish::Press(key) => view.press(key),
                Wish::Redraw => {}
            }
            screen.draw(&view)?;
        }
    }
}

fn said(failure: &Failure) -> String {
    format!("not the newest: {failure}")
}

use super::Ended;
use crate::{
    arguments::{Common, EventsOptions},
    failure::Failure,
    interrupt::interrupted,
    looking::Looking,
    render,
};
use setpoint_observe::{
    Picture,
    timeline::{Happening, PARTS, timeline},
};
use std::{collections::BTreeSet, pin::pin, time::Duration};

/// How far back a look goes that follows another: CloudWatch and the activities lag by minutes.
const LATE: Duration = Duration::from_secs(15 * 60);

/// Tells what happened, and with `--follow` what happens.
pub(crate) async fn events(common: &Common, options: &EventsOptions) -> Ended {
    let looking = Looking::begin(common, options.service.as_deref()).await?;
    let every = Duration::from_secs(options.every);
    let picture = looking.look(PARTS, options.since).await?;
    let since = picture.at - options.since;
    let mut told = BTreeSet::new();
    tell(&picture, timeline(&picture, since), &mut told, options)?;
    if !options.follow {
        return Ok(u8::from(picture.services.is_empty()));
    }
    // Asked for once, so that none is lost while AWS is asked.
    let mut stop = pin!(interrupted());
    loop {
        let next = async {
            tokio::time::sleep(every).await;
            looking.look(PARTS, LATE.max(every * 2)).await
        };
        let picture = tokio::select! {
            picture = next => picture?,
            _ = &mut stop => return Ok(0),
        };
        // What was before the beginning is not told late.
        tell(&picture, timeline(&picture, since), &mut told, options)?;
    }
}

/// Tells what was not told before.
fn tell(
    picture: &Picture,
    mut happenings: Vec<Happening>,
    told: &mut BTreeSet<String>,
    options: &EventsOptions,
) -> Result<(), Failure> {
    let is_first = told.is_empty();
    happenings.retain(|it| told.insert(it.key.clone()));
    match options.json {
        true => render::happenings_as_json(&happenings)?,
        false => render::happenings(picture, &happenings, is_first)?,
    }
    // A gap is told once, whatever else is.
    let mut gaps = picture.not_shown.clone();
    gaps.retain(|it| told.insert(format!("gap {} {}", it.part, it.because)));
    render::gaps(&gaps);
    Ok(())
}

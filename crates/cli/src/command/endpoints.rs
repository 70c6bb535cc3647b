use super::Ended;
use crate::{
    arguments::{Common, EndpointsOptions},
    failure::Failure,
    interrupt::interrupted,
    looking::Looking,
    render, visiting,
};
use setpoint_observe::{
    Picture,
    endpoints::{PARTS, endpoints as found},
};
use setpoint_twin::tasks;
use std::{collections::BTreeSet, time::Duration};
use tokio::time::{Instant, sleep};

/// How often it is looked for endpoints that answer.
const LOOK: Duration = Duration::from_secs(2);

/// Nothing of this command goes back in time.
const NOW: Duration = Duration::from_secs(60);

/// Shows where services answer; waits for that, and opens it, if asked.
pub(crate) async fn endpoints(common: &Common, options: &EndpointsOptions) -> Ended {
    let looking = Looking::begin(common, options.service.as_deref()).await?;
    let here = looking.sandbox.as_ref().and_then(|it| it.twin().cloned());
    // A sandbox that nobody serves lets its tasks answer for as long as this waits.
    let serving = here.clone().filter(|_| options.wait);
    let serving = serving.map(|it| tokio::spawn(tasks::serve(it)));
    let picture = match options.wait {
        false => looking.look(PARTS, NOW).await?,
        true => tokio::select! {
            picture = answered(&looking, options.timeout) => picture?,
            _ = interrupted() => return Ok(130),
        },
    };
    match options.json {
        true => render::endpoints_as_json(&picture)?,
        false => render::endpoints(&picture)?,
    }
    if here.is_some() {
        render::nobody_serves();
    }
    if let Some(serving) = serving {
        serving.abort();
    }
    let all = found(&picture);
    if options.open
        && let Some(endpoint) = all
            .iter()
            .find(|it| it.obstacles.is_empty())
            .or(all.first())
    {
        open(&endpoint.url)?;
    }
    Ok(u8::from(all.is_empty()))
}

/// Looks until each service answers at one of its endpoints.
async fn answered(looking: &Looking, seconds: u64) -> Result<Picture, Failure> {
    let until = Instant::now() + Duration::from_secs(seconds);
    let mut answers = BTreeSet::new();
    loop {
        let picture = looking.look(PARTS, NOW).await?;
        let mut why = "none is running".to_owned();
        for endpoint in found(&picture) {
            if answers.contains(&endpoint.service) {
                continue;
            }
            match visiting::answers(&endpoint.url).await {
                Ok(()) => drop(answers.insert(endpoint.service)),
                Err(text) => why = format!("{}: {text}", endpoint.url),
            }
        }
        if looking
            .services
            .iter()
            .all(|it| answers.contains(&it.service))
        {
            return Ok(picture);
        }
        if Instant::now() + LOOK > until {
            return Err(Failure::Unanswered { seconds, why });
        }
        sleep(LOOK).await;
    }
}

/// Opens an address with the system's own program for that.
fn open(url: &str) -> Result<(), Failure> {
    let program = match std::env::consts::OS {
        "macos" => "open",
        "windows" => "explorer",
        _ => "xdg-open",
    };
    let failed = |why: String| Failure::Unopened {
        url: url.to_owned(),
        why,
    };
    let status = std::process::Command::new(program).arg(url).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(failed(format!("{program} ended with {status}"))),
        Err(err) => Err(failed(format!("{program}: {err}"))),
    }
}

//! Load on the stack's own services, or on what somebody owns.

mod asked;
mod failure;
mod fleet;
mod on_ecs;

pub(crate) use asked::load as asked;
pub(crate) use failure::LoadFailure;

use super::Ended;
use crate::{
    arguments::{Common, LoadOptions},
    failure::Failure,
    interrupt::on_interrupt,
    render,
    targets::targets,
};
use setpoint_load::{Crew, Ended as LoadEnded, Outcome, relayed, run, trusting, write_log};
use std::{
    fs,
    path::PathBuf,
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tokio::{sync::watch, time::Instant};

/// Sends what is asked for, and reports.
pub(crate) async fn load(common: &Common, options: &LoadOptions) -> Ended {
    if !options.merge.is_empty() {
        let outcome = merged(&options.merge)?;
        return report(options, &outcome);
    }
    let mut load = asked::load(
        common,
        &options.schedule,
        &options.requests,
        &options.target,
    )?;
    if options.fleet.on.is_some() {
        return on_ecs::on_ecs(common, options, &load).await;
    }
    load.share = options.share.parse().map_err(LoadFailure::Share)?;
    let begin = begin(options)?;
    let targets = targets(common, options).await?;
    let trust = trusting(options.requests.insecure, &[]).map_err(LoadFailure::Trust)?;
    let crew = options
        .threads
        .map_or_else(|| Crew::fit(&load), Crew::Threads);
    setpoint_load::make_room(&load);
    let mut live = render::LiveLoad::new(&load);
    let (stop, stopped) = watch::channel(false);
    let mut interrupt = on_interrupt();
    let hearing = async {
        interrupt.said().await;
        // Nobody listens once the load has ended.
        let _ = stop.send(true);
        std::future::pending::<()>().await
    };
    let dial = targets.network(&trust);
    let endpoints = targets.endpoints();
    let running = run(
        &load,
        crew,
        begin,
        endpoints,
        dial,
        stopped,
        |second, tally| {
            live.second(second, tally);
        },
    );
    let outcome = tokio::select! {
        outcome = running => outcome.map_err(LoadFailure::Thread)?,
        () = hearing => unreachable!("it waits for ever"),
    };
    live.end();
    report(options, &outcome)
}

fn report(options: &LoadOptions, outcome: &Outcome) -> Ended {
    if let Some(path) = &options.hdr {
        let failed = |source| LoadFailure::Write {
            path: path.clone(),
            source,
        };
        let file = fs::File::create(path).map_err(failed)?;
        write_log(outcome, std::io::BufWriter::new(file)).map_err(failed)?;
    }
    match options.json || options.relay {
        true => {
            let mut document = outcome.to_json();
            document["share"] = match options.merge.is_empty() {
                true => options.share.as_str().into(),
                false => "1/1".into(),
            };
            match options.relay {
                true => render::relay(&relayed(&document.to_string()))?,
                false => render::document(&document)?,
            }
        }
        false => render::load(outcome)?,
    }
    Ok(match outcome.ended {
        LoadEnded::Complete => 0,
        LoadEnded::Threshold { .. } => 1,
        LoadEnded::Interrupted => 130,
    })
}

/// When to begin: at once, or at the time that was given.
fn begin(options: &LoadOptions) -> Result<Instant, Failure> {
    let Some(at) = options.begin_at else {
        return Ok(Instant::now());
    };
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let left = at - since.as_secs_f64();
    // A week ahead is a mistake, and so is a time that nobody can wait for any more.
    match (-60.0..=7.0 * 86_400.0).contains(&left) {
        true => Ok(Instant::now() + Duration::from_secs_f64(left.max(0.0))),
        false => Err(LoadFailure::BeginAt(at).into()),
    }
}

/// The outcomes in some files, added up.
fn merged(paths: &[PathBuf]) -> Result<Outcome, Failure> {
    let mut sum: Option<Outcome> = None;
    for path in paths {
        let outcome = read(path).map_err(|why| Failure::File {
            path: path.clone(),
            why,
        })?;
        match &mut sum {
            Some(sum) => sum.add(&outcome),
            None => sum = Some(outcome),
        }
    }
    sum.ok_or_else(|| LoadFailure::Nothing.into())
}

fn read(path: &PathBuf) -> Result<Outcome, String> {
    let text = fs::read_to_string(path).map_err(|err| err.to_string())?;
    let value = serde_json::from_str(&text).map_err(|err| err.to_string())?;
    Outcome::from_json(&value).map_err(|err| err.to_string())
}

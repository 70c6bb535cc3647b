//! The load that the command line asks for, over what the stack's `load:` says.

use super::LoadFailure;
use crate::{
    arguments::{Common, RequestOptions, ScheduleOptions},
    failure::Failure,
    reading::{Use, read_stack},
    written,
};
use setpoint_load::{Endpoint, Load, Path, Requests, Written};
use std::fs;

/// The load, its recording and its body read.
pub(crate) fn load(
    common: &Common,
    schedule: &ScheduleOptions,
    asked: &RequestOptions,
    targets: &[String],
) -> Result<Load, Failure> {
    let mut written = of_stack(common, schedule, targets)?;
    if schedule.is_given() {
        written.stages.clone_from(&schedule.stage);
        written.replay.clone_from(&schedule.replay);
        written.workers = schedule.workers;
        written.duration = None;
    }
    over(&mut written.duration, &schedule.duration);
    over(&mut written.in_flight, &schedule.in_flight);
    over(&mut written.method, &asked.method);
    over(&mut written.http, &asked.http);
    over(&mut written.timeout, &asked.time_out);
    if asked.no_keep_alive {
        written.keep_alive = Some(false);
    }
    if !schedule.abort_when.is_empty() {
        written.abort_when.clone_from(&schedule.abort_when);
    }
    let given = asked.header.iter().filter_map(|it| it.split_once(':'));
    for (name, _) in given {
        written
            .headers
            .retain(|it, _| !it.eq_ignore_ascii_case(name.trim()));
    }
    let recording = written.replay.as_ref().map(|path| {
        fs::read_to_string(path).map_err(|err| Failure::File {
            path: path.clone(),
            why: err.to_string(),
        })
    });
    let recording = recording.transpose()?;
    let mut load = written
        .load(recording.as_deref())
        .map_err(LoadFailure::from)?;
    load.requests = requests(load.requests, asked, targets)?;
    Ok(load)
}

/// What the stack says. Somebody else's host is loaded without a stack, if the command line says how.
fn of_stack(
    common: &Common,
    schedule: &ScheduleOptions,
    targets: &[String],
) -> Result<Written, Failure> {
    let is_there = common.file.iter().all(|it| it.exists());
    if !is_there && schedule.is_given() && !targets.is_empty() {
        return Ok(Written::default());
    }
    let stack = read_stack(common, Use::Remove)?.stack;
    let written = stack.load.as_ref();
    Ok(written.map_or_else(Written::default, |it| written::load(it, &common.base())))
}

fn over<T: Clone>(value: &mut Option<T>, given: &Option<T>) {
    if given.is_some() {
        value.clone_from(given);
    }
}

fn requests(
    mut requests: Requests,
    asked: &RequestOptions,
    targets: &[String],
) -> Result<Requests, Failure> {
    let mut paths = Vec::new();
    for text in &asked.path {
        paths.push(path(text)?);
    }
    for target in targets {
        let (_, path) = Endpoint::of_url(target).map_err(LoadFailure::from)?;
        match path {
            Some(_) if !paths.is_empty() => {
                return Err(LoadFailure::TargetPath(target.clone()).into());
            }
            Some(path) if targets.len() == 1 => paths.push(Path { path, weight: 1 }),
            Some(_) => return Err(LoadFailure::TargetPath(target.clone()).into()),
            None => {}
        }
    }
    requests = requests.paths(paths).map_err(LoadFailure::from)?;
    for header in &asked.header {
        requests = requests.header(header).map_err(LoadFailure::from)?;
    }
    let Some(body) = asked.body.as_deref() else {
        return Ok(requests);
    };
    let body = match body.strip_prefix('@') {
        None => body.as_bytes().to_vec(),
        Some(file) => fs::read(file).map_err(|err| Failure::File {
            path: file.into(),
            why: err.to_string(),
        })?,
    };
    Ok(requests.body(body))
}

/// A path, and its weight after the last `=`, where what follows is a number and no part of a query.
fn path(text: &str) -> Result<Path, LoadFailure> {
    let whole = |weight| Path {
        path: text.to_owned(),
        weight,
    };
    match text.rsplit_once('=') {
        Some((path, weight)) if !path.contains('?') => match weight.parse() {
            Ok(weight) => Ok(Path {
                path: path.to_owned(),
                weight,
            }),
            Err(_) => Err(LoadFailure::Weight(text.to_owned())),
        },
        // In a query the weight comes after two: /buy?n=1==3.
        Some((path, weight)) if path.ends_with('=') => match weight.parse() {
            Ok(weight) => Ok(Path {
                path: path[..path.len() - 1].to_owned(),
                weight,
            }),
            Err(_) => Ok(whole(1)),
        },
        _ => Ok(whole(1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_may_have_a_weight() {
        for (text, expected, weight) in [
            ("/", "/", 1),
            ("/buy=3", "/buy", 3),
            ("/buy?n=1", "/buy?n=1", 1),
            ("/buy?n=1==3", "/buy?n=1", 3),
        ] {
            let path = path(text).expect(text);
            assert_eq!(
                (path.path.as_str(), path.weight),
                (expected, weight),
                "{text}"
            );
        }
        assert!(matches!(path("/buy=often"), Err(LoadFailure::Weight(_))));
    }
}

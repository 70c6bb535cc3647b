//! The load that the command line asks for, over what the stack's `load:` says.

use super::LoadFailure;
use crate::{
    arguments::{Common, RequestOptions, ScheduleOptions},
    failure::Failure,
    reading::{Usable, Use, read_stack},
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
    let mut written = of_stack(common, schedule)?;
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

/// What the stack says. Where the command line says when requests leave, there may be none.
fn of_stack(common: &Common, schedule: &ScheduleOptions) -> Result<Written, Failure> {
    let is_there = common.file.iter().all(|it| it.exists());
    if !is_there && schedule.is_given() {
        return Ok(Written::default());
    }
    let Usable {
        stack,
        source,
        files,
    } = read_stack(common, Use::Remove)?;
    let problems = written::problems_of_load(&source, &stack, &common.base());
    if !problems.is_empty() && !schedule.is_given() {
        return Err(Failure::Stack {
            path: common.stack().to_owned(),
            files,
            problems,
            end: "; nothing was sent",
        });
    }
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
    fn a_load_is_what_its_own_options_ask_for() {
        use crate::arguments::{Arguments, Command};
        use clap::Parser;
        let read = |words: &[&str]| {
            let all = ["setpoint", "load", "--target", "http://127.0.0.1:1"];
            let words = all.iter().chain(words).copied();
            let arguments = Arguments::try_parse_from(words).expect("it is a command");
            let Command::Load(options) = arguments.command else {
                panic!("it is another command");
            };
            let file = std::path::PathBuf::from("no such stack.yaml");
            let common = Common {
                file: vec![file],
                ..arguments.common
            };
            let target = &options.target;
            load(&common, &options.schedule, &options.requests, target).expect("a load")
        };
        for words in [
            &["--stage", "2m@50rps", "--stage", "1m30s@0..0.5rps"][..],
            &[
                "--workers",
                "7",
                "--duration",
                "90s",
                "--no-keep-alive",
                "--http",
                "2",
            ],
            &[
                "--stage",
                "1s@5rps",
                "--method",
                "post",
                "--path",
                "/buy=3",
                "--path",
                "/?a=b==2",
                "--header",
                "accept: text/html",
                "--body",
                "{}",
                "--timeout",
                "250ms",
                "--in-flight",
                "9",
                "--abort-when",
                "p99 > 2s for 30s",
                "--abort-when",
                "errors > 5%",
            ],
        ] {
            let load = read(words);
            let options = load.options().expect("it is all text");
            let options: Vec<&str> = options.iter().map(String::as_str).collect();
            assert_eq!(read(&options), load, "{options:?}");
        }
        assert_eq!(
            read(&["--stage", "1s@1rps", "--body", ""])
                .options()
                .map(|it| it.len()),
            Some(12)
        );
    }

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

//! The load that the command line asks for.

use super::LoadFailure;
use crate::{
    arguments::{LoadOptions, RequestOptions},
    failure::Failure,
};
use setpoint_load::{Endpoint, Load, Path, Requests, Written};
use std::fs;

/// The load, its recording and its body read.
pub(crate) fn load(options: &LoadOptions) -> Result<Load, Failure> {
    let asked = &options.requests;
    let written = Written {
        stages: options.stage.clone(),
        workers: options.workers,
        duration: options.duration.clone(),
        keep_alive: Some(!asked.no_keep_alive),
        http: Some(asked.http.clone()),
        timeout: Some(asked.time_out.clone()),
        in_flight: Some(options.in_flight),
        abort_when: options.abort_when.clone(),
        ..Written::default()
    };
    let recording = options.replay.as_ref().map(|path| {
        fs::read_to_string(path).map_err(|err| Failure::File {
            path: path.clone(),
            why: err.to_string(),
        })
    });
    let recording = recording.transpose()?;
    let mut load = written
        .load(recording.as_deref())
        .map_err(LoadFailure::from)?;
    load.requests = requests(load.requests, asked, &options.target)?;
    load.share = options.share.parse().map_err(LoadFailure::Share)?;
    Ok(load)
}

fn requests(
    requests: Requests,
    asked: &RequestOptions,
    targets: &[String],
) -> Result<Requests, Failure> {
    let mut requests = requests.method(&asked.method).map_err(LoadFailure::from)?;
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
    let body = match asked.body.as_deref().map(|it| (it, it.strip_prefix('@'))) {
        None => Vec::new(),
        Some((text, None)) => text.as_bytes().to_vec(),
        Some((_, Some(file))) => fs::read(file).map_err(|err| Failure::File {
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

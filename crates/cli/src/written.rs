//! The `load:` and the `rehearse:` of a stack, understood, and what is wrong with them.

use setpoint_load::{Stage, Threshold, Written, read_time};
use setpoint_rehearsal::Limits;
use setpoint_spec::{Code, Problem, Source, Stack, Step, WrittenLimits, WrittenLoad};
use std::{fs, path::Path};

/// A load as those who play it know it. Paths are relative to `base`.
pub(crate) fn load(written: &WrittenLoad, base: &Path) -> Written {
    // Taken apart, so that a member that is not handed on does not compile.
    let WrittenLoad {
        stages,
        replay,
        workers,
        duration,
        method,
        paths,
        headers,
        body,
        keep_alive,
        http,
        timeout,
        in_flight,
        abort_when,
    } = written.clone();
    Written {
        stages,
        replay: replay.map(|it| base.join(it)),
        workers,
        duration,
        method,
        paths,
        headers,
        body,
        keep_alive,
        http,
        timeout,
        in_flight,
        abort_when,
    }
}

/// Limits as those who judge know them. Fails with the member that is wrong, and why.
pub(crate) fn limits(written: &WrittenLimits) -> Result<Limits, (&'static str, String)> {
    let time = |name: &'static str, text: &Option<String>| {
        let read = text.as_deref().map(read_time).transpose();
        let read = read.map_err(|err| (name, err.to_string()))?;
        match read.is_some_and(|it| it.is_zero()) {
            true => Err((name, "it is longer than nothing".to_owned())),
            false => Ok(read.map(|it| it.as_secs_f64())),
        }
    };
    let errors = written.errors.as_deref().map(percent).transpose();
    Ok(Limits {
        p95: time("p95", &written.p95)?,
        errors: errors.map_err(|err| ("errors", err))?,
        scale_out: time("scaleOut", &written.scale_out)?,
        tasks: written.tasks,
        scale_in: time("scaleIn", &written.scale_in)?,
    })
}

/// A percentage as a part from 0 to 1.
fn percent(text: &str) -> Result<f64, String> {
    let number = text.trim().strip_suffix('%');
    let number = number.and_then(|it| it.trim().parse::<f64>().ok());
    match number {
        Some(percent) if (0.0..=100.0).contains(&percent) => Ok(percent / 100.0),
        _ => Err(format!(
            "`{text}` is no percentage from 0% to 100%, such as 1%"
        )),
    }
}

/// What is wrong with the load and the rehearsal of a stack.
pub(crate) fn problems(source: &Source, stack: &Stack, base: &Path) -> Vec<Problem> {
    let mut problems = problems_of_load(source, stack, base);
    let mut tell = |path: &[Step], why: String| {
        problems.push(Problem::error(Code::VALUE, source.span(path), why));
    };
    let Some(rehearse) = &stack.rehearse else {
        return problems;
    };
    if let Err((member, why)) = limits(&rehearse.limits) {
        tell(&["rehearse".into(), "limits".into(), member.into()], why);
    }
    let services = stack.clusters_of_services();
    if let Some(service) = &rehearse.service
        && !services.contains_key(service)
    {
        let known: Vec<&str> = services.keys().map(String::as_str).collect();
        let why = format!(
            "the stack has no service `{service}`; it has {}",
            known.join(", ")
        );
        tell(&["rehearse".into(), "service".into()], why);
    }
    problems
}

/// What is wrong with the load of a stack.
pub(crate) fn problems_of_load(source: &Source, stack: &Stack, base: &Path) -> Vec<Problem> {
    let mut problems = Vec::new();
    if let Some(written) = &stack.load {
        of_load(written, base, &mut |path: &[Step], why: String| {
            problems.push(Problem::error(Code::VALUE, source.span(path), why));
        });
    }
    problems
}

fn of_load(written: &WrittenLoad, base: &Path, tell: &mut impl FnMut(&[Step], String)) {
    let mut is_told = false;
    for (index, stage) in written.stages.iter().enumerate() {
        if let Err(err) = stage.parse::<Stage>() {
            is_told = true;
            tell(
                &["load".into(), "stages".into(), index.into()],
                err.to_string(),
            );
        }
    }
    for (index, condition) in written.abort_when.iter().enumerate() {
        if let Err(err) = condition.parse::<Threshold>() {
            is_told = true;
            let why = err.to_string();
            tell(&["load".into(), "abortWhen".into(), index.into()], why);
        }
    }
    let written = load(written, base);
    let recording = written.replay.as_ref().map(fs::read_to_string).transpose();
    match recording {
        Err(err) => tell(&["load".into(), "replay".into()], err.to_string()),
        Ok(recording) if !is_told => {
            if let Err(err) = written.load(recording.as_deref()) {
                tell(&["load".into()], err.to_string());
            }
        }
        Ok(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[(u32, &str)]) {
        let text = format!("name: s\n{text}");
        let source = Source::read(&text).expect("it is YAML");
        let stack = Stack::of(&source).expect("it is a stack");
        let found = problems(&source, &stack, Path::new("."));
        assert_eq!(found.len(), expected.len(), "{found:#?}");
        for (problem, (line, why)) in found.iter().zip(expected) {
            assert!(problem.message.contains(why), "{}", problem.message);
            assert_eq!(problem.span.from.line as u32, *line, "{}", problem.message);
        }
    }

    #[test]
    fn what_is_right_is_not_told() {
        check(
            "load:\n  stages: [2m@50rps, 5m@50..800rps]\n  http: 2\n  abortWhen: [errors > 5%]\n\
             rehearse:\n  limits: { p95: 500ms, errors: 1%, scaleOut: 6m, tasks: 3, scaleIn: 40m }\n",
            &[],
        );
    }

    #[test]
    fn what_is_wrong_is_told_at_its_line() {
        check(
            "load:\n  stages:\n    - 2m@50rps\n    - often\n  abortWhen:\n    - p99\n",
            &[(5, "`often` is no stage"), (7, "there is no `>`")],
        );
        check("load:\n  workers: 5\n", &[(3, "how long the workers ask")]);
        check("load:\n  replay: nowhere.csv\n", &[(3, "No such file")]);
        check(
            "load: { stages: [1m@1rps] }\nrehearse:\n  service: web\n  limits:\n    errors: few\n",
            &[
                (6, "`few` is no percentage"),
                (4, "the stack has no service `web`"),
            ],
        );
        check(
            "rehearse:\n  limits:\n    scaleIn: 0s\n",
            &[(4, "longer than nothing")],
        );
    }
}

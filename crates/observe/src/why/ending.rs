//! Tasks that run and end.

use super::{Case, Cause, starting};
use crate::{
    logs::command,
    picture::{Container, Task},
    words::{last, short},
};

/// How many lines of a container that ended are told.
const LINES: usize = 5;

pub(super) fn find(case: &mut Case<'_>) {
    for task in case.failed() {
        if case.is_wrong() {
            return;
        }
        ended(case, task);
    }
}

fn ended(case: &mut Case<'_>, task: &Task) {
    let reason = task.stopped_reason.as_deref().unwrap_or_default();
    let when = task.stopped_at.or(task.stopping_at).unwrap_or_default();
    let (id, name) = (short(task.id()), case.name());
    let line = format!("{} task {id}: {reason}", when.clock());
    if reason.starts_with("Task failed ELB health") {
        case.wrong(
            Cause::TargetUnhealthy,
            format!("the load balancer's health check fails for the tasks of {name}"),
            vec![line],
            vec![format!(
                "let the check's path answer 200 in time, or give tasks longer to start:\n\
                 services:\n  {name}: {{ healthCheckGracePeriodSeconds: 60 }}"
            )],
        );
        return;
    }
    if reason.starts_with("Task failed container health") {
        let unhealthy = task
            .containers
            .iter()
            .find(|it| it.health_status.as_deref() == Some("UNHEALTHY"));
        let container = unhealthy.map_or("", |it| it.name.as_str());
        let mut evidence = vec![line];
        evidence.extend(check(case, container));
        evidence.extend(lines(case, task, container));
        case.wrong(
            Cause::ContainerUnhealthy,
            format!("the health check of {container} fails"),
            evidence,
            vec![
                "run the check's command in the image; give slow starts time:".into(),
                "healthCheck: { startPeriod: 60 }".into(),
            ],
        );
        return;
    }
    if task.stop_code.as_deref() != Some("EssentialContainerExited") {
        return;
    }
    let bad = |it: &&Container| it.exit_code.is_some_and(|code| code != 0) || it.reason.is_some();
    let container = task.containers.iter().find(bad);
    let Some(container) = container.or(task.containers.first()) else {
        return;
    };
    let code = container.exit_code.unwrap_or_default();
    let own = container.reason.as_deref().unwrap_or_default();
    let mut evidence = vec![format!(
        "{} task {id}: {} ended with exit code {code}{}",
        when.clock(),
        container.name,
        match own {
            "" => String::new(),
            own => format!(": {own}"),
        }
    )];
    if own.starts_with("OutOfMemoryError") {
        let memory = memory(case, &container.name);
        case.wrong(
            Cause::OutOfMemory,
            format!(
                "{} takes more memory than it may: {memory} MiB",
                container.name
            ),
            evidence,
            vec![format!(
                "containerDefinitions:\n  - name: {}\n    memory: {}",
                container.name,
                memory * 2
            )],
        );
        return;
    }
    let last_lines = lines(case, task, &container.name);
    if last_lines.iter().any(|it| it.contains("exec format error")) {
        evidence.extend(last_lines);
        let image = container.image.clone().unwrap_or_default();
        starting::platform(case, &image, evidence);
        return;
    }
    let failed = case.failed();
    let times = failed
        .iter()
        .filter(|it| it.stop_code.as_deref() == Some("EssentialContainerExited"));
    evidence.push(format!("{} tasks ended so", times.count()));
    evidence.extend(last_lines);
    case.wrong(
        Cause::CrashLoop,
        format!(
            "{} ends with exit code {code}, again and again",
            container.name
        ),
        evidence,
        command(case.picture, task)
            .into_iter()
            .chain([format!(
                "mend what {} does, and setpoint apply",
                last(&container.name)
            )])
            .collect(),
    );
}

fn memory(case: &Case<'_>, container: &str) -> i64 {
    let mut containers = case.containers().iter();
    let own = containers.find(|it| it["name"] == container);
    let own = own.and_then(|it| it["memory"].as_i64());
    own.unwrap_or_else(|| super::placement::needs(case).1)
}

fn check(case: &Case<'_>, container: &str) -> Option<String> {
    let mut containers = case.containers().iter();
    let own = containers.find(|it| it["name"] == container)?;
    let command = own["healthCheck"]["command"].as_array()?;
    let words: Vec<&str> = command.iter().filter_map(|it| it.as_str()).collect();
    Some(format!("the check is: {}", words.join(" ")))
}

fn lines(case: &Case<'_>, task: &Task, container: &str) -> Vec<String> {
    let key = format!("{}/{container}", task.id());
    let lines = case.clues.last_lines.get(&key);
    let lines = lines.map_or(&[][..], Vec::as_slice);
    let newest = &lines[lines.len().saturating_sub(LINES)..];
    newest.iter().map(|it| format!("| {it}")).collect()
}

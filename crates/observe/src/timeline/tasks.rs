//! What happened to tasks, as far as no event of the service tells it.

use super::{
    Happening, Source,
    service::{named, starts, stops},
};
use crate::{
    Moment, Picture,
    picture::{Container, Service, Task},
    words::short,
};
use std::collections::BTreeSet;

/// Starts that no event tells, that tasks run, and stops that no event tells.
pub(super) fn of(picture: &Picture, service: &Service) -> Vec<Happening> {
    let said = |which: fn(&str) -> bool| {
        let events = service.events.iter().map(|it| it.message.as_str());
        events
            .filter(|it| which(it))
            .flat_map(named)
            .collect::<BTreeSet<&str>>()
    };
    let (started, stopped) = (said(starts), said(stops));
    let happening = |at: Moment, task: &Task, what: &str, text: String, bad| Happening {
        at,
        source: Source::Task,
        service: Some(service.service_name.clone()),
        text,
        bad,
        key: format!("task {} {what}", task.id()),
    };
    let mut all = Vec::new();
    for task in picture.tasks_of(service) {
        let id = short(task.id());
        if let Some(at) = task.created_at.filter(|_| !started.contains(task.id())) {
            let text = format!("{id} is started{}", place(picture, task));
            all.push(happening(at, task, "started", text, false));
        }
        if let Some(at) = task.started_at {
            let text = format!("{id} runs{}{}", place(picture, task), ports(task));
            all.push(happening(at, task, "runs", text, false));
        }
        let at = task.stopped_at.or(task.stopping_at);
        if let Some(at) = at.filter(|_| !stopped.contains(task.id())) {
            let by_choice = is_by_choice(task);
            let text = format!("{id} stopped: {}", why(task));
            all.push(happening(at, task, "stopped", text, !by_choice));
        }
    }
    all
}

/// Where a task is: ` on i-0123 (us-east-1a)`.
pub(super) fn place(picture: &Picture, task: &Task) -> String {
    let host = task.container_instance_arn.as_deref();
    let host = host.and_then(|it| picture.container_instance(it));
    match (host, &task.availability_zone) {
        (Some(host), Some(zone)) => format!(" on {} ({zone})", host.ec2_instance_id),
        (Some(host), None) => format!(" on {}", host.ec2_instance_id),
        (None, Some(zone)) => format!(" in {zone}"),
        (None, None) => String::new(),
    }
}

fn ports(task: &Task) -> String {
    let bindings = task.containers.iter().flat_map(|it| &it.network_bindings);
    let ports: BTreeSet<u16> = bindings.filter_map(|it| it.host_port).collect();
    let ports: Vec<String> = ports.iter().map(u16::to_string).collect();
    match ports.as_slice() {
        [] => String::new(),
        [one] => format!(", port {one}"),
        many => format!(", ports {}", many.join(" ")),
    }
}

/// Whether the service, or a person, stopped a task that was well.
fn is_by_choice(task: &Task) -> bool {
    let code = task.stop_code.as_deref();
    let failed = task
        .stopped_reason
        .as_deref()
        .is_some_and(|it| it.starts_with("Task failed"));
    matches!(code, Some("ServiceSchedulerInitiated" | "UserInitiated")) && !failed
}

fn why(task: &Task) -> String {
    let reason = task
        .stopped_reason
        .as_deref()
        .unwrap_or("AWS does not say why");
    let containers = task.containers.iter().filter_map(container);
    let containers: Vec<String> = containers.collect();
    match containers.is_empty() || is_by_choice(task) {
        true => reason.trim_end_matches('.').to_owned(),
        false => format!(
            "{} ({})",
            reason.trim_end_matches('.'),
            containers.join("; ")
        ),
    }
}

fn container(it: &Container) -> Option<String> {
    match (&it.reason, it.exit_code) {
        (Some(reason), Some(code)) => Some(format!("{}: {reason}, exit code {code}", it.name)),
        (Some(reason), None) => Some(format!("{}: {reason}", it.name)),
        (None, Some(code)) if code != 0 => Some(format!("{}: exit code {code}", it.name)),
        _ => None,
    }
}

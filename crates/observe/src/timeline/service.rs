//! What a service's scheduler said, and its deployments.

use super::{Happening, Source, tasks::place};
use crate::{
    Picture,
    picture::{Service, Task},
    words::{last, short},
};

/// The events of a service, and the beginnings and failures of its deployments.
pub(super) fn of(picture: &Picture, service: &Service) -> Vec<Happening> {
    let events = service.events.iter().map(|event| {
        let text = told(picture, service, &event.message);
        let is_deployment = text.starts_with("deployment ");
        Happening {
            at: event.created_at,
            source: match is_deployment {
                true => Source::Deployment,
                false => Source::Service,
            },
            service: Some(service.service_name.clone()),
            bad: is_bad(&text),
            text,
            key: format!("event {}", event.id),
        }
    });
    let begun = service.deployments.iter().filter_map(|it| {
        Some(Happening {
            at: it.created_at?,
            source: Source::Deployment,
            service: Some(service.service_name.clone()),
            text: format!(
                "deployment {} of {} began",
                last(&it.id),
                last(&it.task_definition)
            ),
            bad: false,
            key: format!("deployment {}", it.id),
        })
    });
    let failed = service.deployments.iter().filter_map(|it| {
        let is_failed = it.rollout_state.as_deref() == Some("FAILED");
        let reason = it.rollout_state_reason.as_deref().unwrap_or_default();
        Some(Happening {
            at: it.updated_at.filter(|_| is_failed)?,
            source: Source::Deployment,
            service: Some(service.service_name.clone()),
            text: format!("deployment {} failed: {reason}", last(&it.id)),
            bad: true,
            key: format!("deployment {} failed", it.id),
        })
    });
    events.chain(begun).chain(failed).collect()
}

/// The ids of the tasks that an event names: `(task 0123…)`.
pub(super) fn named(message: &str) -> impl Iterator<Item = &str> {
    let parts = message.split("(task ").skip(1);
    parts.filter_map(|it| it.split_once(')').map(|it| it.0))
}

/// Whether an event says that tasks were started.
pub(super) fn starts(message: &str) -> bool {
    message.contains(" has started ")
}

/// Whether an event says that tasks are being stopped.
pub(super) fn stops(message: &str) -> bool {
    message.contains(" has stopped ")
}

fn told(picture: &Picture, service: &Service, message: &str) -> String {
    let known = |id: &str| picture.tasks_of(service).find(|it| it.id() == id);
    if starts(message) || stops(message) {
        let tasks: Vec<String> = named(message)
            .map(|id| match known(id) {
                Some(task) if starts(message) => placed(picture, task),
                Some(task) => stopped(task),
                None => short(id).to_owned(),
            })
            .collect();
        let verb = match starts(message) {
            true => "started",
            false => "stops",
        };
        let noun = if tasks.len() == 1 { "task" } else { "tasks" };
        if !tasks.is_empty() {
            return format!("{verb} {} {noun}: {}", tasks.len(), tasks.join(", "));
        }
    }
    let own = format!("(service {}) ", service.service_name);
    let rest = message
        .strip_prefix(&own)
        .unwrap_or(message)
        .trim_end_matches('.');
    match rest {
        "has reached a steady state" => "has reached a steady state".into(),
        rest => deployed(rest).unwrap_or_else(|| rest.to_owned()),
    }
}

/// `(deployment ecs-svc/1) deployment completed` in the other order.
fn deployed(rest: &str) -> Option<String> {
    let (id, what) = rest.strip_prefix("(deployment ")?.split_once(") ")?;
    let what = what.strip_prefix("deployment ").unwrap_or(what);
    Some(format!("deployment {} {what}", last(id)))
}

fn placed(picture: &Picture, task: &Task) -> String {
    format!("{}{}", short(task.id()), place(picture, task))
}

fn stopped(task: &Task) -> String {
    match &task.stopped_reason {
        Some(reason) => format!("{} ({})", short(task.id()), reason.trim_end_matches('.')),
        None => short(task.id()).to_owned(),
    }
}

fn is_bad(text: &str) -> bool {
    const SIGNS: [&str; 6] = [
        "unable",
        "failed",
        "throttled",
        "unhealthy",
        "error",
        "rolling back",
    ];
    SIGNS.iter().any(|it| text.contains(it))
}

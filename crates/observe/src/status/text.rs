//! The status in words.

use super::{DeploymentStatus, GaugeStatus, HostStatus, ScalingState, ServiceStatus, status};
use crate::{
    Part, Picture,
    spark::sparkline,
    words::{Line, Tone, percent},
};

/// How wide the names of rows are.
const NAMES: usize = 12;

/// The status of every service of a picture, a row for each thing.
pub fn lines(picture: &Picture) -> Vec<Line> {
    let all = status(picture);
    let mut lines = Vec::new();
    for it in &all {
        if !lines.is_empty() {
            lines.push(Line::new());
        }
        lines.extend(of_service(picture, it));
    }
    for it in &picture.absent {
        let text = format!("{}: AWS has no such service in {}", it.service, it.cluster);
        lines.push(Line::new().and(Tone::Bad, text));
    }
    lines
}

/// The status of a service on one line.
pub fn line(picture: &Picture, it: &ServiceStatus) -> Line {
    let bounds = it.bounds.map(|(min, max)| format!(" ({min}–{max})"));
    let deployment = it.deployment.as_ref().map_or("-", |it| word(&it.state));
    let scaling: Vec<String> = it.scaling.iter().map(ScalingState::to_string).collect();
    Line::new()
        .and(Tone::Faint, format!("{}  ", picture.at.clock()))
        .and(Tone::Strong, &it.service)
        .and(
            tasks_tone(it),
            format!("  {}/{} running", it.running, it.desired),
        )
        .and(Tone::Plain, bounds.unwrap_or_default())
        .and(Tone::Plain, format!("  {} pending", it.pending))
        .and(Tone::Plain, format!("  cpu {}", value(&it.cpu)))
        .and(Tone::Plain, format!("  memory {}", value(&it.memory)))
        .and(Tone::Plain, format!("  deployment {deployment}"))
        .and(
            Tone::Plain,
            format!("  scaling {}", or_none(&scaling.join(", "))),
        )
}

fn of_service(picture: &Picture, it: &ServiceStatus) -> Vec<Line> {
    let row = |name: &str| Line::new().and(Tone::Faint, format!("  {name:NAMES$}"));
    let mut lines = vec![
        Line::new()
            .and(Tone::Strong, &it.service)
            .and(Tone::Plain, format!(" in {}", it.cluster))
            .and(Tone::Faint, format!(" at {} UTC", picture.at.clock())),
    ];
    if it.status != "ACTIVE" {
        lines.push(row("status").and(Tone::Bad, it.status.to_lowercase()));
    }
    lines.push(deployment(row("deployment"), it.deployment.as_ref()));
    let bounds = match (it.bounds, picture.gap(Part::Scaling)) {
        (Some((min, max)), _) => format!(", scaling from {min} to {max}"),
        (None, None) => ", no scaling".into(),
        (None, Some(_)) => String::new(),
    };
    let counts = format!("{} of {} running", it.running, it.desired);
    let rest = format!(", {} pending{bounds}", it.pending);
    lines.push(
        row("tasks")
            .and(tasks_tone(it), counts)
            .and(Tone::Plain, rest),
    );
    lines.push(gauge(picture, row("cpu"), &it.cpu));
    lines.push(gauge(picture, row("memory"), &it.memory));
    lines.push(scaling(picture, row("scaling"), &it.scaling));
    lines.extend(instances(picture, &row, &it.instances));
    lines.extend(addresses(picture, &row, it));
    lines
}

fn deployment(row: Line, deployment: Option<&DeploymentStatus>) -> Line {
    let Some(it) = deployment else {
        return row.and(Tone::Bad, "none");
    };
    let (tone, state) = match it.state.as_str() {
        "COMPLETED" => (Tone::Good, "completed"),
        "FAILED" => (Tone::Bad, "failed"),
        _ => (Tone::Change, "in progress"),
    };
    let mut rest = format!(", {}", it.task_definition);
    if let Some(since) = it.since {
        rest += &format!(", since {}", since.clock());
    }
    if it.older_tasks > 0 {
        rest += &format!(", {} tasks of older ones still run", it.older_tasks);
    }
    let mut line = row.and(tone, state).and(Tone::Plain, rest);
    if it.failed_tasks > 0 {
        line = line.and(Tone::Bad, format!(", {} tasks failed", it.failed_tasks));
    }
    match (it.state.as_str(), &it.reason) {
        ("FAILED", Some(reason)) => line.and(Tone::Bad, format!(": {reason}")),
        _ => line,
    }
}

fn gauge(picture: &Picture, row: Line, gauge: &GaugeStatus) -> Line {
    if let Some(gap) = picture.gap(Part::Metrics) {
        return row.and(Tone::Bad, format!("not shown, because {}", gap.because));
    }
    let Some(now) = gauge.now else {
        return row.and(Tone::Change, "no data in the last 30 minutes");
    };
    let tone = match gauge.target {
        Some(target) if now > target => Tone::Change,
        _ => Tone::Plain,
    };
    let known = gauge.minutes.iter().flatten();
    let top = known.fold(100.0, |top: f64, it| top.max(*it));
    let line = row
        .and(tone, format!("{:>6}", percent(now)))
        .and(Tone::Plain, format!("  {}", sparkline(&gauge.minutes, top)));
    match gauge.target {
        Some(target) => line.and(Tone::Plain, format!("  target {}", percent(target))),
        None => line,
    }
}

fn scaling(picture: &Picture, row: Line, states: &[ScalingState]) -> Line {
    let gaps = [Part::Scaling, Part::ScalingActivities].into_iter();
    if let Some(gap) = gaps.filter_map(|it| picture.gap(it)).next() {
        return row.and(Tone::Bad, format!("not shown, because {}", gap.because));
    }
    let texts: Vec<String> = states.iter().map(ScalingState::to_string).collect();
    let tone = match states {
        [] | [ScalingState::Idle] => Tone::Plain,
        _ => Tone::Change,
    };
    row.and(tone, or_none(&texts.join(", ")))
}

fn instances(picture: &Picture, row: &dyn Fn(&str) -> Line, instances: &[HostStatus]) -> Vec<Line> {
    if let Some(gap) = picture.gap(Part::Hosts) {
        return vec![
            row("instances").and(Tone::Bad, format!("not shown, because {}", gap.because)),
        ];
    }
    if instances.is_empty() {
        return vec![row("instances").and(Tone::Plain, "none in the cluster")];
    }
    let lines = instances.iter().enumerate();
    lines
        .map(|(number, it)| {
            let name = if number == 0 { "instances" } else { "" };
            host(row(name), it)
        })
        .collect()
}

fn host(row: Line, it: &HostStatus) -> Line {
    let mut line = row.and(Tone::Plain, &it.id);
    let place = [&it.instance_type, &it.zone].into_iter().flatten();
    for text in place {
        line = line.and(Tone::Plain, format!(" {text}"));
    }
    if it.status != "ACTIVE" {
        line = line.and(Tone::Bad, format!(" {}", it.status.to_lowercase()));
    }
    let ports = match it.ports_taken.as_slice() {
        [] => "no fixed port taken".to_owned(),
        [one] => format!("port {one} taken"),
        some if some.len() <= 4 => {
            let some: Vec<String> = some.iter().map(u16::to_string).collect();
            format!("ports {} taken", some.join(" "))
        }
        many => format!("{} ports taken", many.len()),
    };
    line = line.and(
        Tone::Plain,
        format!(
            ": {} {}, free {}/{} cpu, {}/{} MiB, {ports}",
            it.tasks,
            if it.tasks == 1 { "task" } else { "tasks" },
            it.cpu.0,
            it.cpu.1,
            it.memory.0,
            it.memory.1
        ),
    );
    match it.credits {
        Some(credits) if credits < 1.0 => line.and(Tone::Bad, format!(", {credits:.1} credits")),
        Some(credits) => line.and(Tone::Plain, format!(", {credits:.1} credits")),
        None => line,
    }
}

fn addresses(picture: &Picture, row: &dyn Fn(&str) -> Line, it: &ServiceStatus) -> Vec<Line> {
    if let Some(gap) = picture.gap(Part::Tasks) {
        return vec![
            row("addresses").and(Tone::Bad, format!("not shown, because {}", gap.because)),
        ];
    }
    if it.endpoints.is_empty() {
        return vec![row("addresses").and(Tone::Plain, "none")];
    }
    let lines = it.endpoints.iter().enumerate();
    lines
        .map(|(number, it)| {
            let name = if number == 0 { "addresses" } else { "" };
            let line = row(name).and(Tone::Plain, &it.url);
            match it.obstacles.is_empty() {
                true => line,
                false => line.and(Tone::Bad, format!("  ! {}", it.obstacles.join("; "))),
            }
        })
        .collect()
}

fn tasks_tone(it: &ServiceStatus) -> Tone {
    match it.running == it.desired {
        true => Tone::Good,
        false => Tone::Change,
    }
}

fn word(state: &str) -> &'static str {
    match state {
        "COMPLETED" => "completed",
        "FAILED" => "failed",
        _ => "in progress",
    }
}

fn value(gauge: &GaugeStatus) -> String {
    gauge.now.map_or_else(|| "-".into(), percent)
}

fn or_none(text: &str) -> &str {
    if text.is_empty() { "none" } else { text }
}

//! Counts over time, as far as what ECS still shows tells them: a digit a column.

use super::{Axis, label};
use crate::{
    Moment, Part, Picture,
    picture::{Service, Task},
    words::Tone,
};

/// The rows under the chart: their names, texts and tones. The last is the axis.
pub(super) fn rows(
    picture: &Picture,
    service: &Service,
    axis: &Axis,
) -> Vec<(&'static str, String, Tone)> {
    let tasks: Vec<&Task> = picture.tasks_of(service).collect();
    let running = |at: Moment| count(&tasks, at, |it| (it.started_at, end(it)));
    let pending = |at: Moment| count(&tasks, at, |it| (it.created_at, it.started_at.or(end(it))));
    let instances = |at: Moment| instances(picture, at);
    let row = |of: &dyn Fn(Moment) -> i64| axis.ends().map(|it| digit(of(it))).collect::<String>();
    let gap = |part: Part, text: String| match picture.gap(part) {
        Some(_) => "not shown".to_owned(),
        None => text,
    };
    vec![
        (
            "desired",
            row(&|it| desired(picture, service, it)),
            Tone::Plain,
        ),
        ("running", gap(Part::Tasks, row(&running)), Tone::Good),
        ("pending", gap(Part::Tasks, row(&pending)), Tone::Change),
        ("instances", gap(Part::Hosts, row(&instances)), Tone::Plain),
        ("UTC", times(axis), Tone::Faint),
    ]
}

fn end(task: &Task) -> Option<Moment> {
    task.stopping_at.or(task.stopped_at)
}

fn count(
    tasks: &[&Task],
    at: Moment,
    span: impl Fn(&Task) -> (Option<Moment>, Option<Moment>),
) -> i64 {
    let within = |it: &&&Task| {
        let (from, to) = span(it);
        from.is_some_and(|it| it <= at) && to.is_none_or(|it| it > at)
    };
    tasks.iter().filter(within).count() as i64
}

/// How many tasks there were to be: what the last activity before had set, or the first after found.
fn desired(picture: &Picture, service: &Service, at: Moment) -> i64 {
    let done = picture.scaling_activities_of(service);
    let mut counts = done.filter_map(|it| Some((it.start_time, it.count()?)));
    // Newest first.
    match counts.find(|(when, _)| *when <= at) {
        Some((_, count)) => count,
        None => {
            let mut all = picture.scaling_activities_of(service).peekable();
            match all.peek() {
                // Before the first activity, as many as ran then.
                Some(_) => {
                    let tasks: Vec<&Task> = picture.tasks_of(service).collect();
                    count(&tasks, at, |it| (it.created_at, end(it)))
                }
                None => service.desired_count,
            }
        }
    }
}

/// Container instances that had joined, and those that have gone since.
fn instances(picture: &Picture, at: Moment) -> i64 {
    let there = picture.container_instances.iter();
    let there = there.filter(|it| it.registered_at.is_some_and(|it| it <= at));
    let known = |id: &str| {
        picture
            .container_instances
            .iter()
            .any(|it| it.ec2_instance_id == id)
    };
    let gone = picture.group_activities.iter().filter(|it| {
        let ends = it.description.starts_with("Terminating") && it.started_at > at;
        let id = it.instance().filter(|id| ends && !known(id));
        id.is_some_and(|id| {
            let mut launches = picture.group_activities.iter();
            let launch = launches
                .find(|it| it.description.starts_with("Launching") && it.instance() == Some(id));
            // One that was launched before the picture begins was there all the time.
            launch.is_none_or(|it| it.ended_at.unwrap_or(it.started_at) <= at)
        })
    });
    (there.count() + gone.count()) as i64
}

/// One character for a count: `+` from ten on, a dot for none.
fn digit(count: i64) -> char {
    match count {
        0 => '·',
        1..=9 => char::from(b'0' + count as u8),
        _ => '+',
    }
}

/// The times of the axis, a label each twelve columns.
fn times(axis: &Axis) -> String {
    let ends: Vec<Moment> = axis.ends().collect();
    let mut text = String::new();
    for (number, end) in ends.iter().enumerate().step_by(12) {
        if number + 7 <= ends.len() {
            text = format!("{text:number$}╵{}", label(*end));
        }
    }
    text
}

//! What limited a service under load, told from what was seen.

use crate::{
    MarkKind, Recording, Sample,
    verdict::{scaled_out, seconds},
};
use serde::{Deserialize, Serialize};

/// What limited it, and what to change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Cause {
    /// What it was, in a sentence.
    pub what: String,
    /// What to change in the stack, in a sentence.
    pub change: String,
}

/// How long scaling may take to ask for more before that is a lag worth telling, in seconds. Target
/// tracking of CPU asks after three one-minute points above the target.
const LAG: f64 = 60.0;

/// For how long a count must have been there for CPU to tell of it, in seconds: two minutes of CloudWatch.
const SETTLED: f64 = 120.0;

/// How long tasks may be fewer than there should be, in seconds, before they are held to wait for something.
const WAITING: f64 = 60.0;

/// Everything that can be seen to have limited it.
pub fn causes(recording: &Recording) -> Vec<Cause> {
    let found = [
        most_tasks(recording),
        ports(recording),
        instances(recording),
        credits(recording),
        lag(recording),
    ];
    found.into_iter().flatten().collect()
}

/// As many tasks as scaling allows, and CPU past its target all the same.
fn most_tasks(recording: &Recording) -> Option<Cause> {
    let (_, most) = recording.about.capacity?;
    let target = recording.about.cpu_target?;
    // A minute in which the last of them began tells of fewer.
    let mut since = None;
    let mut worst: Option<f64> = None;
    for sample in &recording.samples {
        if sample.tasks.is_none_or(|it| it.running < most) {
            since = None;
            continue;
        }
        let since = *since.get_or_insert(sample.at);
        if sample.at - since >= SETTLED {
            worst = sample.cpu.into_iter().chain(worst).reduce(f64::max);
        }
    }
    let cpu = worst.filter(|it| *it > target)?;
    let needed = (f64::from(most) * cpu / target).ceil();
    Some(Cause {
        what: format!("all {most} tasks that scaling allows ran, at {cpu:.0}% CPU"),
        change: format!("set `maxCapacity` to {needed:.0} or more, and leave room for them"),
    })
}

fn said<'a>(recording: &'a Recording, words: &[&str]) -> Option<&'a str> {
    let events = recording
        .marks
        .iter()
        .filter(|it| it.kind == MarkKind::Event);
    let mut texts = events.map(|it| it.text.as_str());
    texts.find(|text| {
        let text = text.to_lowercase();
        words.iter().any(|it| text.contains(it))
    })
}

/// Tasks could not be placed for want of a host port (the service's event says so, or RESOURCE:PORTS).
fn ports(recording: &Recording) -> Option<Cause> {
    said(recording, &["already using a port", "resource:ports"])?;
    Some(Cause {
        what: "an instance takes only one task, since each wants the same host port".into(),
        change: "set `hostPort` to 0, or give the service more instances than tasks".into(),
    })
}

/// Tasks waited for instances.
fn instances(recording: &Recording) -> Option<Cause> {
    let short = said(recording, &["unable to place a task", "insufficient"]);
    let is_port = short.is_some_and(|it| it.contains("port"));
    let waited = waited(&recording.samples);
    if is_port || (short.is_none() && !waited) {
        return None;
    }
    let most = recording
        .samples
        .iter()
        .filter_map(|it| it.instances)
        .max()?;
    let change = match recording.about.most_instances {
        Some(limit) if most >= limit => {
            format!("{most} instances are all that the group allows: raise its `maxSize`")
        }
        _ => "hold instances ready: a lower `targetCapacity` of managed scaling, or a higher \
              `minSize` before the sale"
            .into(),
    };
    Some(Cause {
        what: format!("tasks waited for room on {most} instances"),
        change,
    })
}

/// Whether fewer tasks ran than should for long, and none of them was even placed, or an instance came
/// meanwhile.
fn waited(samples: &[Sample]) -> bool {
    let (mut since, mut unplaced): (Option<&Sample>, f64) = (None, 0.0);
    let mut before = 0.0;
    for sample in samples {
        let lasts = sample.at - before;
        before = sample.at;
        let Some(tasks) = sample.tasks.filter(|it| it.running < it.desired) else {
            (since, unplaced) = (None, 0.0);
            continue;
        };
        let first = *since.get_or_insert(sample);
        if tasks.running + tasks.pending < tasks.desired {
            unplaced += lasts;
        }
        let came = sample.instances > first.instances;
        if unplaced > WAITING || (came && sample.at - first.at > WAITING) {
            return true;
        }
    }
    false
}

/// A burstable instance without credits is as slow as its baseline.
fn credits(recording: &Recording) -> Option<Cause> {
    let dry = recording
        .samples
        .iter()
        .find(|it| it.credits.is_some_and(|it| it < 0.5))?;
    Some(Cause {
        what: format!(
            "an instance had used up its CPU credits at {}",
            seconds(dry.at)
        ),
        change: "set `cpuCredits: unlimited`, or choose an instance type that is not burstable"
            .into(),
    })
}

/// Scaling saw it late.
fn lag(recording: &Recording) -> Option<Cause> {
    let (from, _) = scaled_out(recording)?;
    let desired = recording.samples.iter().find_map(|it| it.tasks)?.desired;
    let more = |it: &&Sample| it.at >= from && it.tasks.is_some_and(|it| it.desired > desired);
    let asked = recording.samples.iter().find(more)?.at;
    (asked - from > LAG).then(|| Cause {
        what: format!(
            "scaling asked for more tasks {} after CPU passed its target",
            seconds(asked - from)
        ),
        change: "start the sale with more tasks: a scheduled action that raises `minCapacity` \
                 before it, since no policy sees a spike before it is there"
            .into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{About, Mark, Tasks};

    fn recording(change: impl Fn(&mut Sample)) -> Recording {
        let samples = (1..=200).map(|at| {
            let mut sample = Sample {
                at: f64::from(at),
                cpu: Some(90.0),
                tasks: Some(Tasks {
                    desired: 1,
                    running: 1,
                    pending: 0,
                }),
                instances: Some(2),
                credits: Some(30.0),
                ..Sample::default()
            };
            change(&mut sample);
            sample
        });
        Recording {
            about: About {
                cpu_target: Some(50.0),
                capacity: Some((1, 3)),
                most_instances: Some(2),
                ..About::default()
            },
            samples: samples.collect(),
            ..Recording::default()
        }
    }

    #[track_caller]
    fn check(recording: &Recording, expected: &[&str]) {
        let found = causes(recording);
        assert_eq!(found.len(), expected.len(), "{found:?}");
        for (cause, expected) in found.iter().zip(expected) {
            let text = format!("{}; {}", cause.what, cause.change);
            assert!(text.contains(expected), "{text}");
        }
    }

    fn tasks(desired: u32, running: u32) -> Option<Tasks> {
        Some(Tasks {
            desired,
            running,
            pending: 0,
        })
    }

    #[test]
    fn each_limit_is_seen_by_what_it_does() {
        check(&recording(|_| ()), &[]);
        check(
            &recording(|it| it.tasks = tasks(3, 3)),
            &["set `maxCapacity` to 6"],
        );
        check(
            &recording(|it| it.tasks = tasks(3, 2)),
            &["raise its `maxSize`"],
        );
        check(
            &recording(|it| {
                it.tasks = tasks(3, 2);
                it.instances = Some(1);
            }),
            &["hold instances ready"],
        );
        check(
            &recording(|it| it.credits = Some(100.0 - it.at)),
            &["used up its CPU credits at 1 min 40 s; set `cpuCredits: unlimited`"],
        );
        check(
            &recording(|it| {
                let count = if it.at > 180.0 { 2 } else { 1 };
                it.tasks = tasks(count, count);
            }),
            &["scaling asked for more tasks 3 min 00 s after"],
        );
    }

    #[test]
    fn ports_are_told_by_the_services_event() {
        let mut recording = recording(|it| it.tasks = tasks(2, 1));
        recording.marks.push(Mark {
            at: 5.0,
            kind: MarkKind::Event,
            subject: "s".into(),
            text: "(service s) was unable to place a task because no container instance met all of its \
                   requirements. The closest matching (container-instance x) is already using a port \
                   required by your task."
                .into(),
        });
        check(&recording, &["set `hostPort` to 0"]);
    }
}

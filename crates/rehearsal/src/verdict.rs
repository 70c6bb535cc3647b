use crate::{Cause, MarkKind, Recording, Sample, causes};
use serde::{Deserialize, Serialize};

/// How a rehearsal ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Verdict {
    /// Whether every limit held, and something was measured.
    pub held: bool,
    /// The limits that did not hold, by time.
    pub breaks: Vec<Break>,
    /// What limited it, and what to change.
    pub causes: Vec<Cause>,
    /// How many requests were due.
    pub requests: u64,
    /// The part of them, from 0 to 1, that ended badly or was not sent.
    pub failed: f64,
    /// Seconds that p95 was at its worst.
    pub worst_p95: Option<f64>,
    /// Seconds from where CPU passed its target until another task ran, if both happened.
    pub scaled_out_after: Option<f64>,
    /// Seconds from the end of the load until no more tasks ran than at least, if more had.
    pub scaled_in_after: Option<f64>,
    /// The most tasks that ran.
    pub most_tasks: Option<u32>,
}

/// A limit that did not hold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Break {
    /// Seconds since the load began.
    pub at: f64,
    /// Which limit and by how much, in a sentence.
    pub text: String,
}

/// How long p95 may be past its limit, in seconds; it is one slow second otherwise.
const PATIENCE: f64 = 10.0;

/// Judges what was seen. A recording without a single sample holds nothing.
pub fn verdict(recording: &Recording) -> Verdict {
    let samples = &recording.samples;
    let limits = &recording.about.limits;
    let scaled = scaled_out(recording);
    let mut breaks = Vec::new();
    if let Some(limit) = limits.p95 {
        breaks.extend(slow(samples, limit));
    }
    if let Some(limit) = limits.errors {
        breaks.extend(bad(samples, limit));
    }
    if let (Some(limit), Some((from, to))) = (limits.scale_out, scaled) {
        let over = samples.last().map_or(from, |it| it.at);
        match to {
            Some(to) if to - from <= limit => {}
            Some(to) => breaks.push(Break {
                at: from + limit,
                text: format!(
                    "another task ran {} after CPU passed its target, {} later than allowed",
                    seconds(to - from),
                    seconds(to - from - limit)
                ),
            }),
            // It may still have come in time where the recording ends before that.
            None if over - from < limit => {}
            None => breaks.push(Break {
                at: from + limit,
                text: format!(
                    "no other task ran within {} after CPU passed its target",
                    seconds(limit)
                ),
            }),
        }
    }
    if let (Some(limit), Some((at, running))) = (limits.tasks, tasks_at_end(recording))
        && running != limit
    {
        breaks.push(Break {
            at,
            text: format!(
                "{} ran when the load ended, and not {limit}",
                counted(running)
            ),
        });
    }
    let back = scaled_in(recording);
    if let (Some(limit), Some((end, to))) = (limits.scale_in, back) {
        let over = samples.last().map_or(end, |it| it.at);
        let still = samples.iter().rev().find_map(|it| it.tasks);
        match to {
            Some(to) if to - end <= limit => {}
            Some(to) => breaks.push(Break {
                at: end + limit,
                text: format!(
                    "the tasks were back at their least {} after the load ended, {} later than allowed",
                    seconds(to - end),
                    seconds(to - end - limit)
                ),
            }),
            // It may still have come in time where the recording ends before that.
            None if over - end < limit => {}
            None => breaks.push(Break {
                at: end + limit,
                text: format!(
                    "{} still ran {} after the load ended",
                    counted(still.map_or(0, |it| it.running)),
                    seconds(limit)
                ),
            }),
        }
    }
    let aborts = recording
        .marks
        .iter()
        .filter(|it| it.kind == MarkKind::Abort);
    breaks.extend(aborts.map(|it| Break {
        at: it.at,
        text: it.text.clone(),
    }));
    breaks.sort_by(|a, b| a.at.total_cmp(&b.at));
    let (requests, failed) = requests(samples);
    // On a clock that is faster than ours a request stands for as many as the clock is faster.
    let sent = requests / recording.about.speed.max(1.0);
    Verdict {
        held: breaks.is_empty() && !samples.is_empty(),
        breaks,
        causes: causes(recording),
        requests: sent.round() as u64,
        failed,
        worst_p95: samples.iter().filter_map(|it| it.p95).reduce(f64::max),
        scaled_out_after: scaled.and_then(|(from, to)| Some(to? - from)),
        scaled_in_after: back.and_then(|(end, to)| Some(to? - end)),
        most_tasks: samples
            .iter()
            .filter_map(|it| Some(it.tasks?.running))
            .max(),
    }
}

/// `1 task`, `2 tasks`.
fn counted(tasks: u32) -> String {
    match tasks {
        1 => "1 task".into(),
        _ => format!("{tasks} tasks"),
    }
}

/// When the load ended, and when no more tasks ran than at least; nothing where none were added.
fn scaled_in(recording: &Recording) -> Option<(f64, Option<f64>)> {
    let (least, _) = recording.about.capacity?;
    let samples = &recording.samples;
    let end = samples.iter().rev().find(|it| it.asked > 0.0)?.at;
    let is_more = |it: &Sample| it.tasks.is_some_and(|it| it.running > least);
    let after = samples.iter().filter(|it| it.at >= end);
    let added = after.clone().any(is_more);
    let back = after.rev().take_while(|it| !is_more(it)).last();
    added.then_some((end, back.map(|it| it.at)))
}

/// How many requests there were, and which part of them ended badly or was not sent.
fn requests(samples: &[Sample]) -> (f64, f64) {
    let (mut all, mut wrong) = (0.0, 0.0);
    for sample in samples {
        all += (sample.done + sample.dropped) * sample.lasts;
        wrong += (sample.errors + sample.dropped) * sample.lasts;
    }
    (all, if all > 0.0 { wrong / all } else { 0.0 })
}

/// When CPU passed its target, and when more tasks ran than at first.
pub(crate) fn scaled_out(recording: &Recording) -> Option<(f64, Option<f64>)> {
    let target = recording.about.cpu_target?;
    let samples = &recording.samples;
    let begun = samples.iter().find_map(|it| it.tasks)?.running;
    let from = samples
        .iter()
        .find(|it| it.cpu.is_some_and(|it| it > target))?
        .at;
    let more = |it: &&Sample| it.at >= from && it.tasks.is_some_and(|it| it.running > begun);
    Some((from, samples.iter().find(more).map(|it| it.at)))
}

/// The first stretch in which p95 was past its limit for too long.
fn slow(samples: &[Sample], limit: f64) -> Option<Break> {
    let mut since: Option<f64> = None;
    let mut broke: Option<(f64, f64, f64)> = None;
    for sample in samples {
        let Some(p95) = sample.p95.filter(|it| *it > limit) else {
            // A time in which nothing ended is no recovery.
            if sample.p95.is_some() {
                since = None;
            }
            continue;
        };
        let from = *since.get_or_insert(sample.at);
        if sample.at - from >= PATIENCE {
            let (_, worst, until) = broke.get_or_insert((from, p95, sample.at));
            *worst = worst.max(p95);
            *until = sample.at;
        }
    }
    let (at, worst, until) = broke?;
    Some(Break {
        at,
        text: format!(
            "p95 was past {} from {} to {}, and {} at its worst: {:.1} times what is allowed",
            shown(limit),
            seconds(at),
            seconds(until),
            shown(worst),
            worst / limit
        ),
    })
}

/// Whether too many requests ended badly, over all of the load.
fn bad(samples: &[Sample], limit: f64) -> Option<Break> {
    let (_, part) = requests(samples);
    let first = samples.iter().find(|it| it.errors + it.dropped > 0.0);
    (part > limit).then(|| Break {
        at: first.map_or(0.0, |it| it.at),
        text: format!(
            "{:.2}% of the requests ended badly or were not sent, and {:.2}% may",
            part * 100.0,
            limit * 100.0
        ),
    })
}

/// How many tasks ran at the last sample in which anything was asked; nothing if the load was cut off.
fn tasks_at_end(recording: &Recording) -> Option<(f64, u32)> {
    let samples = &recording.samples;
    let is_whole = samples.last()?.at >= recording.about.lasts;
    let end = samples.iter().rev().find(|it| it.asked > 0.0)?.at;
    let until = samples.iter().rev().filter(|it| it.at <= end);
    let running = until.filter_map(|it| it.tasks).next()?.running;
    is_whole.then_some((end, running))
}

/// A length of time in seconds, in words: `42 s`, `3 min 05 s`.
pub fn seconds(seconds: f64) -> String {
    match seconds {
        ..90.0 => format!("{seconds:.0} s"),
        _ => format!(
            "{:.0} min {:02.0} s",
            (seconds / 60.0).floor(),
            (seconds % 60.0).floor()
        ),
    }
}

/// A latency in seconds, in words: `42 ms`, `1.50 s`.
pub fn shown(seconds: f64) -> String {
    match seconds {
        ..1.0 => format!("{:.0} ms", seconds * 1000.0),
        _ => format!("{seconds:.2} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{About, Limits, Tasks};

    /// A minute of load that overloads one task from second 10, helped by a second one at second `helped`.
    fn recording(helped: Option<u32>, limits: Limits) -> Recording {
        let samples = (1..=100).map(|at| {
            let is_helped = helped.is_some_and(|it| at >= it);
            let is_loaded = at <= 60;
            Sample {
                at: f64::from(at),
                lasts: 1.0,
                asked: if is_loaded { 100.0 } else { 0.0 },
                done: if is_loaded { 100.0 } else { 0.0 },
                p95: is_loaded.then_some(if at >= 10 && !is_helped { 2.0 } else { 0.1 }),
                cpu: Some(if at >= 10 && is_loaded && !is_helped {
                    95.0
                } else {
                    40.0
                }),
                tasks: Some(Tasks {
                    desired: 1 + u32::from(is_helped && at < 90),
                    running: 1 + u32::from(is_helped && at < 90),
                    pending: 0,
                }),
                ..Sample::default()
            }
        });
        Recording {
            about: About {
                cpu_target: Some(50.0),
                capacity: Some((1, 3)),
                limits,
                ..About::default()
            },
            samples: samples.collect(),
            ..Recording::default()
        }
    }

    #[track_caller]
    fn check(recording: &Recording, breaks: &[(f64, &str)]) {
        let verdict = verdict(recording);
        let found: Vec<(f64, &str)> = verdict
            .breaks
            .iter()
            .map(|it| (it.at, it.text.as_str()))
            .collect();
        assert_eq!(found, breaks);
        assert_eq!(verdict.held, breaks.is_empty());
    }

    #[test]
    fn what_recovers_in_time_holds() {
        let limits = Limits {
            p95: Some(1.0),
            errors: Some(0.01),
            scale_out: Some(10.0),
            tasks: Some(2),
            scale_in: Some(35.0),
        };
        let recording = recording(Some(19), limits);
        check(&recording, &[]);
        assert_eq!(verdict(&recording).scaled_out_after, Some(9.0));
        assert_eq!(verdict(&recording).most_tasks, Some(2));
    }

    #[test]
    fn what_breaks_is_told_with_when_and_by_how_much() {
        let limits = Limits {
            p95: Some(0.5),
            scale_out: Some(15.0),
            tasks: Some(3),
            ..Limits::default()
        };
        check(
            &recording(Some(40), limits.clone()),
            &[
                (
                    10.0,
                    "p95 was past 500 ms from 10 s to 39 s, and 2.00 s at its worst: 4.0 times what is allowed",
                ),
                (
                    25.0,
                    "another task ran 30 s after CPU passed its target, 15 s later than allowed",
                ),
                (60.0, "2 tasks ran when the load ended, and not 3"),
            ],
        );
        let mut cut = recording(
            None,
            Limits {
                tasks: Some(3),
                ..Limits::default()
            },
        );
        cut.about.lasts = 60.0;
        cut.samples.truncate(59);
        check(&cut, &[]);
        check(
            &recording(
                None,
                Limits {
                    p95: None,
                    tasks: None,
                    ..limits
                },
            ),
            &[(
                25.0,
                "no other task ran within 15 s after CPU passed its target",
            )],
        );
    }

    #[test]
    fn errors_and_what_was_not_sent_count_together() {
        let mut recording = recording(
            Some(19),
            Limits {
                errors: Some(0.01),
                scale_in: Some(35.0),
                ..Limits::default()
            },
        );
        recording.samples[29].errors = 30.0;
        check(&recording, &[]);
        recording.samples[30].dropped = 40.0;
        check(
            &recording,
            &[(
                30.0,
                "1.16% of the requests ended badly or were not sent, and 1.00% may",
            )],
        );
    }

    #[test]
    fn tasks_that_stay_are_told() {
        let mut recording = recording(
            Some(19),
            Limits {
                scale_in: Some(35.0),
                ..Limits::default()
            },
        );
        check(&recording, &[]);
        assert_eq!(verdict(&recording).scaled_in_after, Some(30.0));
        recording.about.limits.scale_in = Some(25.0);
        check(
            &recording,
            &[(
                85.0,
                "the tasks were back at their least 30 s after the load ended, 5 s later than allowed",
            )],
        );
        recording.samples.truncate(88);
        check(
            &recording,
            &[(85.0, "2 tasks still ran 25 s after the load ended")],
        );
        // They may still have gone in time.
        recording.samples.truncate(80);
        check(&recording, &[]);
    }

    #[test]
    fn a_condition_that_ended_the_load_broke_it() {
        let mut recording = recording(Some(19), Limits::default());
        recording.marks.push(crate::Mark {
            at: 42.0,
            kind: MarkKind::Abort,
            subject: "load".into(),
            text: "p99 > 2s for 30s: it was 2.5 s".into(),
        });
        check(&recording, &[(42.0, "p99 > 2s for 30s: it was 2.5 s")]);
    }

    #[test]
    fn nothing_seen_is_nothing_held() {
        assert!(!verdict(&Recording::default()).held);
    }
}

//! What is new in a picture, as lines of a recording.

use super::clock::Clock;
use setpoint_observe::{
    Moment, Part, Picture, Subject,
    picture::{Gauge, Series},
    timeline::{Happening, Source, timeline},
};
use setpoint_rehearsal::{About, Line, Mark, MarkKind, Sample, Tasks};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

/// What was seen before, so that nothing is told twice.
#[derive(Debug, Default)]
pub(super) struct Seen {
    told: BTreeSet<String>,
    cpu: Option<Moment>,
    memory: Option<Moment>,
}

/// How it is now: tasks, instances and credits, as far as they are shown.
pub(super) fn state(picture: &Picture, subject: &Subject, at: f64) -> Sample {
    let count = |it: i64| u32::try_from(it).unwrap_or(0);
    let service = picture.service(subject);
    let cluster = format!("/{}/", subject.cluster);
    let hosts = picture.container_instances.iter();
    let hosts = hosts.filter(|it| it.container_instance_arn.contains(&cluster));
    let is_shown = picture.gap(Part::Hosts).is_none();
    let credits = picture
        .series
        .iter()
        .filter(|it| it.gauge == Gauge::Credits);
    let credits = credits.filter_map(|it| Some(it.newest()?.value));
    Sample {
        at,
        tasks: service.map(|it| Tasks {
            desired: count(it.desired_count),
            running: count(it.running_count),
            pending: count(it.pending_count),
        }),
        instances: is_shown.then(|| u32::try_from(hosts.count()).unwrap_or(u32::MAX)),
        credits: credits.reduce(f64::min),
        ..Sample::default()
    }
}

impl Seen {
    /// Everything since the beginning that no picture before showed.
    pub(super) fn news(
        &mut self,
        picture: &Picture,
        subject: &Subject,
        clock: &Clock,
    ) -> Vec<Line> {
        let of = format!("{}/{}", subject.cluster, subject.service);
        let mut samples: BTreeMap<Moment, Sample> = BTreeMap::new();
        let gauges = [
            (Gauge::ServiceCpu, &mut self.cpu),
            (Gauge::ServiceMemory, &mut self.memory),
        ];
        for (gauge, last) in gauges {
            let series = picture.series(gauge, &of);
            for (end, value) in series.into_iter().flat_map(|it| points(it, clock, last)) {
                let sample = samples.entry(end).or_default();
                sample.at = clock.of(end);
                match gauge {
                    Gauge::ServiceCpu => sample.cpu = Some(value),
                    _ => sample.memory = Some(value),
                }
            }
        }
        let happened = timeline(picture, clock.began);
        let new = happened
            .iter()
            .filter(|it| self.told.insert(it.key.clone()));
        let marks: Vec<Line> = new.map(|it| Line::Mark(mark(it, clock))).collect();
        samples
            .into_values()
            .map(Line::Sample)
            .chain(marks)
            .collect()
    }
}

/// The points of a metric that are new, each with the end of the time that it tells of.
fn points(series: &Series, clock: &Clock, last: &mut Option<Moment>) -> Vec<(Moment, f64)> {
    let period = Duration::from_secs(u64::try_from(series.period).unwrap_or(60));
    let mut new = Vec::new();
    for point in &series.points {
        let end = point.at + period;
        if last.is_none_or(|last| point.at > last) && end > clock.began {
            *last = Some(point.at);
            new.push((end, point.value));
        }
    }
    new
}

fn mark(happening: &Happening, clock: &Clock) -> Mark {
    let (kind, alarm) = match (happening.source, happening.alarm()) {
        (_, Some((alarm, true))) => (MarkKind::Alarm, Some(alarm)),
        (_, Some((alarm, false))) => (MarkKind::Quiet, Some(alarm)),
        (Source::Load, _) => (MarkKind::Load, None),
        (Source::Scaling, _) => (MarkKind::Scaling, None),
        _ => (MarkKind::Event, None),
    };
    let subject = alarm.or(happening.service.as_deref());
    let by = happening.source.to_string();
    Mark {
        at: clock.of(happening.at),
        kind,
        subject: subject.map_or(by, str::to_owned),
        text: happening.text.clone(),
    }
}

/// What the stack allows the service.
pub(super) fn about(picture: &Picture, subject: &Subject) -> About {
    let service = picture.service(subject);
    let target = service.and_then(|it| picture.target_of(it));
    let count = |it: i64| u32::try_from(it).unwrap_or(0);
    let policies = service.into_iter().flat_map(|it| picture.policies_of(it));
    let instances = picture.groups.iter().map(|it| count(it.max_size));
    About {
        service: subject.service.clone(),
        cpu_target: policies.filter_map(|it| it.cpu_target()).next(),
        capacity: target.map(|it| (count(it.min_capacity), count(it.max_capacity))),
        most_instances: (!picture.groups.is_empty()).then(|| instances.sum()),
        ..About::default()
    }
}

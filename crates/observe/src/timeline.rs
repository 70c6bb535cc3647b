//! One timeline of everything that happened to services: who did what, and because of what.
//!
//! What several sources tell is told once. ECS's own event that it started tasks is told with where
//! they were placed, and the tasks are not told again; an activity that was not carried out for the
//! same reason minute after minute is told when it began.

mod capacity;
mod load;
mod scaling;
mod service;
mod tasks;

use crate::{
    Moment, Part, Picture,
    words::{Line, Tone},
};
use serde::Serialize;
use std::{collections::BTreeSet, fmt};

/// What is looked at for a timeline.
pub const PARTS: [Part; 10] = [
    Part::Tasks,
    Part::StoppedTasks,
    Part::Hosts,
    Part::Capacity,
    Part::GroupActivities,
    Part::Scaling,
    Part::ScalingActivities,
    Part::Alarms,
    Part::AlarmHistory,
    Part::Metrics,
];

/// Who did something. In the order in which one thing leads to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Source {
    /// The load, as CPU shows it.
    Load,
    /// A CloudWatch alarm.
    Alarm,
    /// Application Auto Scaling.
    Scaling,
    /// The service's scheduler.
    Service,
    /// A deployment of the service.
    Deployment,
    /// An Auto Scaling group.
    Group,
    /// An instance.
    Instance,
    /// A task.
    Task,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Source::Load => "load",
            Source::Alarm => "alarm",
            Source::Scaling => "scaling",
            Source::Service => "service",
            Source::Deployment => "deployment",
            Source::Group => "group",
            Source::Instance => "instance",
            Source::Task => "task",
        })
    }
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Happening {
    /// When, by AWS's clock.
    pub at: Moment,
    /// Who.
    pub source: Source,
    /// The service that it is about; none for a group or an instance, which may serve several.
    pub service: Option<String>,
    /// What, and because of what.
    pub text: String,
    /// Whether something is not as it should be.
    pub bad: bool,
    /// What it is known by: the same in every picture that shows it.
    pub key: String,
}

impl Happening {
    /// The name of the alarm that changed, and whether it fired, if it is that.
    pub fn alarm(&self) -> Option<(&str, bool)> {
        let mut parts = self.key.strip_prefix("alarm ")?.rsplitn(3, ' ');
        let to = parts.next()?;
        let _at = parts.next()?;
        Some((parts.next()?, to == "ALARM"))
    }
}

/// Everything that happened since then, oldest first.
pub fn timeline(picture: &Picture, since: Moment) -> Vec<Happening> {
    let mut all = Vec::new();
    for service in &picture.services {
        all.extend(load::of(picture, service));
        all.extend(scaling::alarms(picture, service));
        all.extend(scaling::activities(picture, service));
        all.extend(service::of(picture, service));
        all.extend(tasks::of(picture, service));
    }
    all.extend(capacity::groups(picture));
    all.extend(capacity::instances(picture));
    let mut seen = BTreeSet::new();
    all.retain(|it| it.at >= since && seen.insert(it.key.clone()));
    all.sort();
    all
}

/// A timeline as lines; the day stands above the first happening of each.
pub fn lines(happenings: &[Happening], several: bool) -> Vec<Line> {
    let mut day = String::new();
    let mut lines = Vec::new();
    for it in happenings {
        let own = date(it.at);
        if own != day {
            lines.push(Line::new().and(Tone::Faint, format!("{own} UTC")));
            day = own;
        }
        lines.push(line(it, several));
    }
    lines
}

/// The day of a moment: `2026-11-27`.
pub fn date(at: Moment) -> String {
    let text = at.to_string();
    text.split('T').next().unwrap_or_default().to_owned()
}

/// A happening as a line, with its service's name where there are several.
pub fn line(it: &Happening, several: bool) -> Line {
    let tone = match (it.bad, it.source) {
        (true, _) => Tone::Bad,
        (_, Source::Load | Source::Alarm | Source::Scaling) => Tone::Change,
        _ => Tone::Plain,
    };
    let name = it.service.as_ref().filter(|_| several);
    // Who did it stands before it.
    let own = format!("{} ", it.source);
    let text = it.text.strip_prefix(&own).unwrap_or(&it.text);
    Line::new()
        .and(Tone::Faint, format!("{}  ", it.at.clock()))
        .and(Tone::Strong, format!("{:10}  ", it.source))
        .and(
            Tone::Strong,
            name.map_or(String::new(), |it| format!("{it}: ")),
        )
        .and(tone, text)
}

//! Why a service is not as it should be: the first cause, with its evidence and its remedy.
//!
//! A pure function of a picture and of some clues. What follows from another cause is not told as
//! one: tasks that do not start keep everything after them quiet.

mod alarms;
mod capacity;
mod case;
mod cause;
mod deployment;
mod ending;
mod placement;
mod reach;
mod scaling;
mod service;
mod starting;
#[cfg(test)]
mod tests;
mod text;

pub use cause::Cause;
pub use text::lines;

use crate::{Part, Picture, picture::Service};
use case::Case;
use serde::Serialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

/// What is looked at.
pub const PARTS: [Part; 15] = [
    Part::Definitions,
    Part::Tasks,
    Part::StoppedTasks,
    Part::Protection,
    Part::Hosts,
    Part::Capacity,
    Part::GroupActivities,
    Part::Scaling,
    Part::ScalingActivities,
    Part::Alarms,
    Part::Metrics,
    Part::Credits,
    Part::Rules,
    Part::Interfaces,
    Part::Balancers,
];

/// How far activities and metrics go back.
pub const WINDOW: Duration = Duration::from_secs(3600);

/// What is known besides the picture.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Clues {
    /// The last lines that containers wrote, by `<task id>/<container>`.
    pub last_lines: BTreeMap<String, Vec<String>>,
    /// The addresses and ports, such as `198.51.100.7:32768`, that were tried and do not answer.
    pub silent: BTreeSet<String>,
}

/// A cause of what is not as it should be, or why nothing moves.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// Its name, which never changes.
    pub cause: Cause,
    /// The service.
    pub service: String,
    /// Whether something is wrong; if not, it tells why things stay as they are.
    pub wrong: bool,
    /// What is the matter, in one sentence.
    pub headline: String,
    /// What shows it.
    pub evidence: Vec<String>,
    /// What to do: sentences, commands, or what to write into the stack.
    pub remedy: Vec<String>,
}

/// What is found of a service; the root comes first, and nothing is wrong if none of it is.
pub fn why(picture: &Picture, service: &Service, clues: &Clues) -> Vec<Finding> {
    let mut case = Case::new(picture, service, clues);
    service::find(&mut case);
    if case.is_short() || case.has_failed() {
        starting::find(&mut case);
        ending::find(&mut case);
    }
    if case.is_short() && !case.is_wrong() {
        placement::find(&mut case);
    }
    let starts = !case.is_wrong();
    deployment::find(&mut case);
    alarms::find(&mut case);
    if starts {
        scaling::find(&mut case);
        reach::find(&mut case);
    }
    let (mut wrong, notes): (Vec<Finding>, Vec<Finding>) =
        case.findings.into_iter().partition(|it| it.wrong);
    wrong.extend(notes);
    wrong
}

/// What is found of services that AWS does not know, or knows as deleted.
pub fn absent(picture: &Picture) -> Vec<Finding> {
    let finding = |it: &crate::Subject| Finding {
        cause: Cause::ServiceInactive,
        service: it.service.clone(),
        wrong: true,
        headline: format!(
            "{} is not there: it is deleted, or was never made",
            it.service
        ),
        evidence: vec![format!(
            "AWS has no active service {} in {}",
            it.service, it.cluster
        )],
        remedy: vec!["setpoint apply".into()],
    };
    picture.absent.iter().map(finding).collect()
}

//! What groups did, and which instances joined.

use super::{Happening, Source};
use crate::{Picture, picture::GroupActivity, words::last};

/// Launches, terminations and failures of the groups.
pub(super) fn groups(picture: &Picture) -> Vec<Happening> {
    let activities = picture.group_activities.iter();
    activities
        .map(|it| {
            let is_bad = matches!(it.status.as_str(), "Failed" | "Cancelled");
            Happening {
                at: it.started_at,
                source: Source::Group,
                service: None,
                text: told(it, is_bad),
                bad: is_bad,
                key: format!("group {} {is_bad}", it.id),
            }
        })
        .collect()
}

fn told(it: &GroupActivity, is_bad: bool) -> String {
    let group = &it.group;
    let what = match it.instance() {
        Some(id) if it.description.starts_with("Launching") => format!("launches {id}"),
        Some(id) if it.description.starts_with("Terminating") => format!("terminates {id}"),
        _ => it.description.trim_end_matches('.').to_owned(),
    };
    if is_bad {
        let why = it
            .status_message
            .as_deref()
            .unwrap_or("AWS does not say why");
        return format!("{group}: {what}: {}: {why}", it.status.to_lowercase());
    }
    match because(&it.cause) {
        Some(cause) => format!("{group} {what}, because {cause}"),
        None => format!("{group} {what}"),
    }
}

/// The first sentence of a cause, which tells who began it, without its time:
/// `At 2026-11-27T00:01:02Z a user request … changing the desired capacity from 0 to 1.`
fn because(cause: &str) -> Option<String> {
    let mut sentences = cause
        .split("  ")
        .flat_map(|it| it.split(". "))
        .flat_map(|it| it.split("At "));
    let first = sentences.find(|it| !it.trim().is_empty())?;
    let first = first.trim().trim_end_matches('.');
    // What comes before the first blank is the time.
    let words = match first.split_once(' ') {
        Some((time, rest)) if time.ends_with('Z') => rest,
        _ => first,
    };
    Some(words.to_owned())
}

/// When container instances joined their clusters.
pub(super) fn instances(picture: &Picture) -> Vec<Happening> {
    let joined = picture.container_instances.iter().filter_map(|it| {
        let cluster = it
            .container_instance_arn
            .rsplit('/')
            .nth(1)
            .unwrap_or_default();
        Some(Happening {
            at: it.registered_at?,
            source: Source::Instance,
            service: None,
            text: format!("{} joined {cluster}", it.ec2_instance_id),
            bad: false,
            key: format!("joined {}", last(&it.container_instance_arn)),
        })
    });
    joined.collect()
}

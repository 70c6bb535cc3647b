//! The load: when CPU crosses the line at which it is kept.

use super::{Happening, Source};
use crate::{
    Picture,
    picture::{Gauge, Policy, Service},
    words::percent,
};
use std::time::Duration;

/// Each time the CPU goes over the target of a policy or back under it.
pub(super) fn of(picture: &Picture, service: &Service) -> Vec<Happening> {
    let subject = service.subject();
    let of = format!("{}/{}", subject.cluster, subject.service);
    let target = picture.policies_of(service).find_map(Policy::cpu_target);
    let (Some(series), Some(target)) = (picture.series(Gauge::ServiceCpu, &of), target) else {
        return Vec::new();
    };
    let period = Duration::from_secs(u64::try_from(series.period).unwrap_or(60));
    let pairs = series.points.iter().zip(series.points.iter().skip(1));
    let crossings =
        pairs.filter(|(before, after)| (before.value > target) != (after.value > target));
    crossings
        .map(|(before, after)| {
            let (verb, side) = match after.value > target {
                true => ("load rose", "over"),
                false => ("load fell", "under"),
            };
            Happening {
                // A point is known by the end of its period.
                at: after.at + period,
                source: Source::Load,
                service: Some(subject.service.clone()),
                text: format!(
                    "{verb}: CPU {} → {}, {side} the target of {}",
                    percent(before.value),
                    percent(after.value),
                    percent(target)
                ),
                bad: false,
                key: format!("load {of} {}", after.at),
            }
        })
        .collect()
}

//! When scheduled actions run: `at(…)`, `rate(…)`, `cron(…)`.

use super::{
    calendar,
    cron::Cron,
    zone::{self, Zone},
};
use crate::Time;

/// A schedule.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Schedule {
    when: When,
    zone: Zone,
}

#[derive(Clone, Debug, PartialEq)]
enum When {
    /// At a time as the clock on the wall shows it.
    At(i64),
    /// Each time so many seconds have passed.
    Rate(i64),
    Cron(Box<Cron>),
}

impl Schedule {
    /// Reads an expression.
    pub(super) fn parse(text: &str, zone: Zone) -> Option<Schedule> {
        let inner = |name: &str| text.strip_prefix(name)?.strip_suffix(')');
        let when = if let Some(at) = inner("at(") {
            When::At(calendar::parse(at)?)
        } else if let Some(rate) = inner("rate(") {
            When::Rate(parse_rate(rate)?)
        } else {
            When::Cron(Box::new(Cron::parse(inner("cron(")?)?))
        };
        Some(Schedule { when, zone })
    }

    /// When it runs first after a moment. A rate is counted from `since`.
    pub(super) fn next(&self, after: Time, since: Time) -> Option<Time> {
        let now = (after.0 / 1000) as i64;
        let next = match &self.when {
            When::At(wall) => zone::to_utc(&self.zone, *wall).filter(|it| *it > now)?,
            When::Rate(seconds) => {
                let since = (since.0 / 1000) as i64;
                since + ((now - since).div_euclid(*seconds) + 1).max(1) * seconds
            }
            When::Cron(cron) => self.next_by(cron, now)?,
        };
        Some(Time(next as u64 * 1000))
    }

    /// Times that the clock on the wall leaves out are passed over.
    fn next_by(&self, cron: &Cron, now: i64) -> Option<i64> {
        let mut wall = now + zone::offset(&self.zone, now);
        loop {
            wall = cron.next(wall)?;
            if let Some(next) = zone::to_utc(&self.zone, wall).filter(|it| *it > now) {
                return Some(next);
            }
        }
    }
}

/// Reads `5 minutes`.
fn parse_rate(text: &str) -> Option<i64> {
    let (value, unit) = text.split_once(' ')?;
    let value = value.parse::<u32>().ok().filter(|it| *it > 0)?;
    let seconds = match unit {
        "minute" | "minutes" => 60,
        "hour" | "hours" => 3600,
        "day" | "days" => calendar::DAY,
        _ => return None,
    };
    Some(i64::from(value) * seconds)
}

//! When something recurs: Unix cron expressions of five fields.

use crate::Time;

const MINUTE: u64 = 60_000;

/// A cron expression: the values of each field that match, as bits.
pub(super) struct Cron {
    minutes: u64,
    hours: u64,
    days: u64,
    months: u64,
    weekdays: u64,
    /// Whether the day of the month, and that of the week, are anything but `*`.
    narrows: (bool, bool),
}

impl Cron {
    /// An expression such as `30 0 1 1,6,12 *`.
    pub(super) fn parse(text: &str) -> Option<Cron> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minutes, hours, days, months, weekdays] = fields[..] else {
            return None;
        };
        let sundays = |bits: u64| bits | (bits >> 7 & 1);
        Some(Cron {
            minutes: field(minutes, 0, 59, &[])?,
            hours: field(hours, 0, 23, &[])?,
            days: field(days, 1, 31, &[])?,
            months: field(months, 1, 12, &MONTHS)?,
            weekdays: sundays(field(weekdays, 0, 7, &WEEKDAYS)?),
            narrows: (!days.starts_with('*'), !weekdays.starts_with('*')),
        })
    }

    /// The first whole minute from `from` that matches, in a zone that many minutes ahead of UTC,
    /// within four years.
    pub(super) fn next(&self, from: Time, ahead: i64) -> Option<Time> {
        let shift = |minute: u64| (minute as i64 + ahead).max(0) as u64;
        let mut minute = from.0.div_ceil(MINUTE);
        let last = minute + 4 * 366 * 1440;
        while minute < last {
            let local = shift(minute);
            if !self.has_day(local / 1440) {
                minute += 1440 - local % 1440;
            } else if self.hours >> (local / 60 % 24) & 1 == 0 {
                minute += 60 - local % 60;
            } else if self.minutes >> (local % 60) & 1 == 0 {
                minute += 1;
            } else {
                return Some(Time(minute * MINUTE));
            }
        }
        None
    }

    fn has_day(&self, day: u64) -> bool {
        let date = Time(day * 1440 * MINUTE).to_string();
        let number = |range: std::ops::Range<usize>| date[range].parse::<u32>().unwrap_or(0);
        let month = self.months >> number(5..7) & 1 == 1;
        let in_month = self.days >> number(8..10) & 1 == 1;
        // The first of January 1970 was a Thursday.
        let in_week = self.weekdays >> ((day + 4) % 7) & 1 == 1;
        month
            && match self.narrows {
                (true, true) => in_month || in_week,
                _ => in_month && in_week,
            }
    }
}

const MONTHS: [&str; 13] = [
    "", "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
];
const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/// The values of a field such as `*`, `*/5`, `1-5`, `MON,WED`.
fn field(text: &str, from: u64, to: u64, names: &[&str]) -> Option<u64> {
    let value = |text: &str| -> Option<u64> {
        let upper = text.to_ascii_uppercase();
        let named = names.iter().position(|it| *it == upper && !it.is_empty());
        let value = named.map(|it| it as u64).or_else(|| text.parse().ok())?;
        (from..=to).contains(&value).then_some(value)
    };
    let mut bits = 0;
    for part in text.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, step.parse::<u64>().ok().filter(|it| *it > 0)?),
            None => (part, 1),
        };
        let (first, last) = match range.split_once('-') {
            _ if range == "*" => (from, to),
            Some((first, last)) => (value(first)?, value(last)?),
            None if step > 1 => (value(range)?, to),
            None => (value(range)?, value(range)?),
        };
        let mut at = first;
        while at <= last {
            bits |= 1 << at;
            at = at.saturating_add(step);
        }
    }
    Some(bits)
}

/// By how many minutes a zone is ahead of UTC. Only zones of a fixed offset are known here
/// (`Etc/GMT+9` is nine hours behind); every other is taken for UTC.
pub(super) fn offset(zone: &str) -> i64 {
    let hours = zone
        .strip_prefix("Etc/GMT")
        .and_then(|it| it.parse::<i64>().ok());
    hours.map_or(0, |it| -it * 60)
}

//! Cron expressions of six fields: minutes, hours, day of month, month, day of week, year.

use super::calendar::{DAY, date, length, nth_weekday, weekday};
use std::collections::BTreeSet;

const MONTHS: [&str; 12] = [
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
];

const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/// How far ahead the next time is looked for.
const HORIZON: i64 = 366 * 12;

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Cron {
    minutes: BTreeSet<i64>,
    hours: BTreeSet<i64>,
    days: Days,
    months: BTreeSet<i64>,
    years: BTreeSet<i64>,
}

/// On which days of a month.
#[derive(Clone, Debug, PartialEq)]
enum Days {
    Dates(BTreeSet<i64>),
    /// `L`
    LastDate,
    /// `15W`: the day from Monday to Friday that is nearest to a date.
    Workday(i64),
    Weekdays(BTreeSet<i64>),
    /// `6#3`; `6L` has 0.
    Nth(i64, i64),
}

impl Cron {
    /// Reads the six fields.
    pub(super) fn parse(text: &str) -> Option<Cron> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minutes, hours, dates, months, weekdays, years] = fields[..] else {
            return None;
        };
        // One of the two ways to say a day is left open.
        let days = match (dates, weekdays) {
            (dates, "?") => of_month(dates)?,
            ("?", weekdays) => of_week(weekdays)?,
            _ => return None,
        };
        Some(Cron {
            minutes: field(minutes, 0, 59, &[])?,
            hours: field(hours, 0, 23, &[])?,
            days,
            months: field(months, 1, 12, &MONTHS)?,
            years: field(years, 1970, 2199, &[])?,
        })
    }

    /// The first time after a moment, both as the clock on the wall shows them.
    pub(super) fn next(&self, after: i64) -> Option<i64> {
        let first = after.div_euclid(DAY);
        for day in first..first + HORIZON {
            if !self.has(day) {
                continue;
            }
            let times = self.hours.iter().flat_map(|hour| {
                let minutes = self.minutes.iter();
                minutes.map(move |minute| day * DAY + hour * 3600 + minute * 60)
            });
            if let Some(time) = times.into_iter().find(|it| *it > after) {
                return Some(time);
            }
        }
        None
    }

    fn has(&self, day: i64) -> bool {
        let (year, month, date) = date(day);
        if !self.years.contains(&year) || !self.months.contains(&month) {
            return false;
        }
        match &self.days {
            Days::Dates(dates) => dates.contains(&date),
            Days::LastDate => date == length(year, month),
            Days::Workday(wanted) => date == workday(year, month, day - date, *wanted),
            Days::Weekdays(weekdays) => weekdays.contains(&weekday(day)),
            Days::Nth(wanted, nth) => date == nth_weekday(year, month, *wanted, *nth),
        }
    }
}

/// The date of the workday nearest to a date in the same month; `before` is the day before the
/// first.
fn workday(year: i64, month: i64, before: i64, wanted: i64) -> i64 {
    let wanted = wanted.min(length(year, month));
    match weekday(before + wanted) {
        7 if wanted == 1 => 3,
        7 => wanted - 1,
        1 if wanted == length(year, month) => wanted - 2,
        1 => wanted + 1,
        _ => wanted,
    }
}

fn of_month(text: &str) -> Option<Days> {
    if text == "L" {
        return Some(Days::LastDate);
    }
    match text.strip_suffix('W') {
        Some(date) => Some(Days::Workday(number(date, 1, 31, &[])?)),
        None => Some(Days::Dates(field(text, 1, 31, &[])?)),
    }
}

fn of_week(text: &str) -> Option<Days> {
    if text == "L" {
        return Some(Days::Weekdays([7].into()));
    }
    if let Some((weekday, nth)) = text.split_once('#') {
        let nth = number(nth, 1, 5, &[])?;
        return Some(Days::Nth(number(weekday, 1, 7, &WEEKDAYS)?, nth));
    }
    match text.strip_suffix('L') {
        Some(weekday) => Some(Days::Nth(number(weekday, 1, 7, &WEEKDAYS)?, 0)),
        None => Some(Days::Weekdays(field(text, 1, 7, &WEEKDAYS)?)),
    }
}

/// A list of numbers, ranges and steps: `0/15`, `8-18`, `MON,FRI`, `*`.
fn field(text: &str, least: i64, most: i64, names: &[&str]) -> Option<BTreeSet<i64>> {
    let mut numbers = BTreeSet::new();
    for part in text.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (
                range,
                Some(step.parse::<usize>().ok().filter(|it| *it > 0)?),
            ),
            None => (part, None),
        };
        let (from, to) = match range.split_once('-') {
            _ if range == "*" => (least, most),
            Some((from, to)) => (
                number(from, least, most, names)?,
                number(to, least, most, names)?,
            ),
            None => {
                let from = number(range, least, most, names)?;
                (from, if step.is_some() { most } else { from })
            }
        };
        match from <= to {
            true => numbers.extend((from..=to).step_by(step.unwrap_or(1))),
            // `FRI-MON` goes round.
            false => {
                let round = (from..=most).chain(least..=to);
                numbers.extend(round.step_by(step.unwrap_or(1)));
            }
        }
    }
    Some(numbers)
}

fn number(text: &str, least: i64, most: i64, names: &[&str]) -> Option<i64> {
    let named = names.iter().position(|it| it.eq_ignore_ascii_case(text));
    let number = match named {
        Some(place) => place as i64 + 1,
        None => text.parse::<i64>().ok()?,
    };
    (least..=most).contains(&number).then_some(number)
}

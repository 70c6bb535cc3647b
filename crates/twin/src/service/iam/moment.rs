//! Moments as policies write them.

use crate::Time;

/// A moment in ISO 8601, or in seconds since 1970.
pub(super) fn read(text: &str) -> Option<Time> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<u64>()
        && text.len() > 4
    {
        return seconds.checked_mul(1000).map(Time);
    }
    let (date, clock) = text.split_once('T').unwrap_or((text, "00:00:00Z"));
    let mut parts = date.splitn(3, '-').map(str::parse::<i32>);
    let mut part = || parts.next().unwrap_or(Ok(1)).ok().map(i64::from);
    let (year, month, day) = (part()?, part()?, part()?);
    let sign = clock.rfind(['+', '-']);
    let (clock, offset) = match sign {
        Some(at) => (&clock[..at], minutes(&clock[at..])?),
        None => (clock.trim_end_matches('Z'), 0),
    };
    let mut parts = clock.splitn(3, ':');
    let hour = i64::from(parts.next()?.parse::<i32>().ok()?);
    let minute = i64::from(parts.next().unwrap_or("0").parse::<i32>().ok()?);
    let second = parts.next().unwrap_or("0").parse::<f64>().ok();
    let second = second.filter(|it| (0.0..61.0).contains(it))?;
    let minutes = (days(year, month, day) * 24 + hour) * 60 + minute - offset;
    let millis = minutes * 60_000 + (second * 1000.0).round() as i64;
    u64::try_from(millis).ok().map(Time)
}

/// The minutes of an offset such as `+02:00` or `-0530`.
fn minutes(offset: &str) -> Option<i64> {
    let digits: String = offset.chars().filter(char::is_ascii_digit).collect();
    let hours = digits.get(..2)?.parse::<i64>().ok()?;
    let minutes = digits.get(2..4).unwrap_or("0").parse::<i64>().ok()?;
    let total = hours * 60 + minutes;
    Some(if offset.starts_with('-') {
        -total
    } else {
        total
    })
}

/// Days from 1970-01-01 to a date of the Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

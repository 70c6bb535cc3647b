//! Timestamps as they are written on wires.

use super::moment;
use serde_json::Value;

/// Seconds since 1970, whole where they are whole.
pub(super) fn seconds(seconds: f64) -> Option<Value> {
    match seconds.fract() == 0.0 && seconds.abs() < 1e15 {
        true => Some(Value::from(seconds as i64)),
        false => serde_json::Number::from_f64(seconds).map(Value::Number),
    }
}

/// The moment of an ISO 8601 text or of a number of seconds.
pub(super) fn read(text: &str) -> Option<Value> {
    match text.parse::<f64>() {
        Ok(number) => seconds(number),
        Err(_) => seconds(iso(text)?),
    }
}

/// As ISO 8601. Some services always show thousandths, others only where there are any.
pub(super) fn write(value: &Value, thousandths: bool) -> String {
    let text = moment(value.as_f64().unwrap_or_default()).to_string();
    match text.strip_suffix(".000Z") {
        Some(whole) if !thousandths => format!("{whole}Z"),
        _ => text,
    }
}

fn iso(text: &str) -> Option<f64> {
    let (date, time) = text.split_once(['T', ' ']).unwrap_or((text, "00:00:00Z"));
    let mut parts = date.splitn(3, '-').map(|it| it.parse::<i64>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || !(0..=9999).contains(&year) {
        return None;
    }
    let at = time.find(['Z', '+', '-']).unwrap_or(time.len());
    let (clock, zone) = time.split_at(at);
    let days = days(year, month, day);
    Some(days as f64 * 86_400.0 + of_day(clock)? - shift(zone)?)
}

/// Seconds of `hh:mm:ss.sss`.
fn of_day(clock: &str) -> Option<f64> {
    let mut parts = clock.splitn(3, ':');
    let hours = parts.next()?.parse::<u32>().ok().filter(|it| *it < 24)?;
    let minutes = parts.next()?.parse::<u32>().ok().filter(|it| *it < 60)?;
    let seconds = parts.next().unwrap_or("0").parse::<f64>().ok()?;
    let is_time = (0.0..61.0).contains(&seconds);
    is_time.then(|| f64::from(hours * 3600 + minutes * 60) + seconds)
}

/// Seconds by which a zone, such as `Z` or `+02:00`, is ahead.
fn shift(zone: &str) -> Option<f64> {
    let (sign, text) = match zone.split_at_checked(1)? {
        ("Z", "") => return Some(0.0),
        ("+", text) => (1.0, text),
        ("-", text) => (-1.0, text),
        _ => return None,
    };
    let digits = text.replace(':', "");
    let (hours, minutes) = digits.split_at_checked(2)?;
    let hours = hours.parse::<u8>().ok()?;
    let minutes = if minutes.is_empty() {
        0
    } else {
        minutes.parse::<u8>().ok()?
    };
    Some(sign * (f64::from(hours) * 3600.0 + f64::from(minutes) * 60.0))
}

/// Days from 1970-01-01 to a date in the proleptic Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> i64 {
    // Counted in eras of 400 years that begin on the first of March.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_in_every_form_that_clients_write() {
        let read = |text| read(text).and_then(|it| it.as_f64());
        assert_eq!(read("2026-11-27T00:00:00Z"), Some(1_795_737_600.0));
        assert_eq!(read("2026-11-27T00:00:00.250Z"), Some(1_795_737_600.25));
        assert_eq!(read("2026-11-27T01:30:00+01:30"), Some(1_795_737_600.0));
        assert_eq!(read("2026-11-26T19:00:00-05:00"), Some(1_795_737_600.0));
        assert_eq!(read("2024-02-29"), Some(1_709_164_800.0));
        assert_eq!(read("1795737600"), Some(1_795_737_600.0));
        assert_eq!(read("yesterday"), None);
        assert_eq!(read("2026-13-01T00:00:00Z"), None);
    }

    #[test]
    fn moments_are_written_with_thousandths_where_asked_or_needed() {
        let whole = Value::from(1_795_737_600);
        assert_eq!(write(&whole, true), "2026-11-27T00:00:00.000Z");
        assert_eq!(write(&whole, false), "2026-11-27T00:00:00Z");
        let part = Value::from(1_795_737_600.5);
        assert_eq!(write(&part, false), "2026-11-27T00:00:00.500Z");
    }
}

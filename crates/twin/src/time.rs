//! Moments on the twin's clock.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{
    fmt,
    ops::{Add, Sub},
    time::Duration,
};

/// A moment: milliseconds since 1970, UTC.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Time(pub u64);

impl Time {
    /// The moment as AWS's models write a timestamp: seconds since 1970, with three decimals.
    pub fn value(self) -> Value {
        match self.0 % 1000 {
            0 => Value::from(self.0 / 1000),
            _ => Value::from(self.0 as f64 / 1000.0),
        }
    }

    /// How long ago `earlier` was; nothing if it is not past.
    pub fn since(self, earlier: Time) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }

    /// The start of the period of `period` that holds this moment.
    pub fn floor(self, period: Duration) -> Time {
        let period = period.as_millis().max(1) as u64;
        Time(self.0 - self.0 % period)
    }
}

impl Add<Duration> for Time {
    type Output = Time;

    fn add(self, duration: Duration) -> Time {
        Time(self.0 + duration.as_millis() as u64)
    }
}

impl Sub<Duration> for Time {
    type Output = Time;

    fn sub(self, duration: Duration) -> Time {
        Time(self.0.saturating_sub(duration.as_millis() as u64))
    }
}

impl Time {
    /// The moment as HTTP's `Date` says it: `Fri, 27 Nov 2026 00:00:00 GMT` (RFC 9110, 5.6.7).
    pub fn http_date(self) -> String {
        const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
        const MONTHS: [&str; 12] = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ];
        let (days, seconds) = (self.0 / 86_400_000, self.0 / 1000 % 86_400);
        let (year, month, day) = civil(days as i64);
        let month = MONTHS[usize::try_from(month - 1).unwrap_or_default() % 12];
        let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        // 1970 began on a Thursday.
        let name = DAYS[(days % 7) as usize];
        format!("{name}, {day:02} {month} {year:04} {hours:02}:{minutes:02}:{seconds:02} GMT")
    }
}

/// As ISO 8601 with milliseconds: `2026-11-27T00:00:00.000Z`.
impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (days, millis) = (self.0 / 86_400_000, self.0 % 86_400_000);
        let (year, month, day) = civil(days as i64);
        let (hours, minutes) = (millis / 3_600_000, millis / 60_000 % 60);
        let (seconds, millis) = (millis / 1000 % 60, millis % 1000);
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{hours:02}:{minutes:02}:{seconds:02}.{millis:03}Z"
        )
    }
}

/// The date that many days after 1970-01-01, in the proleptic Gregorian calendar.
fn civil(days: i64) -> (i64, i64, i64) {
    // Counted in eras of 400 years that begin on the first of March.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_reads_as_iso_8601() {
        assert_eq!(Time(0).to_string(), "1970-01-01T00:00:00.000Z");
        let sale = Time(1_795_737_600_123);
        assert_eq!(sale.to_string(), "2026-11-27T00:00:00.123Z");
        assert_eq!(sale.http_date(), "Fri, 27 Nov 2026 00:00:00 GMT");
        let leap = Time(1_709_164_800_000);
        assert_eq!(leap.http_date(), "Thu, 29 Feb 2024 00:00:00 GMT");
        assert_eq!(leap.to_string(), "2024-02-29T00:00:00.000Z");
    }
}

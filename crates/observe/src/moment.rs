//! Moments on AWS's clock.

use aws_smithy_types::{DateTime, date_time::Format};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use std::{
    fmt,
    ops::{Add, Sub},
    time::Duration,
};

/// A moment: milliseconds since 1970, UTC. In JSON it is read as AWS writes it, in seconds, or as
/// RFC 3339, and written as RFC 3339.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(pub i64);

impl Moment {
    /// How long ago `earlier` was; nothing if it is not past.
    pub fn since(self, earlier: Moment) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// The time of day, UTC: `14:03:07`.
    pub fn clock(self) -> String {
        let seconds = self.0.div_euclid(1000).rem_euclid(86_400);
        let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
        format!("{hours:02}:{minutes:02}:{:02}", seconds % 60)
    }

    /// The moment that a `Date` header says, if it says one.
    pub(crate) fn of_http(text: &str) -> Option<Moment> {
        let read = DateTime::from_str(text, Format::HttpDate).ok()?;
        Some(Moment::from(&read))
    }
}

impl From<&DateTime> for Moment {
    fn from(it: &DateTime) -> Moment {
        Moment(it.to_millis().unwrap_or_default())
    }
}

impl From<Moment> for DateTime {
    fn from(it: Moment) -> DateTime {
        DateTime::from_millis(it.0)
    }
}

impl Add<Duration> for Moment {
    type Output = Moment;

    fn add(self, duration: Duration) -> Moment {
        Moment(self.0.saturating_add(millis(duration)))
    }
}

impl Sub<Duration> for Moment {
    type Output = Moment;

    fn sub(self, duration: Duration) -> Moment {
        Moment(self.0.saturating_sub(millis(duration)))
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// As RFC 3339: `2026-11-27T00:00:00.123Z`.
impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = DateTime::from_millis(self.0).fmt(Format::DateTime);
        f.write_str(&text.unwrap_or_default())
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Moment, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Seconds(f64),
            Text(String),
        }
        match Written::deserialize(deserializer)? {
            Written::Seconds(seconds) => Ok(Moment((seconds * 1000.0).round() as i64)),
            Written::Text(text) => DateTime::from_str(&text, Format::DateTimeWithOffset)
                .map(|it| Moment::from(&it))
                .map_err(D::Error::custom),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_read_in_seconds_or_as_text_and_written_as_text() {
        let read = |text: &str| serde_json::from_str::<Moment>(text).expect("it is a moment");
        assert_eq!(read("1795737600.123"), Moment(1_795_737_600_123));
        assert_eq!(read("1795737600"), Moment(1_795_737_600_000));
        assert_eq!(
            read("\"2026-11-27T00:00:00.123Z\""),
            Moment(1_795_737_600_123)
        );
        assert_eq!(
            Moment(1_795_737_600_123).to_string(),
            "2026-11-27T00:00:00.123Z"
        );
        assert_eq!(Moment(1_795_737_600_123).clock(), "00:00:00");
        assert_eq!(
            Moment::of_http("Fri, 27 Nov 2026 00:00:00 GMT"),
            Some(Moment(1_795_737_600_000))
        );
        assert_eq!(Moment::of_http("yesterday"), None);
    }
}

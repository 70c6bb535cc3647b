use crate::{Schedule, stage::MOST, time::read_time};
use std::time::Duration;

/// One row of a recording: a rate, and for how long.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Row {
    pub(crate) lasts: Duration,
    pub(crate) rate: f64,
}

/// Why a recording cannot be replayed; lines are counted from 1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReplayError {
    /// A line is not a time and a rate.
    #[error("line {line}, `{text}`, is not a time and a rate, such as 60,800 or 1m,800")]
    Row {
        /// Which.
        line: usize,
        /// What it says.
        text: String,
    },
    /// A line does not come after the one before it.
    #[error("line {line} is not later than the one before it")]
    Order {
        /// Which.
        line: usize,
    },
    /// With fewer than two rows nobody knows how long the last one lasts.
    #[error("a recording needs two rows at least, so that it is known how long a row lasts")]
    Short,
}

/// The schedule of a recording in CSV: on each line a time (seconds, or `1m30s`) and requests a second.
///
/// A rate holds from its time to the next row's, and the last one as long as the one before it. The first
/// row's time is the beginning, so that times may count from anywhere. Empty lines, `#` lines and a first
/// line without numbers are passed over.
pub fn replay(text: &str) -> Result<Schedule, ReplayError> {
    let mut points: Vec<(Duration, f64)> = Vec::new();
    for (index, text) in text.lines().enumerate() {
        let line = index + 1;
        let text = text.trim().trim_start_matches('\u{feff}');
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        let is_heading = points.is_empty() && !text.contains(|it: char| it.is_ascii_digit());
        if is_heading {
            continue;
        }
        let wrong = || ReplayError::Row {
            line,
            text: text.to_owned(),
        };
        let (time, rate) = text.split_once([',', ';', '\t']).ok_or_else(wrong)?;
        let time = seconds(time.trim()).ok_or_else(wrong)?;
        let rate: f64 = rate.trim().parse().map_err(|_| wrong())?;
        if !(0.0..=MOST).contains(&rate) {
            return Err(wrong());
        }
        if points.last().is_some_and(|(before, _)| time <= *before) {
            return Err(ReplayError::Order { line });
        }
        points.push((time, rate));
    }
    let mut rows: Vec<Row> = points
        .windows(2)
        .map(|pair| Row {
            lasts: pair[1].0 - pair[0].0,
            rate: pair[0].1,
        })
        .collect();
    let (Some(before), Some((_, rate))) = (rows.last(), points.last()) else {
        return Err(ReplayError::Short);
    };
    rows.push(Row {
        lasts: before.lasts,
        rate: *rate,
    });
    Ok(Schedule::recorded(&rows))
}

fn seconds(text: &str) -> Option<Duration> {
    match text.parse::<f64>() {
        Ok(seconds) => Duration::try_from_secs_f64(seconds).ok(),
        Err(_) => read_time(text).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_holds_until_the_next_row() {
        let schedule = replay("time,rate\n# the sale of last year\n100,10\n1m50s,20\n\n120,0.5\n");
        let schedule = schedule.expect("a recording");
        assert_eq!(schedule.lasts(), Duration::from_secs(30));
        assert_eq!(schedule.requests(), 100 + 200 + 5);
        assert_eq!(schedule.rate(Duration::from_secs(15)), 20.0);
        assert_eq!(schedule.due(100), Duration::from_secs(10));
    }

    #[test]
    fn what_cannot_be_replayed_is_refused_with_its_line() {
        for (text, why) in [
            ("", "two rows"),
            ("0,5", "two rows"),
            ("0,5\n0,6", "line 2 is not later"),
            ("0,5\nx,6", "line 2, `x,6`"),
            ("0,5\n1", "line 2, `1`"),
            ("0,-5\n1,1", "line 1, `0,-5`"),
            ("0,NaN\n1,1", "line 1"),
            ("2026-11-27T00:00:00Z,1\n1,1", "line 1"),
        ] {
            let err = replay(text).expect_err(text).to_string();
            assert!(err.contains(why), "{err}");
        }
    }
}

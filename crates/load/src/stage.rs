use crate::time::{TimeError, read_time, written_time};
use std::{fmt, str::FromStr, time::Duration};

/// A stretch of a schedule: its rate goes evenly from one to another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stage {
    /// How long it lasts; more than nothing.
    pub lasts: Duration,
    /// Requests a second as it begins; finite, never negative.
    pub from: f64,
    /// Requests a second as it ends; finite, never negative.
    pub to: f64,
}

/// Requests a second past which a rate is a mistake.
pub(crate) const MOST: f64 = 10_000_000.0;

impl Stage {
    /// How many requests it has, not rounded.
    pub fn requests(&self) -> f64 {
        (self.from + self.to) / 2.0 * self.lasts.as_secs_f64()
    }
}

/// Why a text is no stage.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StageError {
    /// There is no `@`, or what is after it is no rate.
    #[error("`{0}` is no stage; write 5m@50rps, or 5m@50..800rps for a ramp")]
    Form(String),
    /// What is before the `@` is no time.
    #[error("the stage `{stage}`: {source}")]
    Time {
        /// The stage.
        stage: String,
        /// Why.
        source: TimeError,
    },
    /// It lasts no time at all.
    #[error("the stage `{0}` lasts no time")]
    Empty(String),
    /// Its rate is past what can be meant.
    #[error("the stage `{0}` asks for more than 10,000,000 requests a second")]
    Rate(String),
}

impl FromStr for Stage {
    type Err = StageError;

    fn from_str(text: &str) -> Result<Stage, StageError> {
        let form = || StageError::Form(text.to_owned());
        let (lasts, rate) = text.split_once('@').ok_or_else(form)?;
        let lasts = read_time(lasts).map_err(|source| StageError::Time {
            stage: text.to_owned(),
            source,
        })?;
        if lasts.is_zero() {
            return Err(StageError::Empty(text.to_owned()));
        }
        let rate = rate.trim();
        let rate = rate.strip_suffix("rps").ok_or_else(form)?;
        let (from, to) = rate.split_once("..").unwrap_or((rate, rate));
        let number = |it: &str| {
            it.trim()
                .parse::<f64>()
                .ok()
                .filter(|it| it.is_finite() && *it >= 0.0)
        };
        let (from, to) = (number(from).ok_or_else(form)?, number(to).ok_or_else(form)?);
        match from.max(to) <= MOST {
            true => Ok(Stage { lasts, from, to }),
            false => Err(StageError::Rate(text.to_owned())),
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (lasts, from, to) = (written_time(self.lasts), self.from, self.to);
        match from == to {
            true => write!(formatter, "{lasts}@{from}rps"),
            false => write!(formatter, "{lasts}@{from}..{to}rps"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_are_read_and_written_alike() {
        for text in ["2m@50rps", "5m@50..800rps", "1m30s@0..0.5rps"] {
            assert_eq!(
                text.parse::<Stage>().map(|it| it.to_string()),
                Ok(text.into())
            );
        }
        let ramp: Stage = "5m@50..800rps".parse().expect("a stage");
        assert_eq!(ramp.requests(), 425.0 * 300.0);
    }

    #[test]
    fn what_is_no_stage_is_refused_with_the_reason() {
        for (text, why) in [
            ("5m", "is no stage"),
            ("5m@50", "is no stage"),
            ("5m@-1rps", "is no stage"),
            ("5m@NaNrps", "is no stage"),
            ("5m@1..2..3rps", "is no stage"),
            ("5@50rps", "is no length of time"),
            ("0s@50rps", "lasts no time"),
            ("1s@99999999rps", "more than 10,000,000"),
        ] {
            let err = text.parse::<Stage>().expect_err(text).to_string();
            assert!(err.contains(why), "{err}");
        }
    }
}

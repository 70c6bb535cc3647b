use crate::time::{read_time, written_time};
use std::{fmt, str::FromStr, time::Duration};

/// A condition that ends a load: `p99 > 2s for 30s`, `errors > 5%`, `p95 > 800ms over 1m`.
///
/// Every second it is asked of what ended in the last ten seconds, or as many as `over` says, once the
/// load has lasted that long. It ends the load when it has held without a break for as long as `for` says;
/// without `for`, when it first holds. A window without requests holds nothing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Threshold {
    /// What is looked at.
    pub metric: Metric,
    /// The value past which it holds: seconds for a latency, a part from 0 to 1 for the others.
    pub past: f64,
    /// Over how long it is measured: whole seconds, at least one.
    pub over: Duration,
    /// For how long it must hold.
    pub lasting: Duration,
}

/// What a threshold looks at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Metric {
    /// The latency within which this part (from 0 to 1) of the requests ended; the most is 1.
    Quantile(f64),
    /// The part of requests that ended badly, were dropped, or had nowhere to go.
    Errors,
    /// The part of requests that were due and dropped, or had nowhere to go.
    Dropped,
}

/// Why a text is no threshold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}`: {why}\n\nwrite a threshold as `p99 > 2s for 30s`, `errors > 5%` or `dropped > 0% over 5s`"
)]
pub struct ThresholdError {
    text: String,
    why: String,
}

const OVER: Duration = Duration::from_secs(10);

impl FromStr for Threshold {
    type Err = ThresholdError;

    fn from_str(text: &str) -> Result<Threshold, ThresholdError> {
        read(text).map_err(|why| ThresholdError {
            text: text.to_owned(),
            why,
        })
    }
}

fn read(text: &str) -> Result<Threshold, String> {
    let (metric, rest) = text.split_once('>').ok_or("there is no `>`")?;
    let rest = rest.strip_prefix('=').map_or(Ok(rest), |_| {
        Err("`>=` is no condition here; `>` is".to_owned())
    })?;
    let metric = match metric.trim() {
        "errors" => Metric::Errors,
        "dropped" => Metric::Dropped,
        "max" => Metric::Quantile(1.0),
        name => {
            let percent = name.strip_prefix('p').and_then(|it| it.parse::<f64>().ok());
            let percent = percent.filter(|it| 0.0 < *it && *it < 100.0);
            let known = "`{}` is not measured; p50, p95, p99, p99.9, max, errors and dropped are";
            Metric::Quantile(percent.ok_or_else(|| known.replace("{}", name))? / 100.0)
        }
    };
    let mut words = rest.split_whitespace();
    let value = words.next().ok_or("there is nothing after the `>`")?;
    let past = match metric {
        Metric::Quantile(_) => read_time(value)
            .map_err(|err| err.to_string())?
            .as_secs_f64(),
        Metric::Errors | Metric::Dropped => {
            let percent = value
                .strip_suffix('%')
                .and_then(|it| it.parse::<f64>().ok());
            let percent = percent.filter(|it| (0.0..100.0).contains(it));
            percent.ok_or_else(|| format!("`{value}` is no percentage below 100, such as 5%"))?
                / 100.0
        }
    };
    let (mut over, mut lasting) = (None, None);
    while let Some(word) = words.next() {
        let place = match word {
            "over" => &mut over,
            "for" => &mut lasting,
            _ => return Err(format!("`{word}` is neither `for` nor `over`")),
        };
        let time = words
            .next()
            .ok_or_else(|| format!("there is nothing after `{word}`"))?;
        let time = read_time(time).map_err(|err| err.to_string())?;
        if time.subsec_nanos() != 0 || time.is_zero() || time > Duration::from_secs(3600) {
            return Err(format!("`{word}` takes whole seconds, from 1s to 1h"));
        }
        if place.replace(time).is_some() {
            return Err(format!("`{word}` is there twice"));
        }
    }
    Ok(Threshold {
        metric,
        past,
        over: over.unwrap_or(OVER),
        lasting: lasting.unwrap_or(Duration::ZERO),
    })
}

impl fmt::Display for Threshold {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.metric {
            Metric::Quantile(_) => {
                let past = written_time(Duration::from_secs_f64(self.past));
                write!(formatter, "{} > {past}", self.metric)?;
            }
            Metric::Errors | Metric::Dropped => {
                let percent = (self.past * 1e8).round() / 1e6;
                write!(formatter, "{} > {percent}%", self.metric)?;
            }
        }
        if self.over != OVER {
            write!(formatter, " over {}", written_time(self.over))?;
        }
        if !self.lasting.is_zero() {
            write!(formatter, " for {}", written_time(self.lasting))?;
        }
        Ok(())
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Metric::Quantile(1.0) => formatter.write_str("max"),
            Metric::Quantile(part) => write!(formatter, "p{}", (part * 1e8).round() / 1e6),
            Metric::Errors => formatter.write_str("errors"),
            Metric::Dropped => formatter.write_str("dropped"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_are_read_and_written_alike() {
        for text in [
            "p99 > 2s for 30s",
            "errors > 5%",
            "p99.9 > 250ms",
            "max > 1s over 5s for 1m",
            "dropped > 0%",
        ] {
            assert_eq!(
                text.parse::<Threshold>().map(|it| it.to_string()),
                Ok(text.into())
            );
        }
        let threshold: Threshold = "p99>2s".parse().expect("a threshold");
        assert_eq!((threshold.past, threshold.over), (2.0, OVER));
    }

    #[test]
    fn what_is_no_threshold_is_refused_with_the_reason() {
        for (text, why) in [
            ("p99 2s", "there is no `>`"),
            ("p99 >= 2s", "`>=` is no condition"),
            ("p101 > 2s", "`p101` is not measured"),
            ("cpu > 5%", "`cpu` is not measured"),
            ("p99 > 2", "`2` is no length of time"),
            ("p99 >", "nothing after the `>`"),
            ("errors > 2s", "`2s` is no percentage"),
            ("errors > 100%", "no percentage below 100"),
            ("errors > 5% for", "nothing after `for`"),
            ("errors > 5% for 1s for 2s", "`for` is there twice"),
            ("errors > 5% during 1s", "neither `for` nor `over`"),
            ("errors > 5% for 500ms", "whole seconds"),
        ] {
            let err = text.parse::<Threshold>().expect_err(text).to_string();
            assert!(err.contains(why), "{err}");
        }
    }
}

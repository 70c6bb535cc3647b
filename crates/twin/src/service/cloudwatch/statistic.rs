//! Statistics over what was measured in a period.

use super::metric::Sample;
use serde::{Deserialize, Serialize};

/// What is told of a period.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Statistic {
    SampleCount,
    Average,
    Sum,
    Minimum,
    Maximum,
    /// `p99.9`.
    Percentile(f64),
    /// `tm90`: the mean of what lies between two percentiles.
    TrimmedMean(f64, f64),
}

impl Statistic {
    /// By its name: `Average`, `p90`, `tm90`, `TM(10%:90%)`, `IQM`.
    pub(crate) fn parse(text: &str) -> Option<Statistic> {
        let within = |it: f64| (0.0..=100.0).contains(&it);
        let number = |it: &str| it.parse::<f64>().ok().filter(|it| within(*it));
        match text {
            "SampleCount" => return Some(Statistic::SampleCount),
            "Average" => return Some(Statistic::Average),
            "Sum" => return Some(Statistic::Sum),
            "Minimum" => return Some(Statistic::Minimum),
            "Maximum" => return Some(Statistic::Maximum),
            "IQM" => return Some(Statistic::TrimmedMean(25.0, 75.0)),
            _ => (),
        }
        if let Some(bounds) = text.strip_prefix("TM(").and_then(|it| it.strip_suffix(')')) {
            let (low, high) = bounds.split_once(':')?;
            let bound = |it: &str, open: f64| match it {
                "" => Some(open),
                it => number(it.strip_suffix('%')?),
            };
            return Some(Statistic::TrimmedMean(
                bound(low, 0.0)?,
                bound(high, 100.0)?,
            ));
        }
        match text.strip_prefix("tm") {
            Some(rest) => Some(Statistic::TrimmedMean(0.0, number(rest)?)),
            None => Some(Statistic::Percentile(number(text.strip_prefix('p')?)?)),
        }
    }

    /// Its value over a period. A percentile of values that are not known is taken as lying
    /// evenly between the least and the greatest.
    pub(crate) fn of(self, pool: &Sample) -> f64 {
        match self {
            Statistic::SampleCount => pool.count,
            Statistic::Average => pool.sum / pool.count,
            Statistic::Sum => pool.sum,
            Statistic::Minimum => pool.min,
            Statistic::Maximum => pool.max,
            Statistic::Percentile(rank) => percentile(pool, rank),
            Statistic::TrimmedMean(low, high) => trimmed_mean(pool, low, high),
        }
    }
}

fn sorted(pool: &Sample) -> Vec<(f64, f64)> {
    let mut values = pool.values();
    values.sort_by(|one, other| one.0.total_cmp(&other.0));
    values
}

fn percentile(pool: &Sample, rank: f64) -> f64 {
    let values = sorted(pool);
    if values.is_empty() {
        return pool.min + (pool.max - pool.min) * rank / 100.0;
    }
    let wanted = pool.count * rank / 100.0;
    let mut seen = 0.0;
    for (value, count) in &values {
        seen += count;
        if seen >= wanted {
            return *value;
        }
    }
    pool.max
}

fn trimmed_mean(pool: &Sample, low: f64, high: f64) -> f64 {
    let (from, to) = (pool.count * low / 100.0, pool.count * high / 100.0);
    let (mut seen, mut count, mut sum) = (0.0, 0.0, 0.0);
    for (value, times) in sorted(pool) {
        let inside = (to.min(seen + times) - from.max(seen)).max(0.0);
        seen += times;
        count += inside;
        sum += value * inside;
    }
    match count > 0.0 {
        true => sum / count,
        false => pool.sum / pool.count,
    }
}

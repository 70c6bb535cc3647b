//! What is stored of metrics.

use crate::Time;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, time::Duration};

/// How long values are kept as they came.
const FINE: Duration = Duration::from_secs(3 * 3600);

/// How long they are kept by the minute. AWS keeps them for fifteen days.
const KEPT: Duration = Duration::from_secs(24 * 3600);

const MINUTE: Duration = Duration::from_secs(60);

/// A metric.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Metric {
    pub(crate) namespace: String,
    pub(crate) name: String,
    pub(crate) dimensions: BTreeMap<String, String>,
    /// When a value last arrived.
    pub(crate) put_at: Time,
    /// Values by their unit, in the order of their time.
    series: BTreeMap<String, Vec<Sample>>,
}

/// What was measured at one moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Sample {
    pub(crate) at: Time,
    pub(crate) count: f64,
    pub(crate) sum: f64,
    pub(crate) min: f64,
    pub(crate) max: f64,
    /// The single values and how often each came, where they are known and not all the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    values: Vec<(f64, f64)>,
}

/// Where a metric is found.
pub(crate) fn key(namespace: &str, name: &str, dimensions: &BTreeMap<String, String>) -> String {
    let mut key = format!("{namespace}\n{name}");
    for (name, value) in dimensions {
        key.push_str(&format!("\n{name}={value}"));
    }
    key
}

impl Sample {
    /// One value.
    pub(crate) fn of(at: Time, value: f64) -> Sample {
        Sample {
            at,
            count: 1.0,
            sum: value,
            min: value,
            max: value,
            values: Vec::new(),
        }
    }

    /// Several values, each with how often it came.
    pub(crate) fn of_values(at: Time, values: &[(f64, f64)]) -> Option<Sample> {
        let single = values.iter().map(|(value, count)| Sample {
            count: *count,
            sum: value * count,
            ..Sample::of(at, *value)
        });
        single.reduce(|mut all, it| {
            all.take(&it);
            all
        })
    }

    /// A summary of values that are not known.
    pub(crate) fn summary(at: Time, count: f64, sum: f64, min: f64, max: f64) -> Sample {
        Sample {
            at,
            count,
            sum,
            min,
            max,
            values: Vec::new(),
        }
    }

    /// The single values and how often each came; nothing if they are not known.
    pub(crate) fn values(&self) -> Vec<(f64, f64)> {
        if self.values.is_empty() && self.min == self.max {
            return vec![(self.min, self.count)];
        }
        self.values.clone()
    }

    /// Takes in what another says of the same time.
    pub(crate) fn take(&mut self, other: &Sample) {
        let (mine, theirs) = (self.values(), other.values());
        self.values = match mine.is_empty() || theirs.is_empty() {
            true => Vec::new(),
            false => mine.into_iter().chain(theirs).collect(),
        };
        self.count += other.count;
        self.sum += other.sum;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        if self.min == self.max {
            self.values = Vec::new();
        }
    }
}

impl Metric {
    /// A metric without values.
    pub(crate) fn new(
        namespace: &str,
        name: &str,
        dimensions: &BTreeMap<String, String>,
    ) -> Metric {
        Metric {
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            dimensions: dimensions.clone(),
            put_at: Time::default(),
            series: BTreeMap::new(),
        }
    }

    /// Takes in what was measured, and forgets what is old.
    pub(crate) fn add(&mut self, unit: &str, sample: Sample, now: Time) {
        self.put_at = now;
        let series = self.series.entry(unit.to_owned()).or_default();
        let place = series.partition_point(|it| it.at < sample.at);
        match series.get_mut(place).filter(|it| it.at == sample.at) {
            Some(same) => same.take(&sample),
            None => series.insert(place, sample),
        }
        forget(series, now);
    }

    /// The units in which values came.
    pub(crate) fn units(&self) -> impl Iterator<Item = &str> {
        self.series.keys().map(String::as_str)
    }

    /// All that was measured from a moment until before another, in one unit or in any.
    pub(crate) fn pool(&self, unit: Option<&str>, from: Time, to: Time) -> Option<Sample> {
        let wanted = |it: &&String| unit.is_none_or(|unit| unit == it.as_str());
        let series = self.series.iter().filter(|(name, _)| wanted(name));
        let samples = series.flat_map(|(_, samples)| {
            let first = samples.partition_point(|it| it.at < from);
            samples[first..].iter().take_while(|it| it.at < to)
        });
        samples.cloned().reduce(|mut all, it| {
            all.take(&it);
            all
        })
    }

    /// The time of the oldest and of the newest value.
    pub(crate) fn span(&self) -> Option<(Time, Time)> {
        let oldest = self
            .series
            .values()
            .filter_map(|it| it.first())
            .map(|it| it.at);
        let newest = self
            .series
            .values()
            .filter_map(|it| it.last())
            .map(|it| it.at);
        Some((oldest.min()?, newest.max()?))
    }
}

/// Puts what is older than three hours together by the minute, and drops what is older than a day.
fn forget(series: &mut Vec<Sample>, now: Time) {
    let gone = series.partition_point(|it| it.at < now - KEPT);
    series.drain(..gone);
    let old = series.partition_point(|it| it.at < (now - FINE).floor(MINUTE));
    // Only the newest of the old can still be fine: the others were put together before.
    let is_together = |it: &Sample, next: &Sample| it.at.floor(MINUTE) != next.at.floor(MINUTE);
    if series[..old]
        .windows(2)
        .rev()
        .take(60)
        .all(|it| is_together(&it[0], &it[1]))
    {
        return;
    }
    let coarse = series.drain(..old).collect::<Vec<_>>();
    let mut minutes: Vec<Sample> = Vec::new();
    for mut sample in coarse {
        sample.at = sample.at.floor(MINUTE);
        match minutes.last_mut().filter(|it| it.at == sample.at) {
            Some(same) => same.take(&sample),
            None => minutes.push(sample),
        }
    }
    series.splice(..0, minutes);
}

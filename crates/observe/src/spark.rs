//! Metrics as small pictures.

use crate::{Moment, picture::Series};
use std::time::Duration;

const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Averages of a series over equal spans of time that end at `until`, oldest first; a span without
/// data has none.
pub fn buckets(series: &Series, until: Moment, window: Duration, count: usize) -> Vec<Option<f64>> {
    let from = (until - window).0;
    let window = i64::try_from(window.as_millis()).unwrap_or(i64::MAX).max(1);
    let mut sums = vec![(0.0, 0u32); count];
    for point in &series.points {
        let place = (point.at.0 - from) as i128 * count as i128 / i128::from(window);
        let place = usize::try_from(place).ok();
        if let Some(sum) = place.and_then(|it| sums.get_mut(it)) {
            sum.0 += point.value;
            sum.1 += 1;
        }
    }
    let averages = sums.into_iter();
    averages
        .map(|(sum, number)| (number > 0).then(|| sum / f64::from(number)))
        .collect()
}

/// Values as bars of one character, from nothing to `top`; a missing one is a dot.
pub fn sparkline(values: &[Option<f64>], top: f64) -> String {
    let bar = |value: f64| {
        let part = (value / top.max(f64::MIN_POSITIVE)).clamp(0.0, 1.0);
        BARS[((part * 8.0) as usize).min(7)]
    };
    values.iter().map(|it| it.map_or('·', bar)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::{Gauge, Point};

    #[test]
    fn points_fall_into_the_span_they_begin_in_and_a_gap_is_a_dot() {
        let minute = |number: i64, value| Point {
            at: Moment(60_000 * number),
            value,
        };
        let series = Series {
            gauge: Gauge::ServiceCpu,
            of: "sale/shop".into(),
            period: 60,
            points: vec![
                minute(0, 7.0),
                minute(1, 0.0),
                minute(2, 50.0),
                minute(4, 100.0),
            ],
        };
        let until = Moment(5 * 60_000);
        let values = buckets(&series, until, Duration::from_secs(240), 4);
        assert_eq!(values, [Some(0.0), Some(50.0), None, Some(100.0)]);
        assert_eq!(sparkline(&values, 100.0), "▁▅·█");
        assert_eq!(sparkline(&values, 0.0), "▁█·█");
    }
}

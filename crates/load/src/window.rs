use crate::{Metric, Tally, Threshold};
use std::{collections::VecDeque, time::Duration};

/// Watches thresholds over the periods that a load is counted by.
#[derive(Clone, Debug)]
pub struct Watch {
    thresholds: Vec<(Threshold, u64)>,
    every: Duration,
    periods: VecDeque<Tally>,
    seen: u64,
}

impl Watch {
    /// Watches these; a period lasts as long as `every`, which is more than nothing.
    pub fn new(thresholds: &[Threshold], every: Duration) -> Watch {
        Watch {
            thresholds: thresholds.iter().map(|it| (*it, 0)).collect(),
            every,
            periods: VecDeque::new(),
            seen: 0,
        }
    }

    /// How many periods make up a length of time; at least one.
    fn periods(&self, time: Duration) -> u64 {
        let every = self.every.as_nanos().max(1);
        u64::try_from(time.as_nanos().div_ceil(every)).map_or(u64::MAX, |it| it.max(1))
    }

    /// Takes in the next period. Answers the first threshold that ends the load, and its value.
    pub fn period(&mut self, period: &Tally) -> Option<(Threshold, f64)> {
        if self.thresholds.is_empty() {
            return None;
        }
        self.seen += 1;
        self.periods.push_back(period.clone());
        let overs = self.thresholds.iter().map(|it| self.periods(it.0.over));
        let longest = overs.max().unwrap_or(0);
        while self.periods.len() as u64 > longest {
            self.periods.pop_front();
        }
        let mut ended = None;
        let mut thresholds = std::mem::take(&mut self.thresholds);
        for (threshold, held) in &mut thresholds {
            let over = self.periods(threshold.over);
            let value = match self.seen >= over {
                true => {
                    let newest = self.periods.iter().rev();
                    measured(threshold.metric, newest.take(over as usize))
                }
                false => None,
            };
            *held = match value.is_some_and(|it| it > threshold.past) {
                true => *held + 1,
                false => 0,
            };
            // What holds at two looks that are a second apart has held for a second.
            let looks = held
                .checked_sub(1)
                .map(|it| u32::try_from(it).unwrap_or(u32::MAX));
            let lasted = looks.map(|it| self.every.saturating_mul(it));
            if ended.is_none() && lasted.is_some_and(|it| it >= threshold.lasting) {
                ended = value.map(|it| (*threshold, it));
            }
        }
        self.thresholds = thresholds;
        ended
    }
}

/// The value over some periods; nothing if nothing was asked or ended in them.
fn measured<'a>(metric: Metric, periods: impl Iterator<Item = &'a Tally>) -> Option<f64> {
    let mut all = Tally::default();
    for period in periods {
        all.add(period);
    }
    let unsent = all.dropped + all.homeless;
    match metric {
        Metric::Quantile(part) => all.latency().quantile(part).map(|it| it.as_secs_f64()),
        Metric::Errors => (all.done() + unsent > 0).then(|| all.error_rate()),
        Metric::Dropped => (all.asked > 0).then(|| unsent as f64 / all.asked as f64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Endpoint, Fault};

    /// A second with so many answers after a time, and so many faults.
    fn second(answers: u64, milliseconds: u64, faults: u64) -> Tally {
        let mut tally = Tally {
            asked: answers + faults,
            ..Tally::default()
        };
        let address = "127.0.0.1:80".parse().expect("an address");
        let it = tally.endpoints.entry(Endpoint::plain(address)).or_default();
        for _ in 0..answers {
            it.latency.record(Duration::from_millis(milliseconds));
        }
        it.statuses.insert(200, answers);
        it.faults.insert(Fault::Connect, faults);
        tally
    }

    /// The second, from 1, after which a threshold ends a load.
    fn ends(threshold: &str, seconds: impl IntoIterator<Item = Tally>) -> Option<usize> {
        ends_by(threshold, Duration::from_secs(1), seconds)
    }

    fn ends_by(
        threshold: &str,
        every: Duration,
        periods: impl IntoIterator<Item = Tally>,
    ) -> Option<usize> {
        let mut watch = Watch::new(&[threshold.parse().expect("a threshold")], every);
        let ended = periods
            .into_iter()
            .position(|it| watch.period(&it).is_some());
        ended.map(|it| it + 1)
    }

    #[test]
    fn windows_are_lengths_of_time_whatever_is_counted_by() {
        let bad = |count| times(count, second(0, 0, 1));
        let quarter = Duration::from_millis(250);
        assert_eq!(ends_by("errors > 5% over 2s", quarter, bad(40)), Some(8));
        assert_eq!(
            ends_by("errors > 5% over 2s for 1s", quarter, bad(40)),
            Some(12)
        );
        let long = Duration::from_secs(5);
        assert_eq!(
            ends_by("errors > 5% over 2s for 7s", long, bad(40)),
            Some(3)
        );
    }

    fn times(count: usize, tally: Tally) -> impl Iterator<Item = Tally> {
        std::iter::repeat_n(tally, count)
    }

    #[test]
    fn nothing_ends_before_the_window_is_full() {
        assert_eq!(ends("errors > 5%", times(20, second(0, 0, 1))), Some(10));
        assert_eq!(
            ends("errors > 5% over 3s", times(20, second(0, 0, 1))),
            Some(3)
        );
        assert_eq!(ends("p99 > 1s", times(20, second(5, 900, 0))), None);
    }

    #[test]
    fn the_window_slides() {
        // 10 of 100 in the window are bad while the bad second is in it, and never 11.
        let load = || {
            times(15, second(10, 1, 0))
                .chain([second(0, 1, 10)])
                .chain(times(30, second(10, 1, 0)))
        };
        assert_eq!(ends("errors > 9%", load()), Some(16));
        assert_eq!(ends("errors > 10%", load()), None);
        // It has held for nine seconds when it leaves the window.
        assert_eq!(ends("errors > 9% for 9s", load()), Some(25));
        assert_eq!(ends("errors > 9% for 10s", load()), None);
    }

    #[test]
    fn a_break_begins_it_anew() {
        let slow = || times(5, second(1, 3000, 0));
        let load = slow().chain([second(1, 1, 0)]).chain(slow()).chain(slow());
        assert_eq!(ends("p99 > 2s over 1s for 5s", load), Some(12));
    }

    #[test]
    fn what_was_not_sent_counts() {
        let dropping = Tally {
            asked: 10,
            dropped: 1,
            ..Tally::default()
        };
        assert_eq!(ends("dropped > 9% over 1s", [dropping.clone()]), Some(1));
        assert_eq!(ends("dropped > 10% over 1s", [dropping.clone()]), None);
        assert_eq!(ends("errors > 99% over 1s", [dropping]), Some(1));
    }

    #[test]
    fn seconds_without_requests_hold_nothing() {
        let load = [second(0, 0, 1)]
            .into_iter()
            .chain(times(5, Tally::default()));
        assert_eq!(ends("errors > 5% over 1s for 1s", load), None);
    }
}

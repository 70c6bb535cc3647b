use crate::{Metric, Tally, Threshold};
use std::{collections::VecDeque, time::Duration};

/// Watches thresholds over the seconds of a load.
#[derive(Clone, Debug)]
pub struct Watch {
    thresholds: Vec<(Threshold, u64)>,
    seconds: VecDeque<Tally>,
    seen: u64,
}

impl Watch {
    /// Watches these.
    pub fn new(thresholds: &[Threshold]) -> Watch {
        Watch {
            thresholds: thresholds.iter().map(|it| (*it, 0)).collect(),
            seconds: VecDeque::new(),
            seen: 0,
        }
    }

    /// Takes in the next second. Answers the first threshold that ends the load, and its value.
    pub fn second(&mut self, second: &Tally) -> Option<(Threshold, f64)> {
        if self.thresholds.is_empty() {
            return None;
        }
        self.seen += 1;
        self.seconds.push_back(second.clone());
        let longest = self.thresholds.iter().map(|it| it.0.over.as_secs()).max();
        while self.seconds.len() as u64 > longest.unwrap_or(0) {
            self.seconds.pop_front();
        }
        let mut ended = None;
        for (threshold, held) in &mut self.thresholds {
            let over = threshold.over.as_secs();
            let value = match self.seen >= over {
                true => measured(
                    threshold.metric,
                    self.seconds.iter().rev().take(over as usize),
                ),
                false => None,
            };
            *held = match value.is_some_and(|it| it > threshold.past) {
                true => *held + 1,
                false => 0,
            };
            // What holds at two looks that are a second apart has held for a second.
            let lasted = held.checked_sub(1).map(Duration::from_secs);
            if ended.is_none() && lasted.is_some_and(|it| it >= threshold.lasting) {
                ended = value.map(|it| (*threshold, it));
            }
        }
        ended
    }
}

/// The value over some seconds; nothing if nothing was asked or ended in them.
fn measured<'a>(metric: Metric, seconds: impl Iterator<Item = &'a Tally>) -> Option<f64> {
    let mut all = Tally::default();
    for second in seconds {
        all.add(second);
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
        let mut watch = Watch::new(&[threshold.parse().expect("a threshold")]);
        let ended = seconds
            .into_iter()
            .position(|it| watch.second(&it).is_some());
        ended.map(|it| it + 1)
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

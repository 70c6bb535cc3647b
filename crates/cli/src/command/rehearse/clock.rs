//! One clock: seconds since the load began, for what is counted here and for what AWS tells.

use setpoint_observe::Moment;
use std::time::Duration;
use tokio::time::Instant;

/// AWS's clock, as it was seen once, and the load's beginning on it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    begins: Instant,
    /// The beginning by AWS's clock.
    pub(super) began: Moment,
    /// How many times as fast as ours AWS's clock is.
    pub(super) speed: f64,
}

impl Clock {
    /// A clock on which the load begins at `begins`, where AWS's showed `moment` at `seen`.
    pub(super) fn new(speed: f64, seen: Instant, moment: Moment, begins: Instant) -> Clock {
        let ahead = begins.saturating_duration_since(seen);
        Clock {
            begins,
            began: moment + ahead.mul_f64(speed),
            speed,
        }
    }

    /// Seconds since the beginning, now.
    pub(super) fn now(&self) -> f64 {
        self.at(Instant::now())
    }

    /// Seconds since the beginning at a time of ours; none before it.
    pub(super) fn at(&self, time: Instant) -> f64 {
        time.saturating_duration_since(self.begins).as_secs_f64() * self.speed
    }

    /// Seconds since the beginning at a moment of AWS's; negative before it.
    pub(super) fn of(&self, moment: Moment) -> f64 {
        (moment.0 - self.began.0) as f64 / 1000.0
    }

    /// How long we wait for so much of AWS's time to pass.
    pub(super) fn ours(&self, time: Duration) -> Duration {
        time.div_f64(self.speed)
    }

    /// How much of AWS's time passes meanwhile.
    pub(super) fn theirs(&self, time: Duration) -> Duration {
        time.mul_f64(self.speed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_clocks_tell_the_same() {
        let seen = Instant::now();
        let begins = seen + Duration::from_secs(2);
        let clock = Clock::new(30.0, seen, Moment(1_000_000), begins);
        assert_eq!(clock.began, Moment(1_060_000));
        assert_eq!(clock.at(begins + Duration::from_secs(1)), 30.0);
        assert_eq!(clock.of(Moment(1_090_000)), 30.0);
        assert_eq!(clock.of(Moment(1_059_000)), -1.0);
        assert_eq!(clock.at(seen), 0.0);
        assert_eq!(clock.ours(Duration::from_secs(60)), Duration::from_secs(2));
        assert_eq!(
            clock.theirs(Duration::from_secs(2)),
            Duration::from_secs(60)
        );
    }
}

use crate::{Stage, replay::Row};
use std::time::Duration;

/// When each request is due: a pure function of its number.
///
/// With r(t) the rate at the time t, request n (from 0) is due when the integral of r from the beginning
/// reaches n. So the first is due at once where the rate is not zero, a rate of 50 gives 0 s, 0.02 s,
/// 0.04 s and so on, and what a stage leaves over is carried into the next one.
#[derive(Clone, Debug, PartialEq)]
pub struct Schedule {
    pieces: Vec<Piece>,
    lasts: Duration,
    requests: f64,
}

/// A stage, and where it begins.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Piece {
    /// Seconds before it.
    after: f64,
    /// Requests before it, not rounded.
    before: f64,
    /// Seconds that it lasts.
    lasts: f64,
    from: f64,
    to: f64,
}

impl Schedule {
    /// The schedule of stages that follow one another.
    pub fn of(stages: &[Stage]) -> Schedule {
        let (mut after, mut before) = (Duration::ZERO, 0.0);
        let mut pieces = Vec::with_capacity(stages.len());
        for stage in stages {
            pieces.push(Piece {
                after: after.as_secs_f64(),
                before,
                lasts: stage.lasts.as_secs_f64(),
                from: stage.from,
                to: stage.to,
            });
            after += stage.lasts;
            before += stage.requests();
        }
        Schedule {
            pieces,
            lasts: after,
            requests: before,
        }
    }

    /// The schedule of a recording; see [`crate::replay()`].
    pub(crate) fn recorded(rows: &[Row]) -> Schedule {
        let stages = rows.iter().map(|row| Stage {
            lasts: row.lasts,
            from: row.rate,
            to: row.rate,
        });
        Schedule::of(&stages.collect::<Vec<Stage>>())
    }

    /// The same rates, each for so many times less long; a finite number above 0.
    pub fn hastened(&self, times: f64) -> Schedule {
        let stages = self.pieces.iter().map(|it| Stage {
            lasts: Duration::from_secs_f64(it.lasts / times),
            from: it.from,
            to: it.to,
        });
        Schedule::of(&stages.collect::<Vec<Stage>>())
    }

    /// Its stages, each with when it begins.
    pub fn stages(&self) -> impl Iterator<Item = (Duration, Stage)> {
        self.pieces.iter().map(|it| {
            let stage = Stage {
                lasts: Duration::from_secs_f64(it.lasts),
                from: it.from,
                to: it.to,
            };
            (Duration::from_secs_f64(it.after), stage)
        })
    }

    /// How long it lasts.
    pub fn lasts(&self) -> Duration {
        self.lasts
    }

    /// How many requests it has.
    pub fn requests(&self) -> u64 {
        // A whole number that arithmetic has left a hair above itself is that number.
        (self.requests - 1e-6).ceil().max(0.0) as u64
    }

    /// When request `number` is due, since the beginning; past the last one, the end.
    pub fn due(&self, number: u64) -> Duration {
        if number >= self.requests() {
            return self.lasts;
        }
        let number = number as f64;
        let index = self
            .pieces
            .partition_point(|it| it.before + it.requests() <= number);
        let Some(piece) = self.pieces.get(index) else {
            return self.lasts;
        };
        let seconds = piece.after + piece.when(number - piece.before);
        Duration::from_secs_f64(seconds.clamp(0.0, self.lasts.as_secs_f64()))
    }

    /// Requests a second at a time since the beginning; after the end none.
    pub fn rate(&self, time: Duration) -> f64 {
        let seconds = time.as_secs_f64();
        let index = self
            .pieces
            .partition_point(|it| it.after + it.lasts <= seconds);
        let piece = self.pieces.get(index);
        piece.map_or(0.0, |it| {
            it.from + (it.to - it.from) * (seconds - it.after) / it.lasts
        })
    }

    /// The most requests a second that it ever asks for.
    pub fn peak(&self) -> f64 {
        self.pieces
            .iter()
            .map(|it| it.from.max(it.to))
            .fold(0.0, f64::max)
    }

    /// How many requests are due before a time since the beginning.
    pub fn due_before(&self, time: Duration) -> u64 {
        // The first that is due then or later.
        let (mut low, mut high) = (0, self.requests());
        while low < high {
            let middle = low + (high - low) / 2;
            match self.due(middle) < time {
                true => low = middle + 1,
                false => high = middle,
            }
        }
        low
    }
}

impl Piece {
    fn requests(&self) -> f64 {
        (self.from + self.to) / 2.0 * self.lasts
    }

    /// Seconds until so many requests of its own are due: t of `from·t + slope·t²/2 = requests`, in the
    /// form that loses no digits where the slope is small or negative.
    fn when(&self, requests: f64) -> f64 {
        let requests = requests.max(0.0);
        if requests == 0.0 && self.from == 0.0 {
            return 0.0;
        }
        let slope = (self.to - self.from) / self.lasts;
        let root = (self.from * self.from + 2.0 * slope * requests)
            .max(0.0)
            .sqrt();
        (2.0 * requests / (self.from + root)).min(self.lasts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn schedule(stages: &[&str]) -> Schedule {
        let stages = stages.iter().map(|it| it.parse().expect("a stage"));
        Schedule::of(&stages.collect::<Vec<Stage>>())
    }

    #[test]
    fn a_constant_rate_is_evenly_spaced() {
        let schedule = schedule(&["2m@50rps"]);
        assert_eq!(schedule.requests(), 6000);
        for number in 0..6000 {
            assert_eq!(schedule.due(number), Duration::from_millis(20 * number));
        }
        assert_eq!(schedule.due(6000), Duration::from_secs(120));
        assert_eq!(schedule.due(u64::MAX), Duration::from_secs(120));
    }

    #[test]
    fn the_issues_schedule_has_as_many_requests_as_its_areas() {
        let schedule = schedule(&["2m@50rps", "5m@50..800rps", "10m@800rps"]);
        assert_eq!(schedule.requests(), 6000 + 127_500 + 480_000);
        assert_eq!(schedule.lasts(), Duration::from_secs(17 * 60));
        assert_eq!(schedule.due(6000), Duration::from_secs(120));
        assert_eq!(schedule.due(6000 + 127_500), Duration::from_secs(420));
        assert_eq!(schedule.rate(Duration::from_secs(270)), 425.0);
        assert_eq!(schedule.rate(Duration::from_secs(2000)), 0.0);
        assert_eq!(schedule.due_before(Duration::from_secs(420)), 133_500);
    }

    #[test]
    fn a_pause_holds_what_is_left_over_and_sends_nothing() {
        let schedule = schedule(&["1s@1.5rps", "10s@0rps", "1s@1rps"]);
        let due: Vec<u128> = (0..3).map(|it| schedule.due(it).as_millis()).collect();
        // One and a half requests before the pause: the third is due half a request after it.
        assert_eq!((schedule.requests(), due), (3, vec![0, 666, 11_500]));
    }

    #[test]
    fn a_hastened_schedule_has_the_same_rates_for_less_long() {
        let hastened = schedule(&["2m@50rps", "5m@50..800rps"]).hastened(60.0);
        assert_eq!(hastened.lasts(), Duration::from_secs(7));
        assert_eq!(hastened.requests(), (6000 + 127_500) / 60);
        assert_eq!(hastened.rate(Duration::from_millis(4500)), 425.0);
    }

    #[test]
    fn an_empty_schedule_has_nothing() {
        let nothing = Schedule::of(&[]);
        assert_eq!((nothing.requests(), nothing.due(0)), (0, Duration::ZERO));
        assert_eq!(schedule(&["1h@0rps"]).requests(), 0);
    }

    fn stages() -> impl Strategy<Value = Vec<Stage>> {
        let rate = prop_oneof![Just(0.0), 0.1..20.0, 100.0..5000.0];
        let stage = (1u64..5000, rate.clone(), rate).prop_map(|(lasts, from, to)| Stage {
            lasts: Duration::from_millis(lasts),
            from,
            to,
        });
        prop::collection::vec(stage, 1..6)
    }

    proptest! {
        #[test]
        fn the_rate_summed_up_to_where_a_request_is_due_is_its_number(stages in stages(), part in 0.0..1.0) {
            let schedule = Schedule::of(&stages);
            let requests = schedule.requests();
            prop_assume!(requests > 1);
            let number = (part * (requests - 1) as f64) as u64;
            let due = schedule.due(number).as_secs_f64();
            // The area under the rate, in another way than the schedule finds it.
            let mut area = 0.0;
            let mut begins = 0.0;
            for stage in &stages {
                let lasts = stage.lasts.as_secs_f64();
                let inside = (due - begins).clamp(0.0, lasts);
                let there = stage.from + (stage.to - stage.from) * inside / lasts;
                area += (stage.from + there) / 2.0 * inside;
                begins += lasts;
            }
            // A nanosecond at the highest rate.
            prop_assert!((area - number as f64).abs() < 1e-3, "{area} is not {number}");
        }

        #[test]
        fn requests_are_due_in_their_order(stages in stages()) {
            let schedule = Schedule::of(&stages);
            let mut before = Duration::ZERO;
            for number in 0..schedule.requests() {
                let due = schedule.due(number);
                prop_assert!(before <= due && due <= schedule.lasts());
                before = due;
            }
        }
    }
}

use std::{fmt, str::FromStr};

/// One of several equal parts of a schedule, such as `2/4`. All of them together are exactly the whole:
/// part i of n has the requests i - 1, n + i - 1, 2n + i - 1 and so on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    part: u32,
    of: u32,
}

impl Share {
    /// The whole.
    pub const WHOLE: Share = Share { part: 1, of: 1 };

    /// The part `part` (from 1) of `of`; nothing if there is none such, or `of` is past 10,000.
    pub fn new(part: u32, of: u32) -> Option<Share> {
        (1 <= part && part <= of && of <= 10_000).then_some(Share { part, of })
    }

    /// Which part, from 1.
    pub fn part(&self) -> u32 {
        self.part
    }

    /// Of how many.
    pub fn of(&self) -> u32 {
        self.of
    }

    /// One of the `of` parts of this part, from 0.
    pub(crate) fn again(&self, part: u32, of: u32) -> Stride {
        let whole = u64::from(self.of);
        Stride {
            first: u64::from(self.part - 1) + whole * u64::from(part),
            step: whole * u64::from(of),
        }
    }

    /// How many of `count` requests fall to this part.
    pub fn count(&self, count: u64) -> u64 {
        self.again(0, 1).count(count)
    }

    /// How many of some workers fall to this part.
    pub fn workers(&self, workers: u32) -> u32 {
        // Never more than there were.
        self.count(u64::from(workers)) as u32
    }
}

/// Every `step`-th request from `first` on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stride {
    pub(crate) first: u64,
    pub(crate) step: u64,
}

impl Stride {
    /// How many of the first `count` requests are in it.
    pub(crate) fn count(&self, count: u64) -> u64 {
        count.saturating_sub(self.first).div_ceil(self.step)
    }

    /// The request that is the `index`-th of it.
    pub(crate) fn at(&self, index: u64) -> u64 {
        self.first.saturating_add(self.step.saturating_mul(index))
    }
}

impl fmt::Display for Share {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.part, self.of)
    }
}

impl FromStr for Share {
    type Err = String;

    fn from_str(text: &str) -> Result<Share, String> {
        let share = text.split_once('/').and_then(|(part, of)| {
            let (part, of) = (part.trim().parse().ok()?, of.trim().parse().ok()?);
            Share::new(part, of)
        });
        share.ok_or_else(|| format!("`{text}` is no share; write the second of four as 2/4"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_shares_together_are_exactly_the_whole() {
        for of in 1..=7 {
            for threads in 1..=3 {
                let mut all = Vec::new();
                for part in 1..=of {
                    let share = Share::new(part, of).expect("a part");
                    let mut of_share = 0;
                    for thread in 0..threads {
                        let stride = share.again(thread, threads);
                        let mine: Vec<u64> =
                            (0..stride.count(100)).map(|it| stride.at(it)).collect();
                        assert!(stride.at(stride.count(100)) >= 100);
                        of_share += mine.len() as u64;
                        all.extend(mine);
                    }
                    assert_eq!(of_share, share.count(100));
                }
                all.sort_unstable();
                assert_eq!(
                    all,
                    (0..100).collect::<Vec<u64>>(),
                    "{of} shares, {threads} threads"
                );
            }
        }
    }

    #[test]
    fn what_is_no_share_is_refused() {
        for text in ["", "0/4", "5/4", "1", "1/0", "a/b", "1/99999", "-1/2"] {
            assert!(text.parse::<Share>().is_err(), "{text}");
        }
        assert_eq!(
            "2/4".parse::<Share>().map(|it| it.to_string()),
            Ok("2/4".into())
        );
    }
}

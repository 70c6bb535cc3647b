//! Identifiers in AWS's forms, the same in every run of one seed.

use serde::{Deserialize, Serialize};

/// Where identifiers and chance come from.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Ids {
    state: u64,
}

impl Ids {
    /// A source that gives the same things for the same seed.
    pub fn new(seed: u64) -> Ids {
        Ids { state: seed }
    }

    /// The next number, by splitmix64.
    pub fn number(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`, which is not zero.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.number() % bound
    }

    /// Lower-case hexadecimal digits.
    pub fn hex(&mut self, digits: usize) -> String {
        let mut text = String::with_capacity(digits + 16);
        while text.len() < digits {
            text.push_str(&format!("{:016x}", self.number()));
        }
        text.truncate(digits);
        text
    }

    /// An EC2 identifier: `i-0` and sixteen digits more, by its prefix `i`.
    pub fn ec2(&mut self, prefix: &str) -> String {
        format!("{prefix}-0{}", self.hex(16))
    }

    /// A UUID of version 4.
    pub fn uuid(&mut self) -> String {
        let hex = self.hex(32);
        format!(
            "{}-{}-4{}-a{}-{}",
            &hex[..8],
            &hex[8..12],
            &hex[13..16],
            &hex[17..20],
            &hex[20..]
        )
    }

    /// Twenty-one characters as in IAM's unique ids, by their prefix, such as `AROA`.
    pub fn iam(&mut self, prefix: &str) -> String {
        const DIGITS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let mut text = prefix.to_owned();
        while text.len() < 21 {
            text.push(char::from(DIGITS[self.below(32) as usize]));
        }
        text
    }
}

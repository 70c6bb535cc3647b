//! Stacks made up at random: graphs of parts.

use crate::toys::*;
use proptest::{prelude::*, sample::subsequence};
use setpoint_core::Desired;

/// Keeps no file of past failures: what fails becomes a test.
pub(crate) fn cases() -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

const NAMES: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

/// Some of six parts, each linking to some of those before it, in an order of its own: what links
/// to what has nothing to do with how they are called.
pub(crate) fn stack() -> impl Strategy<Value = Desired> {
    let names = subsequence(&NAMES[..], 0..=NAMES.len()).prop_shuffle();
    let looks = prop::collection::vec(
        (any::<u8>(), 0u32..3, 0u32..2, prop::option::of(0u32..2)),
        NAMES.len(),
    );
    (names, looks).prop_map(|(names, looks)| {
        let mut stack = Desired::default();
        for (place, (name, (links, version, note, shade))) in names.iter().zip(looks).enumerate() {
            let is_linked = |place: &usize| links & 1 << place != 0;
            let uses: Vec<&str> = (0..place).filter(is_linked).map(|it| names[it]).collect();
            let part = Part {
                version,
                note,
                shade,
                ..part(&uses)
            };
            stack.insert(name, part);
        }
        stack
    })
}

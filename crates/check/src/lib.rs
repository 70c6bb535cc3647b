//! What is wrong with a stack that AWS would take, found before the first call.
//!
//! Each check is a function of the stack's text in a file of its own, with a code that never
//! changes, a page that explains it, and a good and a bad example that are its test. What is absent
//! here: the AWS SDK, anything asynchronous, and any reading of files.

mod allow;
mod checks;
mod codes;
mod dockerfile;
mod instance_types;
mod lifecycle;
mod near;
pub mod preflight;
mod system;

pub use codes::{Explained, explain, explained};
pub use dockerfile::dockerfile;
pub use lifecycle::StoredImage;

use setpoint_spec::{Code, Problem, Source, Span};
use system::System;

/// Every problem of a stack that could be read, in the order of their places, without those that a
/// comment in it allows.
pub fn check(source: &Source) -> Vec<Problem> {
    let system = System::of(source);
    let mut problems = Vec::new();
    for check in checks::ALL {
        (check.run)(&system, &mut problems);
    }
    allow::filter(source, &mut problems);
    problems.sort();
    problems.dedup();
    problems
}

/// What checks find in a stack of which something could not be read, beside what is told already.
///
/// An item that could not be read is not looked at, and neither is what only the whole stack tells.
/// A name that leads nowhere keeps nothing from being read.
pub fn check_besides(source: &Source, told: &[Problem]) -> Vec<Problem> {
    let is_link = |it: &&Problem| [Code::DANGLING, Code::CIRCLE].contains(&it.code);
    let unread: Vec<Span> = told
        .iter()
        .filter(|it| !is_link(it))
        .map(|it| source.item_around(&it.span))
        .collect();
    let mut problems = check(source);
    problems.retain(|it| {
        let is_of_the_whole = [checks::UNUSED, Code::ALLOWANCE].contains(&it.code);
        let is_unread = unread.iter().any(|part| part.holds(&it.span));
        !is_unread && (unread.is_empty() || !is_of_the_whole)
    });
    problems
}

//! What is wrong with a stack that AWS would take, found before the first call.
//!
//! Each check is a function of the stack's text in a file of its own, with a code that never
//! changes, a page that explains it, and a good and a bad example that are its test. What is absent
//! here: the AWS SDK, anything asynchronous, and any reading of files.

mod allow;
mod checks;
mod codes;
mod instance_types;
mod near;
mod system;

pub use codes::{Explained, explain, explained};

use setpoint_spec::{Problem, Source};
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

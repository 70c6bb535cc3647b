//! A rehearsal of a sale as data: what was seen, whether it held, and the report.
//!
//! A [`Line`] is one thing that was seen, and a [`Recording`] all of them, on one clock: seconds since the
//! load began. [`verdict()`] judges a recording and is a pure function; [`report()`] makes one HTML file of
//! both. What is absent: load, AWS, clocks, and any other file than the recording.

mod cause;
mod limits;
mod mark;
mod recording;
mod report;
mod sample;
mod verdict;

pub use cause::{Cause, causes};
pub use limits::{About, Limits};
pub use mark::{Mark, MarkKind};
pub use recording::{Line, Recording, RecordingError, Writer};
pub use report::report;
pub use sample::{OfEndpoint, Sample, Tasks};
pub use verdict::{Break, Verdict, seconds, shown, verdict};

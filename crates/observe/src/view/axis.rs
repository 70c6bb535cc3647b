//! The time axis that everything is over: a column for each span of time, the newest at the right.

use crate::Moment;
use std::time::Duration;

/// Columns of time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Axis {
    until: Moment,
    window: Duration,
    columns: usize,
}

impl Axis {
    pub(super) fn new(until: Moment, window: Duration, columns: usize) -> Axis {
        Axis {
            until,
            window,
            columns: columns.max(1),
        }
    }

    pub(super) fn until(&self) -> Moment {
        self.until
    }

    pub(super) fn window(&self) -> Duration {
        self.window
    }

    pub(super) fn columns(&self) -> usize {
        self.columns
    }

    /// How long a column is.
    pub(super) fn span(&self) -> Duration {
        self.window.div_f64(self.columns as f64)
    }

    /// The end of each column.
    pub(super) fn ends(&self) -> impl Iterator<Item = Moment> {
        let (until, span, columns) = (self.until, self.span(), self.columns);
        (1..=columns).map(move |it| until - span.mul_f64((columns - it) as f64))
    }
}

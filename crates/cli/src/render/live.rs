//! The lines at the bottom of a terminal that are drawn again and again.

use indicatif::{MultiProgress, ProgressDrawTarget};
use std::{
    io::{self, IsTerminal},
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Those that are there now: a terminal has one bottom.
static NOW: Mutex<Option<MultiProgress>> = Mutex::new(None);

fn now() -> MutexGuard<'static, Option<MultiProgress>> {
    NOW.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Begins live lines, if standard error is a terminal on which they can be.
pub(super) fn begin() -> Option<MultiProgress> {
    let is_set = |name| std::env::var_os(name).is_some_and(|it| !it.is_empty());
    let is_live = io::stderr().is_terminal() && !is_set("CI") && !is_set("NO_COLOR");
    let live = is_live.then(|| MultiProgress::with_draw_target(ProgressDrawTarget::stderr()));
    now().clone_from(&live);
    live
}

/// Ends them.
pub(super) fn end() {
    *now() = None;
}

/// Whether there are any.
pub(super) fn are_there() -> bool {
    now().is_some()
}

/// Does what writes to the terminal, above the live lines if there are any.
pub(super) fn above(write: impl FnOnce()) {
    let live = now().clone();
    match live {
        Some(live) => live.suspend(write),
        None => write(),
    }
}

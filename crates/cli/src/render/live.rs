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

/// How many columns the terminal has.
pub(super) fn columns() -> usize {
    let size = crossterm::terminal::size();
    size.map_or(80, |(columns, _)| usize::from(columns).max(40))
}

/// A text in lines of so many columns, broken between words where that can be.
pub(super) fn broken(text: &str, columns: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last_mut().expect("there is one always");
        let width = line.chars().count() + 1 + word.chars().count();
        if line.is_empty() {
            *line = word.to_owned();
        } else if width <= columns {
            *line += &format!(" {word}");
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_between_words_and_nothing_is_lost() {
        let text = "policy cpu-target-tracking set the desired count to 3";
        let lines = broken(text, 26);
        assert_eq!(
            lines,
            ["policy cpu-target-tracking", "set the desired count to 3"]
        );
        assert_eq!(broken(text, 5).join(" "), text);
        assert_eq!(broken("", 5), [""]);
    }
}

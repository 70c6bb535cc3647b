//! What is said while images are made, beside the lines of what is under way.

use super::{paint::Paint, words};
use indicatif::MultiProgress;
use setpoint_image::{Said, Tell};
use std::{
    io,
    sync::{Arc, Mutex, PoisonError},
};

/// Tells what builders say and how far pushes are. Clones are the same one.
#[derive(Clone, Default)]
pub(crate) struct Narrator {
    live: Arc<Mutex<Option<MultiProgress>>>,
}

impl Narrator {
    /// Writes above the lines of `live` from now on.
    pub(crate) fn above(&self, live: &MultiProgress) {
        *self.lock() = Some(live.clone());
    }

    /// What hears of images.
    pub(crate) fn tell(&self) -> Tell {
        let narrator = self.clone();
        Arc::new(move |image, said| narrator.told(image, said))
    }

    fn told(&self, image: &str, said: Said) {
        let text = match said {
            Said::Line(line) => line,
            Said::Pushed(sent, total) => format!("pushed {} of {}", bytes(sent), bytes(total)),
        };
        let paint = Paint::of(&io::stderr());
        let text = format!(
            "  {} {}",
            paint.faint(&format!("{image} │")),
            printable(&text)
        );
        match &*self.lock() {
            // Nothing can be done about a closed terminal.
            Some(live) => drop(live.println(text)),
            None => words(&format!("{text}\n")),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<MultiProgress>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A builder's line without what would move the cursor.
fn printable(line: &str) -> String {
    let line = line.rsplit('\r').next().unwrap_or(line);
    line.chars()
        .filter(|it| !it.is_control() || *it == '\t')
        .collect()
}

/// Bytes as a reader says them.
pub(super) fn bytes(count: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    match UNITS.iter().find(|it| count >= it.0) {
        Some((unit, name)) => format!("{:.1} {name}", count as f64 / *unit as f64),
        None => format!("{count} B"),
    }
}

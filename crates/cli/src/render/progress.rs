//! What happens while a plan is carried out: a live region on a terminal, appended lines elsewhere.

use super::{live, paint::Paint, plan::summary, words};
use crate::failure::hint_of;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use setpoint_core::{Action, Address, ChangeError, Event, EventKind, Plan, Report};
use std::{
    collections::BTreeMap,
    io,
    time::{Duration, Instant},
};

/// Tells of events as they happen.
pub(crate) struct Progress {
    paint: Paint,
    /// The lines of what is under way, on a terminal.
    live: Option<MultiProgress>,
    running: BTreeMap<Address, Running>,
    summary: String,
    begun: Instant,
}

struct Running {
    action: Action,
    since: Instant,
    bar: Option<ProgressBar>,
}

impl Progress {
    /// Begins to tell of a plan.
    pub(crate) fn new(plan: &Plan, narrator: &super::Narrator) -> Progress {
        let live = live::begin();
        if let Some(live) = &live {
            narrator.above(live);
        }
        Progress {
            paint: Paint::of(&io::stderr()),
            live,
            running: BTreeMap::new(),
            summary: summary(plan),
            begun: Instant::now(),
        }
    }

    /// Tells of one event.
    pub(crate) fn tell(&mut self, event: &Event) {
        let address = &event.address;
        match &event.kind {
            EventKind::Started(action) => self.started(address, *action),
            EventKind::Waiting(text) => {
                let bar = self.running.get(address).and_then(|it| it.bar.as_ref());
                match bar {
                    Some(bar) => bar.set_message(format!("{address}: waits for {text}")),
                    None => self.line(&format!("  {address}: waits for {text}")),
                }
            }
            EventKind::Done => {
                let Some(running) = self.ended(address) else {
                    return;
                };
                let word = match running.action {
                    Action::Create => "created",
                    Action::Update => "updated",
                    Action::Adopt => "adopted",
                    Action::Delete => "deleted",
                    Action::Await => "settled",
                };
                let time = seconds(running.since.elapsed());
                let mark = self.paint.good("✓");
                self.line(&format!("{mark} {address}: {word} in {time}"));
            }
            EventKind::Failed(text) => {
                self.ended(address);
                let mark = self.paint.bad("✗");
                self.line(&format!("{mark} {address}: {text}"));
            }
            EventKind::Skipped { because } => {
                let mark = self.paint.faint("·");
                self.line(&format!(
                    "{mark} {address}: not begun, because of {because}"
                ));
            }
        }
    }

    fn started(&mut self, address: &Address, action: Action) {
        let word = match action {
            Action::Create => "creating",
            Action::Update => "updating",
            Action::Adopt => "adopting",
            Action::Delete => "deleting",
            Action::Await => "waiting",
        };
        let bar = self.live.as_ref().map(|live| {
            let style = ProgressStyle::with_template("{spinner} {wide_msg} {elapsed}");
            let bar = ProgressBar::new_spinner();
            if let Ok(style) = style {
                bar.set_style(style);
            }
            let bar = live.add(bar);
            bar.set_message(format!("{address}: {word}"));
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        if bar.is_none() {
            self.line(&format!("  {address}: {word}"));
        }
        let since = Instant::now();
        let running = Running { action, since, bar };
        self.running.insert(address.clone(), running);
    }

    fn ended(&mut self, address: &Address) -> Option<Running> {
        let running = self.running.remove(address)?;
        if let Some(bar) = &running.bar {
            bar.finish_and_clear();
        }
        Some(running)
    }

    fn line(&self, text: &str) {
        match &self.live {
            // Nothing can be done about a closed terminal.
            Some(live) => drop(live.println(text)),
            None => words(&format!("{text}\n")),
        }
    }

    /// Tells what is left, and sums up what became of the plan.
    pub(crate) fn end(&mut self, report: &Report) -> String {
        for running in std::mem::take(&mut self.running).into_values() {
            if let Some(bar) = running.bar {
                bar.finish_and_clear();
            }
        }
        live::end();
        if self.live.is_some() {
            // The live region leaves the cursor at the end of its last line.
            words("\n");
        }
        let mut text = String::new();
        for (address, state) in &report.unsettled {
            text += &format!("  {address}: {state}\n");
        }
        if !report.unsettled.is_empty() {
            text = format!("\nNot waited for:\n{text}");
        }
        if !report.failed.is_empty() {
            text += "\nFailed:\n";
        }
        for (address, err) in &report.failed {
            text += &format!("  {address}: {}\n", told(err));
            if let ChangeError::Adapter(err) = err
                && let Some(hint) = hint_of(err)
            {
                text += &format!("    {hint}\n");
            }
        }
        for address in &report.left {
            text += &format!("  {address}: not begun\n");
        }
        words(&text);
        let counts = [
            (report.done.len(), "done"),
            (report.unsettled.len(), "not waited for"),
            (report.failed.len(), "failed"),
            (report.skipped.len() + report.left.len(), "not begun"),
        ];
        let counts = counts.iter().filter(|it| it.0 > 0);
        let counts: Vec<String> = counts
            .map(|(count, word)| format!("{count} {word}"))
            .collect();
        let time = seconds(self.begun.elapsed());
        let again = match report.is_success() {
            true => "",
            false => " Run it again to finish what is left.",
        };
        let plan = &self.summary;
        format!("{plan} {} in {time}.{again}\n", counts.join(", "))
    }
}

fn told(err: &ChangeError) -> String {
    match err {
        ChangeError::Adapter(err) => crate::failure::told(err),
        err => err.to_string(),
    }
}

fn seconds(time: Duration) -> String {
    match time.as_secs() {
        0..10 => format!("{:.1} s", time.as_secs_f64()),
        seconds @ 10..60 => format!("{seconds} s"),
        seconds => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

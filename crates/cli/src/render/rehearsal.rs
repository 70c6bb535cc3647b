//! The story of a rehearsal while it goes on, and how it ended.

use super::{live, paint::Paint, raw, words};
use crate::failure::Failure;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use serde_json::json;
use setpoint_rehearsal::{About, Line, Mark, MarkKind, Recording, Sample, Verdict, seconds, shown};
use std::{collections::VecDeque, io, path::Path};

/// How many seconds of the rehearsal there are between two lines about how it is: under load, and after it.
const EVERY: f64 = 30.0;
const EVERY_AFTER: f64 = 300.0;

/// Tells of a rehearsal as it goes on: marks as lines, and how it is as a live line, or every half a minute.
pub(crate) struct Story {
    paint: Paint,
    live: Option<(MultiProgress, ProgressBar)>,
    /// What AWS showed last.
    now: Sample,
    /// What was counted since it was told; on a terminal, where it is told always, in the last half minute.
    counted: VecDeque<Sample>,
    is_loaded: bool,
    told: f64,
}

impl Story {
    /// Begins to tell.
    pub(crate) fn new(about: &About) -> Story {
        let live = live::begin().map(|live| {
            let bar = live.add(ProgressBar::new_spinner());
            if let Ok(style) = ProgressStyle::with_template("{wide_msg}") {
                bar.set_style(style);
            }
            (live, bar)
        });
        let paint = Paint::of(&io::stderr());
        let speed = match about.speed {
            1.0 => String::new(),
            speed => format!(", on a clock {speed} times as fast as ours"),
        };
        let title = format!("Rehearsal of {}: {}{speed}", about.service, about.load);
        let story = Story {
            paint,
            live,
            now: Sample::default(),
            counted: VecDeque::new(),
            is_loaded: true,
            told: 0.0,
        };
        let title = story.fitted(&title, 2, |it| story.paint.strong(it));
        story.line(&title);
        story
    }

    /// Tells a line of the recording.
    pub(crate) fn tell(&mut self, line: &Line) {
        match line {
            Line::Mark(mark) => {
                let text = self.mark(mark);
                self.line(&text);
            }
            Line::Sample(sample) => self.sample(sample),
            Line::About(_) | Line::Verdict(_) => {}
        }
    }

    /// Nothing is asked any more.
    pub(crate) fn unloaded(&mut self) {
        self.is_loaded = false;
    }

    /// Says something that is not recorded.
    pub(crate) fn aside(&mut self, text: &str) {
        let text = self.paint.change(text);
        self.line(&format!("       {text}"));
    }

    /// Ends the telling.
    pub(crate) fn end(&mut self) {
        if let Some((_, bar)) = self.live.take() {
            bar.finish_and_clear();
            live::end();
        }
    }

    fn line(&self, text: &str) {
        match &self.live {
            // Nothing can be done about a closed terminal.
            Some((live, _)) => drop(live.println(text)),
            None => words(&format!("{text}\n")),
        }
    }

    /// A painted text that begins at some column; on a terminal, its further lines do, too.
    fn fitted(&self, text: &str, column: usize, paint: impl Fn(&str) -> String) -> String {
        if self.live.is_none() {
            return paint(text);
        }
        let lines = live::broken(text, live::columns().saturating_sub(column));
        let lines: Vec<String> = lines.iter().map(|it| paint(it)).collect();
        lines.join(&format!("\n{:column$}", ""))
    }

    fn mark(&self, mark: &Mark) -> String {
        let (at, kind) = (clock(mark.at), mark.kind.name());
        let text = self.fitted(&mark.text, 20, |it| match mark.kind {
            MarkKind::Alarm | MarkKind::Abort => self.paint.bad(it),
            MarkKind::Scaling => self.paint.change(it),
            _ => it.to_owned(),
        });
        format!(
            "{}  {}  {text}",
            self.paint.faint(&at),
            self.paint.strong(&format!("{kind:10}"))
        )
    }

    fn sample(&mut self, sample: &Sample) {
        let now = &mut self.now;
        now.at = now.at.max(sample.at);
        now.cpu = sample.cpu.or(now.cpu);
        now.tasks = sample.tasks.or(now.tasks);
        now.instances = sample.instances.or(now.instances);
        if sample.lasts > 0.0 {
            self.counted.push_back(sample.clone());
        }
        let every = match self.is_loaded {
            true => EVERY,
            false => EVERY_AFTER,
        };
        let is_due = self.now.at >= self.told + every;
        if let Some((_, bar)) = &self.live {
            let since = self.now.at - EVERY;
            while self.counted.len() > 1 && self.counted[0].at <= since {
                self.counted.pop_front();
            }
            bar.set_message(self.is());
        } else if is_due {
            words(&format!("{}\n", self.is()));
            self.told = self.now.at;
            self.counted.clear();
        }
    }

    /// How it is.
    fn is(&self) -> String {
        let mut text = String::new();
        let lasted: f64 = self.counted.iter().map(|it| it.lasts).sum();
        if self.is_loaded && lasted > 0.0 {
            let rate = |of: fn(&Sample) -> f64| {
                let counts = self.counted.iter().map(|it| of(it) * it.lasts);
                counts.sum::<f64>() / lasted
            };
            let (asked, done) = (rate(|it| it.asked), rate(|it| it.done));
            text += &format!("asked {asked:.0}/s  done {done:.0}/s  ");
            if let Some(p95) = self.counted.iter().filter_map(|it| it.p95).reduce(f64::max) {
                text += &format!("p95 {}  ", shown(p95));
            }
            let wrong = rate(|it| it.errors + it.dropped);
            if wrong > 0.0 {
                text += &self.paint.bad(&format!("failed {wrong:.1}/s  "));
            }
        }
        let now = &self.now;
        if let Some(cpu) = now.cpu {
            text += &format!("cpu {cpu:.0} %  ");
        }
        if let Some(tasks) = now.tasks {
            text += &format!("tasks {} of {}  ", tasks.running, tasks.desired);
        }
        if let Some(instances) = now.instances {
            text += &format!("instances {instances}");
        }
        let text = text.trim_end();
        let at = clock(now.at);
        format!("{}  {}", self.paint.faint(&at), self.paint.faint(text))
    }
}

/// Says that what was applied is taken back.
pub(crate) fn restoring() {
    words("Puts everything back as it was.\n");
}

/// Minutes and seconds since the beginning, as wide as an hour and a half.
fn clock(seconds: f64) -> String {
    let sign = if seconds < 0.0 { "-" } else { "" };
    let whole = seconds.abs() as u64;
    format!("{:>6}", format!("{sign}{}:{:02}", whole / 60, whole % 60))
}

/// Shows how it ended, and where all of it is kept.
pub(crate) fn rehearsed(
    recording: &Recording,
    verdict: &Verdict,
    recorded: &Path,
    page: &Path,
    as_json: bool,
) -> Result<(), Failure> {
    if !as_json {
        let mut text = summary(recording, verdict, &Paint::of(&io::stdout()));
        text += &format!("  report     {}\n", page.display());
        text += &format!("  recording  {}\n", recorded.display());
        return raw(text.as_bytes());
    }
    let document = json!({
        "version": 1,
        "about": recording.about,
        "cutOff": recording.is_cut_off,
        "verdict": verdict,
        "report": page,
        "recording": recorded,
    });
    super::document(&document)
}

fn summary(recording: &Recording, verdict: &Verdict, paint: &Paint) -> String {
    let about = &recording.about;
    let headline = match (verdict.held, recording.is_cut_off) {
        (true, false) => paint.good("It held."),
        (true, true) => paint.change("It held until it was cut off."),
        (false, _) if recording.samples.is_empty() => paint.bad("Nothing was measured."),
        (false, _) => paint.bad("It broke."),
    };
    let mut text = format!("\n{headline}\n");
    let mut line = |name: &str, value: String| text += &format!("  {name:9}  {value}\n");
    line("service", format!("{} of {}", about.service, about.stack));
    let mut load = format!(
        "{}: {} requests, {:.2}% failed or not sent",
        about.load,
        verdict.requests,
        verdict.failed * 100.0
    );
    if let Some(p95) = verdict.worst_p95 {
        load += &format!(", p95 {} at its worst", shown(p95));
    }
    line("load", load);
    if let Some(tasks) = verdict.most_tasks {
        let scaled = match (verdict.scaled_out_after, about.cpu_target) {
            (Some(after), Some(target)) => format!(
                ", another one {} after CPU passed {target:.0} %",
                seconds(after)
            ),
            _ => String::new(),
        };
        line("tasks", format!("{tasks} at most{scaled}"));
    }
    if let Some(after) = verdict.scaled_in_after {
        line(
            "scale-in",
            format!("back {} after the load ended", seconds(after)),
        );
    }
    for it in &verdict.breaks {
        line(
            "broke",
            paint.bad(&format!("{}: {}", seconds(it.at), it.text)),
        );
    }
    for it in &verdict.causes {
        line(
            "limited",
            format!("{}; {}", plain(&it.what), plain(&it.change)),
        );
    }
    text
}

/// A sentence without the backticks around code.
fn plain(text: &str) -> String {
    text.replace('`', "")
}

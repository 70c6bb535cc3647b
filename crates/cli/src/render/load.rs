//! What a load does, while it does it and afterwards.

use super::{live, paint::Paint, raw, words};
use crate::failure::Failure;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use setpoint_load::{Ended, Endpoint, Latency, Load, OfEndpoint, Outcome, Tally};
use std::{collections::BTreeSet, io, time::Duration};

/// Tells of a load second by second: a live region on a terminal, lines elsewhere.
pub(crate) struct LiveLoad {
    live: Option<MultiProgress>,
    bars: Vec<ProgressBar>,
    paint: Paint,
    /// How many seconds a line tells of.
    every: u64,
    gathered: Tally,
    endpoints: BTreeSet<Endpoint>,
}

impl LiveLoad {
    /// Begins to tell of a load.
    pub(crate) fn new(load: &Load) -> LiveLoad {
        LiveLoad {
            live: live::begin(),
            bars: Vec::new(),
            paint: Paint::of(&io::stderr()),
            // A line a second would be a thousand for a quarter of an hour.
            every: if load.lasts() > Duration::from_secs(60) {
                10
            } else {
                1
            },
            gathered: Tally::default(),
            endpoints: BTreeSet::new(),
        }
    }

    /// Tells of one second.
    pub(crate) fn second(&mut self, second: u64, tally: &Tally) {
        if self.live.is_some() {
            self.draw(second, tally);
            return;
        }
        let now: BTreeSet<Endpoint> = tally.endpoints.keys().cloned().collect();
        for (mark, one, other) in [("+", &now, &self.endpoints), ("-", &self.endpoints, &now)] {
            for endpoint in one.difference(other) {
                words(&format!("  {mark} {endpoint}\n"));
            }
        }
        self.endpoints = now;
        self.gathered.add(tally);
        if (second + 1).is_multiple_of(self.every) {
            let gathered = std::mem::take(&mut self.gathered);
            let rates = rates(second + 1, &gathered, self.every);
            let quantiles = quantiles(&gathered.latency());
            words(&format!("{rates}  {quantiles}{}\n", self.wrong(&gathered)));
        }
    }

    fn draw(&mut self, second: u64, tally: &Tally) {
        // What goes wrong is in the first line: it must not be cut off where a terminal is narrow.
        let mut lines = vec![
            rates(second + 1, tally, 1) + &self.wrong(tally),
            format!("  latency  {}", quantiles(&tally.latency())),
        ];
        let width = width(tally);
        let endpoints = tally.endpoints.iter().take(MOST);
        lines.extend(endpoints.map(|(endpoint, it)| of_endpoint(endpoint, it, width)));
        let more = tally.endpoints.len().saturating_sub(MOST);
        if more > 0 {
            lines.push(format!("  and {more} more"));
        }
        let Some(live) = &self.live else { return };
        while self.bars.len() < lines.len() {
            let bar = live.add(ProgressBar::new_spinner());
            if let Ok(style) = ProgressStyle::with_template("{wide_msg}") {
                bar.set_style(style);
            }
            self.bars.push(bar);
        }
        for bar in self.bars.drain(lines.len()..) {
            bar.finish_and_clear();
        }
        for (bar, line) in self.bars.iter().zip(lines) {
            bar.set_message(line);
            bar.tick();
        }
    }

    /// Ends the telling; a part of a line that is left over is told.
    pub(crate) fn end(&mut self) {
        for bar in self.bars.drain(..) {
            bar.finish_and_clear();
        }
        live::end();
    }

    /// What went wrong, to be appended to a line.
    fn wrong(&self, tally: &Tally) -> String {
        match wrong(tally) {
            wrong if wrong.is_empty() => wrong,
            wrong => format!("  {}", self.paint.bad(&wrong)),
        }
    }
}

/// How many endpoints have live lines of their own: a terminal may have 24 lines.
const MOST: usize = 12;

fn rates(second: u64, tally: &Tally, over: u64) -> String {
    let rate = |count: u64| count.div_ceil(over);
    format!(
        "{second:>5} s  asked {}/s  sent {}/s  done {}/s",
        rate(tally.asked),
        rate(tally.sent),
        rate(tally.done()),
    )
}

fn quantiles(latency: &Latency) -> String {
    of(
        latency,
        [(0.5, "p50"), (0.95, "p95"), (0.99, "p99"), (1.0, "max")],
    )
}

fn of<const N: usize>(latency: &Latency, parts: [(f64, &str); N]) -> String {
    let shown = parts.map(|(part, name)| format!("{name} {}", shown(latency.quantile(part))));
    shown.join("  ")
}

/// How wide the endpoints' names are.
fn width(tally: &Tally) -> usize {
    let names = tally.endpoints.keys();
    names.map(|it| it.to_string().len()).max().unwrap_or(0)
}

/// A time to three digits.
fn shown(time: Option<Duration>) -> String {
    let Some(time) = time else {
        return "-".into();
    };
    let milliseconds = time.as_secs_f64() * 1000.0;
    match milliseconds {
        ..10.0 => format!("{milliseconds:.2} ms"),
        ..100.0 => format!("{milliseconds:.1} ms"),
        ..1000.0 => format!("{milliseconds:.0} ms"),
        ..100_000.0 => format!("{:.2} s", milliseconds / 1000.0),
        _ => format!("{:.0} s", milliseconds / 1000.0),
    }
}

/// Everything that went wrong, by what it was; empty if nothing did.
fn wrong(tally: &Tally) -> String {
    let statuses = tally.statuses();
    let statuses = statuses.iter().filter(|(status, _)| **status >= 400);
    let mut parts: Vec<String> = statuses
        .map(|(status, count)| format!("{status} × {count}"))
        .collect();
    let faults = tally.faults();
    parts.extend(
        faults
            .iter()
            .map(|(fault, count)| format!("{} × {count}", fault.name())),
    );
    if tally.dropped > 0 {
        parts.push(format!("dropped × {}", tally.dropped));
    }
    if tally.homeless > 0 {
        parts.push(format!("no endpoint × {}", tally.homeless));
    }
    parts.join("  ")
}

fn of_endpoint(endpoint: &Endpoint, it: &OfEndpoint, width: usize) -> String {
    let name = endpoint.to_string();
    let errors = match it.errors() {
        0 => String::new(),
        errors => format!("  errors {errors}"),
    };
    let done = it.done();
    format!(
        "  {name:width$}  done {done:>8}  {}{errors}",
        of(&it.latency, [(0.5, "p50"), (0.99, "p99")])
    )
}

/// Prints lines that stand for an outcome.
pub(crate) fn relay(lines: &[String]) -> Result<(), Failure> {
    raw(format!("{}\n", lines.join("\n")).as_bytes())
}

/// Says how tasks that send do.
pub(crate) fn runners(text: &str) {
    words(&format!("  {text}\n"));
}

/// Shows what became of a load.
pub(crate) fn load(outcome: &Outcome) -> Result<(), Failure> {
    raw(text(outcome, &Paint::of(&io::stdout())).as_bytes())
}

fn text(outcome: &Outcome, paint: &Paint) -> String {
    let total = &outcome.total;
    let seconds = outcome.lasted.as_secs_f64();
    let ended = match &outcome.ended {
        Ended::Complete => "complete".to_owned(),
        Ended::Interrupted => "stopped before its end".to_owned(),
        Ended::Threshold { threshold, value } => {
            let is_latency = matches!(threshold.metric, setpoint_load::Metric::Quantile(_));
            let value = match is_latency {
                true => shown(Some(Duration::from_secs_f64(value.max(0.0)))),
                false => format!("{:.1}%", value * 100.0),
            };
            format!("ended by {threshold}: {} was {value}", threshold.metric)
        }
    };
    let ended = match outcome.ended {
        Ended::Complete => paint.good(&ended),
        _ => paint.bad(&ended),
    };
    let mut text = format!(
        "Load: {ended}, {seconds:.1} s\n  asked {}  sent {}  done {}  dropped {}  errors {} ({:.2}%)\n",
        total.asked,
        total.sent,
        total.done(),
        total.dropped + total.homeless,
        total.errors(),
        total.error_rate() * 100.0,
    );
    let latency = total.latency();
    if latency.count() > 0 {
        let most = [(0.5, "p50"), (0.9, "p90"), (0.95, "p95"), (0.99, "p99")];
        let rest = of(&latency, [(0.999, "p99.9"), (1.0, "max")]);
        let mean = shown(latency.mean());
        text += &format!("  latency  {}\n", of(&latency, most));
        text += &format!("           {rest}  mean {mean}\n");
    }
    let statuses = total.statuses();
    let statuses: Vec<String> = statuses
        .iter()
        .map(|(status, count)| format!("{status} × {count}"))
        .collect();
    if !statuses.is_empty() {
        text += &format!("  answers  {}\n", statuses.join("  "));
    }
    let wrong = wrong(total);
    if !wrong.is_empty() {
        text += &format!("  wrong    {}\n", paint.bad(&wrong));
    }
    let late = &total.late;
    if late.count() > 0 {
        let late = of(late, [(0.5, "p50"), (0.99, "p99"), (1.0, "max")]);
        text += &paint.faint(&format!("  begun late, by this program  {late}"));
        text += "\n";
    }
    let width = width(total);
    for (endpoint, it) in &total.endpoints {
        text += &format!("{}\n", of_endpoint(endpoint, it, width));
    }
    text
}

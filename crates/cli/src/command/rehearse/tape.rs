//! What is seen, kept as it comes: on disk whole, in memory, and told.

use super::{RehearseFailure, clock::Clock};
use crate::render::Story;
use setpoint_load::Tally;
use setpoint_rehearsal::{
    About, Line, Mark, MarkKind, OfEndpoint, Recording, Sample, Tasks, Verdict, Writer, report,
    verdict,
};
use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// How often the report is written anew while the rehearsal goes on, so that whoever is killed leaves one.
const ANEW: Duration = Duration::from_secs(5);

/// Makes a folder, if it is not there; what is in one made here is nobody's source.
pub(super) fn make(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(folder)?;
    fs::write(folder.join(".gitignore"), "*\n")
}

/// A recording that is being made.
pub(super) struct Tape {
    writer: Writer<File>,
    lines: Vec<Line>,
    story: Story,
    folder: PathBuf,
    /// When the report was written last.
    reported: Option<Instant>,
    /// What could not be written first. What is seen is told all the same.
    failed: Option<RehearseFailure>,
}

impl Tape {
    /// Begins one in a folder, which is made if need be.
    pub(super) fn begin(folder: &Path, about: About) -> Result<Tape, RehearseFailure> {
        let path = Tape::recording(folder);
        let failed = |source| RehearseFailure::Write {
            path: path.clone(),
            source,
        };
        make(folder).map_err(failed)?;
        let file = File::create(&path).map_err(failed)?;
        Ok(Tape {
            writer: Writer::begin(file, &about).map_err(failed)?,
            story: Story::new(&about),
            lines: vec![Line::About(about)],
            folder: folder.to_owned(),
            reported: None,
            failed: None,
        })
    }

    /// Where a folder has the recording.
    pub(super) fn recording(folder: &Path) -> PathBuf {
        folder.join("rehearsal.jsonl")
    }

    /// Where a folder has the report.
    pub(super) fn report(folder: &Path) -> PathBuf {
        folder.join("report.html")
    }

    /// Keeps a line, and tells it.
    pub(super) fn put(&mut self, line: Line) {
        let written = self.writer.line(&line);
        self.note(Tape::recording(&self.folder), written);
        self.story.tell(&line);
        self.lines.push(line);
        if self.reported.is_none_or(|it| it.elapsed() >= ANEW) {
            self.write_report();
        }
    }

    /// Keeps what was counted in a period of the load.
    pub(super) fn counted(&mut self, period: u64, every: Duration, tally: &Tally, clock: &Clock) {
        let lasts = clock.theirs(every).as_secs_f64();
        let rate = |count: u64| count as f64 / every.as_secs_f64();
        let latency = tally.latency();
        let within = |part: f64| latency.quantile(part).map(|it| it.as_secs_f64());
        let endpoints = tally.endpoints.iter().map(|(endpoint, it)| OfEndpoint {
            endpoint: endpoint.to_string(),
            done: rate(it.done()),
            errors: rate(it.errors()),
            p99: it.latency.quantile(0.99).map(|it| it.as_secs_f64()),
        });
        self.put(Line::Sample(Sample {
            at: (period + 1) as f64 * lasts,
            lasts,
            asked: rate(tally.asked),
            sent: rate(tally.sent),
            done: rate(tally.done()),
            errors: rate(tally.errors()),
            dropped: rate(tally.dropped + tally.homeless),
            p50: within(0.5),
            p95: within(0.95),
            p99: within(0.99),
            max: within(1.0),
            endpoints: endpoints.collect(),
            ..Sample::default()
        }));
    }

    /// Keeps something that happened to the load.
    pub(super) fn mark(&mut self, at: f64, kind: MarkKind, text: String) {
        self.put(Line::Mark(Mark {
            at,
            kind,
            subject: "load".into(),
            text,
        }));
    }

    /// Nothing is asked any more.
    pub(super) fn unloaded(&mut self) {
        self.story.unloaded();
    }

    /// Says something beside what is kept.
    pub(super) fn aside(&mut self, text: &str) {
        self.story.aside(text);
    }

    /// The tasks as they were seen last.
    pub(super) fn tasks(&self) -> Option<Tasks> {
        self.lines.iter().rev().find_map(|line| match line {
            Line::Sample(sample) => sample.tasks,
            _ => None,
        })
    }

    /// Everything so far.
    fn so_far(&self) -> Recording {
        Recording::of(self.lines.iter().cloned()).expect("it begins with what it is about")
    }

    /// Ends it. One that was cut off has no verdict, and is known by that.
    pub(super) fn end(mut self, is_cut_off: bool) -> Result<(Recording, Verdict), RehearseFailure> {
        self.story.end();
        let verdict = verdict(&self.so_far());
        if !is_cut_off {
            let line = Line::Verdict(verdict.clone());
            let written = self.writer.line(&line);
            self.note(Tape::recording(&self.folder), written);
            self.lines.push(line);
        }
        self.write_report();
        match self.failed.take() {
            Some(failed) => Err(failed),
            None => Ok((self.so_far(), verdict)),
        }
    }

    /// Writes the report whole or not at all.
    fn write_report(&mut self) {
        let recording = self.so_far();
        let page = report(&recording, &verdict(&recording));
        let path = Tape::report(&self.folder);
        let new = path.with_extension("html.new");
        let written = fs::write(&new, page).and_then(|()| fs::rename(&new, &path));
        self.note(path, written);
        self.reported = Some(Instant::now());
    }

    fn note(&mut self, path: PathBuf, written: io::Result<()>) {
        if let (Err(source), None) = (written, &self.failed) {
            self.failed = Some(RehearseFailure::Write { path, source });
        }
    }
}

use crate::{About, Mark, Sample, Verdict};
use serde::{Deserialize, Serialize};
use std::io::{self, BufRead, Write};

/// One line of `rehearsal.jsonl`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "line")]
pub enum Line {
    /// The first: what it is about.
    About(About),
    /// A measurement.
    Sample(Sample),
    /// Something that happened.
    Mark(Mark),
    /// The last, if it came to its end.
    Verdict(Verdict),
}

/// Everything that was seen, by time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recording {
    /// What it is about.
    pub about: About,
    /// Measurements, by time.
    pub samples: Vec<Sample>,
    /// What happened, by time.
    pub marks: Vec<Mark>,
    /// Whether it was cut off: by the end of its last line, or for want of a verdict.
    pub is_cut_off: bool,
}

/// Why a recording cannot be read; lines are counted from 1.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// The file.
    #[error("cannot read the recording: {0}")]
    Read(#[from] io::Error),
    /// A line in the middle of it.
    #[error("line {line} of the recording: {source}")]
    Line {
        /// Which.
        line: usize,
        /// Why.
        source: serde_json::Error,
    },
    /// It begins with something else than what it is about.
    #[error("the recording does not begin with what it is about")]
    About,
}

/// Appends to a recording. Each line is handed to the system whole, so that whoever is killed leaves what
/// he saw.
#[derive(Debug)]
pub struct Writer<W>(W);

impl<W: Write> Writer<W> {
    /// Begins a recording.
    pub fn begin(out: W, about: &About) -> io::Result<Writer<W>> {
        let mut writer = Writer(out);
        writer.line(&Line::About(about.clone()))?;
        Ok(writer)
    }

    /// Appends a line.
    pub fn line(&mut self, line: &Line) -> io::Result<()> {
        let mut bytes = serde_json::to_vec(line)?;
        bytes.push(b'\n');
        self.0.write_all(&bytes)?;
        self.0.flush()
    }
}

impl Recording {
    /// Reads what was written, as far as it goes: a last line that is cut off is left out.
    pub fn read(input: impl BufRead) -> Result<Recording, RecordingError> {
        let mut lines = Vec::new();
        let mut rest = input.split(b'\n').enumerate().peekable();
        while let Some((index, bytes)) = rest.next() {
            let bytes = bytes?;
            if bytes.trim_ascii().is_empty() {
                continue;
            }
            match serde_json::from_slice(&bytes) {
                Ok(line) => lines.push(line),
                Err(_) if !lines.is_empty() && rest.peek().is_none() => break,
                Err(source) => {
                    let line = index + 1;
                    return Err(RecordingError::Line { line, source });
                }
            }
        }
        Recording::of(lines)
    }

    /// What some lines tell together, by time.
    ///
    /// What AWS showed is put to what was counted: tasks and instances are as they were seen last, and CPU is
    /// that of the minute in which something was counted, of which AWS tells later.
    pub fn of(lines: impl IntoIterator<Item = Line>) -> Result<Recording, RecordingError> {
        let mut lines = lines.into_iter();
        let Some(Line::About(about)) = lines.next() else {
            return Err(RecordingError::About);
        };
        let mut recording = Recording {
            about,
            is_cut_off: true,
            ..Recording::default()
        };
        for line in lines {
            match line {
                Line::About(_) => return Err(RecordingError::About),
                Line::Sample(sample) => recording.samples.push(sample),
                Line::Mark(mark) => recording.marks.push(mark),
                Line::Verdict(_) => recording.is_cut_off = false,
            }
        }
        // What happened is often heard of later than it did.
        recording.samples.sort_by(|a, b| a.at.total_cmp(&b.at));
        recording.marks.sort_by(|a, b| a.at.total_cmp(&b.at));
        gather(&mut recording.samples);
        Ok(recording)
    }
}

/// How long a time CloudWatch tells of, in seconds.
const MINUTE: f64 = 60.0;

/// Puts what AWS showed to what was counted.
fn gather(samples: &mut Vec<Sample>) {
    let (mut tasks, mut instances, mut credits) = (None, None, None);
    for sample in samples.iter_mut() {
        tasks = sample.tasks.or(tasks);
        instances = sample.instances.or(instances);
        credits = sample.credits.or(credits);
        (sample.tasks, sample.instances, sample.credits) = (tasks, instances, credits);
    }
    let (mut cpu, mut memory) = (None, None);
    for sample in samples.iter_mut().rev() {
        let at = sample.at;
        let within = |it: &(f64, f64)| it.0 - at <= MINUTE;
        cpu = sample.cpu.map(|it| (at, it)).or(cpu).filter(within);
        memory = sample.memory.map(|it| (at, it)).or(memory).filter(within);
        sample.cpu = cpu.map(|it| it.1);
        sample.memory = memory.map(|it| it.1);
    }
    // While there is load, what was counted has all that the looks between have.
    let counted = samples.iter().filter(|it| it.lasts > 0.0);
    let last = counted.map(|it| it.at).next_back();
    samples.retain(|it| it.lasts > 0.0 || last.is_none_or(|last| it.at > last));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{MarkKind, Tasks, verdict};

    fn written() -> Vec<u8> {
        let about = About {
            stack: "flash-sale".into(),
            ..About::default()
        };
        let mut bytes = Vec::new();
        let mut writer = Writer::begin(&mut bytes, &about).expect("memory");
        for at in [2.0, 1.0] {
            let sample = Sample {
                at,
                lasts: 1.0,
                p95: Some(0.1),
                ..Sample::default()
            };
            writer.line(&Line::Sample(sample)).expect("memory");
        }
        let mark = Mark {
            at: 1.5,
            kind: MarkKind::Event,
            subject: "s".into(),
            text: "a\nb".into(),
        };
        writer.line(&Line::Mark(mark)).expect("memory");
        bytes
    }

    #[test]
    fn a_recording_that_was_cut_anywhere_is_read_as_far_as_it_goes() {
        let whole = written();
        let first = whole.iter().position(|it| *it == b'\n').expect("lines");
        for end in first + 1..=whole.len() {
            let recording = Recording::read(&whole[..end]).expect("a recording");
            assert!(recording.is_cut_off);
            assert!(recording.samples.len() <= 2);
        }
        let all = Recording::read(&whole[..]).expect("a recording");
        let times: Vec<f64> = all.samples.iter().map(|it| it.at).collect();
        assert_eq!((times, all.marks.len()), (vec![1.0, 2.0], 1));
    }

    #[test]
    fn what_aws_shows_is_put_to_what_was_counted_then() {
        let tasks = |running| Tasks {
            running,
            ..Tasks::default()
        };
        let counted = |at| Sample {
            at,
            lasts: 5.0,
            ..Sample::default()
        };
        let looked = |at, running| Sample {
            at,
            tasks: Some(tasks(running)),
            ..Sample::default()
        };
        let cpu = |at, cpu| Sample {
            at,
            cpu: Some(cpu),
            ..Sample::default()
        };
        let samples = [
            looked(1.0, 1),
            counted(5.0),
            counted(60.0),
            looked(64.0, 2),
            counted(65.0),
            cpu(60.0, 90.0),
            cpu(120.0, 40.0),
            looked(200.0, 1),
        ];
        let lines = samples.into_iter().map(Line::Sample);
        let all = [Line::About(About::default())].into_iter().chain(lines);
        let recording = Recording::of(all).expect("a recording");
        let told = recording.samples.iter().map(|it| {
            let running = it.tasks.map(|it| it.running);
            (it.at, running, it.cpu)
        });
        assert_eq!(
            told.collect::<Vec<_>>(),
            [
                (5.0, Some(1), Some(90.0)),
                (60.0, Some(1), Some(90.0)),
                (65.0, Some(2), Some(40.0)),
                (120.0, Some(2), Some(40.0)),
                (200.0, Some(1), None),
            ]
        );
    }

    #[test]
    fn one_with_a_verdict_is_whole() {
        let mut bytes = written();
        let verdict = verdict(&Recording::read(&bytes[..]).expect("a recording"));
        Writer(&mut bytes)
            .line(&Line::Verdict(verdict))
            .expect("memory");
        assert!(!Recording::read(&bytes[..]).expect("a recording").is_cut_off);
    }

    #[test]
    fn what_is_no_recording_is_refused() {
        let mut middle = written();
        middle.splice(5..6, *b"?");
        for bytes in [
            &b""[..],
            b"{}\n{}\n",
            b"{\"line\":\"sample\"}\n",
            b"\xff\xfe",
            &middle,
        ] {
            assert!(Recording::read(bytes).is_err());
        }
    }
}

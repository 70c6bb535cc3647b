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
        let mut recording = Recording {
            is_cut_off: true,
            ..Recording::default()
        };
        let mut has_begun = false;
        let mut lines = input.split(b'\n').enumerate().peekable();
        while let Some((index, bytes)) = lines.next() {
            let bytes = bytes?;
            if bytes.trim_ascii().is_empty() {
                continue;
            }
            let line = match serde_json::from_slice(&bytes) {
                Ok(line) => line,
                Err(_) if has_begun && lines.peek().is_none() => break,
                Err(source) => {
                    let line = index + 1;
                    return Err(RecordingError::Line { line, source });
                }
            };
            match line {
                Line::About(about) if !has_begun => {
                    recording.about = about;
                    has_begun = true;
                }
                _ if !has_begun => return Err(RecordingError::About),
                Line::About(_) => return Err(RecordingError::About),
                Line::Sample(sample) => recording.samples.push(sample),
                Line::Mark(mark) => recording.marks.push(mark),
                Line::Verdict(_) => recording.is_cut_off = false,
            }
        }
        if !has_begun {
            return Err(RecordingError::About);
        }
        // What happened is often heard of later than it did.
        recording.samples.sort_by(|a, b| a.at.total_cmp(&b.at));
        recording.marks.sort_by(|a, b| a.at.total_cmp(&b.at));
        Ok(recording)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{MarkKind, verdict};

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

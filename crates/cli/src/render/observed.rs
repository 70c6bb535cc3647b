//! What is seen of services that run.

use super::{Paint, documents, raw, words};
use crate::failure::Failure;
use setpoint_observe::{
    Line, Picture, Tone,
    endpoints::{self as endpoint},
    picture::NotShown,
    status::{self as state},
    timeline::{self, Happening},
};
use std::io::{self, IsTerminal};

/// Shows how services do. When that is done again and again, a terminal is cleared first.
pub(crate) fn status(picture: &Picture, again: bool) -> Result<(), Failure> {
    let out = io::stdout();
    let mut text = String::new();
    if again && out.is_terminal() {
        text += "\u{1b}[H\u{1b}[2J";
    }
    text += &painted(&state::lines(picture), &Paint::of(&out));
    if again && !out.is_terminal() {
        text += "\n";
    }
    raw(text.as_bytes())?;
    gaps(&picture.not_shown);
    Ok(())
}

/// Shows how services do, for programs: whole, or each time on a line of its own.
pub(crate) fn status_as_json(picture: &Picture, again: bool) -> Result<(), Failure> {
    let document = documents::status(picture);
    match again {
        true => raw(format!("{document}\n").as_bytes()),
        false => super::document(&document),
    }
}

/// Shows where services answer.
pub(crate) fn endpoints(picture: &Picture) -> Result<(), Failure> {
    let lines = endpoint::lines(picture);
    raw(painted(&lines, &Paint::of(&io::stdout())).as_bytes())?;
    absent(picture);
    gaps(&picture.not_shown);
    Ok(())
}

/// Shows where services answer, for programs.
pub(crate) fn endpoints_as_json(picture: &Picture) -> Result<(), Failure> {
    super::document(&documents::endpoints(picture))
}

/// Says that a sandbox's tasks answer only while it is served.
pub(crate) fn nobody_serves() {
    words("Nobody serves this sandbox now: `setpoint sandbox serve` lets its tasks answer.\n");
}

/// Tells what happened; the first time, under the day.
pub(crate) fn happenings(
    picture: &Picture,
    happenings: &[Happening],
    is_first: bool,
) -> Result<(), Failure> {
    let several = picture.services.len() > 1;
    let lines = match is_first {
        true => timeline::lines(happenings, several),
        false => happenings
            .iter()
            .map(|it| timeline::line(it, several))
            .collect(),
    };
    raw(painted(&lines, &Paint::of(&io::stdout())).as_bytes())?;
    if is_first {
        absent(picture);
        if happenings.is_empty() && !picture.services.is_empty() {
            words("Nothing happened; --since looks further back.\n");
        }
    }
    Ok(())
}

/// Tells what happened, a JSON object a line.
pub(crate) fn happenings_as_json(happenings: &[Happening]) -> Result<(), Failure> {
    raw(documents::happenings(happenings).as_bytes())
}

/// Says what is not shown, and why.
pub(crate) fn gaps(gaps: &[NotShown]) {
    let paint = Paint::of(&io::stderr());
    let line = |it: &NotShown| {
        format!(
            "{} {}: {}\n",
            paint.change("not shown:"),
            it.part,
            it.because
        )
    };
    words(&gaps.iter().map(line).collect::<String>());
}

/// Says which services AWS does not know.
pub(crate) fn absent(picture: &Picture) {
    let line = |it: &setpoint_observe::Subject| {
        format!("AWS has no service {} in {}.\n", it.service, it.cluster)
    };
    words(&picture.absent.iter().map(line).collect::<String>());
}

pub(super) fn painted(lines: &[Line], paint: &Paint) -> String {
    let mut text = String::new();
    for line in lines {
        for (tone, span) in &line.0 {
            text += &match tone {
                Tone::Plain => span.clone(),
                Tone::Strong => paint.strong(span),
                Tone::Faint => paint.faint(span),
                Tone::Good => paint.good(span),
                Tone::Change => paint.change(span),
                Tone::Bad => paint.bad(span),
            };
        }
        text += "\n";
    }
    text
}

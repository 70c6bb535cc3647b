//! Findings in words.

use super::Finding;
use crate::words::{Line, Tone};

/// What is found of one service, as lines: a headline, what shows it, what to do.
pub fn lines(service: &str, findings: &[Finding]) -> Vec<Line> {
    let mut lines = Vec::new();
    let (wrong, notes): (Vec<&Finding>, Vec<&Finding>) = findings.iter().partition(|it| it.wrong);
    if wrong.is_empty() {
        lines.push(
            Line::new()
                .and(Tone::Good, "nothing is wrong")
                .and(Tone::Plain, format!(" with {service}")),
        );
    }
    for (number, finding) in wrong.iter().chain(&notes).enumerate() {
        if number > 0 || wrong.is_empty() {
            lines.push(Line::new());
        }
        let tone = if finding.wrong {
            Tone::Bad
        } else {
            Tone::Strong
        };
        lines.push(
            Line::new()
                .and(tone, &finding.headline)
                .and(Tone::Faint, format!("  [{}]", finding.cause)),
        );
        block(&mut lines, "why: ", &finding.evidence);
        block(&mut lines, "do:  ", &finding.remedy);
    }
    lines
}

/// A word, and what belongs to it, every line under the first.
fn block(lines: &mut Vec<Line>, word: &str, texts: &[String]) {
    for (number, text) in texts.iter().flat_map(|it| it.lines()).enumerate() {
        let head = if number == 0 { word } else { "     " };
        lines.push(
            Line::new()
                .and(Tone::Faint, format!("  {head}"))
                .and(Tone::Plain, text),
        );
    }
}

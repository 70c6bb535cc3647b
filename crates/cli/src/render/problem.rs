//! What is wrong with a stack, with the line it is in.

use super::paint::Paint;
use setpoint_spec::Problem;
use std::path::Path;

/// One problem: what, where, the line, and what to do.
pub(super) fn text(path: &Path, source: &str, problem: &Problem, paint: &Paint) -> String {
    let place = problem.place;
    let mut text = format!("{} {}\n", paint.bad("error:"), problem.message);
    text += &format!("  {} {}:{place}\n", paint.faint("-->"), path.display());
    if let Some(line) = source.lines().nth(place.line.saturating_sub(1)) {
        let number = place.line.to_string();
        let margin = " ".repeat(number.len());
        let (line, column) = window(line, place.column);
        text += &format!(" {margin} |\n {number} | {line}\n");
        text += &format!(" {margin} | {}{}\n", " ".repeat(column - 1), paint.bad("^"));
    }
    if let Some(hint) = &problem.hint {
        text += &format!("  = {hint}\n");
    }
    text + "\n"
}

/// The part of a long line around a column, with that column's place in it.
fn window(line: &str, column: usize) -> (String, usize) {
    const WIDTH: usize = 100;
    let line = line.replace('\t', " ");
    let column = column.max(1);
    if line.chars().count() <= WIDTH {
        return (line, column);
    }
    let start = column.saturating_sub(WIDTH / 2);
    let part: String = line.chars().skip(start).take(WIDTH).collect();
    (part, column - start)
}

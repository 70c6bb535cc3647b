//! Comments that allow a check, at the place, with a reason: `# setpoint: allow SP107 the reason`.

use setpoint_spec::{Code, Place, Problem, Source, Span};

/// What a comment allows.
pub(crate) struct Allowance {
    codes: Vec<String>,
    /// The comment itself.
    span: Span,
    /// The lines that it is about.
    lines: std::ops::RangeInclusive<usize>,
    has_reason: bool,
    used: bool,
}

/// Takes away what is allowed. An allowance without a reason, of no known check, or of nothing that
/// is there, is itself a problem.
pub(crate) fn filter(source: &Source, problems: &mut Vec<Problem>) {
    let allowances = silence(source, problems);
    problems.extend(allowances.iter().filter_map(objection));
}

/// Takes away what is allowed.
pub(crate) fn silence(source: &Source, problems: &mut Vec<Problem>) -> Vec<Allowance> {
    let mut allowances = allowances(source);
    problems.retain(|problem| {
        let allowed = allowances.iter_mut().find(|it| {
            it.has_reason
                && it.span.file == problem.span.file
                && it.lines.contains(&problem.span.from.line)
                && it.codes.iter().any(|code| code == problem.code.0)
        });
        allowed.map(|it| it.used = true).is_none()
    });
    allowances
}

fn objection(allowance: &Allowance) -> Option<Problem> {
    let codes = allowance.codes.join(", ");
    let unknown = |it: &&String| crate::explain(it).is_none() || it.as_str() < "SP100";
    let problem = |message: String| Problem::warning(Code::ALLOWANCE, allowance.span, message);
    if allowance.codes.is_empty() {
        return Some(
            problem("this allows nothing: it names no code".into())
                .hint("# setpoint: allow SP107 the reason for it"),
        );
    }
    if let Some(code) = allowance.codes.iter().find(unknown) {
        return Some(problem(format!(
            "no check that may be allowed is called {code}"
        )));
    }
    if !allowance.has_reason {
        return Some(
            problem(format!(
                "{codes} is allowed without a reason, and so is not"
            ))
            .hint("write why it is right here, behind the code"),
        );
    }
    // Whether there is a need for the others only AWS or a Dockerfile could say.
    let is_known = allowance
        .codes
        .iter()
        .all(|it| it.as_str() < "SP200" && it != "SP104");
    let unused = || problem(format!("{codes} is allowed here, and there is no need to"));
    (is_known && !allowance.used).then(unused)
}

const MARK: &str = "# setpoint: allow";

fn allowances(source: &Source) -> Vec<Allowance> {
    let files = source.files().iter().enumerate();
    files
        .flat_map(|(file, it)| {
            let lines: Vec<&str> = it.text.lines().collect();
            let found = lines.iter().enumerate();
            found
                .filter_map(|(index, line)| {
                    let at = line.find(MARK)?;
                    let comment = source.is_comment(file, place(line, index, at));
                    comment.then(|| allowance(file, &lines, index, at))
                })
                .collect::<Vec<_>>()
        })
        .collect()
}

fn place(line: &str, index: usize, at: usize) -> Place {
    Place {
        line: index + 1,
        column: line[..at].chars().count() + 1,
    }
}

fn allowance(file: usize, lines: &[&str], index: usize, at: usize) -> Allowance {
    let line = lines[index];
    let is_code = |it: &str| {
        let digits = it.strip_prefix("SP").or_else(|| it.strip_prefix("sp"));
        digits.is_some_and(|it| it.len() == 3 && it.bytes().all(|it| it.is_ascii_digit()))
    };
    let mut codes = Vec::new();
    let mut words = line[at + MARK.len()..].split_whitespace().peekable();
    while let Some(word) = words.next_if(|it| is_code(it.trim_end_matches(','))) {
        codes.push(word.trim_end_matches(',').to_uppercase());
    }
    let from = place(line, index, at);
    let to = Place {
        line: index + 1,
        column: line.chars().count() + 1,
    };
    let stands_alone = line[..at].trim().is_empty();
    Allowance {
        codes,
        span: Span { file, from, to },
        lines: match stands_alone {
            true => about(lines, index),
            false => index + 1..=index + 1,
        },
        has_reason: words.next().is_some(),
        used: false,
    }
}

/// The lines that a comment of its own is about: the item that begins after it, to its end.
fn about(lines: &[&str], index: usize) -> std::ops::RangeInclusive<usize> {
    let indent = |it: &str| it.len() - it.trim_start().len();
    let is_text = |it: &str| !it.trim().is_empty() && !it.trim_start().starts_with('#');
    let rest = lines.iter().enumerate().skip(index + 1);
    let mut rest = rest.filter(|(_, it)| is_text(it));
    let Some((first, line)) = rest.next() else {
        return index + 1..=index + 1;
    };
    let depth = indent(line);
    let within = rest.take_while(|(_, it)| indent(it) > depth);
    let last = within.last().map_or(first, |(at, _)| at);
    first + 1..=last + 1
}

//! Problems for programs: our own JSON, version 1, and SARIF 2.1.0 for code hosts.

use serde::Serialize;
use serde_json::{Value, json};
use setpoint_check::explain;
use setpoint_spec::{File, Place, Problem, Severity, Span};
use std::collections::BTreeSet;

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    errors: usize,
    warnings: usize,
    notes: usize,
    problems: Vec<Entry<'a>>,
}

#[derive(Serialize)]
pub(super) struct Entry<'a> {
    code: &'a str,
    severity: &'static str,
    #[serde(flatten)]
    place: Part<'a>,
    message: &'a str,
    why: Option<&'a str>,
    hint: Option<&'a str>,
    also: Vec<Also<'a>>,
    fixes: Vec<Fix<'a>>,
}

/// A part of a file; lines and columns, in characters, are counted from 1, and the end is the place
/// after the last character.
#[derive(Serialize)]
struct Part<'a> {
    file: &'a str,
    from: Point,
    to: Point,
}

#[derive(Serialize)]
struct Point {
    line: usize,
    column: usize,
}

#[derive(Serialize)]
struct Also<'a> {
    #[serde(flatten)]
    place: Part<'a>,
    what: &'a str,
}

#[derive(Serialize)]
struct Fix<'a> {
    title: &'a str,
    edits: Vec<Edit<'a>>,
}

#[derive(Serialize)]
struct Edit<'a> {
    #[serde(flatten)]
    place: Part<'a>,
    text: &'a str,
}

/// Every problem as JSON. Fields may be added within a version; none changes its meaning.
pub(super) fn json(files: &[File], problems: &[Problem]) -> String {
    let count = |severity| problems.iter().filter(|it| it.severity == severity).count();
    let document = Document {
        version: 1,
        errors: count(Severity::Error),
        warnings: count(Severity::Warning),
        notes: count(Severity::Note),
        problems: entries(files, problems),
    };
    let text = serde_json::to_string_pretty(&document).expect("problems are plain data");
    text + "\n"
}

pub(super) fn entries<'a>(files: &'a [File], problems: &'a [Problem]) -> Vec<Entry<'a>> {
    problems.iter().map(|it| entry(files, it)).collect()
}

fn entry<'a>(files: &'a [File], problem: &'a Problem) -> Entry<'a> {
    let also = problem.also.iter().map(|(span, what)| Also {
        place: part(files, span),
        what,
    });
    let fixes = problem.fixes.iter().map(|fix| {
        let edits = fix.edits.iter().map(|edit| Edit {
            place: part(files, &edit.span),
            text: &edit.text,
        });
        Fix {
            title: &fix.title,
            edits: edits.collect(),
        }
    });
    Entry {
        code: problem.code.0,
        severity: match problem.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        },
        place: part(files, &problem.span),
        message: &problem.message,
        why: problem.why.as_deref(),
        hint: problem.hint.as_deref(),
        also: also.collect(),
        fixes: fixes.collect(),
    }
}

fn part<'a>(files: &'a [File], span: &Span) -> Part<'a> {
    let point = |place: Place| Point {
        line: place.line,
        column: place.column,
    };
    Part {
        file: &files[span.file].name,
        from: point(span.from),
        to: point(span.to),
    }
}

/// Every problem as SARIF, with a rule for each code that occurs.
pub(super) fn sarif(files: &[File], problems: &[Problem]) -> String {
    let codes: BTreeSet<&str> = problems.iter().map(|it| it.code.0).collect();
    let rules = codes.iter().filter_map(|it| explain(it)).map(|it| {
        json!({
            "id": it.code,
            "shortDescription": {"text": it.title()},
            "help": {"text": it.page, "markdown": it.page},
        })
    });
    let document = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "setpoint",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules.collect::<Vec<Value>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": problems.iter().map(|it| result(files, it)).collect::<Vec<Value>>(),
        }],
    });
    let text = serde_json::to_string_pretty(&document).expect("problems are plain data");
    text + "\n"
}

fn result(files: &[File], problem: &Problem) -> Value {
    let parts = [&problem.why, &problem.hint];
    let mut text = problem.message.clone();
    for part in parts.into_iter().flatten() {
        text += &format!("\n{part}");
    }
    let fixes = problem.fixes.iter().map(|fix| {
        let changes = fix.edits.iter().map(|edit| {
            json!({
                "artifactLocation": {"uri": files[edit.span.file].name},
                "replacements": [{
                    "deletedRegion": region(&edit.span),
                    "insertedContent": {"text": edit.text},
                }],
            })
        });
        json!({
            "description": {"text": fix.title},
            "artifactChanges": changes.collect::<Vec<Value>>(),
        })
    });
    json!({
        "ruleId": problem.code.0,
        "level": match problem.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        },
        "message": {"text": text},
        "locations": [location(files, &problem.span)],
        "relatedLocations": problem.also.iter().map(|(span, what)| {
            let mut location = location(files, span);
            location["message"] = json!({"text": what});
            location
        }).collect::<Vec<Value>>(),
        "fixes": fixes.collect::<Vec<Value>>(),
    })
}

fn location(files: &[File], span: &Span) -> Value {
    json!({"physicalLocation": {
        "artifactLocation": {"uri": files[span.file].name},
        "region": region(span),
    }})
}

fn region(span: &Span) -> Value {
    json!({
        "startLine": span.from.line, "startColumn": span.from.column,
        "endLine": span.to.line, "endColumn": span.to.column,
    })
}

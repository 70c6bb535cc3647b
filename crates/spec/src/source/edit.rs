//! Edits of a stack's text, in the style in which it stands there.

use super::{
    File, Source, Step,
    node::{Holds, Node},
};
use crate::problem::{Edit, Place, Span};
use serde_json::Value;

impl Source {
    /// Replaces the value at a path; nothing if there is none.
    pub fn replace(&self, path: &[Step], value: &Value) -> Option<Edit> {
        let span = self.node(path)?.span;
        let text = flow(value, self.is_json(span));
        Some(Edit { span, text })
    }

    /// Writes a value over a part of the text, in its style.
    pub fn write(&self, span: Span, value: &Value) -> Edit {
        let text = flow(value, self.is_json(span));
        Edit { span, text }
    }

    /// Replaces a key and keeps its value; nothing if there is none.
    pub fn rename(&self, path: &[Step], key: &str) -> Option<Edit> {
        let (last, home) = path.split_last()?;
        let Step::Key(name) = last else { return None };
        let span = self.node(home)?.entry(name)?.key.span;
        let text = flow(&Value::String(key.to_owned()), self.is_json(span));
        Some(Edit { span, text })
    }

    /// Writes a value under a key that may be there or not. The maps on the way are made.
    ///
    /// Nothing if something on the way is neither a map nor missing.
    pub fn put(&self, path: &[Step], value: &Value) -> Option<Edit> {
        if let Some(node) = self.node(path) {
            return match node.text().is_empty() && node.span.from == node.span.to {
                // `key:` without a value.
                true => Some(self.after_key(path, value)),
                false => self.replace(path, value),
            };
        }
        let mut depth = path.len();
        let mut value = value.clone();
        loop {
            let (last, home) = path[..depth].split_last()?;
            let Step::Key(key) = last else { return None };
            match self.node(home) {
                Some(node) => return self.insert(home, node, key, &value),
                None => value = Value::Object([(key.clone(), value)].into_iter().collect()),
            }
            depth -= 1;
        }
    }

    /// Adds an element at the end of the list at a path.
    pub fn push(&self, path: &[Step], value: &Value) -> Option<Edit> {
        let node = self.node(path)?;
        let Holds::List {
            items,
            flow: is_flow,
        } = &node.holds
        else {
            return None;
        };
        let json = self.is_json(node.span);
        match (is_flow, items.last()) {
            (true, last) => {
                let at = last.map_or(before_end(node.span), |it| it.span.to);
                let comma = if last.is_some() { ", " } else { "" };
                Some(insert(
                    node.span.file,
                    at,
                    format!("{comma}{}", flow(value, json)),
                ))
            }
            (false, Some(last)) => {
                let indent = " ".repeat(last.span.from.column.saturating_sub(3));
                let at = self.end_of_line(last.span);
                let text = format!("\n{indent}- {}", flow(value, json));
                Some(insert(node.span.file, at, text))
            }
            (false, None) => None,
        }
    }

    /// Takes away a key and its value, or an element, with the comma or the lines that go with it.
    pub fn remove(&self, path: &[Step]) -> Option<Edit> {
        let (last, home) = path.split_last()?;
        let parent = self.node(home)?;
        let (parts, is_flow): (Vec<Span>, bool) = match &parent.holds {
            Holds::Map { entries, flow } => {
                let parts = entries.iter().map(|it| Span {
                    to: it.value.span.to.max(it.key.span.to),
                    ..it.key.span
                });
                (parts.collect(), *flow)
            }
            Holds::List { items, flow } => (items.iter().map(|it| it.span).collect(), *flow),
            Holds::Scalar { .. } => return None,
        };
        let at = match (last, &parent.holds) {
            (Step::Key(key), Holds::Map { entries, .. }) => {
                entries.iter().position(|it| it.key.text() == key)?
            }
            (Step::Index(index), Holds::List { .. }) => *index,
            _ => return None,
        };
        let part = *parts.get(at)?;
        let mut span = part;
        match (
            is_flow,
            at.checked_sub(1).and_then(|it| parts.get(it)),
            parts.get(at + 1),
        ) {
            (true, Some(before), _) => span.from = before.to,
            (true, None, Some(after)) => span.to = after.from,
            (true, None, None) => {}
            // Whole lines; the only one of a map leaves it empty.
            (false, None, None) => {
                let text = match &parent.holds {
                    Holds::List { .. } => " []",
                    _ => " {}",
                };
                let (_, key) = self.walk(home);
                let from = key.map_or(part.from, |it| Place {
                    column: it.span.to.column + 1,
                    ..it.span.to
                });
                let span = Span { from, ..part };
                return Some(Edit {
                    span,
                    text: text.into(),
                });
            }
            (false, _, Some(_)) | (false, Some(_), None) => {
                span.from = Place {
                    column: 1,
                    ..part.from
                };
                span.to = Place {
                    line: part.to.line + 1,
                    column: 1,
                };
                // The first key of a list's element shares its line with the dash.
                let line = self.line(part.file, part.from.line);
                let head: String = line.chars().take(part.from.column - 1).collect();
                let is_dash = head.trim() == "-" && matches!(parent.holds, Holds::List { .. });
                if !(head.trim().is_empty() || is_dash) {
                    span.from = part.from;
                    span.to = parts.get(at + 1)?.from;
                }
            }
        }
        Some(Edit {
            span,
            text: String::new(),
        })
    }

    fn insert(&self, home: &[Step], node: &Node, key: &str, value: &Value) -> Option<Edit> {
        let file = node.span.file;
        match &node.holds {
            Holds::Map {
                entries,
                flow: true,
            } => {
                let json = self.is_json(node.span);
                let last = entries.last();
                let at = last.map_or(before_end(node.span), |it| it.value.span.to);
                let member = format!("{}: {}", flow_key(key, json), flow(value, json));
                let text = match (last, json) {
                    (Some(_), true) => format!(",{member}"),
                    (Some(_), false) => format!(", {member}"),
                    (None, true) => member,
                    (None, false) => format!(" {member} "),
                };
                Some(insert(file, at, text))
            }
            Holds::Map {
                entries,
                flow: false,
            } => {
                let first = entries.first()?;
                let last = entries.last()?;
                let indent = first.key.span.from.column - 1;
                let at = self.end_of_line(Span {
                    to: last.value.span.to.max(last.key.span.to),
                    ..last.key.span
                });
                let text = format!("\n{}", block_member(key, value, indent));
                // Sections stand apart.
                let text = if home.is_empty() {
                    format!("\n{text}")
                } else {
                    text
                };
                Some(insert(file, at, text))
            }
            // `key:` with nothing under it.
            Holds::Scalar { text, plain: true } if text.is_empty() && !home.is_empty() => {
                let value = Value::Object([(key.to_owned(), value.clone())].into_iter().collect());
                Some(self.after_key(home, &value))
            }
            _ => None,
        }
    }

    /// Writes a value behind a key that has none.
    fn after_key(&self, path: &[Step], value: &Value) -> Edit {
        let key = self.span_of_key(path);
        let at = Place {
            column: key.to.column + 1,
            ..key.to
        };
        let indent = key.from.column + 1;
        let text = match value {
            Value::Object(members) if !members.is_empty() => members
                .iter()
                .map(|(key, value)| format!("\n{}", block_member(key, value, indent)))
                .collect(),
            value => format!(" {}", flow(value, false)),
        };
        insert(key.file, at, text)
    }

    /// The end of the line on which a span ends, behind any comment.
    fn end_of_line(&self, span: Span) -> Place {
        let mut line = span.to.line;
        // A block scalar ends where the next line begins.
        if span.to.column == 1 && line > span.from.line {
            line -= 1;
        }
        let column = self.line(span.file, line).chars().count() + 1;
        Place { line, column }
    }

    fn line(&self, file: usize, line: usize) -> &str {
        let File { text, .. } = &self.files[file];
        text.lines().nth(line.saturating_sub(1)).unwrap_or_default()
    }

    /// Whether what stands there is written as JSON: its keys are quoted.
    fn is_json(&self, span: Span) -> bool {
        let line = self.line(span.file, span.from.line);
        let rest: String = line
            .chars()
            .skip(span.from.column.saturating_sub(1))
            .collect();
        rest.starts_with("{\"") || {
            let head: String = line
                .chars()
                .take(span.from.column.saturating_sub(1))
                .collect();
            head.trim_end().ends_with("\":") || head.ends_with("\":[") || head.contains("\":")
        }
    }
}

fn insert(file: usize, at: Place, text: String) -> Edit {
    Edit {
        span: Span::at(file, at),
        text,
    }
}

/// The place before the closing bracket.
fn before_end(span: Span) -> Place {
    Place {
        column: span.to.column.saturating_sub(1),
        ..span.to
    }
}

/// A value in one line, as it may stand in braces.
fn flow(value: &Value, json: bool) -> String {
    if json {
        return value.to_string();
    }
    match value {
        Value::String(text) => word(text),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(|it| flow(it, false)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(members) if members.is_empty() => "{}".into(),
        Value::Object(members) => {
            let members: Vec<String> = members
                .iter()
                .map(|(key, value)| format!("{}: {}", word(key), flow(value, false)))
                .collect();
            format!("{{ {} }}", members.join(", "))
        }
        value => value.to_string(),
    }
}

fn flow_key(key: &str, json: bool) -> String {
    match json {
        true => Value::String(key.to_owned()).to_string(),
        false => word(key),
    }
}

/// A line is no longer than this, where a map could stand in one line or in several.
const WIDTH: usize = 60;

/// A key and its value on lines of their own.
fn block_member(key: &str, value: &Value, indent: usize) -> String {
    let margin = " ".repeat(indent);
    let line = format!("{margin}{}: {}", word(key), flow(value, false));
    match value {
        Value::Object(members) if !members.is_empty() && (indent == 0 || line.len() > WIDTH) => {
            let members = members
                .iter()
                .map(|(key, value)| format!("\n{}", block_member(key, value, indent + 2)));
            format!("{margin}{}:{}", word(key), members.collect::<String>())
        }
        _ => line,
    }
}

/// A text as YAML: plain where that is the same text.
fn word(text: &str) -> String {
    let plain = !text.is_empty()
        && super::scalar::value(text) == Value::String(text.to_owned())
        && text
            .chars()
            .all(|it| it.is_ascii_alphanumeric() || "-_./:@+ ".contains(it))
        && !text.starts_with(['-', '@', ' ', ':'])
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && !text.contains(" #");
    match plain {
        true => text.to_owned(),
        false => Value::String(text.to_owned()).to_string(),
    }
}

/// The text of a file after edits of it that do not overlap.
pub fn edited(file: usize, text: &str, edits: &[Edit]) -> String {
    let mut parts: Vec<(usize, usize, &str)> = edits
        .iter()
        .filter(|it| it.span.file == file)
        .map(|it| {
            let at = |place| super::offset(text, place);
            (at(it.span.from), at(it.span.to), it.text.as_str())
        })
        .collect();
    parts.sort();
    let mut edited = String::new();
    let mut end = 0;
    for (from, to, new) in parts {
        edited += &text[end.min(from)..from];
        edited += new;
        end = to.max(end);
    }
    edited + &text[end..]
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const TEXT: &str =
        "name: x\na:\n  b: { c: 1 } # why\n  d:\n    - e: 1\n      f: 2\n    - g\nh: {}\ni:\n";

    fn path(text: &str) -> Vec<Step> {
        let steps = text.split('.').filter(|it| !it.is_empty());
        steps
            .map(|it| it.parse().map_or_else(|_| it.into(), Step::Index))
            .collect()
    }

    fn after(edit: Option<Edit>) -> String {
        edited(0, TEXT, &[edit.expect("there is an edit")])
    }

    fn reads(edit: Option<Edit>, at: &str, expected: Value) {
        let text = after(edit);
        let source = Source::read(&text).unwrap_or_else(|err| panic!("{err:?}\n{text}"));
        assert_eq!(source.at(&path(at)), Some(&expected), "{text}");
    }

    #[test]
    fn a_value_is_written_in_the_style_around_it() {
        let source = Source::read(TEXT).unwrap();
        let put = |at: &str, value: Value| source.put(&path(at), &value);
        assert!(after(put("a.b.c", json!(2))).contains("b: { c: 2 } # why"));
        assert!(after(put("a.b.x", json!("y"))).contains("b: { c: 1, x: y } # why"));
        assert!(after(put("h.x", json!(1))).contains("h: { x: 1 }"));
        assert!(after(put("a.z", json!({"q": 1}))).contains("    - g\n  z: { q: 1 }\nh"));
        assert!(after(put("i.x.y", json!(true))).ends_with("i:\n  x: { y: true }\n"));
        let section = after(put("logGroups./ecs/x.retentionInDays", json!(14)));
        assert!(
            section.ends_with("i:\n\nlogGroups:\n  /ecs/x: { retentionInDays: 14 }\n"),
            "{section}"
        );
        for (at, value) in [
            ("a.b.c", json!(2)),
            ("a.b.x", json!("80:80, y")),
            ("a.d.0.k", json!("012")),
            ("h.x", json!({"q": ["r", 1]})),
            ("i.x.y", json!("")),
            ("new.x.y", json!("- no")),
        ] {
            reads(put(at, value.clone()), at, value);
        }
    }

    #[test]
    fn lists_grow_at_their_end() {
        let source = Source::read(TEXT).unwrap();
        reads(
            source.push(&path("a.d"), &json!({"k": 1})),
            "a.d.2",
            json!({"k": 1}),
        );
    }

    #[test]
    fn what_is_removed_takes_its_comma_or_its_lines_along() {
        let source = Source::read(TEXT).unwrap();
        let remove = |at: &str| after(source.remove(&path(at)));
        assert!(remove("a.b").contains("a:\n  d:\n"));
        assert!(remove("a.b.c").contains("b: {  } # why"));
        assert!(remove("a.d.0.e").contains("    - f: 2\n"));
        assert!(remove("a.d.0.f").contains("    - e: 1\n    - g\n"));
        assert!(remove("a.d.0").contains("  d:\n    - g\n"));
        assert!(remove("h").ends_with("- g\ni:\n"));
    }

    #[test]
    fn json_stays_json() {
        let text = "list:\n  - {\"a\":[{\"b\":1}],\"c\":\"d\"}\n";
        let source = Source::read(text).unwrap();
        let of = |edit: Option<Edit>| edited(0, text, &[edit.unwrap()]);
        assert_eq!(
            of(source.put(&path("list.0.e"), &json!({"x": "y"}))),
            text.replace("\"d\"}", "\"d\",\"e\":{\"x\":\"y\"}}")
                .replace("\"e\":", "\"e\": ")
        );
        assert_eq!(
            of(source.put(&path("list.0.a.0.b"), &json!("z"))),
            text.replace("1", "\"z\"")
        );
        assert_eq!(
            of(source.remove(&path("list.0.c"))),
            text.replace(",\"c\":\"d\"", "")
        );
    }
}

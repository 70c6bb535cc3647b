//! Values as a reader reads them. The one seam through which YAML is written.

use serde_json::{Map, Value};
use similar::{ChangeTag, TextDiff};

/// A value as YAML, without what says nothing.
pub(super) fn yaml(value: &Value) -> String {
    let text = serde_yaml::to_string(&said(value)).unwrap_or_else(|_| value.to_string());
    text.trim_end().to_owned()
}

/// The value without nulls, and without empty lists and maps within maps.
fn said(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let says = |it: &Value| match it {
                Value::Null => false,
                Value::Array(list) => !list.is_empty(),
                Value::Object(members) => !members.is_empty(),
                _ => true,
            };
            let members = members.iter().map(|(key, it)| (key.clone(), said(it)));
            Value::Object(members.filter(|(_, it)| says(it)).collect::<Map<_, _>>())
        }
        Value::Array(list) => list.iter().map(said).collect(),
        value => value.clone(),
    }
}

/// A value that fits in one short line, or nothing.
pub(super) fn short(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) if text.is_empty() => "\"\"".into(),
        Value::String(text) => text.clone(),
        Value::Array(list) if list.is_empty() => "[]".into(),
        Value::Array(_) | Value::Object(_) => return None,
        value => value.to_string(),
    };
    (!text.contains('\n') && text.chars().count() <= 72).then_some(text)
}

/// The lines in which two values differ as YAML (or as text), marked `-` and `+`, each with up to
/// one line around it.
pub(super) fn lines(before: Option<&Value>, after: Option<&Value>) -> Vec<(char, String)> {
    let text = |it: Option<&Value>| match it {
        None => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(value) => yaml(value),
    };
    let (before, after) = (text(before), text(after));
    let diff = TextDiff::from_lines(before.as_str(), after.as_str());
    let mut lines = Vec::new();
    for (index, group) in diff.grouped_ops(1).iter().enumerate() {
        if index > 0 {
            lines.push((' ', "…".to_owned()));
        }
        for change in group.iter().flat_map(|it| diff.iter_changes(it)) {
            let mark = match change.tag() {
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
                ChangeTag::Equal => ' ',
            };
            lines.push((
                mark,
                change.value().trim_end_matches(['\n', '\r']).to_owned(),
            ));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_the_lines_that_differ_are_shown() {
        let list = |last: &str| json!(["a", "b", "c", "d", last]);
        let shown: Vec<String> = lines(Some(&list("x")), Some(&list("y")))
            .into_iter()
            .map(|(mark, line)| format!("{mark}{line}"))
            .collect();
        assert_eq!(shown, [" - d", "-- x", "+- y"]);
    }

    #[test]
    fn what_says_nothing_is_left_out() {
        assert_eq!(
            yaml(&json!({"a": null, "b": [], "c": 0, "d": {"e": null}})),
            "c: 0"
        );
    }
}

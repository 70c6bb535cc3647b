//! The `Filters` of the Describe actions.

use super::refusal::invalid;
use crate::{Input, Refusal, Time};
use serde_json::Value;

/// What an action can filter by: a filter's name, and where the value is in what is shown, as
/// members joined by dots. The name `tag` stands for `tag:<key>`, `tag-key` and `tag-value`.
pub(super) type Filters = &'static [(&'static str, &'static str)];

/// How many values one call may name.
const VALUES: usize = 200;

/// What of `shown` the filters of the input leave.
pub(super) fn keep(
    input: &Input,
    known: Filters,
    shown: Vec<Value>,
) -> Result<Vec<Value>, Refusal> {
    let filters = read(input, known)?;
    let is_kept = |view: &Value| filters.iter().all(|it| it.fits(view));
    Ok(shown.into_iter().filter(is_kept).collect())
}

struct Filter {
    looks_at: Looks,
    path: &'static str,
    values: Vec<String>,
}

enum Looks {
    Member,
    Tag(String),
    TagKey,
    TagValue,
}

fn read(input: &Input, known: Filters) -> Result<Vec<Filter>, Refusal> {
    let mut filters = Vec::new();
    for filter in input.list("Filters") {
        let name = filter["Name"].as_str().unwrap_or("null");
        let values = filter["Values"].as_array();
        let values: Vec<String> = values
            .into_iter()
            .flatten()
            .filter_map(|it| it.as_str().map(str::to_owned))
            .collect();
        if values.len() > VALUES {
            let words = "The maximum number of filter values specified on a single call is 200";
            return Err(Refusal::new("FilterLimitExceeded", words));
        }
        let (looks_at, entry) = match name.split_once(':') {
            Some(("tag", key)) => (Looks::Tag(key.to_owned()), "tag"),
            _ if name == "tag-key" => (Looks::TagKey, "tag"),
            _ if name == "tag-value" => (Looks::TagValue, "tag"),
            _ if name == "tag" => (Looks::Member, ""),
            _ => (Looks::Member, name),
        };
        let found = known.iter().find(|(it, _)| *it == entry);
        let (_, path) = found.ok_or_else(|| invalid(format!("The filter '{name}' is invalid")))?;
        filters.push(Filter {
            looks_at,
            path,
            values,
        });
    }
    Ok(filters)
}

impl Filter {
    fn fits(&self, view: &Value) -> bool {
        let mut found = Vec::new();
        match &self.looks_at {
            Looks::Member => gather(view, self.path, &mut found),
            Looks::TagKey => gather(view, &format!("{}.Key", self.path), &mut found),
            Looks::TagValue => gather(view, &format!("{}.Value", self.path), &mut found),
            Looks::Tag(key) => {
                let tags = view[self.path].as_array().into_iter().flatten();
                let of_key = tags.filter(|it| it["Key"].as_str() == Some(key));
                of_key.for_each(|it| gather(it, "Value", &mut found));
            }
        }
        let is_asked = |it: &String| self.values.iter().any(|pattern| fits(pattern, it));
        found.iter().any(is_asked)
    }
}

/// Every value at a path, through lists, as filters write it.
fn gather(value: &Value, path: &str, found: &mut Vec<String>) {
    if let Value::Array(list) = value {
        list.iter().for_each(|it| gather(it, path, found));
        return;
    }
    let (member, rest) = path.split_once('.').unwrap_or((path, ""));
    let Some(inner) = value.get(member) else {
        return;
    };
    if !rest.is_empty() {
        return gather(inner, rest, found);
    }
    match inner {
        Value::Array(list) => found.extend(list.iter().filter_map(|it| text(member, it))),
        inner => found.extend(text(member, inner)),
    }
}

fn text(member: &str, value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Number(number) if member.ends_with("Time") => {
            let millis = number.as_f64().unwrap_or_default() * 1000.0;
            Some(Time(millis.round() as u64).to_string())
        }
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Whether a text fits a pattern, in which `*` stands for any characters, `?` for one, and `\`
/// takes that meaning from the next.
fn fits(pattern: &str, text: &str) -> bool {
    let mut rest = pattern.chars();
    match rest.next() {
        None => text.is_empty(),
        Some('*') => {
            let rest = rest.as_str();
            let starts = text.char_indices().map(|(at, _)| at).chain([text.len()]);
            rest.is_empty() || starts.into_iter().any(|at| fits(rest, &text[at..]))
        }
        Some('?') => {
            let mut text = text.chars();
            text.next().is_some() && fits(rest.as_str(), text.as_str())
        }
        Some('\\') => {
            let literal = rest.next().unwrap_or('\\');
            let text = text.strip_prefix(literal);
            text.is_some_and(|text| fits(rest.as_str(), text))
        }
        Some(literal) => {
            let text = text.strip_prefix(literal);
            text.is_some_and(|text| fits(rest.as_str(), text))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_pattern_may_hold_wildcards() {
        assert!(fits("ip-*-?.internal", "ip-10-0-1.internal"));
        assert!(!fits("ip-*-?.internal", "ip-10-0-12.internal"));
        assert!(fits("a\\*", "a*") && !fits("a\\*", "ab"));
        assert!(fits("*", "") && !fits("?", ""));
    }

    #[test]
    fn values_are_found_through_lists() {
        let view = json!({ "Sets": [{ "Ports": [80, 443] }, { "Ports": [22] }] });
        let mut found = Vec::new();
        gather(&view, "Sets.Ports", &mut found);
        assert_eq!(found, ["80", "443", "22"]);
    }
}

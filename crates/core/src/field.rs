//! Which fields of a document differ, one by one.

use serde::Serialize;
use serde_json::{Map, Value};
use std::fmt;

/// What is shown in place of a value that must not be.
pub const MASK: &str = "(sensitive)";

/// One step into a document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Segment {
    /// A member of an object.
    Key(String),
    /// The element of a list that bears this name.
    Item(String),
}

/// Where a field is within a document, written `containerDefinitions[web].cpu`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Path(pub Vec<Segment>);

impl Path {
    fn then(&self, segment: Segment) -> Path {
        let mut path = self.clone();
        path.0.push(segment);
        path
    }

    /// This path and every path that it is within.
    pub(crate) fn within(&self) -> impl Iterator<Item = Path> {
        (0..=self.0.len()).map(|length| Path(self.0[..length].to_vec()))
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Key(key) if index == 0 => f.write_str(key)?,
                Segment::Key(key) => write!(f, ".{key}")?,
                Segment::Item(item) => write!(f, "[{item}]")?,
            }
        }
        Ok(())
    }
}

impl Serialize for Path {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// One field that differs. A side that is absent has no such field.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Field {
    /// Where it is.
    pub path: Path,
    /// Its value before.
    pub before: Option<Value>,
    /// Its value after.
    pub after: Option<Value>,
}

/// Lists the fields in which two documents differ, in the documents' own order.
///
/// Objects are compared member by member, and lists of things that have a name element by element
/// under that name; any other value is one field. `null` is the same as absent.
pub fn fields(before: &Value, after: &Value) -> Vec<Field> {
    let mut found = Vec::new();
    compare(&Path::default(), Some(before), Some(after), &mut found);
    found
}

fn compare(path: &Path, before: Option<&Value>, after: Option<&Value>, found: &mut Vec<Field>) {
    let before = before.filter(|it| !it.is_null());
    let after = after.filter(|it| !it.is_null());
    if before == after {
        return;
    }
    if let (Some(Value::Object(before)), Some(Value::Object(after))) = (before, after) {
        for key in keys(before.keys().chain(after.keys())) {
            let path = path.then(Segment::Key(key.clone()));
            compare(&path, before.get(key), after.get(key), found);
        }
        return;
    }
    if let (Some(before), Some(after)) = (before.and_then(by_name), after.and_then(by_name)) {
        let found_before = found.len();
        for name in keys(before.iter().chain(&after).map(|(name, _)| name)) {
            let path = path.then(Segment::Item(name.clone()));
            compare(&path, find(&before, name), find(&after, name), found);
        }
        if found.len() > found_before {
            return;
        }
        // The elements are the same, so their order is what differs.
    }
    found.push(Field {
        path: path.clone(),
        before: before.cloned(),
        after: after.cloned(),
    });
}

fn keys<'a>(all: impl Iterator<Item = &'a String>) -> Vec<&'a String> {
    let mut keys = Vec::new();
    for key in all {
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    keys
}

fn find<'a>(list: &[(String, &'a Value)], name: &str) -> Option<&'a Value> {
    list.iter().find(|(it, _)| it == name).map(|(_, it)| *it)
}

/// The members that tell the elements of a list apart, the likeliest first.
const NAMES: [&str; 4] = ["name", "key", "capacityProvider", "containerPort"];

/// The elements of a list under their names, if each has one and no two share it.
fn by_name(value: &Value) -> Option<Vec<(String, &Value)>> {
    let list = value.as_array().filter(|it| !it.is_empty())?;
    NAMES.iter().find_map(|member| {
        let mut named: Vec<(String, &Value)> = Vec::new();
        for element in list {
            let name = match element.get(member)? {
                Value::String(name) => name.clone(),
                Value::Number(number) => number.to_string(),
                _ => return None,
            };
            if find(&named, &name).is_some() {
                return None;
            }
            named.push((name, element));
        }
        Some(named)
    })
}

/// The value with everything hidden for which `sensitive` answers yes.
pub(crate) fn masked(value: &Value, path: &Path, sensitive: &dyn Fn(&Path) -> bool) -> Value {
    if sensitive(path) {
        return Value::String(MASK.into());
    }
    match value {
        Value::Object(members) => Value::Object(
            members
                .iter()
                .map(|(key, it)| {
                    let path = path.then(Segment::Key(key.clone()));
                    (key.clone(), masked(it, &path, sensitive))
                })
                .collect::<Map<_, _>>(),
        ),
        Value::Array(list) => {
            let names = by_name(value);
            Value::Array(
                list.iter()
                    .enumerate()
                    .map(|(index, it)| {
                        let name = names
                            .as_ref()
                            .map_or_else(|| index.to_string(), |names| names[index].0.clone());
                        masked(it, &path.then(Segment::Item(name)), sensitive)
                    })
                    .collect(),
            )
        }
        _ => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(before: Value, after: Value, expected: &[&str]) {
        let shown: Vec<String> = fields(&before, &after)
            .iter()
            .map(|it| {
                let side = |it: &Option<Value>| it.as_ref().map_or("-".into(), Value::to_string);
                format!("{} {} {}", it.path, side(&it.before), side(&it.after))
            })
            .collect();
        assert_eq!(shown, expected);
    }

    #[test]
    fn one_changed_variable_is_one_field() {
        let document = |color: &str| {
            json!({"containers": [
                {"name": "web", "environment": [{"name": "A", "value": "1"}, {"name": "COLOR", "value": color}]},
                {"name": "log"},
            ]})
        };
        check(
            document("blue"),
            document("green"),
            &["containers[web].environment[COLOR].value \"blue\" \"green\""],
        );
    }

    #[test]
    fn null_is_absent_and_a_new_element_is_whole() {
        check(
            json!({"a": null, "list": [{"name": "x"}]}),
            json!({"b": null, "list": [{"name": "x"}, {"name": "y", "cpu": 1}]}),
            &["list[y] - {\"cpu\":1,\"name\":\"y\"}"],
        );
    }

    #[test]
    fn lists_without_names_are_one_field() {
        check(
            json!({"command": ["a", "b"]}),
            json!({"command": ["a", "c"]}),
            &["command [\"a\",\"b\"] [\"a\",\"c\"]"],
        );
    }
}

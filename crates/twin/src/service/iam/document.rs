//! Policy documents, as they are judged.

use serde_json::{Map, Value};

/// A policy document.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Document {
    /// Whether `${…}` are variables: only in the newer version of the language.
    pub(crate) variables: bool,
    /// Its statements.
    pub(crate) statements: Vec<Statement>,
}

/// A statement.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Statement {
    /// Whether it allows, or else denies.
    pub(crate) allow: bool,
    /// Principals by their kind (`AWS`, `Service`, …).
    pub(crate) principals: Option<Choice<(String, String)>>,
    /// Actions.
    pub(crate) actions: Choice<String>,
    /// Resources; none in a trust policy.
    pub(crate) resources: Option<Choice<String>>,
    /// Conditions, all of which must hold.
    pub(crate) conditions: Vec<Condition>,
}

/// Things that are meant, or with `not` all others.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Choice<T> {
    /// Whether all but these are meant.
    pub(crate) not: bool,
    /// The things.
    pub(crate) these: Vec<T>,
}

/// One key of a condition.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Condition {
    /// Such as `StringEquals`.
    pub(crate) operator: String,
    /// Such as `aws:RequestedRegion`.
    pub(crate) key: String,
    /// The values, one of which is enough.
    pub(crate) values: Vec<String>,
}

impl Document {
    /// Reads a document that was checked when it was stored. What is none says nothing.
    pub(crate) fn read(text: &str) -> Document {
        let Ok(Value::Object(document)) = serde_json::from_str(text) else {
            return Document::default();
        };
        let statements = document.get("Statement").map(many).unwrap_or_default();
        Document {
            variables: document.get("Version").and_then(Value::as_str) == Some("2012-10-17"),
            statements: statements.into_iter().filter_map(statement).collect(),
        }
    }

    /// The condition keys that the document asks for, in its conditions and its variables.
    pub(super) fn keys(&self) -> Vec<String> {
        let mut keys = Vec::new();
        for statement in &self.statements {
            for condition in &statement.conditions {
                keys.push(condition.key.clone());
                condition
                    .values
                    .iter()
                    .for_each(|it| variables(it, &mut keys));
            }
            let resources = statement.resources.iter().flat_map(|it| &it.these);
            resources.for_each(|it| variables(it, &mut keys));
        }
        keys.sort();
        keys.dedup();
        keys
    }
}

/// The values of a member that is either one or a list.
pub(super) fn many(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(list) => list.iter().collect(),
        one => vec![one],
    }
}

/// The texts of a member that is either one or a list; numbers and truths are written out.
pub(super) fn texts(value: &Value) -> Vec<String> {
    let text = |it: &Value| match it {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    many(value).into_iter().map(text).collect()
}

/// A member, or the one that means all others.
fn choice(statement: &Map<String, Value>, name: &str) -> Option<Choice<String>> {
    let not = |not| {
        move |value: &Value| Choice {
            not,
            these: texts(value),
        }
    };
    let negated = statement.get(&format!("Not{name}")).map(not(true));
    statement.get(name).map(not(false)).or(negated)
}

/// The principals of a member, by kind. `"*"` is everyone.
pub(super) fn principals(value: &Value) -> Vec<(String, String)> {
    match value {
        Value::Object(kinds) => kinds
            .iter()
            .flat_map(|(kind, them)| texts(them).into_iter().map(|it| (kind.clone(), it)))
            .collect(),
        other => texts(other)
            .into_iter()
            .map(|it| ("AWS".to_owned(), it))
            .collect(),
    }
}

fn statement(value: &Value) -> Option<Statement> {
    let statement = value.as_object()?;
    let these = |not| {
        move |value: &Value| Choice {
            not,
            these: principals(value),
        }
    };
    let others = statement.get("NotPrincipal").map(these(true));
    Some(Statement {
        allow: statement.get("Effect").and_then(Value::as_str) == Some("Allow"),
        principals: statement.get("Principal").map(these(false)).or(others),
        actions: choice(statement, "Action")?,
        resources: choice(statement, "Resource"),
        conditions: statement
            .get("Condition")
            .map(conditions)
            .unwrap_or_default(),
    })
}

/// The conditions of a `Condition` block.
pub(super) fn conditions(value: &Value) -> Vec<Condition> {
    let mut all = Vec::new();
    for (operator, keys) in value.as_object().into_iter().flatten() {
        for (key, values) in keys.as_object().into_iter().flatten() {
            all.push(Condition {
                operator: operator.clone(),
                key: key.clone(),
                values: texts(values),
            });
        }
    }
    all
}

fn variables(text: &str, keys: &mut Vec<String>) {
    for part in text.split("${").skip(1) {
        let name = part.split(['}', ',']).next().unwrap_or_default().trim();
        if name.contains(':') {
            keys.push(name.to_owned());
        }
    }
}

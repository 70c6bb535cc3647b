//! IAM and lifecycle policies, in one spelling each.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value, json};

/// An IAM policy document in canonical form: two documents that say the same are equal.
///
/// Single values become lists, lists without an order are sorted, and the version is filled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct PolicyDocument(Value);

impl PolicyDocument {
    /// Brings a document into canonical form.
    pub fn new(document: Value) -> Self {
        let Value::Object(mut document) = document else {
            return PolicyDocument(document);
        };
        document.entry("Version").or_insert(json!("2012-10-17"));
        if let Some(statements) = document.remove("Statement") {
            let mut statements: Vec<Value> =
                listed(statements).into_iter().map(statement).collect();
            statements.sort_by_key(Value::to_string);
            document.insert("Statement".into(), Value::Array(statements));
        }
        PolicyDocument(Value::Object(document))
    }

    /// Reads a document as IAM shows it: JSON, percent-encoded (RFC 3986) or not.
    ///
    /// Text that is no JSON becomes a document that equals no other.
    pub fn read(text: &str) -> Self {
        let parse = |text: &str| serde_json::from_str(text).ok();
        let document = parse(text).or_else(|| parse(&percent_decoded(text)));
        PolicyDocument::new(document.unwrap_or_else(|| Value::String(text.to_owned())))
    }

    /// Lets AWS services assume a role, such as `ecs-tasks.amazonaws.com`.
    pub fn trusting<'a>(services: impl IntoIterator<Item = &'a str>) -> Self {
        let services: Vec<&str> = services.into_iter().collect();
        PolicyDocument::new(json!({"Statement": [{
            "Effect": "Allow",
            "Principal": {"Service": services},
            "Action": "sts:AssumeRole",
        }]}))
    }

    /// The document as JSON text, as IAM takes it.
    pub fn text(&self) -> String {
        self.0.to_string()
    }
}

impl<'de> Deserialize<'de> for PolicyDocument {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Value::deserialize(deserializer)? {
            Value::String(text) => PolicyDocument::read(&text),
            document => PolicyDocument::new(document),
        })
    }
}

fn listed(value: Value) -> Vec<Value> {
    match value {
        Value::Array(list) => list,
        single => vec![single],
    }
}

fn sorted(value: Value) -> Value {
    let mut list = listed(value);
    list.sort_by_key(Value::to_string);
    list.dedup();
    Value::Array(list)
}

fn statement(statement: Value) -> Value {
    let Value::Object(members) = statement else {
        return statement;
    };
    let canonical = |(key, value): (String, Value)| {
        let value = match key.as_str() {
            "Action" | "NotAction" | "Resource" | "NotResource" => sorted(value),
            "Principal" | "NotPrincipal" => match value {
                Value::Object(kinds) => each(kinds, |it| sorted(accounts(it))),
                everyone => json!({"AWS": [everyone]}),
            },
            "Condition" => match value {
                Value::Object(operators) => each(operators, |keys| match keys {
                    Value::Object(keys) => each(keys, |value| sorted(texts(value))),
                    other => other,
                }),
                other => other,
            },
            _ => value,
        };
        (key, value)
    };
    Value::Object(members.into_iter().map(canonical).collect())
}

/// IAM shows an account's bare id as its root's ARN.
fn accounts(value: Value) -> Value {
    let is_account = |it: &str| it.len() == 12 && it.chars().all(|it| it.is_ascii_digit());
    let arn = |it: Value| match it.as_str() {
        Some(id) if is_account(id) => Value::String(format!("arn:aws:iam::{id}:root")),
        _ => it,
    };
    Value::Array(listed(value).into_iter().map(arn).collect())
}

fn each(members: Map<String, Value>, change: impl Fn(Value) -> Value) -> Value {
    Value::Object(
        members
            .into_iter()
            .map(|(key, it)| (key, change(it)))
            .collect(),
    )
}

/// Condition values as text: IAM takes `true` and `"true"` alike.
fn texts(value: Value) -> Value {
    let text = |it: Value| match it {
        Value::Bool(_) | Value::Number(_) => Value::String(it.to_string()),
        it => it,
    };
    Value::Array(listed(value).into_iter().map(text).collect())
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let code = after
            .get(..2)
            .filter(|_| byte == b'%')
            .and_then(|it| std::str::from_utf8(it).ok())
            .and_then(|it| u8::from_str_radix(it, 16).ok());
        match code {
            Some(code) => {
                bytes.push(code);
                rest = &after[2..];
            }
            None => {
                bytes.push(byte);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Reading of lifecycle policies: a document, or the same as JSON text.
pub mod lifecycle {
    use super::{Deserialize, Deserializer, Serialize, Value};
    use serde::{Serializer, de::Error};

    /// Brings a lifecycle policy into canonical form: rules in the order of their priority.
    pub fn canonical(mut policy: Value) -> Value {
        if let Some(Value::Array(rules)) = policy.get_mut("rules") {
            rules.sort_by_key(|rule| rule["rulePriority"].as_i64());
        }
        policy
    }

    /// Reads one.
    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Value>, D::Error> {
        Ok(match Option::<Value>::deserialize(deserializer)? {
            None => None,
            Some(Value::String(text)) => {
                let policy = serde_json::from_str(&text)
                    .map_err(|err| D::Error::custom(format!("the policy is no JSON: {err}")))?;
                Some(canonical(policy))
            }
            Some(policy @ Value::Object(_)) => Some(canonical(policy)),
            Some(_) => return Err(D::Error::custom("a lifecycle policy is a map with `rules`")),
        })
    }

    /// Writes one as it is.
    pub fn serialize<S: Serializer>(
        policy: &Option<Value>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        policy.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_that_say_the_same_are_equal() {
        let short = json!({"Statement": {
            "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Principal": "*",
            "Condition": {"Bool": {"aws:SecureTransport": true}},
        }});
        let long = json!({"Version": "2012-10-17", "Statement": [{
            "Action": ["s3:GetObject"], "Effect": "Allow", "Resource": ["*"],
            "Principal": {"AWS": ["*"]}, "Condition": {"Bool": {"aws:SecureTransport": ["true"]}},
        }]});
        assert_eq!(PolicyDocument::new(short), PolicyDocument::new(long));
    }

    #[test]
    fn order_among_statements_and_actions_says_nothing() {
        let first = json!({"Statement": [
            {"Effect": "Allow", "Action": ["a:B", "a:A"], "Resource": "*"},
            {"Effect": "Deny", "Action": "a:C", "Resource": "*"},
        ]});
        let second = json!({"Statement": [
            {"Effect": "Deny", "Action": "a:C", "Resource": "*"},
            {"Effect": "Allow", "Action": ["a:A", "a:B"], "Resource": "*"},
        ]});
        assert_eq!(PolicyDocument::new(first), PolicyDocument::new(second));
    }

    #[test]
    fn encoded_documents_are_read() {
        let trust = PolicyDocument::trusting(["ec2.amazonaws.com"]);
        let encoded = trust.text().replace('"', "%22").replace(':', "%3A");
        assert_eq!(PolicyDocument::read(&encoded), trust);
        assert_eq!(PolicyDocument::read(&trust.text()), trust);
    }
}

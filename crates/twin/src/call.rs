//! What an action is given, and what it answers.

use crate::World;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// What an action answers: the output by the names of the model's members, or a refusal.
pub type Answer = Result<Value, Refusal>;

/// An action of a service.
pub struct Action {
    /// As the service's model names it: `CreateCluster`.
    pub name: &'static str,
    /// Does it. The input was checked against the model; what the model does not say is checked
    /// here.
    pub run: fn(&mut World, &Input) -> Answer,
    /// What the caller must be allowed, as IAM judges it before `run`.
    pub needs: fn(&World, &Input) -> Vec<Grant>,
}

impl Action {
    /// An action of which IAM judges only the name, on every resource.
    pub const fn new(name: &'static str, run: fn(&mut World, &Input) -> Answer) -> Action {
        Action {
            name,
            run,
            needs: |_, _| Vec::new(),
        }
    }

    /// An action that IAM judges by what it touches. An empty list means the action itself on `*`.
    pub const fn on(
        name: &'static str,
        run: fn(&mut World, &Input) -> Answer,
        needs: fn(&World, &Input) -> Vec<Grant>,
    ) -> Action {
        Action { name, run, needs }
    }
}

/// One thing that a caller must be allowed to do.
#[derive(Clone, Debug, PartialEq)]
pub struct Grant {
    /// As policies name it: `ecs:CreateService`. Empty: the action that is called.
    pub action: String,
    /// The resource's ARN, or `*`.
    pub resource: String,
    /// What conditions may ask for: `aws:RequestTag/project`, `ecs:cluster`, `iam:PassedToService`.
    pub context: BTreeMap<String, Vec<String>>,
}

impl Grant {
    /// The called action on one resource.
    pub fn on(resource: impl Into<String>) -> Grant {
        Grant {
            action: String::new(),
            resource: resource.into(),
            context: BTreeMap::new(),
        }
    }

    /// Another action than the one called, such as `iam:PassRole`.
    pub fn of(action: impl Into<String>, resource: impl Into<String>) -> Grant {
        Grant {
            action: action.into(),
            ..Grant::on(resource)
        }
    }

    /// With a value that conditions may ask for.
    pub fn with(mut self, key: impl Into<String>, value: impl Into<String>) -> Grant {
        let values = self.context.entry(key.into()).or_default();
        values.push(value.into());
        self
    }
}

/// Who calls.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Caller {
    /// The access key of the signature; empty where nobody signed.
    pub access_key: String,
    /// The ARN of the principal.
    pub arn: String,
    /// Its unique id, as GetCallerIdentity shows it.
    pub user_id: String,
}

/// An action's input: members by the names of the model. Timestamps are seconds since 1970, blobs
/// are base64 text. What is required is there; absent members are absent, never null.
#[derive(Clone, Debug, Default)]
pub struct Input {
    /// The service by its signing name, such as `ecs`, and the action, such as `CreateCluster`.
    pub service: String,
    /// The action.
    pub action: String,
    /// Who calls.
    pub caller: Caller,
    /// The members.
    pub members: Map<String, Value>,
}

impl Input {
    /// A member's text; empty if absent.
    pub fn text(&self, name: &str) -> &str {
        self.maybe(name).unwrap_or_default()
    }

    /// A member's text, if it is there.
    pub fn maybe(&self, name: &str) -> Option<&str> {
        self.members.get(name).and_then(Value::as_str)
    }

    /// A member, whatever it is.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.members.get(name)
    }

    /// Whether a member is there.
    pub fn has(&self, name: &str) -> bool {
        self.members.contains_key(name)
    }

    /// A list's elements; none if absent.
    pub fn list(&self, name: &str) -> &[Value] {
        let list = self.members.get(name).and_then(Value::as_array);
        list.map_or(&[], Vec::as_slice)
    }

    /// A list's texts; none if absent.
    pub fn texts(&self, name: &str) -> Vec<&str> {
        self.list(name).iter().filter_map(Value::as_str).collect()
    }

    /// Whether a member is there and true.
    pub fn flag(&self, name: &str) -> bool {
        self.members.get(name).and_then(Value::as_bool) == Some(true)
    }

    /// A member's whole number.
    pub fn integer(&self, name: &str) -> Option<i64> {
        self.members.get(name).and_then(Value::as_i64)
    }

    /// A member's number.
    pub fn number(&self, name: &str) -> Option<f64> {
        self.members.get(name).and_then(Value::as_f64)
    }
}

/// An error that AWS answers.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct Refusal {
    /// The code as callers see it: `ClusterNotFoundException`, `NoSuchEntity`.
    pub code: String,
    /// The words.
    pub message: String,
    /// The HTTP status, where the service's model does not say it.
    pub status: Option<u16>,
    /// Further members of the error's shape, for the services that speak JSON.
    pub members: Map<String, Value>,
}

impl Refusal {
    /// An error with the HTTP status that the model gives its code, or else 400.
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Refusal {
        Refusal {
            code: code.into(),
            message: message.into(),
            status: None,
            members: Map::new(),
        }
    }

    /// The same with another HTTP status.
    pub fn status(mut self, status: u16) -> Refusal {
        self.status = Some(status);
        self
    }
}

/// Pages a list as AWS does: what follows `token`, `limit` of it at most, and the token of the
/// next page if there is one. A token that no page gave is `None`.
pub fn page<T: Clone>(
    all: &[T],
    token: Option<&str>,
    limit: usize,
) -> Option<(Vec<T>, Option<String>)> {
    use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
    let from = match token {
        None => 0,
        Some(token) => {
            let bytes = BASE64.decode(token).ok()?;
            let text = String::from_utf8(bytes).ok()?;
            text.strip_prefix("page:")?.parse::<usize>().ok()?
        }
    };
    let from = from.min(all.len());
    let to = (from + limit.max(1)).min(all.len());
    let next = (to < all.len()).then(|| BASE64.encode(format!("page:{to}")));
    Some((all[from..to].to_vec(), next))
}

/// The same for what has names and is in their order: a page begins after the last name of the one
/// before, whatever has come or gone meanwhile.
pub fn page_by_name<T: Clone>(
    all: &[(&str, T)],
    token: Option<&str>,
    limit: usize,
) -> Option<(Vec<T>, Option<String>)> {
    use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
    let from = match token {
        None => 0,
        Some(token) => {
            let bytes = BASE64.decode(token).ok()?;
            let text = String::from_utf8(bytes).ok()?;
            let last = text.strip_prefix("after:")?;
            all.partition_point(|(name, _)| *name <= last)
        }
    };
    let to = (from + limit.max(1)).min(all.len());
    let last = all[from..to].last().filter(|_| to < all.len());
    let next = last.map(|(name, _)| BASE64.encode(format!("after:{name}")));
    Some((all[from..to].iter().map(|it| it.1.clone()).collect(), next))
}

/// A small object without its absent members: `object([("name", Some(name.into()))])`.
pub fn object<const N: usize>(members: [(&str, Option<Value>); N]) -> Value {
    let members = members
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(members.collect())
}

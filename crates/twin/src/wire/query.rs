//! Forms: what came, by shape, in the way of most services and in EC2's.

use super::{route::Form, stamp, words};
use crate::{
    Refusal,
    model::{Kind, Member, Service, Speech},
};
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Names with more dots than that name nothing.
const DEEPEST: usize = 40;

/// What every form may have besides the action's members.
const OURS: [&str; 10] = [
    "Action",
    "Version",
    "AWSAccessKeyId",
    "Expires",
    "SecurityToken",
    "Signature",
    "SignatureMethod",
    "SignatureVersion",
    "Timestamp",
    "AuthParams",
];

/// The members of an input.
pub(super) fn members(
    service: &Service,
    speech: Speech,
    shape: Option<&str>,
    form: &Form,
) -> Result<Map<String, Value>, Refusal> {
    let mut root = Branch::default();
    for (key, value) in form {
        root.grow(key, value);
    }
    let reader = Reader { service, speech };
    if speech == Speech::Ec2 {
        reader.recognise(shape, &root)?;
    }
    let read = shape.map(|it| reader.object(it, &root, ""));
    read.unwrap_or_else(|| Ok(Map::new()))
}

/// A form's names as a tree: `Tags.member.1.Key` is four branches.
#[derive(Default)]
struct Branch {
    value: Option<String>,
    parts: BTreeMap<String, Branch>,
}

impl Branch {
    fn grow(&mut self, key: &str, value: &str) {
        if key.split('.').count() > DEEPEST {
            return;
        }
        let mut branch = self;
        for part in key.split('.') {
            branch = branch.parts.entry(part.to_owned()).or_default();
        }
        branch.value.get_or_insert_with(|| value.to_owned());
    }

    /// The parts that are numbered, in order.
    fn numbered(&self) -> Vec<(usize, &Branch)> {
        let parts = self.parts.iter();
        let parts = parts.filter_map(|(number, part)| Some((number.parse().ok()?, part)));
        let mut parts: Vec<(usize, &Branch)> = parts.collect();
        parts.sort_by_key(|(number, _)| *number);
        parts
    }
}

#[derive(Clone, Copy)]
struct Reader<'a> {
    service: &'a Service,
    speech: Speech,
}

impl Reader<'_> {
    fn name(self, member: &Member) -> String {
        match self.speech {
            Speech::Ec2 => member.in_ec2(),
            _ => member.in_xml().to_owned(),
        }
    }

    /// EC2 refuses parameters that it does not know; the others ignore them.
    fn recognise(self, shape: Option<&str>, root: &Branch) -> Result<(), Refusal> {
        let members = match shape.map(|it| &self.service.shape(it).kind) {
            Some(Kind::Object(members, _)) => members.as_slice(),
            _ => &[],
        };
        let known: Vec<String> = members.iter().map(|it| self.name(it)).collect();
        let is_known = |name: &str| {
            known.iter().any(|it| it == name) || OURS.contains(&name) || name.starts_with("X-Amz-")
        };
        match root.parts.keys().find(|it| !is_known(it)) {
            Some(name) => Err(words::unknown_parameter(name)),
            None => Ok(()),
        }
    }

    fn object(
        self,
        shape: &str,
        branch: &Branch,
        path: &str,
    ) -> Result<Map<String, Value>, Refusal> {
        let Kind::Object(members, _) = &self.service.shape(shape).kind else {
            return Ok(Map::new());
        };
        let mut read = Map::new();
        for member in members {
            let name = self.name(member);
            if let Some(part) = branch.parts.get(&name) {
                let path = join(path, &name);
                if let Some(value) = self.value(member.shape, part, &path)? {
                    read.insert(member.name.to_owned(), value);
                }
            }
        }
        Ok(read)
    }

    fn value(self, shape: &str, branch: &Branch, path: &str) -> Result<Option<Value>, Refusal> {
        let kind = &self.service.shape(shape).kind;
        match kind {
            Kind::Object(..) => Ok(Some(Value::Object(self.object(shape, branch, path)?))),
            Kind::List(element, name) => self.list(element, name, branch, path).map(Some),
            Kind::Map(_, value) => self.map(value, branch, path).map(Some),
            _ => {
                let Some(text) = &branch.value else {
                    return Ok(None);
                };
                let value = scalar(kind, text);
                let refused = || words::misread(self.speech, path, text, kind);
                value.map(Some).ok_or_else(refused)
            }
        }
    }

    fn list(
        self,
        element: &str,
        name: &str,
        branch: &Branch,
        path: &str,
    ) -> Result<Value, Refusal> {
        // An empty list is the bare name with no value.
        let numbered = match self.speech {
            Speech::Ec2 => branch.numbered(),
            _ => branch
                .parts
                .get(name)
                .map_or_else(Vec::new, Branch::numbered),
        };
        let mut list = Vec::new();
        for (number, part) in numbered {
            let path = join(path, &number.to_string());
            list.extend(self.value(element, part, &path)?);
        }
        Ok(Value::Array(list))
    }

    fn map(self, shape: &str, branch: &Branch, path: &str) -> Result<Value, Refusal> {
        let entries = branch
            .parts
            .get("entry")
            .map_or_else(Vec::new, Branch::numbered);
        let mut map = Map::new();
        for (_, entry) in entries {
            let key = entry.parts.get("key").and_then(|it| it.value.clone());
            if let (Some(key), Some(part)) = (key, entry.parts.get("value"))
                && let Some(value) = self.value(shape, part, &join(path, &key))?
            {
                map.insert(key, value);
            }
        }
        Ok(Value::Object(map))
    }
}

fn scalar(kind: &Kind, text: &str) -> Option<Value> {
    match kind {
        Kind::Integer => text.trim().parse::<i64>().ok().map(Value::from),
        Kind::Decimal => {
            let number = text.trim().parse::<f64>().ok()?;
            serde_json::Number::from_f64(number).map(Value::Number)
        }
        Kind::Flag => text
            .to_ascii_lowercase()
            .parse::<bool>()
            .ok()
            .map(Value::Bool),
        Kind::Moment => stamp::read(text),
        Kind::Blob => BASE64.decode(text).ok().map(|_| Value::from(text)),
        _ => Some(Value::from(text)),
    }
}

fn join(path: &str, name: &str) -> String {
    match path.is_empty() {
        true => name.to_owned(),
        false => format!("{path}.{name}"),
    }
}

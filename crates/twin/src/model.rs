//! What AWS publishes about its services: their actions, and the shapes of what goes in and out.
//!
//! `model/refresh.py` writes it from the models of AWS's own SDKs.

use regex_lite::Regex;
use serde::Deserialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::OnceLock,
};

mod entry;
mod source;
#[cfg(test)]
mod tests;

use source::{SOURCES, Source};

/// A service: how it is spoken to, and what it does.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Service {
    /// The name that requests are signed for, such as `ecs`.
    #[serde(skip)]
    pub name: &'static str,
    /// The version of the API, a date.
    pub version: &'static str,
    /// How it can be spoken to.
    pub speech: Vec<Speech>,
    /// What stands before the action in `X-Amz-Target`.
    pub target: Option<&'static str>,
    /// The version of AWS's JSON, for the services that speak it.
    pub json: Option<&'static str>,
    /// The namespace of its XML.
    pub namespace: Option<&'static str>,
    /// Whether its errors keep, beside their names, the codes of the days when it spoke XML.
    pub query_compatible: bool,
    operations: BTreeMap<&'static str, Operation>,
    errors: BTreeMap<&'static str, Fault>,
    shapes: BTreeMap<&'static str, Shape>,
}

/// A way to speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Speech {
    /// JSON with the action in `X-Amz-Target`.
    Json,
    /// A form in, XML out.
    Query,
    /// EC2's kind of that.
    Ec2,
    /// Smithy RPC v2: CBOR with the action in the path.
    Cbor,
}

/// An action's shapes.
#[derive(Debug, Deserialize)]
pub struct Operation {
    /// The input's shape, if there is one.
    #[serde(borrow)]
    pub input: Option<&'static str>,
    /// The output's shape, if there is one.
    pub output: Option<&'static str>,
}

/// How an error shows on the wire.
#[derive(Debug, Deserialize)]
pub struct Fault {
    /// Its code there: `NoSuchEntity` where the shape is `NoSuchEntityException`.
    pub code: &'static str,
    /// The HTTP status.
    pub status: u16,
    server: u8,
}

impl Fault {
    /// Whether it is the service's fault and not the caller's.
    pub fn is_server(&self) -> bool {
        self.server == 1
    }
}

/// The form of a value.
#[derive(Debug)]
pub struct Shape {
    /// What kind of value.
    pub kind: Kind,
    /// The texts that are allowed; empty: any.
    pub allowed: BTreeSet<&'static str>,
    /// The least number, or the least length of a text, a list or a map.
    pub least: Option<f64>,
    /// The most.
    pub most: Option<f64>,
    /// The pattern of a text, in AWS's words.
    pub pattern: Option<String>,
    engine: Option<String>,
    matcher: OnceLock<Option<Regex>>,
}

/// Kinds of values.
#[derive(Debug)]
pub enum Kind {
    /// Named members, in the model's order, and the names of those that are required.
    Object(Vec<Member>, Vec<&'static str>),
    /// Elements of a shape, and the name of an element in XML.
    List(&'static str, &'static str),
    /// Texts of one shape to values of another.
    Map(&'static str, &'static str),
    /// Text.
    Text,
    /// A whole number.
    Integer,
    /// A number.
    Decimal,
    /// True or false.
    Flag,
    /// A moment.
    Moment,
    /// Bytes.
    Blob,
    /// Anything.
    Any,
}

/// A member of an object.
#[derive(Debug, Deserialize)]
pub struct Member {
    /// Its name.
    pub name: &'static str,
    /// Its value's shape.
    pub shape: &'static str,
    #[serde(default)]
    location: Option<&'static str>,
    #[serde(default)]
    query: Option<&'static str>,
}

impl Member {
    /// Its name in XML, and in the forms of all services but EC2.
    pub fn in_xml(&self) -> &'static str {
        self.location.unwrap_or(self.name)
    }

    /// Its name in EC2's forms.
    pub fn in_ec2(&self) -> String {
        match (self.query, self.location) {
            (Some(name), _) => name.to_owned(),
            (None, Some(name)) => format!("{}{}", name[..1].to_ascii_uppercase(), &name[1..]),
            (None, None) => self.name.to_owned(),
        }
    }
}

impl Service {
    /// The action of that name and its shapes.
    pub fn operation(&self, name: &str) -> Option<(&'static str, &Operation)> {
        let (name, operation) = self.operations.get_key_value(name)?;
        Some((name, operation))
    }

    /// Every action's name.
    pub fn operations(&self) -> impl Iterator<Item = &'static str> {
        self.operations.keys().copied()
    }

    /// An error by its shape's name or by its code on the wire.
    pub fn fault(&self, code: &str) -> Option<(&'static str, &Fault)> {
        let named = self.errors.get_key_value(code);
        let fault = named.or_else(|| self.errors.iter().find(|(_, fault)| fault.code == code));
        fault.map(|(shape, fault)| (*shape, fault))
    }

    /// The shape of that name, which the model has.
    pub fn shape(&self, name: &str) -> &Shape {
        self.shapes.get(name).expect("the model is whole")
    }

    /// Whether it can be spoken to like that.
    pub fn speaks(&self, speech: Speech) -> bool {
        self.speech.contains(&speech)
    }

    /// Whether it answers XML and nothing newer.
    pub fn is_xml(&self) -> bool {
        self.json.is_none()
    }
}

impl Shape {
    /// Whether a text fits the pattern. What cannot be checked here fits.
    pub fn fits(&self, text: &str) -> bool {
        let matcher = self.matcher.get_or_init(|| self.compile());
        matcher.as_ref().is_none_or(|it| it.is_match(text))
    }

    fn compile(&self) -> Option<Regex> {
        // AWS's patterns are for the whole text, whether they say so or not.
        let pattern = format!("^(?:{})$", self.engine.as_ref()?);
        Regex::new(&pattern).ok()
    }
}

/// The service of that signing name.
pub fn of(signing_name: &str) -> Option<&'static Service> {
    found(|it| it.name == signing_name)
}

/// The service whose actions `X-Amz-Target` and CBOR's paths name with that prefix.
pub fn of_target(prefix: &str) -> Option<&'static Service> {
    found(|it| it.target == Some(prefix))
}

/// The service whose API has that version.
pub fn of_version(version: &str) -> Option<&'static Service> {
    found(|it| it.version == version)
}

/// Every service.
pub fn all() -> impl Iterator<Item = &'static Service> {
    SOURCES.iter().map(Source::service)
}

fn found(is_it: impl Fn(&Source) -> bool) -> Option<&'static Service> {
    SOURCES.iter().find(|it| is_it(it)).map(Source::service)
}

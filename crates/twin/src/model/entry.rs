//! Shapes as the files have them.

use super::{Kind, Member, Shape};
use serde::{Deserialize, Deserializer};
use std::{collections::BTreeSet, sync::OnceLock};

/// A shape as the file has it; `refresh.py` says what the letters are.
#[derive(Deserialize)]
struct Entry {
    t: char,
    #[serde(default)]
    m: Vec<Member>,
    #[serde(default)]
    r: Vec<&'static str>,
    #[serde(borrow)]
    l: Option<&'static str>,
    n: Option<&'static str>,
    k: Option<&'static str>,
    v: Option<&'static str>,
    #[serde(default)]
    e: BTreeSet<&'static str>,
    a: Option<f64>,
    z: Option<f64>,
    p: Option<String>,
    #[serde(default = "same")]
    q: Option<String>,
}

fn same() -> Option<String> {
    Some(String::new())
}

impl Deserialize<'static> for Shape {
    fn deserialize<D: Deserializer<'static>>(reader: D) -> Result<Shape, D::Error> {
        Entry::deserialize(reader).map(Shape::from)
    }
}

impl From<Entry> for Shape {
    fn from(entry: Entry) -> Shape {
        let kind = match entry.t {
            'o' => Kind::Object(entry.m, entry.r),
            'l' => Kind::List(entry.l.unwrap_or_default(), entry.n.unwrap_or("member")),
            'm' => Kind::Map(entry.k.unwrap_or_default(), entry.v.unwrap_or_default()),
            's' => Kind::Text,
            'i' => Kind::Integer,
            'd' => Kind::Decimal,
            'b' => Kind::Flag,
            't' => Kind::Moment,
            'B' => Kind::Blob,
            _ => Kind::Any,
        };
        let engine = match entry.q {
            Some(same) if same.is_empty() => entry.p.clone(),
            other => other,
        };
        Shape {
            kind,
            allowed: entry.e,
            least: entry.a,
            most: entry.z,
            pattern: entry.p,
            engine,
            matcher: OnceLock::new(),
        }
    }
}

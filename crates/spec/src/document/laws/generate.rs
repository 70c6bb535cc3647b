//! Documents made from the model, by a seed.

use serde_json::{Map, Value, json};

use crate::document::DocumentKind;
use crate::document::habits::{Spelling, WhenAbsent};
use crate::document::normalise::Context;
use crate::document::schema::{Bounds, Member, Schema, Shape, schema};

pub(super) struct Generator {
    schema: &'static Schema,
    state: u64,
    names: u32,
}

impl Generator {
    pub(super) fn new(seed: u64) -> Generator {
        Generator {
            schema: schema(),
            state: seed,
            names: 0,
        }
    }

    /// Makes a document that breaks no rule.
    pub(super) fn document(&mut self, kind: DocumentKind) -> Value {
        let members = self.schema.document(kind);
        Value::Object(
            members
                .iter()
                .fold(Map::new(), |mut object, (name, member)| {
                    if member.required || self.chance(40) {
                        let value = self.member(member);
                        object.insert(name.clone(), value);
                    }
                    object
                }),
        )
    }

    /// Shows the document as AWS might: dressed with defaults, and in another order.
    pub(super) fn shown(&mut self, kind: DocumentKind, document: &Value) -> Value {
        let object = document.as_object().expect("an object");
        let context = Context::of(object);
        let members = self.schema.document(kind);
        let mut shown = self.dressed_members(&context, members, object);
        for member in &self.schema.root(kind).shown {
            shown.insert(member.clone(), json!([{"of": "AWS"}]));
        }
        shown.insert("somethingNew".to_owned(), json!({"enabled": true}));
        Value::Object(shown)
    }

    /// Puts in what does not belong: unknown members, nothing, and wrong types.
    pub(super) fn spoiled(&mut self, value: Value) -> Value {
        if self.chance(4) {
            let rubbish = [
                json!(null),
                json!([]),
                json!({}),
                json!(""),
                json!("80"),
                json!(1.5),
                json!(2.0),
                json!(true),
                json!([null, {}, [], "x"]),
                json!({"name": null, "odd": {"a": []}}),
            ];
            return rubbish[self.below(rubbish.len() as u64) as usize].clone();
        }
        match value {
            Value::Array(list) => list.into_iter().map(|value| self.spoiled(value)).collect(),
            Value::Object(object) => {
                let mut object: Map<String, Value> = object
                    .into_iter()
                    .map(|(key, value)| (key, self.spoiled(value)))
                    .collect();
                if self.chance(20) {
                    object.insert("unknown".to_owned(), json!([1]));
                }
                Value::Object(object)
            }
            value => value,
        }
    }

    fn member(&mut self, member: &Member) -> Value {
        match (member.spelling, member.default) {
            (_, Some(WhenAbsent::Text(text))) if self.chance(30) => json!(text),
            (_, Some(WhenAbsent::Number(number))) if self.chance(30) => json!(number),
            (_, Some(WhenAbsent::Flag(flag))) if self.chance(30) => json!(flag),
            (_, Some(WhenAbsent::Scheduled(replica, _))) if self.chance(30) => json!(replica),
            (_, Some(WhenAbsent::Scheduled(_, daemon))) if self.chance(30) => json!(daemon),
            (_, Some(WhenAbsent::HostPort)) => json!(self.below(3) * 80),
            (Some(Spelling::Cpu), _) => self.one_of(&["256", ".5 vCPU", "1 vcpu"]),
            (Some(Spelling::Memory), _) => self.one_of(&["512", "1 GB", ".5gb"]),
            (Some(Spelling::PlacementField), _) => {
                self.one_of(&["host", "cpu", "MEMORY", "attribute:x"])
            }
            (Some(Spelling::Anything), _) => {
                [json!(""), json!(true), json!(8080), json!("v")][self.below(4) as usize].clone()
            }
            _ => {
                let mut value = self.value(self.schema.of(member), member.bounds);
                if let (Some(key), Value::Array(list)) = (member.unique, &mut value) {
                    let mut seen = Vec::new();
                    list.retain(|element| {
                        let is_new = !seen.contains(&element[key]);
                        seen.push(element[key].clone());
                        is_new
                    });
                }
                value
            }
        }
    }

    fn value(&mut self, shape: &'static Shape, narrower: Bounds) -> Value {
        match shape {
            Shape::Object(members) => {
                let mut object = Map::new();
                for (name, member) in members {
                    if member.required || self.chance(40) {
                        let value = if name == "containerPort" {
                            json!(self.below(3) * 80)
                        } else {
                            self.member(member)
                        };
                        object.insert(name.clone(), value);
                    }
                }
                Value::Object(object)
            }
            Shape::List { element, length } => {
                let bounds = narrower.or(*length);
                let least = bounds.least.unwrap_or(0) as u64;
                let most = bounds.most.unwrap_or(3).min(3) as u64;
                let count = least + self.below(most - least + 1);
                let shape = self.schema.named(element);
                (0..count)
                    .map(|_| self.value(shape, Bounds::default()))
                    .collect()
            }
            Shape::Map { value } => {
                let shape = self.schema.named(value);
                let count = self.below(3);
                let entries =
                    (0..count).map(|_| (self.name(), self.value(shape, Bounds::default())));
                Value::Object(entries.collect())
            }
            Shape::Text { allowed, .. } if allowed.is_empty() => json!(self.name()),
            Shape::Text { allowed, .. } => {
                json!(allowed[self.below(allowed.len() as u64) as usize])
            }
            Shape::Integer { bounds } => {
                let bounds = narrower.or(*bounds);
                let least = bounds.least.unwrap_or(0);
                let most = bounds.most.unwrap_or(least + 500);
                json!(least + self.below((most - least + 1) as u64) as i64)
            }
            Shape::Decimal => json!(self.below(40) as f64 / 2.0),
            Shape::Flag => json!(self.chance(50)),
            Shape::Anything => json!({"any": {"thing": [1, null]}}),
        }
    }

    fn dressed_members(
        &mut self,
        context: &Context,
        members: &'static std::collections::BTreeMap<String, Member>,
        object: &Map<String, Value>,
    ) -> Map<String, Value> {
        let mut dressed = Map::new();
        for (name, member) in members {
            let value = match object.get(name) {
                Some(value) => Some(self.dressed(context, member, value)),
                None if self.chance(50) => None,
                None => self.added(context, member, object),
            };
            if let Some(value) = value {
                dressed.insert(name.clone(), value);
            }
        }
        dressed
    }

    /// What AWS shows where nothing was written.
    fn added(
        &mut self,
        context: &Context,
        member: &Member,
        siblings: &Map<String, Value>,
    ) -> Option<Value> {
        if let Some(default) = member.default {
            let port = siblings.get("containerPort");
            return match (default, port) {
                (WhenAbsent::HostPort, Some(port))
                    if context.is_default(default, port, siblings) =>
                {
                    Some(port.clone())
                }
                _ => context.value(default),
            };
        }
        match self.schema.of(member) {
            Shape::List { .. } => Some(json!([])),
            Shape::Map { .. } => Some(json!({})),
            Shape::Object(members)
                if members
                    .values()
                    .all(|member| !member.required || member.default.is_some()) =>
            {
                let mut object = self.dressed_members(context, members, &Map::new());
                for (name, member) in members.iter().filter(|(_, member)| member.required) {
                    object.insert(name.clone(), context.value(member.default?)?);
                }
                Some(Value::Object(object))
            }
            _ => None,
        }
    }

    fn dressed(&mut self, context: &Context, member: &Member, value: &Value) -> Value {
        match (self.schema.of(member), value) {
            (Shape::Object(members), Value::Object(object)) => {
                Value::Object(self.dressed_members(context, members, object))
            }
            (Shape::List { element, .. }, Value::Array(list)) => {
                let shape = self.schema.named(element);
                let mut list: Vec<Value> = list
                    .iter()
                    .map(|value| match (shape, value) {
                        (Shape::Object(members), Value::Object(object)) => {
                            Value::Object(self.dressed_members(context, members, object))
                        }
                        _ => value.clone(),
                    })
                    .collect();
                if member.set.is_some() {
                    for last in (1..list.len()).rev() {
                        list.swap(last, self.below(last as u64 + 1) as usize);
                    }
                }
                Value::Array(list)
            }
            (Shape::Integer { .. }, Value::Number(number)) if self.chance(30) => {
                json!(number.to_string())
            }
            (Shape::Text { .. }, Value::Bool(_) | Value::Number(_)) => json!(value.to_string()),
            _ => value.clone(),
        }
    }

    fn name(&mut self) -> String {
        self.names += 1;
        format!("n{}-{}", self.below(10), self.names)
    }

    fn one_of(&mut self, texts: &[&str]) -> Value {
        json!(texts[self.below(texts.len() as u64) as usize])
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// The next number of SplitMix64, below a limit.
    fn below(&mut self, limit: u64) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }
}

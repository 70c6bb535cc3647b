//! Smithy RPC v2: CBOR both ways, by shape.

use super::{stamp, words};
use crate::{
    Refusal,
    model::{Kind, Service},
};
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use ciborium::Value as Item;
use serde_json::{Map, Value};

type Members = Map<String, Value>;

/// The tag of seconds since 1970.
const MOMENT: u64 = 1;

/// The members of an input.
pub(super) fn members(
    service: &Service,
    shape: Option<&str>,
    body: &[u8],
) -> Result<Members, Refusal> {
    let (Some(shape), false) = (shape, body.is_empty()) else {
        return Ok(Members::new());
    };
    let item: Item = ciborium::from_reader(body)
        .map_err(|_| words::malformed("could not parse request body into cbor"))?;
    match read(service, shape, item)? {
        Value::Object(members) => Ok(members),
        _ => Err(misfit()),
    }
}

fn read(service: &Service, shape: &str, item: Item) -> Result<Value, Refusal> {
    match (&service.shape(shape).kind, item) {
        (_, Item::Null) => Ok(Value::Null),
        (Kind::Object(members, _), Item::Map(given)) => {
            let mut read_members = Members::new();
            for (key, item) in given {
                let member = members.iter().find(|it| key.as_text() == Some(it.name));
                if let Some(member) = member.filter(|_| !item.is_null()) {
                    let value = read(service, member.shape, item)?;
                    read_members.insert(member.name.to_owned(), value);
                }
            }
            Ok(Value::Object(read_members))
        }
        (Kind::List(element, _), Item::Array(given)) => {
            let elements = given.into_iter().map(|it| read(service, element, it));
            elements.collect()
        }
        (Kind::Map(_, value_shape), Item::Map(given)) => {
            let mut map = Members::new();
            for (key, item) in given {
                let key = key.into_text().map_err(|_| misfit())?;
                map.insert(key, read(service, value_shape, item)?);
            }
            Ok(Value::Object(map))
        }
        (Kind::Text, Item::Text(text)) => Ok(Value::String(text)),
        (Kind::Flag, Item::Bool(flag)) => Ok(Value::Bool(flag)),
        (Kind::Blob, Item::Bytes(bytes)) => Ok(Value::String(BASE64.encode(bytes))),
        (Kind::Integer, Item::Integer(number)) => {
            let number = i64::try_from(number).map_err(|_| misfit())?;
            Ok(Value::from(number))
        }
        (Kind::Decimal, item) => number(&item).map(Value::from).ok_or_else(misfit),
        (Kind::Moment, Item::Tag(MOMENT, item)) => {
            number(&item).and_then(stamp::seconds).ok_or_else(misfit)
        }
        _ => Err(misfit()),
    }
}

fn number(item: &Item) -> Option<f64> {
    match item {
        Item::Integer(number) => i64::try_from(*number).ok().map(|it| it as f64),
        Item::Float(number) => Some(*number).filter(|it| it.is_finite()),
        _ => None,
    }
}

fn misfit() -> Refusal {
    words::malformed("Unexpected field type")
}

/// An output.
pub(super) fn written(service: &Service, shape: &str, output: &Value) -> Vec<u8> {
    bytes(&item(service, shape, output))
}

/// An error's body: what names it, then its members.
pub(super) fn error(members: &Members) -> Vec<u8> {
    let entries = members
        .iter()
        .map(|(name, value)| (Item::from(name.as_str()), plain(value)));
    bytes(&Item::Map(entries.collect()))
}

fn bytes(item: &Item) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(item, &mut bytes).expect("a vector takes all that is written");
    bytes
}

fn item(service: &Service, shape: &str, value: &Value) -> Item {
    match (&service.shape(shape).kind, value) {
        (Kind::Object(members, _), Value::Object(given)) => {
            let members = members.iter().filter_map(|member| {
                let value = given.get(member.name).filter(|it| !it.is_null())?;
                Some((Item::from(member.name), item(service, member.shape, value)))
            });
            Item::Map(members.collect())
        }
        (Kind::List(element, _), Value::Array(given)) => {
            Item::Array(given.iter().map(|it| item(service, element, it)).collect())
        }
        (Kind::Map(_, shape), Value::Object(given)) => {
            let entries = given.iter();
            let entries =
                entries.map(|(key, it)| (Item::from(key.as_str()), item(service, shape, it)));
            Item::Map(entries.collect())
        }
        (Kind::Decimal, value) => Item::from(value.as_f64().unwrap_or_default()),
        (Kind::Moment, value) => {
            let seconds = value.as_f64().unwrap_or_default();
            Item::Tag(MOMENT, Box::new(Item::from(seconds)))
        }
        (Kind::Blob, Value::String(text)) => Item::Bytes(BASE64.decode(text).unwrap_or_default()),
        (_, value) => plain(value),
    }
}

fn plain(value: &Value) -> Item {
    match value {
        Value::Null => Item::Null,
        Value::Bool(flag) => Item::from(*flag),
        Value::Number(number) => match number.as_i64() {
            Some(number) => Item::from(number),
            None => Item::from(number.as_f64().unwrap_or_default()),
        },
        Value::String(text) => Item::from(text.as_str()),
        Value::Array(list) => Item::Array(list.iter().map(plain).collect()),
        Value::Object(members) => {
            let members = members.iter();
            let members = members.map(|(key, value)| (Item::from(key.as_str()), plain(value)));
            Item::Map(members.collect())
        }
    }
}

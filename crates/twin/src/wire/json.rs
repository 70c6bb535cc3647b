//! AWS's JSON: what came, by shape.

use super::{stamp, words};
use crate::{
    Refusal,
    model::{Kind, Service},
};
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use serde_json::{Map, Value};

type Members = Map<String, Value>;

/// The members of an input.
pub(super) fn members(
    service: &Service,
    shape: Option<&str>,
    body: &[u8],
) -> Result<Members, Refusal> {
    if body.is_empty() {
        return Ok(Members::new());
    }
    let value = serde_json::from_slice(body)
        .map_err(|_| words::malformed("could not parse request body into json"))?;
    let read = match (shape, value) {
        (Some(shape), value @ Value::Object(_)) => read(service, shape, value)?,
        (None, Value::Object(_)) => return Ok(Members::new()),
        _ => return Err(words::malformed("Unexpected field type")),
    };
    match read {
        Value::Object(members) => Ok(members),
        _ => Err(words::malformed("Unexpected field type")),
    }
}

/// What is null stays null in lists and goes elsewhere; what the model does not know goes.
fn read(service: &Service, shape: &str, value: Value) -> Result<Value, Refusal> {
    match (&service.shape(shape).kind, value) {
        (_, Value::Null) => Ok(Value::Null),
        (Kind::Any, value) => Ok(value),
        (Kind::Object(members, _), Value::Object(mut given)) => {
            let mut read_members = Members::new();
            for member in members {
                if let Some(value) = given.remove(member.name).filter(|it| !it.is_null()) {
                    let value = read(service, member.shape, value)?;
                    read_members.insert(member.name.to_owned(), value);
                }
            }
            Ok(Value::Object(read_members))
        }
        (Kind::List(element, _), Value::Array(given)) => {
            let elements = given.into_iter().map(|it| read(service, element, it));
            elements.collect()
        }
        (Kind::Map(_, value_shape), Value::Object(given)) => {
            let entries = given.into_iter().filter(|(_, value)| !value.is_null());
            let entries = entries.map(|(key, it)| Ok((key, read(service, value_shape, it)?)));
            Ok(Value::Object(entries.collect::<Result<_, Refusal>>()?))
        }
        (Kind::Text, value @ Value::String(_)) => Ok(value),
        (Kind::Flag, value @ Value::Bool(_)) => Ok(value),
        (Kind::Decimal, value @ Value::Number(_)) => Ok(value),
        (Kind::Integer, Value::Number(number)) => integer(&number),
        (Kind::Moment, Value::Number(number)) => {
            let seconds = number.as_f64().and_then(stamp::seconds);
            seconds.ok_or_else(|| words::malformed("Unexpected field type"))
        }
        (Kind::Blob, Value::String(text)) if BASE64.decode(&text).is_ok() => {
            Ok(Value::String(text))
        }
        (kind, value) => Err(misfit(kind, &value)),
    }
}

fn integer(number: &serde_json::Number) -> Result<Value, Refusal> {
    let whole = number.as_i64().or_else(|| {
        let number = number.as_f64()?;
        (number.fract() == 0.0 && number.abs() < 9e15).then_some(number as i64)
    });
    let refused = || words::malformed("FLOAT_VALUE can not be converted to an Integer");
    whole.map(Value::from).ok_or_else(refused)
}

fn misfit(kind: &Kind, value: &Value) -> Refusal {
    let found = match value {
        Value::Array(_) => return words::malformed("Start of list found where not expected"),
        Value::Object(_) => {
            return words::malformed("Start of structure or map found where not expected.");
        }
        Value::Null => "NULL_VALUE",
        Value::Bool(true) => "TRUE_VALUE",
        Value::Bool(false) => "FALSE_VALUE",
        Value::Number(_) => "NUMBER_VALUE",
        Value::String(_) => "STRING_VALUE",
    };
    let wanted = match kind {
        Kind::List(..) => return words::malformed("Expected list or null"),
        Kind::Map(..) => return words::malformed("Expected map or null"),
        Kind::Object(..) | Kind::Any => return words::malformed("Unexpected field type"),
        Kind::Text => "a String",
        Kind::Integer => "an Integer",
        Kind::Decimal => "a Double",
        Kind::Flag => "a Boolean",
        Kind::Moment => "a Timestamp",
        Kind::Blob => "a Blob",
    };
    words::malformed(&format!("{found} can not be converted to {wanted}"))
}

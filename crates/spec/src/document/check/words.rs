//! What a value is, in words and as what was meant.

use serde_json::Value;

use crate::document::schema::Bounds;

/// Names a value that is not what belongs there.
pub(super) fn what(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Bool(flag) => format!("`{flag}`"),
        Value::Number(number) => format!("the number {number}"),
        Value::String(text) => format!("the text \"{text}\""),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    }
}

/// Reads `80`, `80.0` and `"80"`.
pub(super) fn whole_number(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64().or_else(|| {
            let decimal = number.as_f64()?;
            (decimal.fract() == 0.0 && decimal.abs() < 1e15).then_some(decimal as i64)
        }),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

pub(super) fn is_number(value: &Value) -> bool {
    match value {
        Value::Number(_) => true,
        Value::String(text) => text.trim().parse::<serde_json::Number>().is_ok(),
        _ => false,
    }
}

pub(super) fn is_name(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (1..=255).contains(&text.len()) && text.bytes().all(allowed)
}

/// Says by how much; `of` is what is counted, or empty for a plain number.
pub(super) fn out_of_bounds(number: i64, bounds: Bounds, of: &str) -> String {
    let range = match (bounds.least, bounds.most) {
        (Some(least), Some(most)) => format!("{least} to {most}"),
        (Some(least), None) => format!("{least} or more"),
        (None, Some(most)) => format!("{most} or less"),
        (None, None) => "any".to_owned(),
    };
    match of {
        "" => format!("{number} is out of range; it takes {range}"),
        of => format!("{number} {of} are out of range; it takes {range}"),
    }
}

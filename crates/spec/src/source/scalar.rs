//! What a plain scalar means: YAML 1.2's core schema.

use serde_json::{Number, Value};

/// The value of a scalar that is not quoted.
///
/// What is no JSON number, `.inf` for one, is text; so is a number with a leading zero, since account
/// numbers have one.
pub(super) fn value(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        _ => {}
    }
    let number = whole(text).or_else(|| decimal(text));
    number.map_or_else(|| Value::String(text.to_owned()), Value::Number)
}

fn whole(text: &str) -> Option<Number> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] {
        if let Some(digits) = digits.strip_prefix(prefix) {
            if digits.starts_with(['+', '-']) {
                return None;
            }
            let number = i128::from(u64::from_str_radix(digits, radix).ok()?);
            return Number::from_i128(if negative { -number } else { number });
        }
    }
    let is_padded = digits.len() > 1 && digits.starts_with('0');
    let is_digits = !digits.is_empty() && digits.bytes().all(|it| it.is_ascii_digit());
    if !is_digits || is_padded {
        return None;
    }
    let number: i128 = digits.parse().ok()?;
    Number::from_i128(if negative { -number } else { number })
}

fn decimal(text: &str) -> Option<Number> {
    let digits = text.trim_start_matches(['+', '-']);
    if text.len() - digits.len() > 1 {
        return None;
    }
    let begins = digits.starts_with(|it: char| it.is_ascii_digit() || it == '.');
    let is_number = begins
        && digits.bytes().any(|it| it.is_ascii_digit())
        && digits.contains(['.', 'e', 'E'])
        && digits
            .bytes()
            .all(|it| it.is_ascii_digit() || b".eE+-".contains(&it));
    let is_padded =
        digits.len() > 1 && digits.starts_with('0') && digits.as_bytes()[1].is_ascii_digit();
    if !is_number || is_padded {
        return None;
    }
    Number::from_f64(text.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_plain_scalar_is_what_the_core_schema_says() {
        for (text, expected) in [
            ("", json!(null)),
            ("~", json!(null)),
            ("yes", json!("yes")),
            ("True", json!(true)),
            ("12", json!(12)),
            ("-3", json!(-3)),
            ("+3", json!(3)),
            ("0x1F", json!(31)),
            ("0o17", json!(15)),
            ("012345678901", json!("012345678901")),
            ("1.5", json!(1.5)),
            ("1e3", json!(1000.0)),
            (".5", json!(0.5)),
            ("1.2.3", json!("1.2.3")),
            ("2026-11-27", json!("2026-11-27")),
            (".inf", json!(".inf")),
            ("--1", json!("--1")),
            ("80:8080", json!("80:8080")),
            (
                "123456789012345678901234567890",
                json!("123456789012345678901234567890"),
            ),
            ("-", json!("-")),
            ("e5", json!("e5")),
        ] {
            assert_eq!(value(text), expected, "{text}");
        }
    }
}

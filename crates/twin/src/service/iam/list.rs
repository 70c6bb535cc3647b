//! Pages of IAM's lists.

use super::refusal::validation;
use crate::{Answer, Input, call};
use serde_json::{Value, json};

/// A page of a list, under the name that the list has in the answer. AWS shows a hundred things
/// unless it is asked for another number of them.
pub(super) fn page(input: &Input, name: &str, all: &[Value]) -> Answer {
    let limit = input.integer("MaxItems").unwrap_or(100).clamp(1, 1000) as usize;
    let page = call::page(all, input.maybe("Marker"), limit);
    let (these, next) = page.ok_or_else(|| validation("Invalid Marker."))?;
    let mut answer = json!({ name: these, "IsTruncated": next.is_some() });
    if let Some(next) = next {
        answer["Marker"] = next.into();
    }
    Ok(answer)
}

/// A text as RFC 3986 encodes it, as IAM shows policy documents.
pub(super) fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte));
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

/// A JSON text without the blanks between its tokens.
pub(super) fn compact(text: &str) -> String {
    let (mut quoted, mut escaped) = (false, false);
    let keep = |letter: &char| {
        let kept = quoted || !letter.is_ascii_whitespace();
        match letter {
            '"' if !escaped => quoted = !quoted,
            _ => {}
        }
        escaped = *letter == '\\' && !escaped;
        kept
    };
    text.chars().filter(keep).collect()
}

//! User data, which comes as base64 text.

use super::super::refusal::invalid;
use crate::Refusal;
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};

/// How many bytes it has at most.
const MOST: usize = 16_384;

/// The data itself.
pub(in super::super) fn decode(text: &str) -> Result<String, Refusal> {
    let plain: String = text
        .chars()
        .filter(|it| !it.is_ascii_whitespace())
        .collect();
    let bytes = BASE64.decode(plain).map_err(|_| {
        Refusal::new(
            "InvalidUserData.Malformed",
            "Invalid BASE64 encoding of user data.",
        )
    })?;
    match bytes.len() > MOST {
        true => Err(invalid(format!("User data is limited to {MOST} bytes"))),
        false => Ok(String::from_utf8_lossy(&bytes).into_owned()),
    }
}

/// The data as EC2 shows it.
pub(super) fn encode(data: &str) -> String {
    BASE64.encode(data)
}

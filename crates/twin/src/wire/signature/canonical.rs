//! The form of a request that is signed.

use super::hex;
use crate::wire::Request;
use sha2::{Digest, Sha256};

/// The canonical form of a request, of which those headers are signed.
pub(super) fn request(request: &Request, names: &str) -> String {
    let headers: String = names
        .split(';')
        .map(|name| format!("{name}:{}\n", values(request, name)))
        .collect();
    format!(
        "{}\n{}\n{}\n{headers}\n{names}\n{}",
        request.method,
        path(&request.path),
        query(&request.query),
        payload(request)
    )
}

/// Whether the hash of the body that a request tells, if it tells one, is that of its body.
pub(super) fn payload_is_told(request: &Request) -> bool {
    let told = request.header("x-amz-content-sha256");
    told.is_none_or(|it| it == payload(request))
}

fn payload(request: &Request) -> String {
    hex(&Sha256::digest(&request.body))
}

/// A header's values, each without spare blanks.
fn values(request: &Request, name: &str) -> String {
    let values = request.headers.iter().filter(|(it, _)| it == name);
    let values = values.map(|(_, it)| it.split_whitespace().collect::<Vec<_>>().join(" "));
    values.collect::<Vec<_>>().join(",")
}

/// A path without dots and doubled slashes, encoded once more than it was sent.
fn path(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/').filter(|it| !it.is_empty() && *it != ".") {
        match part {
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    let end = if path.ends_with('/') && !parts.is_empty() {
        "/"
    } else {
        ""
    };
    let parts: Vec<String> = parts.into_iter().map(encoded).collect();
    format!("/{}{end}", parts.join("/"))
}

/// A query string's pairs in order.
fn query(query: &str) -> String {
    let mut pairs: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes())
        .map(|(key, value)| (encoded(&key), encoded(&value)))
        .collect();
    pairs.sort();
    let pairs: Vec<String> = pairs
        .into_iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    pairs.join("&")
}

fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte));
            }
            byte => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

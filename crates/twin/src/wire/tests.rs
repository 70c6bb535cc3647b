//! The requests here are botocore's own, byte for byte where they come as bytes.

use super::*;
use serde_json::{Value, json};

mod answering;
mod reading;
mod refusing;

/// A request in AWS's JSON.
fn in_json(target: &str, body: &str) -> Request {
    Request {
        method: "POST".to_owned(),
        path: "/".to_owned(),
        headers: vec![
            ("x-amz-target".to_owned(), target.to_owned()),
            (
                "content-type".to_owned(),
                "application/x-amz-json-1.1".to_owned(),
            ),
        ],
        body: body.as_bytes().to_vec(),
        ..Request::default()
    }
}

/// A form that is signed for a service.
fn in_form(service: &str, body: &str) -> Request {
    let signature = format!(
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261127/us-east-1/{service}/aws4_request, \
         SignedHeaders=content-type;host;x-amz-date, Signature=00"
    );
    Request {
        method: "POST".to_owned(),
        path: "/".to_owned(),
        headers: vec![
            ("authorization".to_owned(), signature),
            (
                "content-type".to_owned(),
                "application/x-www-form-urlencoded; charset=utf-8".to_owned(),
            ),
        ],
        body: body.as_bytes().to_vec(),
        ..Request::default()
    }
}

/// A request in CBOR to CloudWatch.
fn in_cbor(action: &str, body: Vec<u8>) -> Request {
    Request {
        method: "POST".to_owned(),
        path: format!("/service/GraniteServiceVersion20100801/operation/{action}"),
        headers: vec![("smithy-protocol".to_owned(), "rpc-v2-cbor".to_owned())],
        body,
        ..Request::default()
    }
}

fn taken(request: &Request) -> Call {
    read(request).unwrap_or_else(|it| panic!("refused: {}", text(&it)))
}

fn members(request: &Request) -> Value {
    Value::Object(taken(request).input.members)
}

fn refused(request: &Request) -> Response {
    match read(request) {
        Ok(call) => panic!("taken: {:?}", call.input),
        Err(response) => response,
    }
}

fn text(response: &Response) -> String {
    String::from_utf8_lossy(&response.body).into_owned()
}

fn header<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
    let found = response.headers.iter().find(|(it, _)| it == name);
    found.map(|(_, value)| value.as_str())
}

/// What a refusal says in JSON: its type and its words.
fn said(response: &Response) -> (String, String) {
    let body: Value = serde_json::from_slice(&response.body).expect("the body is JSON");
    let words = body.get("message").or(body.get("Message"));
    let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
    (text(body.get("__type")), text(words))
}

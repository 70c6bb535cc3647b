//! Refusals, in each protocol's own form.

use super::{Response, Tongue, cbor, xml};
use crate::{Refusal, model::Speech};
use serde_json::{Map, Value};

/// Writes a refusal.
pub(super) fn response(tongue: Tongue, refusal: &Refusal, request_id: &str) -> Response {
    let fault = tongue.service.and_then(|it| it.fault(&refusal.code));
    let shape = fault.map_or(refusal.code.as_str(), |(shape, _)| shape);
    let code = fault.map_or(refusal.code.as_str(), |(_, fault)| fault.code);
    let told = refusal.status.or(fault.map(|(_, fault)| fault.status));
    let status = told.unwrap_or_else(|| usual_status(tongue.speech, code));
    let side = match fault.is_some_and(|(_, fault)| fault.is_server()) || status >= 500 {
        true => "Receiver",
        false => "Sender",
    };
    let body = match tongue.speech {
        Speech::Json => Value::Object(members(tongue, shape, refusal))
            .to_string()
            .into_bytes(),
        Speech::Cbor => cbor::error(&members(tongue, shape, refusal)),
        Speech::Query => xml::query_error(tongue.service, side, code, &refusal.message, request_id),
        Speech::Ec2 => xml::ec2_error(code, &refusal.message, request_id),
    };
    let mut response = tongue.response(status, body, request_id);
    if matches!(tongue.speech, Speech::Json | Speech::Cbor) {
        let headers = &mut response.headers;
        headers.push(("x-amzn-errortype".to_owned(), shape.to_owned()));
        if tongue.service.is_some_and(|it| it.query_compatible) {
            headers.push(("x-amzn-query-error".to_owned(), format!("{code};{side}")));
        }
    }
    response
}

/// An error's body where it has members: what it is, the words, and what its shape has besides.
fn members(tongue: Tongue, shape: &str, refusal: &Refusal) -> Map<String, Value> {
    let mut members = refusal.members.clone();
    members.insert("__type".to_owned(), Value::from(full_name(tongue, shape)));
    let name = match capital(tongue, shape) {
        true => "Message",
        false => "message",
    };
    members.insert(name.to_owned(), Value::from(refusal.message.as_str()));
    members
}

/// Whether an error's shape has its words in `Message`.
fn capital(tongue: Tongue, shape: &str) -> bool {
    use crate::model::Kind;
    let Some(service) = tongue.service else {
        return false;
    };
    if service.fault(shape).is_none() {
        return false;
    }
    match &service.shape(shape).kind {
        Kind::Object(members, _) => members.iter().any(|it| it.name == "Message"),
        _ => false,
    }
}

/// An error's name. The older JSON has it bare, the newer protocols with its namespace.
fn full_name(tongue: Tongue, shape: &str) -> String {
    match tongue.service {
        Some(service) if tongue.speech == Speech::Cbor || service.json == Some("1.0") => {
            format!("com.amazonaws.{}#{shape}", service.name)
        }
        _ => shape.to_owned(),
    }
}

/// The status of an error that no model tells.
fn usual_status(speech: Speech, code: &str) -> u16 {
    match (speech, code) {
        (Speech::Ec2, "AuthFailure") => 401,
        (Speech::Ec2, "DryRunOperation") => 412,
        (Speech::Ec2, "RequestLimitExceeded" | "Unavailable") => 503,
        (Speech::Ec2, "InternalError" | "InsufficientInstanceCapacity") => 500,
        (Speech::Ec2, "UnauthorizedOperation" | "OptInRequired" | "Blocked") => 403,
        (
            Speech::Query,
            "AccessDenied"
            | "InvalidClientTokenId"
            | "SignatureDoesNotMatch"
            | "ExpiredToken"
            | "MissingAuthenticationToken"
            | "OptInRequired",
        ) => 403,
        (_, "ServiceUnavailable" | "ServiceUnavailableException") => 503,
        (_, "InternalFailure" | "InternalError" | "InternalServerError") => 500,
        _ => 400,
    }
}

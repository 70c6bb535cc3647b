//! AWS's wire protocols: requests to inputs, and answers to responses.
//!
//! What a request asks is checked against the service's model; the lengths, ranges and patterns
//! that the model gives are refused in the service's own words.

use crate::{
    Answer, Input, Refusal, Time,
    model::{Service, Speech},
};
use sha2::{Digest, Sha256};
use std::{borrow::Cow, io::Read};

mod cbor;
mod check;
mod json;
mod query;
mod refuse;
mod route;
pub mod signature;
mod stamp;
#[cfg(test)]
mod tests;
mod words;
mod xml;

pub use check::misfits;

/// A request as it came.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Request {
    /// Such as `POST`.
    pub method: String,
    /// As it was sent, percent signs and all.
    pub path: String,
    /// What follows the question mark, as it was sent; empty if there is none.
    pub query: String,
    /// Names are lower case.
    pub headers: Vec<(String, String)>,
    /// As it was sent, compressed or not.
    pub body: Vec<u8>,
}

impl Request {
    /// A header's value. The name is given in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(it, _)| it == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// A response as it is to be sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// Names are lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// What a request asks, and how its caller wants to be answered.
#[derive(Clone, Debug)]
pub struct Call {
    /// The service, the action and its members. Who calls is not filled in.
    pub input: Input,
    tongue: Tongue,
}

/// Whom a request speaks to, and how.
#[derive(Clone, Copy, Debug)]
struct Tongue {
    service: Option<&'static Service>,
    speech: Speech,
}

/// Reads a request. What AWS would not take is answered with its refusal.
pub fn read(request: &Request) -> Result<Call, Response> {
    let body = unpacked(request);
    let tongue = route::tongue(request, body.as_deref().unwrap_or_default());
    let read = body.and_then(|body| understood(tongue, request, &body));
    read.map_err(|refusal| refuse::response(tongue, &refusal, &own_id(request)))
}

/// Writes the answer to a call.
pub fn write(call: &Call, answer: &Answer, request_id: &str) -> Response {
    let tongue = call.tongue;
    let (service, output) = match (tongue.service, answer) {
        (Some(service), Ok(output)) => (service, output),
        (None, Ok(_)) => return refuse::response(tongue, &words::no_service(), request_id),
        (_, Err(refusal)) => return refuse::response(tongue, refusal, request_id),
    };
    let action = call.input.action.as_str();
    let shape = service.operation(action).and_then(|(_, it)| it.output);
    let body = match tongue.speech {
        Speech::Json => shape.map_or_else(Vec::new, |_| output.to_string().into_bytes()),
        Speech::Cbor => shape.map_or_else(Vec::new, |it| cbor::written(service, it, output)),
        Speech::Query => xml::query(service, action, shape, output, request_id),
        Speech::Ec2 => xml::ec2(service, action, shape, output, request_id),
    };
    tongue.response(200, body, request_id)
}

fn understood(tongue: Tongue, request: &Request, body: &[u8]) -> Result<Call, Refusal> {
    let service = tongue.service.ok_or_else(words::no_service)?;
    let form = route::form(request, body);
    let asked = route::action(tongue.speech, request, &form);
    let found = asked.as_deref().and_then(|it| service.operation(it));
    let version = route::parameter(&form, "Version");
    let (action, operation) = match found {
        Some(found) if tongue.speech != Speech::Query || version == Some(service.version) => found,
        _ => return Err(words::unknown_action(tongue, asked.as_deref(), version)),
    };
    let shape = operation.input;
    let members = match tongue.speech {
        Speech::Json => json::members(service, shape, body)?,
        Speech::Cbor => cbor::members(service, shape, body)?,
        Speech::Query | Speech::Ec2 => query::members(service, tongue.speech, shape, &form)?,
    };
    if let Some(shape) = shape {
        check::input(service, tongue.speech, shape, &members)?;
    }
    let input = Input {
        service: service.name.to_owned(),
        action: action.to_owned(),
        members,
        ..Input::default()
    };
    Ok(Call { input, tongue })
}

/// No body unpacks to more.
const MOST_BYTES: u64 = 64 * 1024 * 1024;

/// The body as it was before the client compressed it.
fn unpacked(request: &Request) -> Result<Cow<'_, [u8]>, Refusal> {
    if request.header("content-encoding") != Some("gzip") {
        return Ok(Cow::Borrowed(&request.body));
    }
    let mut body = Vec::new();
    let mut unpacking = flate2::read::GzDecoder::new(request.body.as_slice()).take(MOST_BYTES);
    match unpacking.read_to_end(&mut body) {
        Ok(_) => Ok(Cow::Owned(body)),
        Err(_) => Err(words::malformed(
            "The body is not compressed as its header says.",
        )),
    }
}

/// The id of a request that reaches no service: the same for the same request.
fn own_id(request: &Request) -> String {
    let mut digest = Sha256::new();
    digest.update(request.path.as_bytes());
    digest.update(request.query.as_bytes());
    digest.update(request.header("authorization").unwrap_or_default());
    digest.update(&request.body);
    let hex = signature::hex(&digest.finalize());
    format!(
        "{}-{}-4{}-a{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[13..16],
        &hex[17..20],
        &hex[20..32]
    )
}

impl Tongue {
    fn response(self, status: u16, body: Vec<u8>, request_id: &str) -> Response {
        let mut headers = vec![("x-amzn-requestid".to_owned(), request_id.to_owned())];
        let version = self.service.and_then(|it| it.json).unwrap_or("1.1");
        let kind = match self.speech {
            Speech::Json => format!("application/x-amz-json-{version}"),
            Speech::Cbor => "application/cbor".to_owned(),
            Speech::Query => "text/xml".to_owned(),
            Speech::Ec2 => "text/xml;charset=UTF-8".to_owned(),
        };
        // Smithy RPC v2 forbids a type where there is no body.
        if self.speech != Speech::Cbor || !body.is_empty() {
            headers.push(("content-type".to_owned(), kind));
        }
        if self.speech == Speech::Cbor {
            headers.push(("smithy-protocol".to_owned(), "rpc-v2-cbor".to_owned()));
        }
        Response {
            status,
            headers,
            body,
        }
    }
}

/// Seconds since 1970 as a moment.
fn moment(seconds: f64) -> Time {
    Time((seconds.max(0.0) * 1000.0).round() as u64)
}

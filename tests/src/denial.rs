//! Errors as each protocol writes them.

use hyper::body::Bytes;

use crate::call::{Identity, Protocol};

/// A refusal that AWS could have answered with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denial {
    /// The HTTP status.
    pub status: u16,
    /// The `Content-Type`.
    pub content_type: &'static str,
    /// The body.
    pub body: Bytes,
}

/// The account lets the caller do no such thing.
pub fn access_denied(identity: &Identity) -> Denial {
    let Identity {
        service, action, ..
    } = identity;
    let message = format!(
        "User: arn:aws:iam::123456789012:user/test is not authorized to perform: \
         {service}:{action} because no identity-based policy allows the {service}:{action} action"
    );
    match identity.protocol {
        Protocol::Json | Protocol::Cbor => denial(identity, 400, "AccessDeniedException", &message),
        Protocol::Query => denial(identity, 403, "AccessDenied", &message),
        Protocol::Ec2 => denial(
            identity,
            403,
            "UnauthorizedOperation",
            &format!("You are not authorized to perform this operation. {message}"),
        ),
    }
}

/// Too many calls, for now.
pub fn throttled(identity: &Identity) -> Denial {
    match identity.protocol {
        Protocol::Json | Protocol::Cbor => {
            denial(identity, 400, "ThrottlingException", "Rate exceeded")
        }
        Protocol::Query => denial(identity, 400, "Throttling", "Rate exceeded"),
        Protocol::Ec2 => denial(
            identity,
            503,
            "RequestLimitExceeded",
            "Request limit exceeded.",
        ),
    }
}

/// AWS's own failure.
pub fn internal_error(identity: &Identity) -> Denial {
    let code = match identity.protocol {
        Protocol::Ec2 => "InternalError",
        _ if identity.service == "ecs" => "ServerException",
        _ => "InternalFailure",
    };
    denial(
        identity,
        500,
        code,
        "Service Unavailable. Please try again later.",
    )
}

/// Any error, by code and message, in the caller's protocol.
pub fn denial(identity: &Identity, status: u16, code: &str, message: &str) -> Denial {
    const REQUEST: &str = "00000000-0000-0000-0000-000000000000";
    let (content_type, body) = match identity.protocol {
        Protocol::Json => (
            "application/x-amz-json-1.1",
            serde_json::json!({"__type": code, "message": message})
                .to_string()
                .into_bytes(),
        ),
        Protocol::Query => (
            "text/xml",
            format!(
                "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code>\
                 <Message>{message}</Message></Error><RequestId>{REQUEST}</RequestId>\
                 </ErrorResponse>"
            )
            .into_bytes(),
        ),
        Protocol::Ec2 => (
            "text/xml",
            format!(
                "<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message>\
                 </Error></Errors><RequestID>{REQUEST}</RequestID></Response>"
            )
            .into_bytes(),
        ),
        Protocol::Cbor => (
            "application/cbor",
            cbor(&[("__type", code), ("message", message)]),
        ),
    };
    Denial {
        status,
        content_type,
        body: body.into(),
    }
}

/// A CBOR map of texts, with two-byte lengths throughout.
fn cbor(members: &[(&str, &str)]) -> Vec<u8> {
    let mut bytes = vec![0xa0 | members.len() as u8];
    for text in members.iter().flat_map(|(name, value)| [name, value]) {
        bytes.push(0x79);
        bytes.extend((text.len() as u16).to_be_bytes());
        bytes.extend(text.as_bytes());
    }
    bytes
}

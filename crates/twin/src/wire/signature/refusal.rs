//! Who calls, refused as each kind of service does it.

use crate::{
    Refusal,
    model::{self, Speech},
};

/// A request that bears no signature, as a service refuses it.
pub fn unsigned(service: &str) -> Refusal {
    missing(of_service(service))
}

/// A signature with an access key that nobody has, as a service refuses it.
pub fn unknown_key(service: &str) -> Refusal {
    let words = "The security token included in the request is invalid.";
    coded(of_service(service), "InvalidClientTokenId", 403, words)
}

/// A signature of a session that is over, as a service refuses it.
pub fn expired_token(service: &str) -> Refusal {
    let words = "The security token included in the request is expired";
    coded(of_service(service), "ExpiredToken", 403, words)
}

/// No signature.
pub(super) fn missing(speech: Speech) -> Refusal {
    match speech {
        Speech::Ec2 => Refusal::new(
            "MissingParameter",
            "The request must contain the parameter AWSAccessKeyId",
        ),
        _ => {
            let words = "Request is missing Authentication Token";
            coded(speech, "MissingAuthenticationToken", 403, words)
        }
    }
}

/// A signature that does not hold.
pub(super) fn mismatch(speech: Speech, words: &str) -> Refusal {
    match speech {
        Speech::Json | Speech::Cbor => Refusal::new("InvalidSignatureException", words),
        _ => coded(speech, "SignatureDoesNotMatch", 403, words),
    }
}

/// A refusal of who calls: `code` and `status` are those of the services that speak XML; EC2 has
/// one code for most, and the others theirs.
pub(super) fn coded(speech: Speech, code: &str, status: u16, words: &str) -> Refusal {
    match (speech, code) {
        (Speech::Ec2, "ExpiredToken") => Refusal::new("RequestExpired", "Request has expired."),
        (Speech::Ec2, "IncompleteSignature") => Refusal::new(code, words),
        (Speech::Ec2, _) => Refusal::new(
            "AuthFailure",
            "AWS was not able to validate the provided access credentials",
        )
        .status(401),
        (Speech::Query, _) => Refusal::new(code, words).status(status),
        (Speech::Json | Speech::Cbor, "InvalidClientTokenId") => {
            Refusal::new("UnrecognizedClientException", words)
        }
        (Speech::Json | Speech::Cbor, _) => Refusal::new(format!("{code}Exception"), words),
    }
}

fn of_service(service: &str) -> Speech {
    match model::of(service) {
        Some(service) if service.speaks(Speech::Ec2) => Speech::Ec2,
        Some(service) if service.is_xml() => Speech::Query,
        _ => Speech::Json,
    }
}

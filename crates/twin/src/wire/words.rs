//! What services refuse before an action runs, each in its own words.

use super::Tongue;
use crate::{
    Refusal,
    model::{Kind, Speech},
};

/// A request that speaks to no service that there is.
pub(super) fn no_service() -> Refusal {
    Refusal::new(
        "UnknownOperationException",
        "The request speaks to no service here.",
    )
}

/// An action that the service does not have.
pub(super) fn unknown_action(
    tongue: Tongue,
    action: Option<&str>,
    version: Option<&str>,
) -> Refusal {
    match (tongue.speech, action) {
        (Speech::Json | Speech::Cbor, _) => Refusal::new(
            "UnknownOperationException",
            format!("The operation {} is not known.", action.unwrap_or_default()),
        ),
        (Speech::Ec2, Some(action)) => Refusal::new(
            "InvalidAction",
            format!("The action {action} is not valid for this web service."),
        ),
        (Speech::Query, Some(action)) => Refusal::new(
            "InvalidAction",
            format!(
                "Could not find operation {action} for version {}",
                version.unwrap_or("NO_VERSION_SPECIFIED")
            ),
        ),
        (_, None) => Refusal::new("MissingAction", "Missing Action"),
    }
}

/// A body that cannot be read.
pub(super) fn malformed(message: &str) -> Refusal {
    Refusal::new("SerializationException", message)
}

/// A parameter of a form that is no value of its kind.
pub(super) fn misread(speech: Speech, path: &str, text: &str, kind: &Kind) -> Refusal {
    let wanted = match kind {
        Kind::Integer => "an integer",
        Kind::Decimal => "a number",
        Kind::Flag => "true or false",
        Kind::Moment => "a timestamp",
        _ => "base64",
    };
    match speech {
        Speech::Ec2 => Refusal::new(
            "InvalidParameterValue",
            format!("Value ({text}) for parameter {path} is invalid. Expecting {wanted}."),
        ),
        _ => Refusal::new(
            "MalformedInput",
            format!("Value '{text}' at '{path}' can not be read. Expecting {wanted}."),
        ),
    }
}

/// A parameter that EC2 does not know.
pub(super) fn unknown_parameter(name: &str) -> Refusal {
    Refusal::new(
        "UnknownParameter",
        format!("The parameter {name} is not recognized"),
    )
}

/// The code with which a service refuses input that its model forbids.
pub(super) fn invalid_code(service: &str) -> &'static str {
    match service {
        "ecs" | "ecr" | "logs" | "tagging" => "InvalidParameterException",
        "ssm" | "application-autoscaling" => "ValidationException",
        _ => "ValidationError",
    }
}

//! What AWS's errors mean. Kinds are decided here and nowhere else.

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use setpoint_core::{AdapterError, ErrorKind};
use std::{error::Error, fmt};

/// What AWS, or the way there, said of a call that failed.
#[derive(Debug)]
pub struct AwsError {
    code: Option<String>,
    message: String,
    request_id: Option<String>,
    stage: Stage,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Stage {
    /// The request was never built: no credentials, or input the SDK refuses.
    Building,
    /// Nothing took the request.
    Connecting,
    /// The request may have arrived; no answer, or none that can be read, came back.
    Answering,
    /// AWS answered with an error, by status.
    Answered(u16),
}

impl AwsError {
    pub(crate) fn new<E>(err: SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        let stage = match &err {
            SdkError::ConstructionFailure(_) => Stage::Building,
            SdkError::DispatchFailure(_) if lacks_credentials(&err) => Stage::Building,
            SdkError::DispatchFailure(failure) if failure.is_user() => Stage::Building,
            SdkError::DispatchFailure(failure) if is_connecting(failure.as_connector_error()) => {
                Stage::Connecting
            }
            SdkError::DispatchFailure(failure) if failure.as_connector_error().is_none() => {
                Stage::Building
            }
            SdkError::ServiceError(answer) => Stage::Answered(answer.raw().status().as_u16()),
            _ => Stage::Answering,
        };
        let metadata = err.as_service_error().map(ProvideErrorMetadata::meta);
        let code = metadata.and_then(|it| it.code()).map(str::to_owned);
        let request_id = metadata
            .and_then(|it| it.extra("aws_request_id"))
            .map(str::to_owned);
        let message = metadata
            .and_then(|it| it.message())
            .map_or_else(|| innermost(&err), str::to_owned);
        // The SDK lists each place where it looked on a line of its own.
        let message = match stage {
            Stage::Building => message
                .split(". Attempted")
                .next()
                .unwrap_or_default()
                .into(),
            _ => message,
        };
        AwsError {
            code,
            message,
            request_id,
            stage,
        }
    }

    /// AWS's code, such as `AccessDeniedException`.
    pub fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    /// AWS's message, or what went wrong on the way.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Whether AWS says that the caller may not do this.
    pub fn is_denied(&self) -> bool {
        self.code().is_some_and(|it| {
            it.starts_with("AccessDenied")
                || it == "UnauthorizedOperation"
                || it == "NotAuthorized"
                || it == "AuthorizationError"
        })
    }

    /// Whether AWS does not accept who calls: no, wrong or expired credentials.
    pub fn is_unauthenticated(&self) -> bool {
        const CODES: [&str; 9] = [
            "ExpiredToken",
            "ExpiredTokenException",
            "InvalidClientTokenId",
            "UnrecognizedClientException",
            "InvalidSignatureException",
            "SignatureDoesNotMatch",
            "AuthFailure",
            "RequestExpired",
            "MissingAuthenticationToken",
        ];
        self.stage == Stage::Building || self.code().is_some_and(|it| CODES.contains(&it))
    }

    /// Whether nothing at the endpoint took the request.
    pub fn is_unreachable(&self) -> bool {
        self.stage == Stage::Connecting
    }

    pub(crate) fn is_throttle(&self) -> bool {
        const CODES: [&str; 10] = [
            "Throttling",
            "ThrottlingException",
            "ThrottledException",
            "RequestThrottled",
            "RequestThrottledException",
            "RequestLimitExceeded",
            "TooManyRequestsException",
            "ProvisionedThroughputExceededException",
            "PriorRequestNotComplete",
            "SlowDown",
        ];
        self.code().is_some_and(|it| CODES.contains(&it))
            || matches!(self.stage, Stage::Answered(429))
    }

    /// Whether the same call may well succeed when repeated.
    pub(crate) fn is_passing(&self) -> bool {
        match self.stage {
            Stage::Connecting | Stage::Answering => true,
            // 501 is an emulator's word for an action that it does not know.
            Stage::Answered(status) => status >= 500 && status != 501,
            Stage::Building => false,
        }
    }

    /// What the error means to the engine.
    pub(crate) fn kind(&self) -> ErrorKind {
        let code = self.code().unwrap_or_default();
        let says = |text: &str| self.message.contains(text);
        if let Some((_, _, what)) = NOT_YET
            .iter()
            .find(|(it, text, _)| (it.is_empty() || *it == code) && says(text))
        {
            return ErrorKind::NotYet((*what).to_owned());
        }
        match () {
            () if is_exists(code) || says("was not idempotent") => ErrorKind::Exists,
            () if says("capacity provider already exists") => ErrorKind::Exists,
            () if is_absent(code) => ErrorKind::Absent,
            () if ABSENT.iter().any(|(it, text)| *it == code && says(text)) => ErrorKind::Absent,
            () if self.is_throttle() || self.is_passing() => ErrorKind::Unsure,
            () if CONFLICTS.contains(&code) => ErrorKind::Unsure,
            () => ErrorKind::Refused,
        }
    }
}

fn is_exists(code: &str) -> bool {
    const CODES: [&str; 6] = [
        "EntityAlreadyExists",
        "AlreadyExists",
        "InvalidGroup.Duplicate",
        "InvalidPermission.Duplicate",
        "InvalidLaunchTemplateName.AlreadyExistsException",
        "ResourceAlreadyExistsException",
    ];
    CODES.contains(&code) || code.ends_with("AlreadyExistsException")
}

fn is_absent(code: &str) -> bool {
    const CODES: [&str; 7] = [
        "NoSuchEntity",
        "ResourceNotFoundException",
        "ObjectNotFoundException",
        "ClusterNotFoundException",
        "ServiceNotFoundException",
        "ServiceNotActiveException",
        "InvalidGroup.NotFound",
    ];
    CODES.contains(&code)
        || code.ends_with("NotFoundException")
        || code.starts_with("Invalid") && code.ends_with(".NotFound")
}

/// Codes that say something is not there only together with a text.
const ABSENT: [(&str, &str); 4] = [
    ("ClientException", "Unable to describe task definition"),
    ("ClientException", "capacity provider does not exist"),
    (
        "InvalidParameterException",
        "capacity provider does not exist",
    ),
    ("ValidationError", "name not found"),
];

/// What AWS will accept later: the code (any, if empty), a part of the message, and what it waits
/// for. From the fact sheet's sections on propagation (6.4) and on deletion (4.6).
const NOT_YET: [(&str, &str, &str); 29] = [
    (
        "ClientException",
        "Capacity Providers are attached to the cluster",
        "its capacity providers to be gone",
    ),
    (
        "ValidationException",
        "ECS service doesn't exist",
        "the service to reach Application Auto Scaling",
    ),
    (
        "ValidationException",
        "Unable to assume IAM role",
        "the service-linked role to reach Application Auto Scaling",
    ),
    (
        "",
        "Invalid IAM Instance Profile",
        "the instance profile to reach EC2",
    ),
    (
        "",
        "has no associated IAM Roles",
        "the role of the instance profile to reach EC2",
    ),
    (
        "",
        "Unable to assume the service linked role",
        "the service-linked role to reach ECS",
    ),
    (
        "",
        "verify that the ECS service role being passed",
        "the role to reach ECS",
    ),
    (
        "",
        "Invalid principal in policy",
        "the principal to reach IAM",
    ),
    (
        "",
        "Unable to Start a service that is still Draining",
        "the old service to drain",
    ),
    (
        "ObjectNotFoundException",
        "No scalable target",
        "the scalable target to appear",
    ),
    ("DependencyViolation", "", "what still uses it to be gone"),
    ("DeleteConflict", "", "what still uses it to be gone"),
    (
        "ResourceInUseException",
        "",
        "what still uses it to be gone",
    ),
    ("ResourceInUse", "", "what still uses it to be gone"),
    ("", "pending delete", "the old group to be gone"),
    (
        "ScalingActivityInProgress",
        "",
        "the scaling activity to end",
    ),
    (
        "UpdateInProgressException",
        "",
        "the cluster's last update to end",
    ),
    (
        "ClusterContainsServicesException",
        "",
        "its services to be gone",
    ),
    ("ClusterContainsTasksException", "", "its tasks to be gone"),
    (
        "ClusterContainsContainerInstancesException",
        "",
        "its instances to be gone",
    ),
    (
        "ClusterContainsCapacityProviderException",
        "",
        "its capacity providers to be gone",
    ),
    ("", "while deployments are active", "its deployments to end"),
    (
        "",
        "cannot be stopped while it is scaled above 0",
        "its tasks to stop",
    ),
    (
        "ClientException",
        "Cluster was not ACTIVE",
        "the cluster to be ACTIVE",
    ),
    (
        "",
        "does not have an associated load balancer",
        "the target group to get its listener",
    ),
    ("ConcurrentUpdateException", "", "another update to end"),
    ("ResourceContention", "", "another update to end"),
    ("OperationAbortedException", "", "another update to end"),
    (
        "EntityTemporarilyUnmodifiable",
        "",
        "IAM to finish its last change",
    ),
];

/// Codes of two writes that met: whether ours had its effect is seen by looking.
const CONFLICTS: [&str; 3] = [
    "ConcurrentModification",
    "IdempotentCallInProgress",
    "InternalFailure",
];

fn is_connecting(failure: Option<&aws_smithy_runtime_api::client::result::ConnectorError>) -> bool {
    let Some(failure) = failure else { return false };
    let mut source: Option<&(dyn Error + 'static)> = Some(failure);
    while let Some(err) = source {
        if let Some(io) = err.downcast_ref::<std::io::Error>() {
            use std::io::ErrorKind::{ConnectionRefused, NotFound};
            if matches!(io.kind(), ConnectionRefused | NotFound) {
                return true;
            }
        }
        if err.to_string().contains("dns error") || err.to_string().contains("tcp connect error") {
            return true;
        }
        source = err.source();
    }
    false
}

/// Whether no provider of credentials had any, or the one that was chosen failed.
fn lacks_credentials(err: &(dyn Error + 'static)) -> bool {
    let mut source = Some(err);
    while let Some(err) = source {
        if err.is::<CredentialsError>() {
            return true;
        }
        source = err.source();
    }
    false
}

fn innermost(err: &dyn Error) -> String {
    let mut last: &dyn Error = err;
    while let Some(source) = last.source() {
        last = source;
    }
    last.to_string()
}

impl fmt::Display for AwsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.code {
            Some(code) => write!(f, "{code}: {}", self.message)?,
            None => f.write_str(&self.message)?,
        }
        match &self.request_id {
            Some(id) => write!(f, " (request {id})"),
            None => Ok(()),
        }
    }
}

impl Error for AwsError {}

/// AWS's code for a failed call, if AWS answered.
pub fn code(err: &AdapterError) -> Option<&str> {
    err.source.downcast_ref::<AwsError>()?.code()
}

/// AWS's message for a failed call.
pub fn message(err: &AdapterError) -> String {
    match err.source.downcast_ref::<AwsError>() {
        Some(err) => err.message().to_owned(),
        None => err.source.to_string(),
    }
}

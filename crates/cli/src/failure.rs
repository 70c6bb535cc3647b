//! Every way in which a command can end badly: what happened, why, and what to do.

use crate::command::{LoadFailure, RehearseFailure};
use setpoint_aws::{AwsError, ConnectError};
use setpoint_core::{AdapterError, ObserveError, PlanErrors};
use setpoint_spec::{File, Problem};
use setpoint_twin::store::StoreError;
use std::{net::SocketAddr, path::PathBuf};

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// A file that was named could not be read.
    #[error("cannot read {}: {why}", path.display())]
    File { path: PathBuf, why: String },
    /// The stack's file could not be read.
    #[error("cannot read {}: {why}", path.display())]
    StackFile { path: PathBuf, why: String },
    /// What only stands for images would be pushed to AWS.
    #[error("stand-ins for images are for emulators of AWS, and this is not one")]
    StandIn,
    /// The stack is not valid.
    #[error("{} is not a valid stack", path.display())]
    Stack {
        path: PathBuf,
        files: Vec<File>,
        problems: Vec<Problem>,
        /// What that means for AWS.
        end: &'static str,
    },
    /// A code that no problem has.
    #[error("no problem has the code {0}")]
    UnknownCode(String),
    /// There is no way to AWS.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// It is not known who calls.
    #[error("cannot tell whose account this is: {}", told(.0))]
    Caller(AdapterError),
    /// The profile named on the command line leads to no credentials.
    #[error("the profile {0} gives no AWS credentials")]
    Profile(String),
    /// It is another account than the stack's.
    #[error("these credentials are for account {found}, and the stack may touch only {allowed}")]
    Account { allowed: String, found: String },
    /// Something could not be read.
    #[error("{}", .0.first().map(read).unwrap_or_default())]
    Read(Vec<ObserveError>),
    /// A call of the command's own failed.
    #[error("{}", told(.0))]
    Call(AdapterError),
    /// There can be no plan.
    #[error(transparent)]
    Plan(#[from] PlanErrors),
    /// An address to adopt is none of the stack's.
    #[error("the stack has no {address}")]
    UnknownAddress {
        address: String,
        near: Option<String>,
    },
    /// The stack builds nothing.
    #[error("the stack builds no image")]
    NoImages,
    /// An image is none of those that the stack builds.
    #[error("the stack builds no image {name}")]
    UnknownImage { name: String, near: Option<String> },
    /// An image could not be built.
    #[error(transparent)]
    Build(#[from] setpoint_image::BuildError),
    /// Something exists, is not the stack's, and may not be taken over.
    #[error("the plan would take over what is not this stack's: {}", .0.join(", "))]
    NotOurs(Vec<String>),
    /// The sandbox cannot be used.
    #[error(transparent)]
    Sandbox(#[from] StoreError),
    /// The sandbox is kept for another region.
    #[error("the sandbox here is in {kept}, and {asked} is asked for")]
    SandboxRegion { kept: String, asked: String },
    /// The sandbox's habits could not be read.
    #[error("cannot read the habits in {}: {why}", path.display())]
    Habits { path: PathBuf, why: String },
    /// A port could not be had.
    #[error("cannot listen on 127.0.0.1:{port}: {source}")]
    Port { port: u16, source: std::io::Error },
    /// What runs does not answer.
    #[error("{address} does not answer: {why}")]
    Visit { address: SocketAddr, why: String },
    /// The stack has no service of that name.
    #[error("the stack has no service {service}")]
    UnknownService {
        service: String,
        near: Option<String>,
    },
    /// A name is neither a service's nor a task's.
    #[error("{name} is neither a service of the stack nor the id of a task of its")]
    Nameless { name: String, near: Option<String> },
    /// The beginning of an id is that of several tasks.
    #[error("several tasks have ids that begin with {name}: {}", .ids.join(", "))]
    ManyTasks { name: String, ids: Vec<String> },
    /// ECS shows no such task, and there are no lines of one.
    #[error("ECS shows no task whose id begins with {0}, and no line of one is there")]
    NoTask(String),
    /// There is nothing to look at.
    #[error("the stack has no services")]
    NoServices,
    /// Something did not answer in time.
    #[error("no endpoint answers after {seconds} s: {why}")]
    Unanswered { seconds: u64, why: String },
    /// There is no program that opens an address.
    #[error("cannot open {url}: {why}")]
    Unopened { url: String, why: String },
    /// A load could not be made.
    #[error(transparent)]
    Load(#[from] LoadFailure),
    /// There is nothing to rehearse, or nowhere.
    #[error(transparent)]
    Rehearse(#[from] RehearseFailure),
    /// Nobody is there to ask.
    #[error("there is no terminal to ask on")]
    NobodyToAsk,
    /// The answer was no.
    #[error("nothing was changed")]
    Declined,
    /// The answer could not be written.
    #[error("cannot write the output: {0}")]
    Output(#[from] std::io::Error),
}

impl Failure {
    /// The exit code. Never 2, which means changes.
    pub(crate) fn code(&self) -> u8 {
        1
    }

    /// What to do about it.
    pub(crate) fn hint(&self) -> Option<String> {
        let text = match self {
            Failure::StackFile { .. } => "name the stack with -f FILE",
            Failure::Connect(ConnectError::NoRegion) => {
                "write `region:` into the stack, or set --region or AWS_REGION"
            }
            Failure::Caller(err) | Failure::Call(err) => return hint_of(err),
            Failure::Profile(profile) => {
                return Some(format!(
                    "sign in (aws sso login --profile {profile}), or choose one of those that \
                     `aws configure list-profiles` names"
                ));
            }
            Failure::Read(errors) => return hint_of(&errors.first()?.source),
            Failure::Account { .. } => "choose other credentials with --profile or AWS_PROFILE",
            Failure::NoImages => "name one under `images:`, with its `repository` and `context`",
            Failure::NoServices => "declare one under `services:`",
            Failure::NoTask(_) => "--since looks further back than a day",
            Failure::ManyTasks { .. } => "say more of the id",
            Failure::Unanswered { .. } => {
                "`setpoint events` tells what happened, and --timeout waits for longer"
            }
            Failure::UnknownAddress { near, .. }
            | Failure::UnknownImage { near, .. }
            | Failure::UnknownService { near, .. }
            | Failure::Nameless { near, .. } => {
                return near.as_ref().map(|it| format!("did you mean {it}?"));
            }
            Failure::NotOurs(addresses) => {
                let flags: Vec<String> =
                    addresses.iter().map(|it| format!("--adopt {it}")).collect();
                return Some(format!(
                    "to take it over, say {}; to use it as it is, name it under `existing:`",
                    flags.join(" ")
                ));
            }
            Failure::Sandbox(StoreError::Taken(_)) => "let the other end, or choose another folder",
            Failure::Sandbox(StoreError::Unreadable { .. }) | Failure::SandboxRegion { .. } => {
                "`setpoint sandbox reset` forgets it"
            }
            Failure::StandIn => "name docker, podman or buildah, or let one be found",
            Failure::Port { .. } => "choose another with --port, or 0 for any that is free",
            Failure::Load(failure) => return failure.hint().map(str::to_owned),
            Failure::Rehearse(failure) => return failure.hint().map(str::to_owned),
            Failure::NobodyToAsk => "say --yes to go ahead without being asked",
            _ => return None,
        };
        Some(text.to_owned())
    }
}

fn read(err: &ObserveError) -> String {
    format!("cannot read {}: {}", plural(err.kind.0), told(&err.source))
}

/// `logGroup` as a reader says it: `log groups`.
fn plural(kind: &str) -> String {
    let mut words = String::new();
    for letter in kind.chars() {
        if letter.is_uppercase() {
            words.push(' ');
        }
        words.extend(letter.to_lowercase());
    }
    match words.strip_suffix('y') {
        _ if words.ends_with('s') || words == "scaling" => words,
        Some(stem) => format!("{stem}ies"),
        None => format!("{words}s"),
    }
}

/// A failed call in one clause.
pub(crate) fn told(err: &AdapterError) -> String {
    let operation = &err.operation;
    let Some(aws) = err.source.downcast_ref::<AwsError>() else {
        return format!("{operation} failed: {}", err.source);
    };
    match () {
        () if aws.is_denied() => format!("{operation} is denied ({aws})"),
        () if aws.is_unreachable() => {
            format!("nothing answers {operation} ({})", aws.message())
        }
        () if aws.code().is_none() && aws.is_unauthenticated() => {
            format!("no AWS credentials could be used ({})", aws.message())
        }
        () if aws.is_unauthenticated() => format!("AWS does not accept the credentials ({aws})"),
        () => format!("{operation} failed: {aws}"),
    }
}

/// Whether a call was never sent, for want of credentials.
pub(crate) fn lacks_credentials(err: &AdapterError) -> bool {
    let aws = err.source.downcast_ref::<AwsError>();
    aws.is_some_and(|it| it.code().is_none() && it.is_unauthenticated())
}

/// What to do about a failed call.
pub(crate) fn hint_of(err: &AdapterError) -> Option<String> {
    let aws = err.source.downcast_ref::<AwsError>()?;
    Some(match () {
        () if aws.is_denied() => format!(
            "let the principal do {}; the README lists what each command needs",
            err.operation
        ),
        () if aws.is_unreachable() => {
            "check the network, the region, and AWS_ENDPOINT_URL if it is set".into()
        }
        () if aws.is_unauthenticated() => {
            "sign in (aws sso login), or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and \
             AWS_SECRET_ACCESS_KEY"
                .into()
        }
        () => return None,
    })
}

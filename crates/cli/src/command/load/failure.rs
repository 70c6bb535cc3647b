use setpoint_load::{EndpointError, LoadError, TimeError, TrustError, WrittenError};
use std::{io, path::PathBuf};

/// Why there is no load.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LoadFailure {
    /// What was asked for is no load.
    #[error(transparent)]
    Asked(#[from] WrittenError),
    /// A request cannot be made so.
    #[error(transparent)]
    Request(#[from] LoadError),
    /// A share that is none.
    #[error("{0}")]
    Share(String),
    /// A path with a weight that is none.
    #[error("`{0}` has no weight after the `=`; write /buy=3")]
    Weight(String),
    /// A time to begin at that cannot be meant.
    #[error(
        "{0} is no time to begin at: seconds since 1970, not past by a minute, and at most a week ahead"
    )]
    BeginAt(f64),
    /// A target that is no URL.
    #[error(transparent)]
    Target(#[from] EndpointError),
    /// A target with a path, and paths besides.
    #[error("the target {0} has a path; give paths with --path alone")]
    TargetPath(String),
    /// Somebody else's host.
    #[error("{0} is not an address of this stack, and loading what others own is an attack")]
    NotOwned(String),
    /// A service that is named in another way.
    #[error("`{0}` is no service; write CLUSTER/SERVICE")]
    Service(String),
    /// A length of time.
    #[error(transparent)]
    Time(#[from] TimeError),
    /// What tasks cannot be told.
    #[error("a body that is no text, or begins with @, cannot be given to tasks")]
    Body,
    /// Tasks that send nothing.
    #[error("{} of the tasks told nothing of their share: {}", .0.len(), .0.join("; "))]
    Silent(Vec<String>),
    /// Nobody knows where to.
    #[error("it is not known where the services of this stack answer: {0}")]
    Nowhere(&'static str),
    /// There are no such subnets.
    #[error("tasks on Fargate need subnets, and there are none by `{0}`")]
    Subnets(String),
    /// Subnets for tasks that are where the instances are.
    #[error("--runner-subnets is for --on fargate: on ecs, tasks are where the instances are")]
    NoSubnets,
    /// There is nothing to add up.
    #[error("there is no outcome to add up")]
    Nothing,
    /// TLS cannot be spoken.
    #[error(transparent)]
    Trust(TrustError),
    /// The system gives no thread.
    #[error("cannot begin to send: {0}")]
    Thread(io::Error),
    /// A file could not be written.
    #[error("cannot write {}: {source}", path.display())]
    Write { path: PathBuf, source: io::Error },
}

impl LoadFailure {
    /// What to do about it.
    pub(crate) fn hint(&self) -> Option<&'static str> {
        match self {
            LoadFailure::NotOwned(_) => Some("if it is yours, say so with --i-own-this"),
            LoadFailure::Silent(_) => {
                Some("look at `setpoint logs`, or give tasks longer to start with --lead")
            }
            LoadFailure::Subnets(_) => {
                Some("name some with --runner-subnets: default, tag:KEY=VALUE, or ids")
            }
            LoadFailure::Nowhere(_) => Some("name the address with --target URL --i-own-this"),
            _ => None,
        }
    }
}

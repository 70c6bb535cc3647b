//! What every command that looks at running services begins with: the stack, the connection, and
//! which services.

use crate::{
    arguments::Common,
    connection::Connection,
    failure::Failure,
    reading::{Use, read_stack},
    sandbox::Sandbox,
    session::nearest,
};
use setpoint_aws::Aws;
use setpoint_observe::{Ask, Observer, Part, Picture, Subject};
use setpoint_spec::Stack;
use std::time::Duration;

/// Services of a stack, and the way to look at them. Reads only.
pub(crate) struct Looking {
    observer: Observer,
    /// The calls' way.
    pub(crate) aws: Aws,
    /// The services, in the order of their names.
    pub(crate) services: Vec<Subject>,
    groups: Vec<String>,
    /// The sandbox it is on, if it is on none of AWS's own accounts.
    pub(crate) sandbox: Option<Sandbox>,
}

impl Looking {
    /// Reads the stack, and connects: to AWS, or to the sandbox if that is asked. A stack that has
    /// errors can be looked at as long as it can be read.
    pub(crate) async fn begin(common: &Common, service: Option<&str>) -> Result<Looking, Failure> {
        let read = read_stack(common, Use::Remove)?;
        let stack = &read.stack;
        // Whoever names no service of the stack asks AWS nothing.
        let services = services(stack, service)?;
        let connection = Connection::open(common, stack).await?;
        // Nothing but the account that the stack names is looked at either.
        if stack.account.is_some() {
            connection.caller(common, stack).await?;
        }
        Ok(Looking::on(connection, stack, services))
    }

    /// Looks at some services of a stack over a connection that was opened.
    pub(crate) fn on(connection: Connection, stack: &Stack, services: Vec<Subject>) -> Looking {
        Looking {
            observer: Observer::new(&connection.aws),
            aws: connection.aws,
            services,
            groups: stack.auto_scaling_groups().into_iter().collect(),
            sandbox: connection.sandbox,
        }
    }

    /// Looks at this service alone from now on, if it is one of them.
    pub(crate) fn narrow(&mut self, service: &str) -> bool {
        let is_one = self.services.iter().any(|it| it.service == service);
        if is_one {
            self.services.retain(|it| it.service == service);
        }
        is_one
    }

    /// Looks at these parts, that far back.
    pub(crate) async fn look(
        &self,
        parts: impl IntoIterator<Item = Part>,
        window: Duration,
    ) -> Result<Picture, Failure> {
        let mut ask = Ask::new(self.services.clone(), parts);
        ask.window = window;
        ask.groups.clone_from(&self.groups);
        self.observer.look(&ask).await.map_err(Failure::Call)
    }
}

/// The service of a stack that is named, or all of them.
pub(crate) fn services(stack: &Stack, service: Option<&str>) -> Result<Vec<Subject>, Failure> {
    // A cluster of others may be given by its ARN.
    let services = stack.clusters_of_services().into_iter().map(|it| {
        let cluster = it.1.rsplit('/').next().unwrap_or_default();
        Subject::new(cluster, it.0)
    });
    chosen(services.collect(), service)
}

/// The service that is named, or all of them.
fn chosen(all: Vec<Subject>, service: Option<&str>) -> Result<Vec<Subject>, Failure> {
    if all.is_empty() {
        return Err(Failure::NoServices);
    }
    let Some(name) = service else {
        return Ok(all);
    };
    match all.iter().find(|it| it.service == name) {
        Some(it) => Ok(vec![it.clone()]),
        None => Err(Failure::UnknownService {
            service: name.to_owned(),
            near: nearest(name, all.into_iter().map(|it| it.service)),
        }),
    }
}

//! What every command that speaks to AWS begins with: the stack, the connection, the plan.

use crate::{
    adapters::{Making, adapters, cache},
    arguments::Common,
    connection::Connection,
    failure::{self, Failure},
    pins::pinned,
    reading::{Usable, Use, read_stack},
    render,
    sandbox::Sandbox,
};
use futures::{
    future::{Either, select},
    join,
};
use setpoint_aws::{Aws, Identity};
use setpoint_core::{Adapters, Address, Desired, Limits, Plan, observe, plan};
use setpoint_image::Shelf;
use std::{pin::pin, sync::Arc};

/// A stack, and the way to the account it is kept in.
pub(crate) struct Session {
    pub(crate) read: Arc<Usable>,
    pub(crate) aws: Aws,
    pub(crate) identity: Identity,
    pub(crate) adapters: Adapters,
    pub(crate) plan: Plan,
    /// What the plan is for.
    pub(crate) desired: Desired,
    /// The repositories of which it is not known what their tags stand for, and why; a line for
    /// each.
    pub(crate) unresolved: Vec<String>,
    /// Where images are found.
    pub(crate) shelf: Shelf,
    /// Tells what is said while images are made.
    pub(crate) narrator: render::Narrator,
    /// The sandbox it is on, if it is on none of AWS's own accounts.
    sandbox: Option<Sandbox>,
}

/// What a session is to plan for.
pub(crate) enum Aim<'a> {
    /// What the stack says, taking over the addresses named.
    Stack { adopt: &'a [String] },
    /// Nothing at all.
    Nothing { empty_repositories: bool },
    /// What was there before something was applied, which is deleted with what was put into it since.
    Before(Desired),
}

impl Session {
    /// Reads the stack, finds who calls, and plans: on AWS, or on the sandbox if that is asked.
    pub(crate) async fn begin(common: &Common, aim: Aim<'_>) -> Result<Session, Failure> {
        let how = match aim {
            Aim::Stack { .. } => Use::Make,
            Aim::Nothing { .. } | Aim::Before(_) => Use::Remove,
        };
        let read = Arc::new(read_stack(common, how)?);
        let connection = Connection::open(common, &read.stack).await?;
        Session::on(common, read, aim, connection).await
    }

    /// The same for a stack that was read, over a connection that was opened.
    pub(crate) async fn on(
        common: &Common,
        read: Arc<Usable>,
        aim: Aim<'_>,
        connection: Connection,
    ) -> Result<Session, Failure> {
        let stack = &read.stack;
        // What may be found wrong without a call is.
        let desired = match &aim {
            Aim::Stack { adopt } => adopting(stack.desired(), adopt)?,
            Aim::Nothing { .. } => stack.nothing(),
            Aim::Before(desired) => desired.clone(),
        };
        let empty = match aim {
            Aim::Stack { .. } => false,
            Aim::Nothing { empty_repositories } => empty_repositories,
            Aim::Before(_) => true,
        };
        // A sandbox that is reset gives the same ARNs to other things.
        let cache = match connection.sandbox {
            Some(_) => None,
            None => cache(),
        };
        let narrator = render::Narrator::default();
        let aws = &connection.aws;
        let registry = connection.registry(common);
        let making = Making {
            registry: registry.clone(),
            maker: connection.maker(common)?,
            base: common.base(),
            tell: narrator.tell(),
        };
        let adapters = adapters(aws, stack, empty, cache, making);
        let shelf = Shelf::new(aws, registry);
        let planned = async {
            let Aim::Stack { adopt } = aim else {
                let snapshot = observe(&desired, &adapters).await.map_err(Failure::Read)?;
                return Ok((plan(&desired, &snapshot)?, desired, Vec::new()));
            };
            // Tags are resolved while everything is read.
            let (snapshot, pinned) = join!(observe(&desired, &adapters), pinned(stack, &shelf));
            let snapshot = snapshot.map_err(Failure::Read)?;
            let desired = adopting(pinned.stack.desired(), adopt)?;
            let unresolved = pinned.unresolved.iter().map(failure::told).collect();
            Ok::<_, Failure>((plan(&desired, &snapshot)?, desired, unresolved))
        };
        // Who calls is asked while everything is read, and its answer is judged first.
        let known = connection.caller(common, stack);
        let (identity, (plan, desired, unresolved)) = match select(pin!(known), pin!(planned)).await
        {
            Either::Left((identity, planned)) => {
                let identity = identity?;
                (identity, planned.await?)
            }
            Either::Right((plan, known)) => {
                let identity = known.await?;
                (identity, plan?)
            }
        };
        Ok(Session {
            aws: aws.clone(),
            identity,
            adapters,
            plan,
            desired,
            unresolved,
            shelf,
            narrator,
            sandbox: connection.sandbox,
            read: read.clone(),
        })
    }

    /// Whether images are taken for pushed, as the sandbox takes them.
    pub(crate) fn assumes_images(&self) -> bool {
        self.sandbox.is_some()
    }

    /// The same waits by the clock of where the stack is.
    pub(crate) fn limits(&self, limits: Limits) -> Limits {
        match &self.sandbox {
            Some(sandbox) => sandbox.limits(limits),
            None => limits,
        }
    }
}

fn adopting(mut desired: Desired, adopt: &[String]) -> Result<Desired, Failure> {
    for text in adopt {
        let addresses: Vec<Address> = desired.addresses().cloned().collect();
        match addresses.iter().find(|it| it.to_string() == *text) {
            Some(address) => desired.adopt(address.clone()),
            None => {
                let near = nearest(text, addresses.iter().map(Address::to_string));
                return Err(Failure::UnknownAddress {
                    address: text.clone(),
                    near,
                });
            }
        }
    }
    Ok(desired)
}

/// The one of some names that is the most like another.
pub(crate) fn nearest(name: &str, known: impl Iterator<Item = String>) -> Option<String> {
    let nearness = |it: &str| strsim::jaro_winkler(name, it);
    known.max_by(|a, b| nearness(a).total_cmp(&nearness(b)))
}

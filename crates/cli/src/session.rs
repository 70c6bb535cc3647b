//! What every command that speaks to AWS begins with: the stack, the connection, the plan.

use crate::{
    adapters::{Making, adapters, cache},
    arguments::Common,
    failure::{self, Failure, lacks_credentials},
    pins::pinned,
    reading::{Usable, Use, read_stack},
    render,
    sandbox::Sandbox,
};
use futures::{
    future::{Either, select},
    join,
};
use setpoint_aws::{Aws, Identity, Settings};
use setpoint_core::{Adapters, Address, Desired, Limits, Plan, observe, plan};
use setpoint_image::{Maker, Registry, Shelf};
use setpoint_spec::Stack;
use std::{pin::pin, sync::Arc};

/// A stack, and the way to the account it is kept in.
pub(crate) struct Session {
    pub(crate) read: Arc<Usable>,
    pub(crate) aws: Aws,
    pub(crate) identity: Identity,
    pub(crate) adapters: Adapters,
    pub(crate) plan: Plan,
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
}

impl Session {
    /// Reads the stack, finds who calls, and plans: on AWS, or on the sandbox if that is asked.
    pub(crate) async fn begin(common: &Common, aim: Aim<'_>) -> Result<Session, Failure> {
        let how = match aim {
            Aim::Stack { .. } => Use::Make,
            Aim::Nothing { .. } => Use::Remove,
        };
        let read = Arc::new(read_stack(common, how)?);
        let stack = &read.stack;
        if !common.sandbox {
            return Session::on(common, read, aim, None).await;
        }
        let region = common.region.clone().or_else(|| stack.region.clone());
        let region = region.unwrap_or_else(|| "us-east-1".into());
        let sandbox = Sandbox::beside(common.stack(), &region, common.speed)?;
        Session::on(common, read, aim, Some(sandbox)).await
    }

    /// The same for a stack that was read, on the sandbox given.
    pub(crate) async fn on(
        common: &Common,
        read: Arc<Usable>,
        aim: Aim<'_>,
        sandbox: Option<Sandbox>,
    ) -> Result<Session, Failure> {
        let stack = &read.stack;
        // What may be found wrong without a call is.
        let desired = match aim {
            Aim::Stack { adopt } => adopting(stack.desired(), adopt)?,
            Aim::Nothing { .. } => stack.nothing(),
        };
        let mut settings = Settings {
            stack: stack.name.clone(),
            region: common.region.clone().or_else(|| stack.region.clone()),
            profile: common.profile.clone(),
            quota_factor: common.ecs_quota_factor,
            ..Settings::default()
        };
        if let Some(sandbox) = &sandbox {
            sandbox.lead(&mut settings);
        }
        let aws = Aws::connect(settings).await?;
        let empty = matches!(
            aim,
            Aim::Nothing {
                empty_repositories: true
            }
        );
        // A sandbox that is reset gives the same ARNs to other things.
        let cache = if sandbox.is_some() { None } else { cache() };
        let narrator = render::Narrator::default();
        let registry = Registry::new(&aws, common.registry.clone());
        let making = Making {
            registry: registry.clone(),
            maker: maker(common, &aws, sandbox.is_some())?,
            base: common.base(),
            tell: narrator.tell(),
        };
        let adapters = adapters(&aws, stack, empty, cache, making);
        let shelf = Shelf::new(&aws, registry);
        let planned = async {
            let Aim::Stack { adopt } = aim else {
                let snapshot = observe(&desired, &adapters).await.map_err(Failure::Read)?;
                return Ok((plan(&desired, &snapshot)?, Vec::new()));
            };
            // Tags are resolved while everything is read.
            let (snapshot, pinned) = join!(observe(&desired, &adapters), pinned(stack, &shelf));
            let snapshot = snapshot.map_err(Failure::Read)?;
            let desired = adopting(pinned.stack.desired(), adopt)?;
            let unresolved = pinned.unresolved.iter().map(failure::told).collect();
            Ok::<_, Failure>((plan(&desired, &snapshot)?, unresolved))
        };
        // Who calls is asked while everything is read, and its answer is judged first.
        let known = known_caller(&aws, stack, common.profile.as_deref());
        let (identity, (plan, unresolved)) = match select(pin!(known), pin!(planned)).await {
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
            read,
            aws,
            identity,
            adapters,
            plan,
            unresolved,
            shelf,
            narrator,
            sandbox,
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

/// How images are made. What only stands for an image is kept from AWS's own accounts.
fn maker(common: &Common, aws: &Aws, on_sandbox: bool) -> Result<Maker, Failure> {
    let is_here = || {
        let endpoint = aws.config().endpoint_url().unwrap_or_default();
        let authority = endpoint.split_once("://").map_or("", |it| it.1);
        let authority = authority.split('/').next().unwrap_or_default();
        let host = authority.rsplit_once(':').map_or(authority, |it| it.0);
        ["127.0.0.1", "localhost", "[::1]", "sandbox.localhost"].contains(&host)
    };
    match common.builder {
        Some(Maker::StandIn) if !is_here() => Err(Failure::StandIn),
        Some(maker) => Ok(maker),
        None if on_sandbox => Ok(Maker::StandIn),
        None => Ok(Maker::Program(None)),
    }
}

async fn known_caller(
    aws: &Aws,
    stack: &Stack,
    profile: Option<&str>,
) -> Result<Identity, Failure> {
    let identity = aws.identity().await.map_err(|err| match profile {
        Some(profile) if lacks_credentials(&err) => Failure::Profile(profile.to_owned()),
        _ => Failure::Caller(err),
    })?;
    match &stack.account {
        Some(account) if *account != identity.account => Err(Failure::Account {
            allowed: account.clone(),
            found: identity.account.clone(),
        }),
        _ => Ok(identity.clone()),
    }
}

fn adopting(mut desired: Desired, adopt: &[String]) -> Result<Desired, Failure> {
    for text in adopt {
        let addresses: Vec<Address> = desired.addresses().cloned().collect();
        match addresses.iter().find(|it| it.to_string() == *text) {
            Some(address) => desired.adopt(address.clone()),
            None => {
                let near = addresses
                    .iter()
                    .map(Address::to_string)
                    .max_by(|a, b| nearness(text, a).total_cmp(&nearness(text, b)));
                return Err(Failure::UnknownAddress {
                    address: text.clone(),
                    near,
                });
            }
        }
    }
    Ok(desired)
}

fn nearness(one: &str, other: &str) -> f64 {
    strsim::jaro_winkler(one, other)
}

//! Where it is rehearsed: the stack as the file says, on AWS or on a sandbox.

use super::RehearseFailure;
use crate::{
    arguments::{Common, RehearseOptions},
    command::{Ended, apply::carry_out_beside},
    connection::Connection,
    failure::Failure,
    interrupt::on_interrupt,
    preflight::preflight,
    reading::Usable,
    render,
    sandbox::Sandbox,
    session::{Aim, Session},
};
use setpoint_aws::Aws;
use setpoint_core::{Address, Desired, Resource, Stop};
use setpoint_spec::kind::Image;
use std::{collections::BTreeSet, sync::Arc};

/// A stack that is applied, and settled.
pub(super) struct Ground {
    pub(super) read: Arc<Usable>,
    aws: Aws,
    sandbox: Option<Sandbox>,
    /// What there was before it was applied for this.
    before: Option<Desired>,
}

/// What came of making ready.
pub(super) enum Readied {
    /// It can begin.
    Ready(Ground),
    /// Applying ended so.
    Ended(u8),
}

impl Ground {
    /// Sees that the stack is as the file says; makes it so, on an account of its own or if that is asked.
    pub(super) async fn ready(
        common: &Common,
        options: &RehearseOptions,
        read: Arc<Usable>,
        stop: &Stop,
    ) -> Result<Readied, Failure> {
        let region = common.region.clone().or_else(|| read.stack.region.clone());
        let region = region.unwrap_or_else(|| "us-east-1".into());
        let sandbox = common
            .sandbox
            .then(|| Sandbox::served_or_empty(common.stack(), &region, common.speed));
        let connection = Connection::on(common, &read.stack, sandbox.clone()).await?;
        let aws = connection.aws.clone();
        let aim = Aim::Stack { adopt: &[] };
        let session = Session::on(common, read.clone(), aim, connection).await?;
        let mut ground = Ground {
            read,
            aws,
            sandbox,
            before: None,
        };
        if session.plan.is_settled() {
            return Ok(Readied::Ready(ground));
        }
        // An account that is forgotten afterwards is nobody's stack.
        let is_own = ground
            .sandbox
            .as_ref()
            .is_some_and(|it| it.twin().is_some());
        if !is_own && !options.apply {
            return Err(refused(session, options)?.into());
        }
        if !options.json {
            render::plan(&session)?;
        }
        preflight(&session)
            .await
            .judge(common, &session, options.json)?;
        let foreign = session.plan.changes.iter().filter(|it| !it.granted);
        let foreign: Vec<String> = foreign.map(|it| it.address.to_string()).collect();
        if !foreign.is_empty() {
            return Err(Failure::NotOurs(foreign));
        }
        if options.restore {
            let before = session.desired.clone().before(&session.plan);
            let lost = |it: Vec<_>| it.iter().map(ToString::to_string).collect();
            ground.before = Some(before.map_err(|it| RehearseFailure::Lost(lost(it)))?);
        }
        match carry_out_beside(stop.clone(), session, options.json).await? {
            0 => Ok(Readied::Ready(ground)),
            code => {
                // What was made of it is taken back, too.
                ground.restore(common, options).await?;
                Ok(Readied::Ended(code))
            }
        }
    }

    /// How many times as fast as ours its clock is.
    pub(super) fn speed(&self) -> f64 {
        self.sandbox.as_ref().map_or(1.0, Sandbox::speed)
    }

    /// A way to it.
    pub(super) fn connection(&self) -> Connection {
        Connection {
            aws: self.aws.clone(),
            sandbox: self.sandbox.clone(),
        }
    }

    /// Puts everything back as it was before it was applied for this; nothing, if it was not.
    pub(super) async fn restore(&self, common: &Common, options: &RehearseOptions) -> Ended {
        let Some(before) = self.before.clone() else {
            return Ok(0);
        };
        let aim = Aim::Before(before);
        let mut session = Session::on(common, self.read.clone(), aim, self.connection()).await?;
        // An image goes with its repository; in one that was there before, it hurts nobody.
        let changes = session.plan.changes.iter();
        let images = changes.filter(|it| it.address.kind == Image::KIND);
        let images: BTreeSet<Address> = images.map(|it| it.address.clone()).collect();
        session.plan = session.plan.without(&images);
        if session.plan.is_settled() {
            return Ok(0);
        }
        if !options.json {
            render::restoring();
        }
        carry_out_beside(on_interrupt(), session, options.json).await
    }
}

/// Why it cannot begin: there are changes, or something is on its way.
fn refused(session: Session, options: &RehearseOptions) -> Result<RehearseFailure, Failure> {
    if session.plan.is_empty() {
        let awaited = session.plan.awaited.iter();
        let states = awaited.map(|it| {
            let state = it.effect.as_deref().unwrap_or_default();
            format!("{}: {state}", it.address)
        });
        let states: Vec<String> = states.collect();
        return Ok(RehearseFailure::Unsettled(states.join("; ")));
    }
    if !options.json {
        render::plan(&session)?;
    }
    Ok(RehearseFailure::NotApplied(session.plan.changes.len()))
}

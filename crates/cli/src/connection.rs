//! The way to AWS, or to the sandbox that stands for it.

use crate::{
    arguments::Common,
    failure::{Failure, lacks_credentials},
    sandbox::Sandbox,
};
use setpoint_aws::{Aws, Identity, Settings};
use setpoint_image::{Maker, Registry};
use setpoint_spec::Stack;

/// A connection to the account and region that a command is for. Opening it calls nothing.
pub(crate) struct Connection {
    /// The calls' way.
    pub(crate) aws: Aws,
    /// The sandbox it is to, if it is to none of AWS's own accounts.
    pub(crate) sandbox: Option<Sandbox>,
}

impl Connection {
    /// To where the command line and the stack say: to AWS, or to the sandbox beside the stack.
    pub(crate) async fn open(common: &Common, stack: &Stack) -> Result<Connection, Failure> {
        if !common.sandbox {
            return Connection::on(common, stack, None).await;
        }
        let region = common.region.clone().or_else(|| stack.region.clone());
        let region = region.unwrap_or_else(|| "us-east-1".into());
        let sandbox = Sandbox::beside(common.stack(), &region, common.speed)?;
        Connection::on(common, stack, Some(sandbox)).await
    }

    /// To AWS, or to the sandbox given.
    pub(crate) async fn on(
        common: &Common,
        stack: &Stack,
        sandbox: Option<Sandbox>,
    ) -> Result<Connection, Failure> {
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
        Ok(Connection { aws, sandbox })
    }

    /// Where images are kept.
    pub(crate) fn registry(&self, common: &Common) -> Registry {
        Registry::new(&self.aws, common.registry.clone())
    }

    /// How images are made. What only stands for an image is kept from AWS's own accounts.
    pub(crate) fn maker(&self, common: &Common) -> Result<Maker, Failure> {
        let is_here = || {
            let endpoint = self.aws.config().endpoint_url().unwrap_or_default();
            let authority = endpoint.split_once("://").map_or("", |it| it.1);
            let authority = authority.split('/').next().unwrap_or_default();
            let host = authority.rsplit_once(':').map_or(authority, |it| it.0);
            ["127.0.0.1", "localhost", "[::1]", "sandbox.localhost"].contains(&host)
        };
        match common.builder {
            Some(Maker::StandIn) if !is_here() => Err(Failure::StandIn),
            Some(maker) => Ok(maker),
            None if self.sandbox.is_some() => Ok(Maker::StandIn),
            None => Ok(Maker::Program(None)),
        }
    }

    /// Who calls. It is an account that the stack may touch.
    pub(crate) async fn caller(&self, common: &Common, stack: &Stack) -> Result<Identity, Failure> {
        let identity = self
            .aws
            .identity()
            .await
            .map_err(|err| match &common.profile {
                Some(profile) if lacks_credentials(&err) => Failure::Profile(profile.clone()),
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
}

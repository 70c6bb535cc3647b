//! Who calls.

use crate::Aws;
use setpoint_core::Result;

/// The account and the principal behind the credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The account, twelve digits.
    pub account: String,
    /// The principal's ARN.
    pub arn: String,
}

impl Identity {
    /// `aws`, `aws-cn` or another.
    pub fn partition(&self) -> &str {
        self.arn.split(':').nth(1).unwrap_or("aws")
    }
}

impl Aws {
    /// Asks who calls, once.
    pub async fn identity(&self) -> Result<&Identity> {
        self.shared
            .identity
            .get_or_try_init(|| self.ask_identity())
            .await
    }

    async fn ask_identity(&self) -> Result<Identity> {
        let sts = aws_sdk_sts::Client::new(self.config());
        let answer = self
            .call("sts:GetCallerIdentity", || sts.get_caller_identity().send())
            .await?;
        Ok(Identity {
            account: answer.account.unwrap_or_default(),
            arn: answer.arn.unwrap_or_default(),
        })
    }
}

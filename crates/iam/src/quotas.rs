//! How many roles and instance profiles an account has and may have.

use aws_sdk_iam::{Client, types::SummaryKeyType};
use setpoint_aws::Aws;
use setpoint_core::Result;

/// How many of something there are, and how many there may be. Nothing where IAM does not say.
pub type Quota = Option<(u64, u64)>;

/// What an account has and may have (`iam:GetAccountSummary`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quotas {
    /// Roles.
    pub roles: Quota,
    /// Instance profiles.
    pub instance_profiles: Quota,
}

/// Reads what the connection's account has and may have.
pub async fn quotas(aws: &Aws) -> Result<Quotas> {
    let iam = Client::new(aws.config());
    let get = aws.call("iam:GetAccountSummary", || iam.get_account_summary().send());
    let summary = get.await?.summary_map.unwrap_or_default();
    let number = |key: SummaryKeyType| u64::try_from(*summary.get(&key)?).ok();
    let quota = |used, most| number(used).zip(number(most));
    // The model names neither of the keys of roles; `aws iam get-account-summary` shows them.
    let roles = quota(
        SummaryKeyType::from("Roles"),
        SummaryKeyType::from("RolesQuota"),
    );
    let profiles = quota(
        SummaryKeyType::from("InstanceProfiles"),
        SummaryKeyType::from("InstanceProfilesQuota"),
    );
    Ok(Quotas {
        roles,
        instance_profiles: profiles,
    })
}

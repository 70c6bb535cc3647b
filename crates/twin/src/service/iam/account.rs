//! The account as a whole.

use super::{
    policy, profile,
    refusal::{no_such, validation},
    role, version,
};
use crate::{Answer, Input, World, service::sts};
use serde_json::{Value, json};

pub(super) fn summary(world: &mut World, _: &Input) -> Answer {
    let policies = world.iam.policies.values();
    let versions: usize = policies.map(|it| it.versions.len()).sum();
    Ok(json!({ "SummaryMap": {
        "Users": 1,
        "UsersQuota": 5000,
        "Groups": 0,
        "GroupsQuota": 300,
        "GroupsPerUserQuota": 10,
        "Roles": world.iam.roles.len(),
        "RolesQuota": role::MOST,
        "InstanceProfiles": world.iam.profiles.len(),
        "InstanceProfilesQuota": profile::MOST,
        "Policies": world.iam.policies.len(),
        "PoliciesQuota": policy::MOST,
        "PolicyVersionsInUse": versions,
        "PolicyVersionsInUseQuota": 10_000,
        "VersionsPerPolicyQuota": version::MOST,
        "PolicySizeQuota": 6144,
        "RolePolicySizeQuota": 10_240,
        "UserPolicySizeQuota": 2048,
        "GroupPolicySizeQuota": 5120,
        "AssumeRolePolicySizeQuota": 2048,
        "AttachedPoliciesPerRoleQuota": super::attachment::MOST,
        "AttachedPoliciesPerUserQuota": 10,
        "AttachedPoliciesPerGroupQuota": 10,
        "AccessKeysPerUserQuota": 2,
        "SigningCertificatesPerUserQuota": 2,
        "ServerCertificates": 0,
        "ServerCertificatesQuota": 20,
        "MFADevices": 0,
        "MFADevicesInUse": 0,
        "Providers": 0,
        "AccountMFAEnabled": 0,
        "AccountAccessKeysPresent": 0,
        "AccountPasswordPresent": 1,
        "AccountSigningCertificatesPresent": 0,
        "GlobalEndpointTokenVersion": 1,
    }}))
}

pub(super) fn aliases(_: &mut World, _: &Input) -> Answer {
    Ok(json!({ "AccountAliases": [], "IsTruncated": false }))
}

/// The account's only user is the administrator.
pub(super) fn user(_: &mut World, input: &Input) -> Answer {
    let administrator = sts::administrator();
    match input.maybe("UserName") {
        Some("admin") => Ok(json!({ "User": administrator_shown() })),
        Some(name) => Err(no_such(format!(
            "The user with name {name} cannot be found."
        ))),
        None if input.caller.arn == administrator.arn => {
            Ok(json!({ "User": administrator_shown() }))
        }
        None => Err(validation(
            "Must specify userName when calling with non-User credentials",
        )),
    }
}

pub(super) fn users(_: &mut World, input: &Input) -> Answer {
    let prefix = input.maybe("PathPrefix").unwrap_or("/");
    let all: Vec<Value> = match prefix {
        "/" => vec![administrator_shown()],
        _ => Vec::new(),
    };
    super::list::page(input, "Users", &all)
}

fn administrator_shown() -> Value {
    let administrator = sts::administrator();
    json!({
        "Path": "/",
        "UserName": "admin",
        "UserId": administrator.user_id,
        "Arn": administrator.arn,
        "CreateDate": 1_420_070_400,
    })
}

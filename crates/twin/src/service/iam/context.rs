//! What conditions of policies may ask for.

use crate::{
    Caller, Grant, World,
    habits::ACCOUNT,
    service::{sts, tags::Tags},
};
use std::collections::BTreeMap;

/// Values by condition key, whatever the case of the key.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Context(BTreeMap<String, Vec<String>>);

impl Context {
    /// The values of a key, if it is there.
    pub(crate) fn values(&self, key: &str) -> Option<&[String]> {
        self.0.get(&key.to_lowercase()).map(Vec::as_slice)
    }

    /// Sets a key's only value.
    pub(crate) fn set(&mut self, key: &str, value: impl Into<String>) {
        self.set_all(key, vec![value.into()]);
    }

    /// Sets a key's values.
    pub(crate) fn set_all(&mut self, key: &str, values: Vec<String>) {
        self.0.insert(key.to_lowercase(), values);
    }

    /// What holds for every call: the time, the region, and who calls.
    pub(crate) fn of(world: &World, caller: &Caller, action: &str) -> Context {
        let mut context = Context::default();
        let service = action.split(':').next().unwrap_or_default();
        let region = match service {
            "iam" => "us-east-1",
            _ => world.region.as_str(),
        };
        context.set("aws:CurrentTime", world.now.to_string());
        context.set("aws:EpochTime", (world.now.0 / 1000).to_string());
        context.set("aws:RequestedRegion", region);
        context.set("aws:SecureTransport", "true");
        context.set("aws:SourceIp", "127.0.0.1");
        context.set("aws:ViaAWSService", "false");
        context.set("aws:PrincipalIsAWSService", "false");
        context.set("aws:PrincipalAccount", ACCOUNT);
        context.set("aws:userid", caller.user_id.as_str());
        context.principal(world, caller);
        context
    }

    fn principal(&mut self, world: &World, caller: &Caller) {
        let session = sts::session(world, &caller.access_key);
        match sts::role_of(world, caller) {
            Some(role) => {
                self.set("aws:PrincipalArn", role.as_str());
                self.set("aws:PrincipalType", "AssumedRole");
                let held = super::role::by_arn(world, &role);
                let tags = held.into_iter().flat_map(|it| &it.tags);
                for (key, value) in tags {
                    self.set(&format!("aws:PrincipalTag/{key}"), value.as_str());
                }
            }
            None => {
                self.set("aws:PrincipalArn", caller.arn.as_str());
                self.set("aws:PrincipalType", "User");
                let name = caller.arn.rsplit('/').next().unwrap_or_default();
                self.set("aws:username", name);
            }
        }
        let Some(session) = session else { return };
        self.set("aws:TokenIssueTime", session.issued_at.to_string());
        self.set("aws:MultiFactorAuthPresent", session.mfa.to_string());
        for (key, value) in &session.tags {
            self.set(&format!("aws:PrincipalTag/{key}"), value.as_str());
        }
        if let Some(identity) = &session.source_identity {
            self.set("aws:SourceIdentity", identity.as_str());
        }
    }

    /// The same with what a grant says.
    pub(crate) fn with(&self, grant: &Grant) -> Context {
        let mut context = self.clone();
        let account = grant.resource.split(':').nth(4);
        let account = account.filter(|it| !it.is_empty()).unwrap_or(ACCOUNT);
        context.set("aws:ResourceAccount", account);
        let keys = grant.context.keys();
        let asked: Vec<String> = keys
            .filter_map(|it| it.strip_prefix("aws:RequestTag/").map(str::to_owned))
            .collect();
        if !asked.is_empty() {
            context.set_all("aws:TagKeys", asked);
        }
        for (key, values) in &grant.context {
            context.set_all(key, values.clone());
        }
        context
    }
}

/// A grant with the tags of a request.
pub(super) fn asking(grant: Grant, tags: &Tags) -> Grant {
    tags.iter().fold(grant, |grant, (key, value)| {
        grant.with(format!("aws:RequestTag/{key}"), value.as_str())
    })
}

/// A grant with the tags of the thing in IAM that it is for.
pub(super) fn bearing(grant: Grant, tags: &Tags) -> Grant {
    tags.iter().fold(grant, |grant, (key, value)| {
        grant
            .with(format!("aws:ResourceTag/{key}"), value.as_str())
            .with(format!("iam:ResourceTag/{key}"), value.as_str())
    })
}

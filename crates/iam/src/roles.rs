//! Roles.

mod read;
mod write;

use crate::ownership::{own_path, sdk_tags, with_own};
use aws_sdk_iam::Client;
use futures::{future::try_join_all, try_join};
use setpoint_aws::{Aws, found};
use setpoint_core::{Adapter, AdapterError, ErrorKind, Freshness, Handle, Name, Observed, Result};
use setpoint_spec::kind::Role;
use std::collections::{BTreeMap, BTreeSet};

/// Reads and writes roles.
#[derive(Clone, Debug)]
pub struct Roles {
    aws: Aws,
    iam: Client,
    paths: BTreeSet<String>,
}

impl Roles {
    /// The roles of the connection's account.
    ///
    /// Those that the stack owns are looked for on `paths` and on `/setpoint/<stack>/`.
    pub fn new(aws: &Aws, paths: BTreeSet<String>) -> Self {
        Roles {
            aws: aws.clone(),
            iam: Client::new(aws.config()),
            paths: with_own(aws, paths),
        }
    }
}

impl Adapter for Roles {
    type Resource = Role;

    async fn list(&self) -> Result<BTreeSet<Name>> {
        let listed = try_join_all(self.paths.iter().map(|it| self.owned_on(it))).await?;
        Ok(listed.into_iter().flatten().collect())
    }

    async fn observe(
        &self,
        names: &BTreeSet<Name>,
        _: Freshness,
    ) -> Result<BTreeMap<Name, Observed<Role>>> {
        let each = names.iter().map(|name| async move {
            let observed = self.look(name).await?;
            Ok(observed.map(|it| (name.clone(), it)))
        });
        Ok(try_join_all(each).await?.into_iter().flatten().collect())
    }

    async fn create(&self, name: &Name, desired: &Role) -> Result<Handle<Role>> {
        let path = desired.path.clone().unwrap_or_else(|| own_path(&self.aws));
        let description = Some(&desired.description).filter(|it| !it.is_empty());
        let tags = sdk_tags(&self.aws.marked(&desired.tags));
        let create = self.aws.call("iam:CreateRole", || {
            self.iam
                .create_role()
                .role_name(name.as_str())
                .path(&path)
                .assume_role_policy_document(desired.trust.text())
                .set_description(description.cloned())
                .max_session_duration(desired.max_session_duration)
                .set_permissions_boundary(desired.permissions_boundary.clone())
                .set_tags(Some(tags.clone()))
                .send()
        });
        let arn = create.await?.role.map(|it| it.arn).unwrap_or_default();
        let managed = &desired.managed_policies;
        let inline = &desired.inline_policies;
        try_join!(
            try_join_all(managed.iter().map(|it| self.attach(name, it, &arn))),
            try_join_all(
                inline
                    .iter()
                    .map(|(policy, it)| self.put_inline(name, policy, it))
            ),
        )?;
        Ok(Handle::new(arn))
    }

    async fn update(
        &self,
        name: &Name,
        desired: &Role,
        observed: &Observed<Role>,
    ) -> Result<Handle<Role>> {
        let now = &observed.resource;
        try_join!(
            self.write_trust(name, desired, now),
            self.write_settings(name, desired, now),
            self.write_boundary(name, desired, now),
            self.write_managed(name, desired, observed),
            self.write_inline(name, desired, now),
            self.write_tags(name, desired, observed),
        )?;
        Ok(observed.handle.clone())
    }

    async fn delete(&self, name: &Name, observed: &Observed<Role>) -> Result<()> {
        // The stack's own profile is gone before its role is, so one that still holds the role is
        // someone else's. It must not find its role stripped.
        if let Some(holder) = self.profiles_that_hold(name).await?.first() {
            return Err(AdapterError {
                operation: "iam:DeleteRole".into(),
                kind: ErrorKind::NotYet(format!("the instance profile {holder} to let go of it")),
                source: format!("the instance profile {holder} holds the role").into(),
            });
        }
        let now = &observed.resource;
        let arn = observed.handle.as_str();
        let (managed, inline) = (now.managed_policies.iter(), now.inline_policies.keys());
        try_join!(
            try_join_all(managed.map(|it| self.detach(name, it, arn))),
            try_join_all(inline.map(|it| self.delete_inline(name, it))),
        )?;
        let delete = self.aws.call("iam:DeleteRole", || {
            self.iam.delete_role().role_name(name.as_str()).send()
        });
        found(delete.await).map(drop)
    }
}

#[cfg(test)]
mod tests;

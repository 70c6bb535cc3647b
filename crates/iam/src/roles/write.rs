//! Writing roles, one part at a time.

use super::Roles;
use crate::{managed, ownership::sdk_tags};
use futures::{future::try_join_all, try_join};
use setpoint_aws::{found, message};
use setpoint_core::{AdapterError, ErrorKind, Name, Observed, Result};
use setpoint_spec::{kind::Role, policy::PolicyDocument};

/// How many managed policies a role may have, unless AWS has raised the account's quota.
const ATTACHED: usize = 10;

impl Roles {
    pub(super) async fn write_trust(&self, name: &Name, desired: &Role, now: &Role) -> Result<()> {
        if desired.trust == now.trust {
            return Ok(());
        }
        let update = self.aws.call("iam:UpdateAssumeRolePolicy", || {
            self.iam
                .update_assume_role_policy()
                .role_name(name.as_str())
                .policy_document(desired.trust.text())
                .send()
        });
        update.await.map(drop)
    }

    pub(super) async fn write_settings(
        &self,
        name: &Name,
        desired: &Role,
        now: &Role,
    ) -> Result<()> {
        let same = desired.description == now.description
            && desired.max_session_duration == now.max_session_duration;
        if same {
            return Ok(());
        }
        // Both go together: a duration that is left out falls back to an hour.
        let update = self.aws.call("iam:UpdateRole", || {
            self.iam
                .update_role()
                .role_name(name.as_str())
                .description(&desired.description)
                .max_session_duration(desired.max_session_duration)
                .send()
        });
        update.await.map(drop)
    }

    pub(super) async fn write_boundary(
        &self,
        name: &Name,
        desired: &Role,
        now: &Role,
    ) -> Result<()> {
        if desired.permissions_boundary == now.permissions_boundary {
            return Ok(());
        }
        let Some(boundary) = &desired.permissions_boundary else {
            let delete = self.aws.call("iam:DeleteRolePermissionsBoundary", || {
                self.iam
                    .delete_role_permissions_boundary()
                    .role_name(name.as_str())
                    .send()
            });
            return found(delete.await).map(drop);
        };
        let put = self.aws.call("iam:PutRolePermissionsBoundary", || {
            self.iam
                .put_role_permissions_boundary()
                .role_name(name.as_str())
                .permissions_boundary(boundary)
                .send()
        });
        put.await.map(drop)
    }

    pub(super) async fn write_managed(
        &self,
        name: &Name,
        desired: &Role,
        observed: &Observed<Role>,
    ) -> Result<()> {
        let arn = observed.handle.as_str();
        let (asked, now) = (
            &desired.managed_policies,
            &observed.resource.managed_policies,
        );
        let attach = try_join_all(asked.difference(now).map(|it| self.attach(name, it, arn)));
        let detach = try_join_all(now.difference(asked).map(|it| self.detach(name, it, arn)));
        match asked.union(now).count() > ATTACHED {
            // There may be no room for the new before the old are gone.
            true => {
                detach.await?;
                attach.await.map(drop)
            }
            false => try_join!(attach, detach).map(drop),
        }
    }

    /// Attaches a policy. The role's ARN says in which of AWS's partitions AWS's own are.
    pub(super) async fn attach(&self, name: &Name, policy: &str, arn: &str) -> Result<()> {
        let mut first = None;
        for policy_arn in managed::arns(policy, partition(arn)) {
            let attach = self.aws.call("iam:AttachRolePolicy", || {
                self.iam
                    .attach_role_policy()
                    .role_name(name.as_str())
                    .policy_arn(&policy_arn)
                    .send()
            });
            match attach.await {
                Err(err) if is_about_policy(&err) => {
                    first.get_or_insert(AdapterError {
                        // It is not a role that IAM does not show yet.
                        kind: ErrorKind::Refused,
                        ..err
                    });
                }
                result => return result.map(drop),
            }
        }
        Err(first.expect("there is one ARN at least, and it was refused"))
    }

    pub(super) async fn detach(&self, name: &Name, policy: &str, arn: &str) -> Result<()> {
        for policy_arn in managed::arns(policy, partition(arn)) {
            let detach = self.aws.call("iam:DetachRolePolicy", || {
                self.iam
                    .detach_role_policy()
                    .role_name(name.as_str())
                    .policy_arn(&policy_arn)
                    .send()
            });
            if found(detach.await)?.is_some() {
                return Ok(());
            }
        }
        Ok(())
    }

    pub(super) async fn write_inline(&self, name: &Name, desired: &Role, now: &Role) -> Result<()> {
        let (asked, now) = (&desired.inline_policies, &now.inline_policies);
        let changed = asked
            .iter()
            .filter(|(it, document)| now.get(*it) != Some(document));
        let gone = now.keys().filter(|it| !asked.contains_key(*it));
        try_join!(
            try_join_all(changed.map(|(policy, it)| self.put_inline(name, policy, it))),
            try_join_all(gone.map(|it| self.delete_inline(name, it))),
        )
        .map(drop)
    }

    pub(super) async fn put_inline(
        &self,
        name: &Name,
        policy: &str,
        document: &PolicyDocument,
    ) -> Result<()> {
        let put = self.aws.call("iam:PutRolePolicy", || {
            self.iam
                .put_role_policy()
                .role_name(name.as_str())
                .policy_name(policy)
                .policy_document(document.text())
                .send()
        });
        put.await.map(drop)
    }

    pub(super) async fn delete_inline(&self, name: &Name, policy: &str) -> Result<()> {
        let delete = self.aws.call("iam:DeleteRolePolicy", || {
            self.iam
                .delete_role_policy()
                .role_name(name.as_str())
                .policy_name(policy)
                .send()
        });
        found(delete.await).map(drop)
    }

    pub(super) async fn write_tags(
        &self,
        name: &Name,
        desired: &Role,
        observed: &Observed<Role>,
    ) -> Result<()> {
        let now = &observed.resource.tags;
        let retagging = self.aws.retagging(&desired.tags, now, &observed.owner);
        let set = async {
            if retagging.set.is_empty() {
                return Ok(());
            }
            let tag = self.aws.call("iam:TagRole", || {
                let tags = Some(sdk_tags(&retagging.set));
                self.iam
                    .tag_role()
                    .role_name(name.as_str())
                    .set_tags(tags)
                    .send()
            });
            tag.await.map(drop)
        };
        let remove = async {
            if retagging.remove.is_empty() {
                return Ok(());
            }
            let untag = self.aws.call("iam:UntagRole", || {
                let keys = Some(retagging.remove.clone());
                self.iam
                    .untag_role()
                    .role_name(name.as_str())
                    .set_tag_keys(keys)
                    .send()
            });
            untag.await.map(drop)
        };
        try_join!(set, remove).map(drop)
    }
}

/// Whether what is not there is the policy, and not the role.
fn is_about_policy(err: &AdapterError) -> bool {
    err.kind == ErrorKind::Absent && !message(err).contains("role with name")
}

fn partition(arn: &str) -> &str {
    arn.split(':').nth(1).unwrap_or("aws")
}

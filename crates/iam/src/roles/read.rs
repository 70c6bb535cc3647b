//! Reading roles.

use super::Roles;
use crate::{
    managed,
    ownership::{own_path, tags_of},
};
use aws_sdk_iam::types;
use futures::{future::try_join_all, try_join};
use setpoint_aws::found;
use setpoint_core::{Name, Observed, Owner, Result};
use setpoint_spec::{kind::Role, policy::PolicyDocument};
use std::collections::BTreeSet;

/// How many things one page shows.
const PAGE: i32 = 1000;

impl Roles {
    /// The roles on a path that are the stack's.
    pub(super) async fn owned_on(&self, path: &str) -> Result<Vec<Name>> {
        let listed = self.roles_on(path).await?;
        if path == own_path(&self.aws) {
            return Ok(listed);
        }
        // Others live there, too, and a list shows no tags.
        let each = listed.into_iter().map(|name| async move {
            let role = self.role(&name).await?;
            let owner = role.map(|it| tags_of(&self.aws, it.tags, &it.path).1);
            Ok(owner.filter(|it| *it == Owner::Ours).map(|_| name))
        });
        Ok(try_join_all(each).await?.into_iter().flatten().collect())
    }

    async fn roles_on(&self, path: &str) -> Result<Vec<Name>> {
        let mut names = Vec::new();
        let mut marker = None;
        loop {
            let list = self.aws.call("iam:ListRoles", || {
                self.iam
                    .list_roles()
                    .path_prefix(path)
                    .max_items(PAGE)
                    .set_marker(marker.clone())
                    .send()
            });
            let page = list.await?;
            // A prefix shows the paths below it, too.
            let here = page.roles.into_iter().filter(|it| it.path == path);
            names.extend(here.map(|it| Name(it.role_name)));
            marker = page.marker.filter(|_| page.is_truncated);
            if marker.is_none() {
                return Ok(names);
            }
        }
    }

    /// One role with all that is attached to it.
    pub(super) async fn look(&self, name: &Name) -> Result<Option<Observed<Role>>> {
        let (role, managed_policies, inline) = try_join!(
            self.role(name),
            self.attached(name),
            self.inline_names(name),
        )?;
        let Some(role) = role else {
            return Ok(None);
        };
        let inline = inline.iter().map(|it| self.inline_policy(name, it));
        let inline = try_join_all(inline).await?;
        let (tags, owner) = tags_of(&self.aws, role.tags, &role.path);
        let trust = role.assume_role_policy_document.unwrap_or_default();
        let boundary = role.permissions_boundary;
        let resource = Role {
            path: Some(role.path),
            description: role.description.unwrap_or_default(),
            max_session_duration: role.max_session_duration.unwrap_or(3600),
            trust: PolicyDocument::read(&trust),
            managed_policies,
            inline_policies: inline.into_iter().flatten().collect(),
            permissions_boundary: boundary.and_then(|it| it.permissions_boundary_arn),
            tags,
        };
        Ok(Some(Observed::new(resource, role.arn, owner)))
    }

    async fn role(&self, name: &Name) -> Result<Option<types::Role>> {
        let get = self.aws.call("iam:GetRole", || {
            self.iam.get_role().role_name(name.as_str()).send()
        });
        Ok(found(get.await)?.and_then(|it| it.role))
    }

    async fn attached(&self, name: &Name) -> Result<BTreeSet<String>> {
        let mut policies = BTreeSet::new();
        let mut marker = None;
        loop {
            let list = self.aws.call("iam:ListAttachedRolePolicies", || {
                self.iam
                    .list_attached_role_policies()
                    .role_name(name.as_str())
                    .max_items(PAGE)
                    .set_marker(marker.clone())
                    .send()
            });
            let Some(page) = found(list.await)? else {
                return Ok(policies);
            };
            let arns = page.attached_policies.unwrap_or_default().into_iter();
            policies.extend(
                arns.filter_map(|it| it.policy_arn)
                    .map(|it| managed::named(&it)),
            );
            marker = page.marker.filter(|_| page.is_truncated);
            if marker.is_none() {
                return Ok(policies);
            }
        }
    }

    async fn inline_names(&self, name: &Name) -> Result<Vec<String>> {
        let mut names = Vec::new();
        let mut marker = None;
        loop {
            let list = self.aws.call("iam:ListRolePolicies", || {
                self.iam
                    .list_role_policies()
                    .role_name(name.as_str())
                    .max_items(PAGE)
                    .set_marker(marker.clone())
                    .send()
            });
            let Some(page) = found(list.await)? else {
                return Ok(names);
            };
            names.extend(page.policy_names);
            marker = page.marker.filter(|_| page.is_truncated);
            if marker.is_none() {
                return Ok(names);
            }
        }
    }

    async fn inline_policy(
        &self,
        name: &Name,
        policy: &str,
    ) -> Result<Option<(String, PolicyDocument)>> {
        let get = self.aws.call("iam:GetRolePolicy", || {
            self.iam
                .get_role_policy()
                .role_name(name.as_str())
                .policy_name(policy)
                .send()
        });
        let document = found(get.await)?.map(|it| PolicyDocument::read(&it.policy_document));
        Ok(document.map(|it| (policy.to_owned(), it)))
    }

    /// The names of the instance profiles that hold a role.
    pub(super) async fn profiles_that_hold(&self, name: &Name) -> Result<Vec<String>> {
        // Even the first page is enough: one profile says as much as many.
        let list = self.aws.call("iam:ListInstanceProfilesForRole", || {
            self.iam
                .list_instance_profiles_for_role()
                .role_name(name.as_str())
                .send()
        });
        let profiles = found(list.await)?.map(|it| it.instance_profiles);
        let profiles = profiles.unwrap_or_default().into_iter();
        Ok(profiles.map(|it| it.instance_profile_name).collect())
    }
}

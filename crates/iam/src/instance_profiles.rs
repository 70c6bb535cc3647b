//! Instance profiles.

use crate::ownership::{name_in, own_path, sdk_tags, tags_of, with_own};
use aws_sdk_iam::{Client, types};
use futures::{future::try_join_all, try_join};
use setpoint_aws::{Aws, code, found};
use setpoint_core::{
    Adapter, AdapterError, ErrorKind, Freshness, Handle, Link, Name, Observed, Owner, Result,
};
use setpoint_spec::kind::{InstanceProfile, Role, Tags};
use std::collections::{BTreeMap, BTreeSet};

/// How many instance profiles one page shows.
const PAGE: i32 = 1000;

/// Reads and writes instance profiles.
#[derive(Clone, Debug)]
pub struct InstanceProfiles {
    aws: Aws,
    iam: Client,
    paths: BTreeSet<String>,
}

impl InstanceProfiles {
    /// The instance profiles of the connection's account.
    ///
    /// Those that the stack owns are looked for on `paths` and on `/setpoint/<stack>/`.
    pub fn new(aws: &Aws, paths: BTreeSet<String>) -> Self {
        InstanceProfiles {
            aws: aws.clone(),
            iam: Client::new(aws.config()),
            paths: with_own(aws, paths),
        }
    }
}

impl Adapter for InstanceProfiles {
    type Resource = InstanceProfile;

    async fn list(&self) -> Result<BTreeSet<Name>> {
        let listed = try_join_all(self.paths.iter().map(|it| self.owned_on(it))).await?;
        Ok(listed.into_iter().flatten().collect())
    }

    async fn observe(
        &self,
        names: &BTreeSet<Name>,
        _: Freshness,
    ) -> Result<BTreeMap<Name, Observed<InstanceProfile>>> {
        let each = names.iter().map(|name| async move {
            let profile = self.profile(name).await?;
            Ok(profile.map(|it| (name.clone(), self.observed(it))))
        });
        Ok(try_join_all(each).await?.into_iter().flatten().collect())
    }

    async fn create(
        &self,
        name: &Name,
        desired: &InstanceProfile,
    ) -> Result<Handle<InstanceProfile>> {
        let path = desired.path.clone().unwrap_or_else(|| own_path(&self.aws));
        let tags = sdk_tags(&self.aws.marked(&desired.tags));
        let create = self.aws.call("iam:CreateInstanceProfile", || {
            self.iam
                .create_instance_profile()
                .instance_profile_name(name.as_str())
                .path(&path)
                .set_tags(Some(tags.clone()))
                .send()
        });
        let created = create.await?.instance_profile;
        if let Some(role) = &desired.role {
            self.add_role(name, role_in(role)).await?;
        }
        Ok(Handle::new(created.map(|it| it.arn).unwrap_or_default()))
    }

    async fn update(
        &self,
        name: &Name,
        desired: &InstanceProfile,
        observed: &Observed<InstanceProfile>,
    ) -> Result<Handle<InstanceProfile>> {
        let now = &observed.resource;
        let role = async {
            if desired.role == now.role {
                return Ok(());
            }
            // A profile holds one role, so the new one finds no place beside the old.
            if let Some(role) = &now.role {
                self.remove_role(name, role_in(role)).await?;
            }
            match &desired.role {
                Some(role) => self.add_role(name, role_in(role)).await,
                None => Ok(()),
            }
        };
        try_join!(role, self.write_tags(name, &desired.tags, observed))?;
        Ok(observed.handle.clone())
    }

    async fn delete(&self, name: &Name, observed: &Observed<InstanceProfile>) -> Result<()> {
        if let Some(role) = &observed.resource.role {
            self.remove_role(name, role_in(role)).await?;
        }
        let delete = self.aws.call("iam:DeleteInstanceProfile", || {
            self.iam
                .delete_instance_profile()
                .instance_profile_name(name.as_str())
                .send()
        });
        found(delete.await).map(drop)
    }
}

impl InstanceProfiles {
    /// The profiles on a path that are the stack's.
    async fn owned_on(&self, path: &str) -> Result<Vec<Name>> {
        let listed = self.profiles_on(path).await?;
        if path == own_path(&self.aws) {
            return Ok(listed);
        }
        // Others live there, too, and a list shows no tags.
        let each = listed.into_iter().map(|name| async move {
            let profile = self.profile(&name).await?;
            let owner = profile.map(|it| tags_of(&self.aws, it.tags, &it.path).1);
            Ok(owner.filter(|it| *it == Owner::Ours).map(|_| name))
        });
        Ok(try_join_all(each).await?.into_iter().flatten().collect())
    }

    async fn profiles_on(&self, path: &str) -> Result<Vec<Name>> {
        let mut names = Vec::new();
        let mut marker = None;
        loop {
            let list = self.aws.call("iam:ListInstanceProfiles", || {
                self.iam
                    .list_instance_profiles()
                    .path_prefix(path)
                    .max_items(PAGE)
                    .set_marker(marker.clone())
                    .send()
            });
            let page = list.await?;
            // A prefix shows the paths below it, too.
            let here = page
                .instance_profiles
                .into_iter()
                .filter(|it| it.path == path);
            names.extend(here.map(|it| Name(it.instance_profile_name)));
            marker = page.marker.filter(|_| page.is_truncated);
            if marker.is_none() {
                return Ok(names);
            }
        }
    }

    async fn profile(&self, name: &Name) -> Result<Option<types::InstanceProfile>> {
        let get = self.aws.call("iam:GetInstanceProfile", || {
            self.iam
                .get_instance_profile()
                .instance_profile_name(name.as_str())
                .send()
        });
        Ok(found(get.await)?.and_then(|it| it.instance_profile))
    }

    fn observed(&self, profile: types::InstanceProfile) -> Observed<InstanceProfile> {
        let (tags, owner) = tags_of(&self.aws, profile.tags, &profile.path);
        let resource = InstanceProfile {
            path: Some(profile.path),
            role: profile.roles.into_iter().next().map(|it| Link::is(it.arn)),
            tags,
        };
        Observed::new(resource, profile.arn, owner)
    }

    async fn add_role(&self, name: &Name, role: &str) -> Result<()> {
        let add = self.aws.call("iam:AddRoleToInstanceProfile", || {
            self.iam
                .add_role_to_instance_profile()
                .instance_profile_name(name.as_str())
                .role_name(role)
                .send()
        });
        add.await.map(drop).map_err(|err| match code(&err) {
            // It holds a role that the last look did not show, which may be this one.
            Some("LimitExceeded") => AdapterError {
                kind: ErrorKind::Unsure,
                ..err
            },
            _ => err,
        })
    }

    async fn remove_role(&self, name: &Name, role: &str) -> Result<()> {
        let remove = self.aws.call("iam:RemoveRoleFromInstanceProfile", || {
            self.iam
                .remove_role_from_instance_profile()
                .instance_profile_name(name.as_str())
                .role_name(role)
                .send()
        });
        found(remove.await).map(drop)
    }

    async fn write_tags(
        &self,
        name: &Name,
        desired: &Tags,
        observed: &Observed<InstanceProfile>,
    ) -> Result<()> {
        let now = &observed.resource.tags;
        let retagging = self.aws.retagging(desired, now, &observed.owner);
        let set = async {
            if retagging.set.is_empty() {
                return Ok(());
            }
            let tag = self.aws.call("iam:TagInstanceProfile", || {
                self.iam
                    .tag_instance_profile()
                    .instance_profile_name(name.as_str())
                    .set_tags(Some(sdk_tags(&retagging.set)))
                    .send()
            });
            tag.await.map(drop)
        };
        let remove = async {
            if retagging.remove.is_empty() {
                return Ok(());
            }
            let untag = self.aws.call("iam:UntagInstanceProfile", || {
                self.iam
                    .untag_instance_profile()
                    .instance_profile_name(name.as_str())
                    .set_tag_keys(Some(retagging.remove.clone()))
                    .send()
            });
            untag.await.map(drop)
        };
        try_join!(set, remove).map(drop)
    }
}

fn role_in(link: &Link<Role>) -> &str {
    name_in(
        link.handle()
            .expect("every link is filled before it is written"),
    )
}

#[cfg(test)]
mod tests;

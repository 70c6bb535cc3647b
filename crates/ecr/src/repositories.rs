//! Repositories.

use crate::read;
use aws_sdk_ecr::{Client, types};
use futures::{future::try_join_all, try_join};
use setpoint_aws::{Aws, code, found};
use setpoint_core::{Adapter, AdapterError, ErrorKind, Freshness, Handle, Name, Observed, Result};
use setpoint_spec::kind::{Encryption, Repository, TagMutability, Tags};
use std::collections::{BTreeMap, BTreeSet};

/// What to do about a repository that AWS will not delete.
const NOT_EMPTY: &str =
    "it still holds images; delete them first, or have `destroy --empty-repositories` do it";

/// Reads and writes repositories.
#[derive(Clone, Debug)]
pub struct Repositories {
    pub(crate) aws: Aws,
    pub(crate) ecr: Client,
    empty: bool,
}

impl Repositories {
    /// The repositories of the connection's account and region.
    ///
    /// `empty` says whether to delete a repository with the images that it holds.
    pub fn new(aws: &Aws, empty: bool) -> Self {
        Repositories {
            aws: aws.clone(),
            ecr: Client::new(aws.config()),
            empty,
        }
    }

    /// Those of `names` that hold images.
    pub async fn non_empty(&self, names: &BTreeSet<Name>) -> Result<BTreeSet<Name>> {
        let each = names.iter().map(|name| async move {
            let holds_images = self.holds_images(name).await?;
            Ok(holds_images.then(|| name.clone()))
        });
        Ok(try_join_all(each).await?.into_iter().flatten().collect())
    }
}

impl Adapter for Repositories {
    type Resource = Repository;

    async fn list(&self) -> Result<BTreeSet<Name>> {
        let index = self.aws.index().await?;
        let names = index.names("ecr", "repository").into_iter();
        Ok(names.map(Name::from).collect())
    }

    async fn observe(
        &self,
        names: &BTreeSet<Name>,
        freshness: Freshness,
    ) -> Result<BTreeMap<Name, Observed<Repository>>> {
        let (repositories, mut policies, mut tags) = try_join!(
            self.describe(names),
            self.lifecycle_policies(names),
            self.tags_of_all(names, freshness),
        )?;
        let untold = repositories.keys().filter(|it| !tags.contains_key(*it));
        tags.extend(match freshness {
            // The index knows only what is ours, and not at once.
            Freshness::Indexed => self.read_tags(untold).await?,
            // A repository without tags to read is on its way in or out.
            Freshness::Direct => BTreeMap::new(),
        });
        let shown = repositories.into_iter().filter_map(|(name, it)| {
            let (all_tags, indexed) = tags.remove(&name)?;
            let (tags, owner) = self.aws.tags_of(all_tags);
            let handle = it.repository_uri.clone().unwrap_or_default();
            let resource = read::repository(it, policies.remove(&name), tags);
            let observed = Observed {
                indexed,
                ..Observed::new(resource, handle, owner)
            };
            Some((name, observed))
        });
        Ok(shown.collect())
    }

    async fn create(&self, name: &Name, desired: &Repository) -> Result<Handle<Repository>> {
        let tags = sdk_tags(&self.aws.marked(&desired.tags));
        let answer = self.aws.call("ecr:CreateRepository", || {
            self.ecr
                .create_repository()
                .repository_name(name.as_str())
                .image_tag_mutability(mutability(desired))
                .set_image_tag_mutability_exclusion_filters(exclusions(desired))
                .image_scanning_configuration(scanning(desired))
                .set_encryption_configuration(desired.encryption.as_ref().map(encryption))
                .set_tags(Some(tags.clone()))
                .send()
        });
        let created = answer.await?.repository;
        let handle = created.and_then(|it| it.repository_uri).unwrap_or_default();
        if desired.lifecycle_policy.is_some() {
            self.write_lifecycle_policy(name, desired).await?;
        }
        Ok(Handle::new(handle))
    }

    async fn update(
        &self,
        name: &Name,
        desired: &Repository,
        observed: &Observed<Repository>,
    ) -> Result<Handle<Repository>> {
        let now = &observed.resource;
        let settings = async {
            let same = desired.image_tag_mutability == now.image_tag_mutability
                && desired.mutability_exclusions == now.mutability_exclusions;
            match same {
                true => Ok(()),
                false => self.write_mutability(name, desired).await,
            }
        };
        let scanning = async {
            match desired.scan_on_push == now.scan_on_push {
                true => Ok(()),
                false => self.write_scanning(name, desired).await,
            }
        };
        let policy = async {
            match desired.lifecycle_policy == now.lifecycle_policy {
                true => Ok(()),
                false => self.write_lifecycle_policy(name, desired).await,
            }
        };
        let tags = self.write_tags(name, &desired.tags, observed);
        try_join!(settings, scanning, policy, tags)?;
        Ok(observed.handle.clone())
    }

    async fn delete(&self, name: &Name, _: &Observed<Repository>) -> Result<()> {
        let delete = self.aws.call("ecr:DeleteRepository", || {
            self.ecr
                .delete_repository()
                .repository_name(name.as_str())
                .force(self.empty)
                .send()
        });
        found(delete.await)
            .map(drop)
            .map_err(|err| match code(&err) {
                Some("RepositoryNotEmptyException") => AdapterError {
                    kind: ErrorKind::Refused,
                    source: NOT_EMPTY.into(),
                    ..err
                },
                _ => err,
            })
    }
}

impl Repositories {
    /// The name under which the tag calls know a repository.
    pub(crate) async fn arn(&self, name: &Name) -> Result<String> {
        let identity = self.aws.identity().await?;
        let (partition, account) = (identity.partition(), &identity.account);
        let region = self.aws.region();
        Ok(format!(
            "arn:{partition}:ecr:{region}:{account}:repository/{name}"
        ))
    }

    async fn write_mutability(&self, name: &Name, desired: &Repository) -> Result<()> {
        let put = self.aws.call("ecr:PutImageTagMutability", || {
            self.ecr
                .put_image_tag_mutability()
                .repository_name(name.as_str())
                .image_tag_mutability(mutability(desired))
                .set_image_tag_mutability_exclusion_filters(exclusions(desired))
                .send()
        });
        put.await.map(drop)
    }

    async fn write_scanning(&self, name: &Name, desired: &Repository) -> Result<()> {
        let put = self.aws.call("ecr:PutImageScanningConfiguration", || {
            self.ecr
                .put_image_scanning_configuration()
                .repository_name(name.as_str())
                .image_scanning_configuration(scanning(desired))
                .send()
        });
        put.await.map(drop)
    }

    async fn write_lifecycle_policy(&self, name: &Name, desired: &Repository) -> Result<()> {
        let Some(policy) = &desired.lifecycle_policy else {
            let delete = self.aws.call("ecr:DeleteLifecyclePolicy", || {
                self.ecr
                    .delete_lifecycle_policy()
                    .repository_name(name.as_str())
                    .send()
            });
            return found(delete.await).map(drop);
        };
        let text = policy.to_string();
        let put = self.aws.call("ecr:PutLifecyclePolicy", || {
            self.ecr
                .put_lifecycle_policy()
                .repository_name(name.as_str())
                .lifecycle_policy_text(&text)
                .send()
        });
        put.await.map(drop)
    }

    async fn write_tags(
        &self,
        name: &Name,
        desired: &Tags,
        observed: &Observed<Repository>,
    ) -> Result<()> {
        let retagging = self
            .aws
            .retagging(desired, &observed.resource.tags, &observed.owner);
        if retagging.is_empty() {
            return Ok(());
        }
        let arn = self.arn(name).await?;
        let set = async {
            if retagging.set.is_empty() {
                return Ok(());
            }
            let tag = self.aws.call("ecr:TagResource", || {
                let tags = Some(sdk_tags(&retagging.set));
                self.ecr
                    .tag_resource()
                    .resource_arn(&arn)
                    .set_tags(tags)
                    .send()
            });
            tag.await.map(drop)
        };
        let remove = async {
            if retagging.remove.is_empty() {
                return Ok(());
            }
            let untag = self.aws.call("ecr:UntagResource", || {
                let keys = Some(retagging.remove.clone());
                self.ecr
                    .untag_resource()
                    .resource_arn(&arn)
                    .set_tag_keys(keys)
                    .send()
            });
            untag.await.map(drop)
        };
        try_join!(set, remove).map(drop)
    }
}

fn mutability(repository: &Repository) -> types::ImageTagMutability {
    use types::ImageTagMutability::{
        Immutable, ImmutableWithExclusion, Mutable, MutableWithExclusion,
    };
    let excludes = !repository.mutability_exclusions.is_empty();
    match (repository.image_tag_mutability, excludes) {
        (TagMutability::Mutable, false) => Mutable,
        (TagMutability::Mutable, true) => MutableWithExclusion,
        (TagMutability::Immutable, false) => Immutable,
        (TagMutability::Immutable, true) => ImmutableWithExclusion,
    }
}

fn exclusions(repository: &Repository) -> Option<Vec<types::ImageTagMutabilityExclusionFilter>> {
    let filter = |pattern: &String| {
        types::ImageTagMutabilityExclusionFilter::builder()
            .filter_type(types::ImageTagMutabilityExclusionFilterType::Wildcard)
            .filter(pattern)
            .build()
            .expect("both members are given")
    };
    let exclusions = &repository.mutability_exclusions;
    (!exclusions.is_empty()).then(|| exclusions.iter().map(filter).collect())
}

// The SDK leaves `false` out, which AWS takes for `false`.
fn scanning(repository: &Repository) -> types::ImageScanningConfiguration {
    types::ImageScanningConfiguration::builder()
        .scan_on_push(repository.scan_on_push)
        .build()
}

fn encryption(encryption: &Encryption) -> types::EncryptionConfiguration {
    types::EncryptionConfiguration::builder()
        .encryption_type(encryption.encryption_type.as_str().into())
        .set_kms_key(encryption.kms_key.clone())
        .build()
        .expect("the type is given")
}

fn sdk_tags(tags: &Tags) -> Vec<types::Tag> {
    let tag = |(key, value)| {
        let tag = types::Tag::builder().key(key).value(value).build();
        tag.expect("both members are given")
    };
    tags.iter().map(tag).collect()
}

#[cfg(test)]
mod tests;

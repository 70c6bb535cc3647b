//! Reading repositories: what is asked of AWS, and what its answers mean.

use crate::Repositories;
use aws_sdk_ecr::types;
use futures::{future::try_join_all, try_join};
use serde_json::Value;
use setpoint_aws::found;
use setpoint_core::{Freshness, Name, Result};
use setpoint_spec::{
    kind::{Encryption, Repository, TagMutability, Tags},
    policy::lifecycle,
};
use std::collections::{BTreeMap, BTreeSet};

/// How many repositories are asked for one by one. One that is missing fails a call for several,
/// so more than these are picked from all that the account has.
const FEW: usize = 3;

/// How many repositories one page shows.
const PAGE: i32 = 1000;

/// All tags of a repository, and whether they are the index's word.
type Known = (Tags, bool);

/// A repository as it would be asked for.
pub(crate) fn repository(
    shown: types::Repository,
    lifecycle_policy: Option<Value>,
    tags: Tags,
) -> Repository {
    use types::ImageTagMutability::{Immutable, ImmutableWithExclusion};
    let image_tag_mutability = match shown.image_tag_mutability {
        Some(Immutable | ImmutableWithExclusion) => TagMutability::Immutable,
        _ => TagMutability::Mutable,
    };
    let exclusions = shown.image_tag_mutability_exclusion_filters;
    let scanning = shown.image_scanning_configuration;
    let encryption = match shown.encryption_configuration {
        Some(it) => Encryption {
            encryption_type: it.encryption_type.as_str().into(),
            kms_key: it.kms_key,
        },
        None => Encryption {
            encryption_type: "AES256".into(),
            kms_key: None,
        },
    };
    Repository {
        image_tag_mutability,
        mutability_exclusions: exclusions
            .unwrap_or_default()
            .into_iter()
            .map(|it| it.filter)
            .collect(),
        scan_on_push: scanning.is_some_and(|it| it.scan_on_push),
        encryption: Some(encryption),
        lifecycle_policy,
        tags,
    }
}

impl Repositories {
    pub(crate) async fn describe(
        &self,
        names: &BTreeSet<Name>,
    ) -> Result<BTreeMap<Name, types::Repository>> {
        let shown = match names.len() <= FEW {
            true => try_join_all(names.iter().map(|it| self.describe_one(it))).await?,
            false => vec![self.describe_all().await?],
        };
        let shown = shown.into_iter().flatten();
        let named = shown.map(|it| (Name(it.repository_name.clone().unwrap_or_default()), it));
        Ok(named.filter(|(name, _)| names.contains(name)).collect())
    }

    async fn describe_one(&self, name: &Name) -> Result<Vec<types::Repository>> {
        let describe = self.aws.call("ecr:DescribeRepositories", || {
            self.ecr
                .describe_repositories()
                .repository_names(name.as_str())
                .send()
        });
        let page = found(describe.await)?;
        Ok(page.and_then(|it| it.repositories).unwrap_or_default())
    }

    async fn describe_all(&self) -> Result<Vec<types::Repository>> {
        let mut all = Vec::new();
        let mut token = None;
        loop {
            let describe = self.aws.call("ecr:DescribeRepositories", || {
                self.ecr
                    .describe_repositories()
                    .max_results(PAGE)
                    .set_next_token(token.clone())
                    .send()
            });
            let page = describe.await?;
            all.extend(page.repositories.unwrap_or_default());
            token = page.next_token;
            if token.is_none() {
                return Ok(all);
            }
        }
    }

    /// The lifecycle policies of those that have one.
    pub(crate) async fn lifecycle_policies(
        &self,
        names: &BTreeSet<Name>,
    ) -> Result<BTreeMap<Name, Value>> {
        let each = names.iter().map(|name| async move {
            let get = self.aws.call("ecr:GetLifecyclePolicy", || {
                self.ecr
                    .get_lifecycle_policy()
                    .repository_name(name.as_str())
                    .send()
            });
            let text = found(get.await)?.and_then(|it| it.lifecycle_policy_text);
            // Text that is no JSON equals no policy that can be asked for.
            let read = |it: String| serde_json::from_str(&it).unwrap_or(Value::String(it));
            Ok(text.map(|it| (name.clone(), lifecycle::canonical(read(it)))))
        });
        Ok(try_join_all(each).await?.into_iter().flatten().collect())
    }

    pub(crate) async fn tags_of_all(
        &self,
        names: &BTreeSet<Name>,
        freshness: Freshness,
    ) -> Result<BTreeMap<Name, Known>> {
        if freshness == Freshness::Direct {
            return self.read_tags(names).await;
        }
        let (index, _) = try_join!(self.aws.index(), self.aws.identity())?;
        let mut known = BTreeMap::new();
        for name in names {
            if let Some(tags) = index.tags(&self.arn(name).await?) {
                known.insert(name.clone(), (tags.clone(), true));
            }
        }
        Ok(known)
    }

    pub(crate) async fn read_tags(
        &self,
        names: impl IntoIterator<Item = &Name>,
    ) -> Result<BTreeMap<Name, Known>> {
        let each = names.into_iter().map(|name| async move {
            let arn = self.arn(name).await?;
            let list = self.aws.call("ecr:ListTagsForResource", || {
                self.ecr.list_tags_for_resource().resource_arn(&arn).send()
            });
            let tags = found(list.await)?.map(|it| it.tags.unwrap_or_default());
            let known = tags.map(|it| it.into_iter().map(|it| (it.key, it.value)).collect());
            Ok(known.map(|it| (name.clone(), (it, false))))
        });
        Ok(try_join_all(each).await?.into_iter().flatten().collect())
    }

    pub(crate) async fn holds_images(&self, name: &Name) -> Result<bool> {
        // Archived images are hidden otherwise, and they, too, keep a repository from deletion.
        let any = types::DescribeImagesFilter::builder()
            .image_status(types::ImageStatusFilter::Any)
            .build();
        let mut token = None;
        loop {
            let describe = self.aws.call("ecr:DescribeImages", || {
                self.ecr
                    .describe_images()
                    .repository_name(name.as_str())
                    .filter(any.clone())
                    .max_results(1)
                    .set_next_token(token.clone())
                    .send()
            });
            let Some(page) = found(describe.await)? else {
                return Ok(false);
            };
            if page.image_details.is_some_and(|it| !it.is_empty()) {
                return Ok(true);
            }
            // A filtered page may be empty though more follow.
            token = page.next_token;
            if token.is_none() {
                return Ok(false);
            }
        }
    }
}

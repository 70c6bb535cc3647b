//! Log groups.

use aws_sdk_cloudwatchlogs::{Client, types};
use futures::{future::try_join_all, try_join};
use setpoint_aws::{Aws, found};
use setpoint_core::{Adapter, Freshness, Handle, Name, Observed, Resource, Result};
use setpoint_spec::kind::{LogGroup, Tags};
use std::collections::{BTreeMap, BTreeSet};

/// How many groups one call shows.
const BATCH: usize = 50;

/// Reads and writes log groups.
#[derive(Clone, Debug)]
pub struct LogGroups {
    aws: Aws,
    logs: Client,
}

impl LogGroups {
    /// The log groups of the connection's account and region.
    pub fn new(aws: &Aws) -> Self {
        LogGroups {
            aws: aws.clone(),
            logs: Client::new(aws.config()),
        }
    }
}

impl Adapter for LogGroups {
    type Resource = LogGroup;

    async fn list(&self) -> Result<BTreeSet<Name>> {
        let index = self.aws.index().await?;
        let names = index.names("logs", "log-group").into_iter();
        Ok(names.map(|it| it.trim_end_matches(":*").into()).collect())
    }

    async fn observe(
        &self,
        names: &BTreeSet<Name>,
        freshness: Freshness,
    ) -> Result<BTreeMap<Name, Observed<LogGroup>>> {
        let (groups, mut tags) =
            try_join!(self.describe(names), self.tags_of_all(names, freshness))?;
        let untold = groups.keys().filter(|it| !tags.contains_key(*it));
        tags.extend(match freshness {
            // The index knows only what is ours, and not at once.
            Freshness::Indexed => self.read_tags(untold).await?,
            // A group without tags to read is on its way in or out.
            Freshness::Direct => BTreeMap::new(),
        });
        let shown = groups.into_iter().filter_map(|(name, group)| {
            let known = tags.remove(&name)?;
            let observed = self.observed(&name, group, known);
            Some((name, observed))
        });
        Ok(shown.collect())
    }

    async fn create(&self, name: &Name, desired: &LogGroup) -> Result<Handle<LogGroup>> {
        let tags = self.aws.marked(&desired.tags);
        self.aws
            .call("logs:CreateLogGroup", || {
                self.logs
                    .create_log_group()
                    .log_group_name(name.as_str())
                    .set_log_group_class(desired.log_group_class.as_deref().map(Into::into))
                    .set_kms_key_id(desired.kms_key_id.clone())
                    .set_tags(Some(tags.clone().into_iter().collect()))
                    .send()
            })
            .await?;
        if desired.retention_in_days.is_some() {
            self.write_retention(name, desired.retention_in_days)
                .await?;
        }
        Ok(Handle::new(name.as_str()))
    }

    async fn update(
        &self,
        name: &Name,
        desired: &LogGroup,
        observed: &Observed<LogGroup>,
    ) -> Result<Handle<LogGroup>> {
        let now = &observed.resource;
        let mut desired = desired.clone();
        // A retention that the account imposes is not written against.
        desired.inherit(now);
        let retention = async {
            match desired.retention_in_days == now.retention_in_days {
                true => Ok(()),
                false => self.write_retention(name, desired.retention_in_days).await,
            }
        };
        let key = async {
            match desired.kms_key_id == now.kms_key_id {
                true => Ok(()),
                false => self.write_key(name, desired.kms_key_id.as_deref()).await,
            }
        };
        let tags = self.write_tags(name, &desired.tags, observed);
        try_join!(retention, key, tags)?;
        Ok(observed.handle.clone())
    }

    async fn delete(&self, name: &Name, _: &Observed<LogGroup>) -> Result<()> {
        let delete = self.aws.call("logs:DeleteLogGroup", || {
            self.logs
                .delete_log_group()
                .log_group_name(name.as_str())
                .send()
        });
        found(delete.await).map(drop)
    }
}

/// All tags of a group, and whether they are the index's word.
type Known = (Tags, bool);

impl LogGroups {
    async fn describe(&self, names: &BTreeSet<Name>) -> Result<BTreeMap<Name, types::LogGroup>> {
        let asked: Vec<&str> = names.iter().map(Name::as_str).collect();
        let groups = try_join_all(asked.chunks(BATCH).map(|it| self.describe_batch(it))).await?;
        let groups = groups.into_iter().flatten();
        let named = groups.map(|it| (Name(it.log_group_name.clone().unwrap_or_default()), it));
        Ok(named.filter(|(name, _)| names.contains(name)).collect())
    }

    async fn describe_batch(&self, names: &[&str]) -> Result<Vec<types::LogGroup>> {
        let identifiers: Vec<String> = names.iter().map(|it| (*it).to_owned()).collect();
        let mut groups = Vec::new();
        let mut token = None;
        loop {
            let describe = self.aws.call("logs:DescribeLogGroups", || {
                self.logs
                    .describe_log_groups()
                    .set_log_group_identifiers(Some(identifiers.clone()))
                    .set_next_token(token.clone())
                    .send()
            });
            let Some(page) = found(describe.await)? else {
                // No document says whether one that is missing fails the rest; if so, each is
                // asked for by itself.
                let each = names.iter().map(|it| self.describe_one(it));
                return Ok(try_join_all(each).await?.into_iter().flatten().collect());
            };
            groups.extend(page.log_groups.unwrap_or_default());
            token = page.next_token;
            if token.is_none() {
                return Ok(groups);
            }
        }
    }

    /// The first group whose name begins so: in ASCII order that is the one named so, if there is.
    async fn describe_one(&self, name: &str) -> Result<Option<types::LogGroup>> {
        let describe = self.aws.call("logs:DescribeLogGroups", || {
            self.logs
                .describe_log_groups()
                .log_group_name_prefix(name)
                .limit(1)
                .send()
        });
        Ok(describe
            .await?
            .log_groups
            .unwrap_or_default()
            .into_iter()
            .next())
    }

    async fn tags_of_all(
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

    async fn read_tags(
        &self,
        names: impl IntoIterator<Item = &Name>,
    ) -> Result<BTreeMap<Name, Known>> {
        let each = names.into_iter().map(|name| async move {
            let arn = self.arn(name).await?;
            let list = self.aws.call("logs:ListTagsForResource", || {
                self.logs.list_tags_for_resource().resource_arn(&arn).send()
            });
            let tags = found(list.await)?.map(|it| it.tags.unwrap_or_default());
            let known = tags.map(|it| (it.into_iter().collect(), false));
            Ok(known.map(|it| (name.clone(), it)))
        });
        Ok(try_join_all(each).await?.into_iter().flatten().collect())
    }

    fn observed(&self, name: &Name, group: types::LogGroup, known: Known) -> Observed<LogGroup> {
        let (all_tags, indexed) = known;
        let (tags, owner) = self.aws.tags_of(all_tags);
        let class = group.log_group_class.as_ref().map(|it| it.as_str());
        let resource = LogGroup {
            retention_in_days: group.retention_in_days,
            retention_imposed: group.retention_policy_name.is_some(),
            log_group_class: Some(class.unwrap_or("STANDARD").into()),
            kms_key_id: group.kms_key_id,
            tags,
        };
        Observed {
            indexed,
            ..Observed::new(resource, name.as_str(), owner)
        }
    }

    /// Without the `:*` at the end that `DescribeLogGroups` shows: tags are kept under this one.
    async fn arn(&self, name: &Name) -> Result<String> {
        let identity = self.aws.identity().await?;
        let (partition, account) = (identity.partition(), &identity.account);
        let region = self.aws.region();
        Ok(format!(
            "arn:{partition}:logs:{region}:{account}:log-group:{name}"
        ))
    }

    async fn write_retention(&self, name: &Name, days: Option<i32>) -> Result<()> {
        let Some(days) = days else {
            let delete = self.aws.call("logs:DeleteRetentionPolicy", || {
                self.logs
                    .delete_retention_policy()
                    .log_group_name(name.as_str())
                    .send()
            });
            return delete.await.map(drop);
        };
        let put = self.aws.call("logs:PutRetentionPolicy", || {
            self.logs
                .put_retention_policy()
                .log_group_name(name.as_str())
                .retention_in_days(days)
                .send()
        });
        put.await.map(drop)
    }

    async fn write_key(&self, name: &Name, key: Option<&str>) -> Result<()> {
        let Some(key) = key else {
            let disassociate = self.aws.call("logs:DisassociateKmsKey", || {
                self.logs
                    .disassociate_kms_key()
                    .log_group_name(name.as_str())
                    .send()
            });
            return disassociate.await.map(drop);
        };
        let associate = self.aws.call("logs:AssociateKmsKey", || {
            self.logs
                .associate_kms_key()
                .log_group_name(name.as_str())
                .kms_key_id(key)
                .send()
        });
        associate.await.map(drop)
    }

    async fn write_tags(
        &self,
        name: &Name,
        desired: &Tags,
        observed: &Observed<LogGroup>,
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
            let tag = self.aws.call("logs:TagResource", || {
                self.logs
                    .tag_resource()
                    .resource_arn(&arn)
                    .set_tags(Some(retagging.set.clone().into_iter().collect()))
                    .send()
            });
            tag.await.map(drop)
        };
        let remove = async {
            if retagging.remove.is_empty() {
                return Ok(());
            }
            let untag = self.aws.call("logs:UntagResource", || {
                self.logs
                    .untag_resource()
                    .resource_arn(&arn)
                    .set_tag_keys(Some(retagging.remove.clone()))
                    .send()
            });
            untag.await.map(drop)
        };
        try_join!(set, remove).map(drop)
    }
}

#[cfg(test)]
mod tests;

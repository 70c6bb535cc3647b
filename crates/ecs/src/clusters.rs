//! Clusters.

use crate::{ClusterReader, tags};
use aws_sdk_ecs::{
    Client,
    types::{Cluster as Shown, ClusterSetting, ClusterSettingName},
};
use setpoint_aws::{Aws, found};
use setpoint_core::{Adapter, Freshness, Handle, Name, Observed, Resource, Result, Status};
use setpoint_spec::kind::Cluster;
use std::collections::{BTreeMap, BTreeSet};

/// Reads and writes clusters. A cluster's handle is its name.
#[derive(Debug)]
pub struct Clusters {
    aws: Aws,
    client: Client,
    reader: ClusterReader,
}

impl Clusters {
    /// An adapter that reads through `reader`.
    pub fn new(aws: &Aws, reader: ClusterReader) -> Clusters {
        Clusters {
            aws: aws.clone(),
            client: Client::new(aws.config()),
            reader,
        }
    }

    fn observed(&self, name: &Name, shown: Shown) -> Option<Observed<Cluster>> {
        let status = status(shown.status())?;
        let insights = shown.settings().iter().find(|it| is_insights(it));
        // A cluster that shows no setting gathers nothing.
        let insights = insights.and_then(|it| it.value()).unwrap_or("disabled");
        let container_insights = Some(insights.to_owned());
        let (tags, owner) = self.aws.tags_of(tags::read(shown.tags));
        let resource = Cluster {
            container_insights,
            tags,
        };
        Some(Observed {
            status,
            ..Observed::new(resource, name.as_str(), owner)
        })
    }
}

fn is_insights(setting: &ClusterSetting) -> bool {
    setting.name() == Some(&ClusterSettingName::ContainerInsights)
}

fn insights(value: &str) -> ClusterSetting {
    ClusterSetting::builder()
        .name(ClusterSettingName::ContainerInsights)
        .value(value)
        .build()
}

/// What a cluster's status means; nothing for one that is no more.
fn status(status: Option<&str>) -> Option<Status> {
    match status.unwrap_or("ACTIVE") {
        "ACTIVE" => Some(Status::Ready),
        "PROVISIONING" => Some(Status::Settling("its capacity providers to be made".into())),
        "DEPROVISIONING" => Some(Status::Leaving(
            "its capacity providers to be deleted".into(),
        )),
        "FAILED" => Some(Status::Failed(
            "its capacity providers could not be made".into(),
        )),
        _ => None,
    }
}

impl Adapter for Clusters {
    type Resource = Cluster;

    async fn list(&self) -> Result<BTreeSet<Name>> {
        owned(&self.aws).await
    }

    async fn observe(
        &self,
        names: &BTreeSet<Name>,
        freshness: Freshness,
    ) -> Result<BTreeMap<Name, Observed<Cluster>>> {
        let shown = self
            .reader
            .read(names, freshness, Some(Cluster::KIND))
            .await?;
        let observed = shown.into_iter().filter_map(|(name, shown)| {
            let observed = self.observed(&name, shown)?;
            Some((name, observed))
        });
        Ok(observed.collect())
    }

    /// AWS answers with the cluster that is there, if there is one, and leaves it as it is: the
    /// look that follows shows what differs.
    async fn create(&self, name: &Name, desired: &Cluster) -> Result<Handle<Cluster>> {
        let settings = desired
            .container_insights
            .as_deref()
            .map(|it| vec![insights(it)]);
        let tags = tags::write(&self.aws.marked(&desired.tags));
        self.aws
            .call("ecs:CreateCluster", || {
                self.client
                    .create_cluster()
                    .cluster_name(name.as_str())
                    .set_settings(settings.clone())
                    .set_tags(Some(tags.clone()))
                    .send()
            })
            .await?;
        self.reader.forget([name]).await;
        Ok(Handle::new(name.as_str()))
    }

    async fn update(
        &self,
        name: &Name,
        desired: &Cluster,
        observed: &Observed<Cluster>,
    ) -> Result<Handle<Cluster>> {
        let mut desired = desired.clone();
        desired.inherit(&observed.resource);
        let settings = async {
            match &desired.container_insights {
                Some(value)
                    if desired.container_insights != observed.resource.container_insights =>
                {
                    self.aws
                        .call("ecs:UpdateClusterSettings", || {
                            self.client
                                .update_cluster_settings()
                                .cluster(name.as_str())
                                .settings(insights(value))
                                .send()
                        })
                        .await
                        .map(drop)
                }
                _ => Ok(()),
            }
        };
        let tags = async {
            let change =
                self.aws
                    .retagging(&desired.tags, &observed.resource.tags, &observed.owner);
            if change.is_empty() {
                return Ok(());
            }
            let arn = self.reader.arn(name).await?;
            tags::change(&self.aws, &self.client, &arn, &change).await
        };
        let (settings, tags) = futures::join!(settings, tags);
        settings.and(tags)?;
        self.reader.forget([name]).await;
        Ok(observed.handle.clone())
    }

    async fn delete(&self, name: &Name, observed: &Observed<Cluster>) -> Result<()> {
        let handle = observed.handle.as_str();
        let deleted = self
            .aws
            .call("ecs:DeleteCluster", || {
                self.client.delete_cluster().cluster(handle).send()
            })
            .await;
        found(deleted)?;
        self.reader.forget([name]).await;
        Ok(())
    }
}

/// The names of the clusters that bear the mark.
pub(crate) async fn owned(aws: &Aws) -> Result<BTreeSet<Name>> {
    let index = aws.index().await?;
    Ok(index
        .names("ecs", "cluster")
        .into_iter()
        .map(Name::from)
        .collect())
}

#[cfg(test)]
mod tests;

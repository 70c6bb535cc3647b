//! Which capacity providers a cluster has.

use crate::{ClusterReader, clusters, tags};
use aws_sdk_ecs::{
    Client,
    types::{CapacityProviderStrategyItem, Cluster as Shown},
};
use setpoint_aws::{Aws, found};
use setpoint_core::{Adapter, Freshness, Handle, Link, Name, Observed, Resource, Result, Status};
use setpoint_spec::kind::{ClusterCapacityProviders as Resources, StrategyItem};
use std::collections::{BTreeMap, BTreeSet};

/// Reads and writes which capacity providers clusters have. The handle is the cluster's name.
#[derive(Debug)]
pub struct ClusterCapacityProviders {
    aws: Aws,
    client: Client,
    reader: ClusterReader,
}

impl ClusterCapacityProviders {
    /// An adapter that reads through `reader`.
    pub fn new(aws: &Aws, reader: ClusterReader) -> ClusterCapacityProviders {
        ClusterCapacityProviders {
            aws: aws.clone(),
            client: Client::new(aws.config()),
            reader,
        }
    }

    /// What a cluster has, if it has any.
    fn observed(&self, name: &Name, shown: Shown) -> Option<Observed<Resources>> {
        let resource = Resources {
            cluster: Link::is(name.as_str()),
            capacity_providers: shown.capacity_providers().iter().map(Link::is).collect(),
            default_strategy: shown
                .default_capacity_provider_strategy()
                .iter()
                .map(item)
                .collect(),
        };
        let status = match (shown.attachments_status(), has_any(&shown)) {
            (Some("UPDATE_IN_PROGRESS"), true) => {
                Status::Settling("its capacity providers to be attached".into())
            }
            // A provider is in use until it is off the cluster.
            (Some("UPDATE_IN_PROGRESS"), false) => {
                Status::Leaving("its capacity providers to be detached".into())
            }
            (_, false) => return None,
            (Some("UPDATE_FAILED"), true) => Status::Failed(format!(
                "the capacity providers of cluster {name} could not be attached"
            )),
            _ => Status::Ready,
        };
        let (_, owner) = self.aws.tags_of(tags::read(shown.tags));
        Some(Observed {
            status,
            ..Observed::new(resource, name.as_str(), owner)
        })
    }

    async fn put(
        &self,
        name: &Name,
        providers: Vec<String>,
        strategy: Vec<CapacityProviderStrategyItem>,
    ) -> Result<()> {
        let result = self
            .aws
            .call("ecs:PutClusterCapacityProviders", || {
                self.client
                    .put_cluster_capacity_providers()
                    .cluster(name.as_str())
                    .set_capacity_providers(Some(providers.clone()))
                    .set_default_capacity_provider_strategy(Some(strategy.clone()))
                    .send()
            })
            .await;
        self.reader.forget([name]).await;
        result.map(drop)
    }

    async fn put_all(&self, name: &Name, desired: &Resources) -> Result<Handle<Resources>> {
        let providers = desired
            .capacity_providers
            .iter()
            .map(|it| filled(it).to_owned());
        let strategy = desired.default_strategy.iter().map(|it| {
            CapacityProviderStrategyItem::builder()
                .capacity_provider(filled(&it.capacity_provider))
                .weight(it.weight)
                .base(it.base)
                .build()
                .expect("the provider is set")
        });
        self.put(name, providers.collect(), strategy.collect())
            .await?;
        Ok(Handle::new(name.as_str()))
    }
}

fn filled<R>(link: &Link<R>) -> &str {
    link.handle()
        .expect("the links of what is written are filled")
}

fn has_any(shown: &Shown) -> bool {
    !shown.capacity_providers().is_empty() || !shown.default_capacity_provider_strategy().is_empty()
}

fn item(shown: &CapacityProviderStrategyItem) -> StrategyItem {
    StrategyItem {
        capacity_provider: Link::is(shown.capacity_provider()),
        weight: shown.weight(),
        base: shown.base(),
    }
}

impl Adapter for ClusterCapacityProviders {
    type Resource = Resources;

    async fn list(&self) -> Result<BTreeSet<Name>> {
        let owned = clusters::owned(&self.aws).await?;
        let shown = self.reader.read(&owned, Freshness::Indexed, None).await?;
        let with_some = shown.into_iter().filter(|(_, shown)| has_any(shown));
        Ok(with_some.map(|(name, _)| name).collect())
    }

    async fn observe(
        &self,
        names: &BTreeSet<Name>,
        freshness: Freshness,
    ) -> Result<BTreeMap<Name, Observed<Resources>>> {
        let shown = self
            .reader
            .read(names, freshness, Some(Resources::KIND))
            .await?;
        let active = shown
            .into_iter()
            .filter(|(_, it)| matches!(it.status(), Some("ACTIVE")));
        let observed = active.filter_map(|(name, shown)| {
            let observed = self.observed(&name, shown)?;
            Some((name, observed))
        });
        Ok(observed.collect())
    }

    /// One call replaces whatever the cluster has.
    async fn create(&self, name: &Name, desired: &Resources) -> Result<Handle<Resources>> {
        self.put_all(name, desired).await
    }

    async fn update(
        &self,
        name: &Name,
        desired: &Resources,
        observed: &Observed<Resources>,
    ) -> Result<Handle<Resources>> {
        // Whose it is, is the cluster's to say: there is no tag to write here.
        match *desired == observed.resource {
            true => Ok(observed.handle.clone()),
            false => self.put_all(name, desired).await,
        }
    }

    async fn delete(&self, name: &Name, _: &Observed<Resources>) -> Result<()> {
        found(self.put(name, Vec::new(), Vec::new()).await).map(drop)
    }
}

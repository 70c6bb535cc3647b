use super::{CapacityProvider, Tags};
use serde::Serialize;
use setpoint_core::{AnyLink, Kind, Link, Resource};
use std::collections::BTreeSet;

/// An ECS cluster. Its handle is its name.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Cluster {
    /// `enabled`, `enhanced` or `disabled`; nothing leaves it to the account's default.
    pub container_insights: Option<String>,
    /// Its tags.
    pub tags: Tags,
}

impl Resource for Cluster {
    const KIND: Kind = Kind("cluster");

    fn inherit(&mut self, observed: &Self) {
        let insights = self.container_insights.take();
        self.container_insights = insights.or(observed.container_insights.clone());
    }
}

/// Which capacity providers a cluster has, and which it uses where a service names none.
///
/// It bears its cluster's name, and so does its handle.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ClusterCapacityProviders {
    /// The cluster.
    pub cluster: Link<Cluster>,
    /// Its providers. `FARGATE` and `FARGATE_SPOT` are always there to be named.
    pub capacity_providers: BTreeSet<Link<CapacityProvider>>,
    /// Its default strategy.
    pub default_strategy: BTreeSet<StrategyItem>,
}

/// `CapacityProviderStrategyItem`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StrategyItem {
    /// Which provider.
    pub capacity_provider: Link<CapacityProvider>,
    /// Its share of the tasks above the base.
    pub weight: i32,
    /// How many tasks it gets before the others.
    pub base: i32,
}

impl Resource for ClusterCapacityProviders {
    const KIND: Kind = Kind("clusterCapacityProviders");

    fn links(&mut self, visit: &mut dyn FnMut(&mut dyn AnyLink)) {
        visit(&mut self.cluster);
        self.capacity_providers = std::mem::take(&mut self.capacity_providers)
            .into_iter()
            .map(|mut provider| {
                visit(&mut provider);
                provider
            })
            .collect();
        self.default_strategy = std::mem::take(&mut self.default_strategy)
            .into_iter()
            .map(|mut item| {
                visit(&mut item.capacity_provider);
                item
            })
            .collect();
    }
}

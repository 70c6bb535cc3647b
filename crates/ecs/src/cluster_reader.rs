//! Clusters as they are, for the two kinds that are read from them.

use crate::{failures::only_missing, memo::Memo};
use aws_sdk_ecs::{
    Client,
    types::{Cluster, ClusterField},
};
use futures::future::try_join_all;
use setpoint_aws::Aws;
use setpoint_core::{Freshness, Kind, Name, Result};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

/// How many clusters one call may describe.
const BATCH: usize = 100;

/// Reads clusters for [`Clusters`](crate::Clusters) and
/// [`ClusterCapacityProviders`](crate::ClusterCapacityProviders) at once. Clones share what they
/// have read.
#[derive(Clone, Debug)]
pub struct ClusterReader(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    aws: Aws,
    client: Client,
    memo: Memo<Cluster>,
    arns: Mutex<BTreeMap<Name, String>>,
}

impl ClusterReader {
    /// A reader over this connection.
    pub fn new(aws: &Aws) -> ClusterReader {
        ClusterReader(Arc::new(Shared {
            aws: aws.clone(),
            client: Client::new(aws.config()),
            memo: Memo::new(),
            arns: Mutex::default(),
        }))
    }

    /// Shows those of `names` that AWS still knows, to one of the two kinds or to nobody.
    pub(crate) async fn read(
        &self,
        names: &BTreeSet<Name>,
        freshness: Freshness,
        taker: Option<Kind>,
    ) -> Result<BTreeMap<Name, Cluster>> {
        match freshness {
            Freshness::Indexed => {
                self.0
                    .memo
                    .read(
                        names,
                        taker,
                        |names| async move { self.fetch(&names).await },
                    )
                    .await
            }
            Freshness::Direct => {
                self.forget(names).await;
                self.fetch(names).await
            }
        }
    }

    /// Forgets what was read of `names`.
    pub(crate) async fn forget(&self, names: impl IntoIterator<Item = &Name>) {
        self.0.memo.forget(names).await;
    }

    /// The ARN of a cluster that is there.
    pub(crate) async fn arn(&self, name: &Name) -> Result<String> {
        if let Some(arn) = self.known_arn(name) {
            return Ok(arn);
        }
        self.fetch(&BTreeSet::from([name.clone()])).await?;
        Ok(self.known_arn(name).unwrap_or_default())
    }

    fn known_arn(&self, name: &Name) -> Option<String> {
        self.0
            .arns
            .lock()
            .expect("no holder panics")
            .get(name)
            .cloned()
    }

    async fn fetch(&self, names: &BTreeSet<Name>) -> Result<BTreeMap<Name, Cluster>> {
        let names: Vec<String> = names.iter().map(|it| it.0.clone()).collect();
        let pages = try_join_all(names.chunks(BATCH).map(|it| self.describe(it))).await?;
        let found = pages.into_iter().flatten().filter_map(|cluster| {
            let name = Name(cluster.cluster_name.clone()?);
            Some((name, cluster))
        });
        let found: BTreeMap<Name, Cluster> = found.collect();
        let mut arns = self.0.arns.lock().expect("no holder panics");
        for (name, cluster) in &found {
            arns.extend(cluster.cluster_arn.clone().map(|arn| (name.clone(), arn)));
        }
        Ok(found)
    }

    async fn describe(&self, names: &[String]) -> Result<Vec<Cluster>> {
        const OPERATION: &str = "ecs:DescribeClusters";
        let page = self
            .0
            .aws
            .call(OPERATION, || {
                self.0
                    .client
                    .describe_clusters()
                    .set_clusters(Some(names.to_vec()))
                    .include(ClusterField::Settings)
                    .include(ClusterField::Tags)
                    .send()
            })
            .await?;
        let failures = page.failures();
        let failures = failures.iter().map(|it| {
            (
                it.arn().unwrap_or_default(),
                it.reason().unwrap_or_default(),
            )
        });
        only_missing(OPERATION, failures)?;
        Ok(page.clusters.unwrap_or_default())
    }
}

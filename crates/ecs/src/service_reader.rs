//! Services as they are, for the services themselves and for the revisions they run.

use crate::{
    failures::only_missing,
    memo::Memo,
    raw::{Exchange, list, text},
};
use aws_sdk_ecs::{Client, types::ServiceField};
use futures::future::try_join_all;
use serde_json::Value;
use setpoint_aws::{Aws, found};
use setpoint_core::{Freshness, Kind, Name, Result};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

/// How many services of one cluster one call may describe.
const BATCH: usize = 10;

/// Reads services for [`Services`](crate::Services) and
/// [`TaskDefinitions`](crate::TaskDefinitions) at once. Clones share what they have read.
#[derive(Clone, Debug)]
pub struct ServiceReader(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    aws: Aws,
    client: Client,
    clusters: BTreeMap<Name, Name>,
    /// Where a service turned out to be, if that is not where the spec puts it.
    elsewhere: Mutex<BTreeMap<Name, Name>>,
    memo: Memo<ShownService>,
    arns: Mutex<BTreeMap<Name, String>>,
}

/// A service, as AWS shows it.
#[derive(Clone, Debug)]
pub(crate) struct ShownService {
    pub(crate) cluster: Name,
    /// The member of `DescribeServices`' answer, whole.
    pub(crate) document: Value,
}

impl ShownService {
    /// Whether it is neither gone nor going.
    pub(crate) fn is_active(&self) -> bool {
        text(&self.document, "status") == "ACTIVE"
    }
}

impl ServiceReader {
    /// A reader that knows from the spec in which cluster each service is.
    pub fn new(aws: &Aws, clusters: BTreeMap<Name, Name>) -> ServiceReader {
        ServiceReader(Arc::new(Shared {
            aws: aws.clone(),
            client: Client::new(aws.config()),
            clusters,
            elsewhere: Mutex::default(),
            memo: Memo::new(),
            arns: Mutex::default(),
        }))
    }

    /// The cluster in which a service is, as far as is known.
    pub(crate) fn cluster_of(&self, service: &Name) -> Option<Name> {
        let elsewhere = self.0.elsewhere.lock().expect("no holder panics");
        elsewhere
            .get(service)
            .or_else(|| self.0.clusters.get(service))
            .cloned()
    }

    /// Says that a service is in `cluster`, whatever the spec says.
    pub(crate) fn found_in(&self, service: &Name, cluster: &Name) {
        let mut elsewhere = self.0.elsewhere.lock().expect("no holder panics");
        elsewhere.insert(service.clone(), cluster.clone());
    }

    /// Shows those of `names` that AWS still knows, to one of the two kinds.
    pub(crate) async fn read(
        &self,
        names: &BTreeSet<Name>,
        freshness: Freshness,
        taker: Kind,
    ) -> Result<BTreeMap<Name, ShownService>> {
        match freshness {
            Freshness::Indexed => {
                let fetch = |names| async move { self.fetch(&names).await };
                self.0.memo.read(names, Some(taker), fetch).await
            }
            Freshness::Direct => {
                self.0.memo.forget(names).await;
                self.fetch(names).await
            }
        }
    }

    /// Forgets what was read of a service.
    pub(crate) async fn forget(&self, name: &Name) {
        self.0.memo.forget([name]).await;
    }

    /// The ARN of a service that is there.
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

    async fn fetch(&self, names: &BTreeSet<Name>) -> Result<BTreeMap<Name, ShownService>> {
        let places = names
            .iter()
            .filter_map(|it| Some((it.clone(), self.cluster_of(it)?)));
        self.read_in(places).await
    }

    /// Shows services, each in the cluster that is named beside it; all batches at once.
    pub(crate) async fn read_in(
        &self,
        places: impl IntoIterator<Item = (Name, Name)>,
    ) -> Result<BTreeMap<Name, ShownService>> {
        let mut clusters: BTreeMap<Name, Vec<String>> = BTreeMap::new();
        for (service, cluster) in places {
            clusters.entry(cluster).or_default().push(service.0);
        }
        let calls = clusters.iter().flat_map(|(cluster, services)| {
            services
                .chunks(BATCH)
                .map(move |it| self.describe(cluster, it))
        });
        let mut shown: BTreeMap<Name, ShownService> = BTreeMap::new();
        let mut arns = BTreeMap::new();
        for service in try_join_all(calls).await?.into_iter().flatten() {
            let name = Name::from(text(&service.document, "serviceName"));
            arns.insert(
                name.clone(),
                text(&service.document, "serviceArn").to_owned(),
            );
            // A name that was used before may be shown once for each use.
            if service.is_active() || !shown.contains_key(&name) {
                shown.insert(name, service);
            }
        }
        self.0.arns.lock().expect("no holder panics").extend(arns);
        Ok(shown)
    }

    async fn describe(&self, cluster: &Name, services: &[String]) -> Result<Vec<ShownService>> {
        const OPERATION: &str = "ecs:DescribeServices";
        let exchange = Exchange::listening();
        let described = self
            .0
            .aws
            .call(OPERATION, || {
                let call = self
                    .0
                    .client
                    .describe_services()
                    .cluster(cluster.as_str())
                    .set_services(Some(services.to_vec()))
                    .include(ServiceField::Tags);
                exchange.over(call.customize()).send()
            })
            .await;
        // Where there is no cluster, there is no service.
        if found(described)?.is_none() {
            return Ok(Vec::new());
        }
        let answer = exchange.answer();
        let failures = list(&answer, "failures").iter();
        only_missing(
            OPERATION,
            failures.map(|it| (text(it, "arn"), text(it, "reason"))),
        )?;
        let shown = list(&answer, "services")
            .iter()
            .map(|document| ShownService {
                cluster: cluster.clone(),
                document: document.clone(),
            });
        Ok(shown.collect())
    }
}

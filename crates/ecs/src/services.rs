//! Services.

use crate::{
    ServiceReader,
    failures::refused,
    raw::{Exchange, list, text},
    rollouts::Rollouts,
    service_reader::ShownService,
    tags,
};
use aws_sdk_ecs::Client;
use futures::future::{join_all, try_join_all};
use serde_json::{Value, json};
use setpoint_aws::{Aws, found};
use setpoint_core::{Adapter, Freshness, Handle, Name, Observed, Owner, Resource, Result, Status};
use setpoint_spec::{
    document::{DocumentKind, normalise},
    kind::Service,
};
use std::collections::{BTreeMap, BTreeSet};

/// How many service revisions one call may describe.
const REVISIONS: usize = 20;

/// The members that only a service revision shows.
const SHOWN_BY_REVISION: [&str; 2] = ["monitoring", "gatewayConnectors"];

/// Reads and writes services. A service's handle is `service/<cluster>/<service>`.
///
/// A service is settled when the deployment that this run started is, by its id. What others roll
/// is not waited for.
#[derive(Debug)]
pub struct Services {
    aws: Aws,
    client: Client,
    reader: ServiceReader,
    with_revision: BTreeSet<Name>,
    rollouts: Rollouts,
}

impl Services {
    /// An adapter that reads through `reader`, and looks into the revision of those services whose
    /// spec has `monitoring` or `gatewayConnectors`.
    pub fn new(aws: &Aws, reader: ServiceReader, with_revision: BTreeSet<Name>) -> Services {
        Services {
            aws: aws.clone(),
            client: Client::new(aws.config()),
            reader,
            with_revision,
            rollouts: Rollouts::new(aws),
        }
    }

    /// Reads services where they are said to be, and where the index says they are as well.
    async fn read(
        &self,
        names: &BTreeSet<Name>,
        freshness: Freshness,
    ) -> Result<BTreeMap<Name, ShownService>> {
        let here = self.reader.read(names, freshness, Service::KIND);
        if freshness == Freshness::Direct {
            return here.await;
        }
        let (mut shown, owned) = futures::try_join!(here, self.owned())?;
        let is_elsewhere = |(name, cluster): &(Name, Name)| {
            names.contains(name)
                && self.reader.cluster_of(name).as_ref() != Some(cluster)
                && shown
                    .get(name)
                    .is_none_or(|it| !it.is_active() || !self.is_ours(it))
        };
        let elsewhere: Vec<(Name, Name)> = owned.into_iter().filter(is_elsewhere).collect();
        for (name, service) in self.reader.read_in(elsewhere).await? {
            if service.is_active() && self.is_ours(&service) {
                self.reader.found_in(&name, &service.cluster);
                shown.insert(name, service);
            }
        }
        Ok(shown)
    }

    /// Every service that bears the mark, with its cluster.
    async fn owned(&self) -> Result<Vec<(Name, Name)>> {
        let index = self.aws.index().await?;
        let names = index.names("ecs", "service").into_iter();
        let placed = names.filter_map(|it| it.split_once('/'));
        Ok(placed
            .map(|(cluster, service)| (service.into(), cluster.into()))
            .collect())
    }

    fn is_ours(&self, service: &ShownService) -> bool {
        self.aws.tags_of(tags::read_document(&service.document)).1 == Owner::Ours
    }

    /// Adds what only the current revision of a service shows.
    async fn add_revisions(&self, shown: &mut BTreeMap<Name, ShownService>) -> Result<()> {
        let asked = shown
            .iter()
            .filter(|(name, _)| self.with_revision.contains(name));
        let current = asked.flat_map(|(_, it)| list(&it.document, "currentServiceRevisions"));
        let arns: Vec<String> = current.map(|it| text(it, "arn").to_owned()).collect();
        let pages = try_join_all(arns.chunks(REVISIONS).map(|it| self.revisions(it))).await?;
        let mut revisions: Vec<Value> = pages.into_iter().flatten().collect();
        // While it rolls, a service has several: the newest is last, and so has the last word.
        revisions.sort_by(|one, other| {
            let at = |it: &Value| it["createdAt"].as_f64().unwrap_or_default();
            at(one).total_cmp(&at(other))
        });
        for service in shown.values_mut() {
            let arn = text(&service.document, "serviceArn").to_owned();
            let of_service = revisions.iter().rfind(|it| text(it, "serviceArn") == arn);
            for member in SHOWN_BY_REVISION {
                if let Some(value) = of_service.and_then(|it| it.get(member)) {
                    service.document[member] = value.clone();
                }
            }
        }
        Ok(())
    }

    async fn revisions(&self, arns: &[String]) -> Result<Vec<Value>> {
        let exchange = Exchange::listening();
        self.aws
            .call("ecs:DescribeServiceRevisions", || {
                let call = self.client.describe_service_revisions();
                let call = call.set_service_revision_arns(Some(arns.to_vec()));
                exchange.over(call.customize()).send()
            })
            .await?;
        Ok(list(&exchange.answer(), "serviceRevisions").to_vec())
    }

    async fn observed(
        &self,
        name: Name,
        service: ShownService,
        freshness: Freshness,
    ) -> Option<(Name, Observed<Service>)> {
        let count = |member: &str| service.document[member].as_u64().unwrap_or_default();
        let status = match text(&service.document, "status") {
            "ACTIVE" if freshness == Freshness::Indexed => {
                self.rollouts.at_first_sight(&name, &service)
            }
            "ACTIVE" => self.rollouts.status(&name, &service).await,
            "DRAINING" => {
                let left = count("runningCount") + count("pendingCount");
                Status::Leaving(format!("its tasks to stop: {left} left"))
            }
            _ => return None,
        };
        let running = count("runningCount");
        let (tags, owner) = self.aws.tags_of(tags::read_document(&service.document));
        let mut document = service.document;
        document["cluster"] = json!(service.cluster);
        // Tags are compared beside the document, without those that are nobody's business.
        document["tags"].take();
        let document = normalise(DocumentKind::Service, document);
        let observed = Observed {
            status,
            running,
            ..Observed::new(
                Service::observed(document, tags),
                handle(&service.cluster, &name),
                owner,
            )
        };
        Some((name, observed))
    }

    /// Sends what `UpdateService` needs to hear, if anything.
    async fn write(
        &self,
        name: &Name,
        desired: &Service,
        observed: &Observed<Service>,
    ) -> Result<()> {
        const OPERATION: &str = "ecs:UpdateService";
        let (mut members, rolls) = desired.changes(&observed.resource);
        if let Some((member, _)) = members.iter().find(|(_, value)| value.is_null()) {
            let text = format!("AWS has no way to take {member} back from a service");
            return Err(refused(OPERATION, text));
        }
        if members.is_empty() {
            return Ok(());
        }
        // AWS refuses the change of a strategy that does not say so.
        if members.contains_key("capacityProviderStrategy") {
            members.insert("forceNewDeployment".into(), json!(true));
        }
        let (cluster, service) = place(&observed.handle);
        members.insert("cluster".into(), json!(cluster));
        members.insert("service".into(), json!(service));
        let exchange = Exchange::sending(&Value::Object(members));
        let sent = self
            .aws
            .call(OPERATION, || {
                exchange
                    .over(self.client.update_service().service(service).customize())
                    .send()
            })
            .await
            .map(drop);
        if rolls {
            self.rollouts.started(name, &sent, &exchange);
        }
        sent
    }
}

fn handle(cluster: &Name, name: &Name) -> String {
    format!("service/{cluster}/{name}")
}

/// The cluster and the service of a handle.
fn place(handle: &Handle<Service>) -> (&str, &str) {
    let rest = handle
        .as_str()
        .strip_prefix("service/")
        .unwrap_or(handle.as_str());
    rest.split_once('/').unwrap_or(("default", rest))
}

impl Adapter for Services {
    type Resource = Service;

    async fn list(&self) -> Result<BTreeSet<Name>> {
        let owned = self.owned().await?;
        for (name, cluster) in &owned {
            if self.reader.cluster_of(name).is_none() {
                self.reader.found_in(name, cluster);
            }
        }
        Ok(owned.into_iter().map(|(name, _)| name).collect())
    }

    async fn observe(
        &self,
        names: &BTreeSet<Name>,
        freshness: Freshness,
    ) -> Result<BTreeMap<Name, Observed<Service>>> {
        let mut shown = self.read(names, freshness).await?;
        self.add_revisions(&mut shown).await?;
        let observed = shown
            .into_iter()
            .map(|(name, it)| self.observed(name, it, freshness));
        Ok(join_all(observed).await.into_iter().flatten().collect())
    }

    async fn create(&self, name: &Name, desired: &Service) -> Result<Handle<Service>> {
        let mut body = desired.request();
        let known = self
            .reader
            .cluster_of(name)
            .map_or_else(|| "default".into(), |it| it.0);
        let cluster = body["cluster"].as_str().map_or(known, str::to_owned);
        body["serviceName"] = json!(name);
        body["cluster"] = json!(cluster);
        body["tags"] = tags::write_document(&self.aws.marked(&desired.tags));
        if text(&body, "schedulingStrategy") != "DAEMON" && body["desiredCount"].is_null() {
            body["desiredCount"] = json!(1);
        }
        let exchange = Exchange::sending(&body);
        let sent = self
            .aws
            .call("ecs:CreateService", || {
                let call = self.client.create_service().service_name(name.as_str());
                exchange.over(call.customize()).send()
            })
            .await
            .map(drop);
        self.rollouts.started(name, &sent, &exchange);
        self.reader.forget(name).await;
        sent?;
        let cluster = cluster.rsplit('/').next().unwrap_or(&cluster);
        Ok(Handle::new(handle(&cluster.into(), name)))
    }

    async fn update(
        &self,
        name: &Name,
        desired: &Service,
        observed: &Observed<Service>,
    ) -> Result<Handle<Service>> {
        let mut desired = desired.clone();
        desired.inherit(&observed.resource);
        let tags = async {
            let shown = &observed.resource.tags;
            let change = self.aws.retagging(&desired.tags, shown, &observed.owner);
            if change.is_empty() {
                return Ok(());
            }
            let arn = self.reader.arn(name).await?;
            tags::change(&self.aws, &self.client, &arn, &change).await
        };
        let (written, tagged) = futures::join!(self.write(name, &desired, observed), tags);
        self.reader.forget(name).await;
        written.and(tagged)?;
        Ok(observed.handle.clone())
    }

    /// With force, AWS stops the tasks by itself.
    async fn delete(&self, name: &Name, observed: &Observed<Service>) -> Result<()> {
        let (cluster, service) = place(&observed.handle);
        let deleted = self
            .aws
            .call("ecs:DeleteService", || {
                self.client
                    .delete_service()
                    .cluster(cluster)
                    .service(service)
                    .force(true)
                    .send()
            })
            .await;
        found(deleted)?;
        self.rollouts.forget(name);
        self.reader.forget(name).await;
        Ok(())
    }
}

#[cfg(test)]
mod tests;

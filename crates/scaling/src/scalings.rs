//! How services are scaled.

use crate::{policy, schedule, targets::Targets, writer::Writer};
use aws_sdk_applicationautoscaling::{
    Client,
    types::{ScalableTarget, ScalingPolicy, ScheduledAction as ShownAction, SuspendedState},
};
use futures::{future::try_join_all, lock::Mutex as Turn};
use setpoint_aws::{Aws, found};
use setpoint_core::{Adapter, Freshness, Handle, Link, Name, Observed, Resource, Result};
use setpoint_spec::kind::{Scaling, Suspended, Tags};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Mutex,
};

/// Reads and writes how services are scaled. The handle is the resource id,
/// `service/<cluster>/<service>`.
#[derive(Debug)]
pub struct Scalings {
    aws: Aws,
    client: Client,
    targets: Targets,
    writer: Writer,
    clusters: BTreeMap<Name, Name>,
    /// Where a service is that the spec does not name.
    elsewhere: Mutex<BTreeMap<Name, Name>>,
    /// The targets' ARNs, by resource id.
    arns: Mutex<BTreeMap<String, String>>,
    /// Targets that the list came across, for the look that follows it.
    spare: Mutex<Vec<ScalableTarget>>,
    /// Lets the list wait for the look that is under way beside it.
    turn: Turn<()>,
}

impl Scalings {
    /// An adapter that knows from the spec in which cluster each service is.
    pub fn new(aws: &Aws, clusters: BTreeMap<Name, Name>) -> Scalings {
        Scalings {
            aws: aws.clone(),
            client: Client::new(aws.config()),
            targets: Targets::new(aws),
            writer: Writer::new(aws),
            clusters,
            elsewhere: Mutex::default(),
            arns: Mutex::default(),
            spare: Mutex::default(),
            turn: Turn::new(()),
        }
    }

    fn resource_id(&self, service: &Name) -> Option<String> {
        let elsewhere = self.elsewhere.lock().expect("no holder panics");
        let cluster = self
            .clusters
            .get(service)
            .or_else(|| elsewhere.get(service))?;
        Some(format!("service/{cluster}/{service}"))
    }

    fn arn(&self, resource: &str) -> Option<String> {
        self.arns
            .lock()
            .expect("no holder panics")
            .get(resource)
            .cloned()
    }

    fn remember(&self, targets: &[ScalableTarget]) {
        for it in targets {
            self.remember_one(it.resource_id(), it.scalable_target_arn.clone());
        }
    }

    fn remember_one(&self, resource: &str, arn: Option<String>) {
        let mut arns = self.arns.lock().expect("no holder panics");
        arns.extend(arn.map(|it| (resource.to_owned(), it)));
    }

    /// Reads targets, but for those that the list has read already.
    async fn read(
        &self,
        resources: &[String],
        freshness: Freshness,
    ) -> Result<Vec<ScalableTarget>> {
        let _turn = self.turn.lock().await;
        let is_asked = |it: &ScalableTarget| resources.iter().any(|id| id == it.resource_id());
        let spare = {
            let mut spare = self.spare.lock().expect("no holder panics");
            let (asked, others) = std::mem::take(&mut *spare).into_iter().partition(is_asked);
            *spare = others;
            asked
        };
        let mut targets: Vec<ScalableTarget> = match freshness {
            Freshness::Indexed => spare,
            Freshness::Direct => Vec::new(),
        };
        let is_read = |id: &&String| targets.iter().any(|it| it.resource_id() == id.as_str());
        let missing: Vec<String> = resources
            .iter()
            .filter(|it| !is_read(it))
            .cloned()
            .collect();
        targets.extend(self.targets.of(&missing).await?);
        targets.retain(is_asked);
        self.remember(&targets);
        Ok(targets)
    }

    /// Targets with all their tags, and whether those are the index's.
    async fn with_tags(
        &self,
        resources: &[String],
        freshness: Freshness,
    ) -> Result<Vec<(ScalableTarget, Tags, bool)>> {
        if freshness == Freshness::Direct {
            return self.with_tags_directly(resources).await;
        }
        let index = self.aws.index();
        let (targets, index) = futures::try_join!(self.read(resources, freshness), index)?;
        let tagged = targets.into_iter().map(|target| async move {
            let arn = target.scalable_target_arn().unwrap_or_default();
            match index.tags(arn) {
                Some(tags) => {
                    let tags = tags.clone();
                    Ok((target, tags, true))
                }
                None => {
                    let tags = self.tags(arn).await?;
                    Ok((target, tags, false))
                }
            }
        });
        try_join_all(tagged).await
    }

    /// The tags are asked for along with the targets where their ARNs are known.
    async fn with_tags_directly(
        &self,
        resources: &[String],
    ) -> Result<Vec<(ScalableTarget, Tags, bool)>> {
        let known: BTreeSet<String> = resources.iter().filter_map(|it| self.arn(it)).collect();
        let known = try_join_all(known.into_iter().map(|arn| async move {
            let tags = self.tags(&arn).await?;
            Ok((arn, tags))
        }));
        let (targets, known) = futures::try_join!(self.read(resources, Freshness::Direct), known)?;
        let known: BTreeMap<String, Tags> = known.into_iter().collect();
        let known = &known;
        let tagged = targets.into_iter().map(|target| async move {
            let arn = target.scalable_target_arn().unwrap_or_default();
            let tags = match known.get(arn) {
                Some(tags) => tags.clone(),
                None => self.tags(arn).await?,
            };
            Ok((target, tags, false))
        });
        try_join_all(tagged).await
    }

    async fn tags(&self, arn: &str) -> Result<Tags> {
        if arn.is_empty() {
            return Ok(Tags::new());
        }
        let read = self
            .aws
            .call("application-autoscaling:ListTagsForResource", || {
                self.client
                    .list_tags_for_resource()
                    .resource_arn(arn)
                    .send()
            })
            .await;
        let tags = found(read)?.and_then(|it| it.tags).unwrap_or_default();
        Ok(tags.into_iter().collect())
    }

    async fn write_tags(
        &self,
        resource: &str,
        desired: &Scaling,
        observed: &Observed<Scaling>,
    ) -> Result<()> {
        let change = self
            .aws
            .retagging(&desired.tags, &observed.resource.tags, &observed.owner);
        if change.is_empty() {
            return Ok(());
        }
        if self.arn(resource).is_none() {
            self.remember(&self.targets.of(&[resource.to_owned()]).await?);
        }
        let arn = self.arn(resource).unwrap_or_default();
        self.writer.write_tags(&arn, &change).await
    }

    fn observed(
        &self,
        target: ScalableTarget,
        all_tags: Tags,
        policies: &[ScalingPolicy],
        actions: &[ShownAction],
    ) -> Observed<Scaling> {
        let resource = target.resource_id();
        let policies = policies.iter().filter(|it| it.resource_id() == resource);
        let actions = actions.iter().filter(|it| it.resource_id() == resource);
        let (tags, owner) = self.aws.tags_of(all_tags);
        let suspended = target.suspended_state();
        let is = |of: fn(&SuspendedState) -> Option<bool>| suspended.and_then(of).unwrap_or(false);
        let scaling = Scaling {
            service: Link::is(resource),
            min_capacity: target.min_capacity(),
            max_capacity: target.max_capacity(),
            suspended: Suspended {
                dynamic_scaling_in: is(SuspendedState::dynamic_scaling_in_suspended),
                dynamic_scaling_out: is(SuspendedState::dynamic_scaling_out_suspended),
                scheduled_scaling: is(SuspendedState::scheduled_scaling_suspended),
            },
            policies: policies
                .map(|it| (it.policy_name().to_owned(), policy::observed(it)))
                .collect(),
            scheduled_actions: actions
                .map(|it| {
                    (
                        it.scheduled_action_name().to_owned(),
                        schedule::observed(it),
                    )
                })
                .collect(),
            tags,
        };
        Observed::new(scaling, resource, owner)
    }
}

/// The cluster and the service of a resource id.
fn place(resource: &str) -> Option<(Name, Name)> {
    let (cluster, service) = resource.strip_prefix("service/")?.split_once('/')?;
    Some((cluster.into(), service.into()))
}

fn resource_of(desired: &Scaling) -> &str {
    desired
        .service
        .handle()
        .expect("the links of what is written are filled")
}

impl Adapter for Scalings {
    type Resource = Scaling;

    /// The index knows targets by ids that say nothing. Those that the look beside this one did not
    /// show are found by reading them all.
    async fn list(&self) -> Result<BTreeSet<Name>> {
        let index = self.aws.index().await?;
        let ids = index.names("application-autoscaling", "scalable-target");
        let ids: BTreeSet<&str> = ids.into_iter().collect();
        let is_owned = |arn: &str| arn.rsplit('/').next().is_some_and(|it| ids.contains(it));
        let _turn = self.turn.lock().await;
        let arns = || self.arns.lock().expect("no holder panics").clone();
        let known = arns();
        if known.values().filter(|it| is_owned(it)).count() < ids.len() {
            let mut all = self.targets.all().await?;
            all.retain(|it| it.scalable_target_arn().is_some_and(is_owned));
            self.remember(&all);
            all.retain(|it| !known.contains_key(it.resource_id()));
            *self.spare.lock().expect("no holder panics") = all;
        }
        let mut names = BTreeSet::new();
        let mut elsewhere = self.elsewhere.lock().expect("no holder panics");
        for (resource, _) in arns().into_iter().filter(|(_, arn)| is_owned(arn)) {
            if let Some((cluster, service)) = place(&resource) {
                elsewhere.insert(service.clone(), cluster);
                names.insert(service);
            }
        }
        Ok(names)
    }

    async fn observe(
        &self,
        names: &BTreeSet<Name>,
        freshness: Freshness,
    ) -> Result<BTreeMap<Name, Observed<Scaling>>> {
        let resources: BTreeMap<String, &Name> = names
            .iter()
            .filter_map(|name| Some((self.resource_id(name)?, name)))
            .collect();
        let ids: Vec<String> = resources.keys().cloned().collect();
        let (targets, policies, actions) = futures::try_join!(
            self.with_tags(&ids, freshness),
            self.targets.policies(&ids),
            self.targets.actions(&ids),
        )?;
        let observed = targets.into_iter().filter_map(|(target, tags, indexed)| {
            let name = resources.get(target.resource_id())?;
            let observed = self.observed(target, tags, &policies, &actions);
            Some((
                (*name).clone(),
                Observed {
                    indexed,
                    ..observed
                },
            ))
        });
        Ok(observed.collect())
    }

    /// AWS registers over what is there and puts over what is there: the engine looks before.
    async fn create(&self, _: &Name, desired: &Scaling) -> Result<Handle<Scaling>> {
        let resource = resource_of(desired);
        let arn = self.writer.register(resource, desired, None).await?;
        self.remember_one(resource, arn);
        self.writer.write_parts(resource, desired, None).await?;
        Ok(Handle::new(resource))
    }

    async fn update(
        &self,
        _: &Name,
        desired: &Scaling,
        observed: &Observed<Scaling>,
    ) -> Result<Handle<Scaling>> {
        let mut desired = desired.clone();
        desired.inherit(&observed.resource);
        let resource = observed.handle.as_str();
        let shown = Some(&observed.resource);
        let (registered, parts, tagged) = futures::join!(
            self.writer.register(resource, &desired, shown),
            self.writer.write_parts(resource, &desired, shown),
            self.write_tags(resource, &desired, observed),
        );
        registered.map(drop).and(parts).and(tagged)?;
        Ok(observed.handle.clone())
    }

    async fn delete(&self, _: &Name, observed: &Observed<Scaling>) -> Result<()> {
        let resource = observed.handle.as_str();
        self.writer.deregister(resource).await?;
        self.arns.lock().expect("no holder panics").remove(resource);
        Ok(())
    }
}

#[cfg(test)]
mod tests;

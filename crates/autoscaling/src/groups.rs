//! The adapter for Auto Scaling groups.

use crate::read::{observed, template};
use aws_sdk_autoscaling::{
    Client,
    types::{AutoScalingGroup as Group, Filter, LaunchTemplateSpecification, Tag},
};
use futures::{future::try_join_all, lock::Mutex, try_join};
use setpoint_aws::{Aws, MARK, Retagging};
use setpoint_core::{Adapter, Freshness, Handle, Name, Observed, Resource, Result};
use setpoint_spec::kind::{AutoScalingGroup, Tags};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// How many groups `DescribeAutoScalingGroups` takes by name.
const NAMES: usize = 50;

/// Reads and writes Auto Scaling groups.
#[derive(Debug)]
pub struct Groups {
    pub(crate) aws: Aws,
    pub(crate) client: Client,
    /// The groups with the stack's mark, as the last listing read them.
    owned: Mutex<Option<Arc<Vec<Group>>>>,
}

impl Groups {
    /// An adapter that has read nothing yet.
    pub fn new(aws: &Aws) -> Self {
        Groups {
            aws: aws.clone(),
            client: Client::new(aws.config()),
            owned: Mutex::default(),
        }
    }

    /// The groups with the stack's mark, read anew.
    async fn read_owned(&self, owned: &mut Option<Arc<Vec<Group>>>) -> Result<Arc<Vec<Group>>> {
        let mark = Filter::builder()
            .name(format!("tag:{MARK}"))
            .values(self.aws.stack());
        let groups = self.pages(&[], Some(mark.build())).await?;
        Ok(owned.insert(Arc::new(groups)).clone())
    }

    /// The same, as a listing that is under way or done has read them.
    async fn owned(&self) -> Result<Arc<Vec<Group>>> {
        let mut owned = self.owned.lock().await;
        match &*owned {
            Some(owned) => Ok(owned.clone()),
            None => self.read_owned(&mut owned).await,
        }
    }

    async fn named(&self, names: &[String]) -> Result<Vec<Group>> {
        let batches = names.chunks(NAMES).map(|batch| self.pages(batch, None));
        Ok(try_join_all(batches).await?.concat())
    }

    /// The groups with these names, or those that a filter lets through.
    pub(crate) async fn pages(&self, names: &[String], by: Option<Filter>) -> Result<Vec<Group>> {
        let request = self
            .client
            .describe_auto_scaling_groups()
            .set_auto_scaling_group_names(Some(names.to_vec()).filter(|it| !it.is_empty()))
            .set_filters(by.map(|it| vec![it]))
            .max_records(100);
        let mut found = Vec::new();
        let mut token = None;
        loop {
            let send = || request.clone().set_next_token(token.clone()).send();
            let page = self
                .aws
                .call("autoscaling:DescribeAutoScalingGroups", send)
                .await?;
            found.extend(page.auto_scaling_groups.unwrap_or_default());
            token = page.next_token.filter(|it| !it.is_empty());
            if token.is_none() {
                return Ok(found);
            }
        }
    }

    /// Writes the members that differ; AWS leaves the others as they are.
    ///
    /// With the minimum AWS raises the desired capacity, and with the maximum it lowers it. That new
    /// instances are protected from scale-in says nothing of those that are there.
    async fn change(
        &self,
        name: &str,
        desired: &AutoScalingGroup,
        now: &AutoScalingGroup,
    ) -> Result<()> {
        let mut desired = desired.clone();
        desired.inherit(now);
        desired.tags.clone_from(&now.tags);
        if desired == *now {
            return Ok(());
        }
        let template = differing(&desired.launch_template, &now.launch_template);
        let template = template.map(|_| specification(&desired));
        let subnets = differing(&desired.subnets, &now.subnets).map(|_| subnets(&desired));
        let warmup = differing(
            &desired.default_instance_warmup,
            &now.default_instance_warmup,
        );
        let request = self
            .client
            .update_auto_scaling_group()
            .auto_scaling_group_name(name)
            .set_launch_template(template)
            .set_vpc_zone_identifier(subnets.map(str::to_owned))
            .set_min_size(differing(&desired.min_size, &now.min_size))
            .set_max_size(differing(&desired.max_size, &now.max_size))
            .set_desired_capacity(
                differing(&desired.desired_capacity, &now.desired_capacity).flatten(),
            )
            .set_new_instances_protected_from_scale_in(differing(
                &desired.protect_from_scale_in,
                &now.protect_from_scale_in,
            ))
            .set_health_check_type(differing(
                &desired.health_check_type,
                &now.health_check_type,
            ))
            .set_health_check_grace_period(differing(
                &desired.health_check_grace_period,
                &now.health_check_grace_period,
            ))
            .set_default_cooldown(differing(&desired.default_cooldown, &now.default_cooldown))
            // -1 is how AWS is told to forget it.
            .set_default_instance_warmup(warmup.map(|it| it.unwrap_or(-1)))
            .set_termination_policies(differing(
                &desired.termination_policies,
                &now.termination_policies,
            ))
            .set_max_instance_lifetime(differing(
                &desired.max_instance_lifetime,
                &now.max_instance_lifetime,
            ))
            .set_capacity_rebalance(differing(
                &desired.capacity_rebalance,
                &now.capacity_rebalance,
            ));
        let send = || request.clone().send();
        self.aws
            .call("autoscaling:UpdateAutoScalingGroup", send)
            .await?;
        Ok(())
    }

    async fn retag(&self, name: &str, change: &Retagging) -> Result<()> {
        let set = async {
            if !change.set.is_empty() {
                let request = self.client.create_or_update_tags();
                let request = request.set_tags(Some(written(name, &change.set)));
                let send = || request.clone().send();
                self.aws
                    .call("autoscaling:CreateOrUpdateTags", send)
                    .await?;
            }
            Ok(())
        };
        let remove = async {
            if !change.remove.is_empty() {
                let tags = change.remove.iter().map(|key| tag(name, key).build());
                let request = self.client.delete_tags().set_tags(Some(tags.collect()));
                let send = || request.clone().send();
                self.aws.call("autoscaling:DeleteTags", send).await?;
            }
            Ok(())
        };
        try_join!(set, remove).map(|_| ())
    }
}

/// What is desired, where that is not what is there.
fn differing<T: PartialEq + Clone>(desired: &T, now: &T) -> Option<T> {
    (desired != now).then(|| desired.clone())
}

fn specification(desired: &AutoScalingGroup) -> LaunchTemplateSpecification {
    let (id, version) = template(&desired.launch_template);
    let specification = LaunchTemplateSpecification::builder();
    specification
        .launch_template_id(id)
        .version(version)
        .build()
}

fn subnets(desired: &AutoScalingGroup) -> &str {
    desired
        .subnets
        .handle()
        .expect("links are filled before a write")
}

/// Tags of the group, which its instances get too.
fn written(name: &str, tags: &Tags) -> Vec<Tag> {
    let tags = tags.iter();
    tags.map(|(key, value)| {
        tag(name, key)
            .value(value)
            .propagate_at_launch(true)
            .build()
    })
    .collect()
}

fn tag(name: &str, key: &str) -> aws_sdk_autoscaling::types::builders::TagBuilder {
    Tag::builder()
        .resource_type("auto-scaling-group")
        .resource_id(name)
        .key(key)
}

impl Adapter for Groups {
    type Resource = AutoScalingGroup;

    async fn list(&self) -> Result<BTreeSet<Name>> {
        let owned = self.read_owned(&mut *self.owned.lock().await).await?;
        Ok(owned.iter().map(name_of).collect())
    }

    async fn observe(
        &self,
        names: &BTreeSet<Name>,
        freshness: Freshness,
    ) -> Result<BTreeMap<Name, Observed<AutoScalingGroup>>> {
        let mut shown = BTreeMap::new();
        let mut show = |groups: &[Group]| {
            let asked = groups.iter().filter(|it| names.contains(&name_of(it)));
            shown.extend(asked.map(|it| (name_of(it), observed(it, &self.aws))));
            let rest = names.iter().filter(|it| !shown.contains_key(it));
            rest.map(|it| it.0.clone()).collect::<Vec<_>>()
        };
        let rest = match freshness {
            Freshness::Indexed => show(&self.owned().await?),
            Freshness::Direct => show(&[]),
        };
        show(&self.named(&rest).await?);
        Ok(shown)
    }

    async fn create(
        &self,
        name: &Name,
        desired: &AutoScalingGroup,
    ) -> Result<Handle<AutoScalingGroup>> {
        let marked = self.aws.marked(&desired.tags);
        let request = self
            .client
            .create_auto_scaling_group()
            .auto_scaling_group_name(name.as_str())
            .launch_template(specification(desired))
            .vpc_zone_identifier(subnets(desired))
            .min_size(desired.min_size)
            .max_size(desired.max_size)
            .set_desired_capacity(desired.desired_capacity)
            .new_instances_protected_from_scale_in(desired.protect_from_scale_in)
            .health_check_type(&desired.health_check_type)
            .health_check_grace_period(desired.health_check_grace_period)
            .default_cooldown(desired.default_cooldown)
            .set_default_instance_warmup(desired.default_instance_warmup)
            .set_termination_policies(Some(desired.termination_policies.clone()))
            .set_max_instance_lifetime(Some(desired.max_instance_lifetime).filter(|it| *it != 0))
            .set_capacity_rebalance(desired.capacity_rebalance.then_some(true))
            .set_tags(Some(written(name.as_str(), &marked)));
        let send = || request.clone().send();
        self.aws
            .call("autoscaling:CreateAutoScalingGroup", send)
            .await?;
        Ok(Handle::new(name.as_str()))
    }

    async fn update(
        &self,
        name: &Name,
        desired: &AutoScalingGroup,
        observed: &Observed<AutoScalingGroup>,
    ) -> Result<Handle<AutoScalingGroup>> {
        let now = &observed.resource;
        let retagging = self
            .aws
            .retagging(&desired.tags, &now.tags, &observed.owner);
        let name = name.as_str();
        try_join!(
            self.change(name, desired, now),
            self.retag(name, &retagging)
        )?;
        Ok(observed.handle.clone())
    }

    async fn delete(&self, name: &Name, _: &Observed<AutoScalingGroup>) -> Result<()> {
        self.dissolve(name.as_str()).await
    }
}

fn name_of(group: &Group) -> Name {
    Name::from(group.auto_scaling_group_name().unwrap_or_default())
}

#[cfg(test)]
mod tests;

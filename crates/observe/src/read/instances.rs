//! Container instances, and instances in EC2.

use super::{Reader, batched, by_cluster, items, next};
use crate::picture::{ContainerInstance, Instance};
use aws_sdk_ec2::types::{Filter, Instance as Shown, InstanceCreditSpecification};
use futures::future::try_join_all;
use setpoint_aws::found;
use setpoint_core::Result;
use std::collections::BTreeMap;

/// How many container instances one call describes.
const BATCH: usize = 100;

/// How many values a filter of EC2 takes.
pub(super) const FILTERED: usize = 200;

impl Reader {
    /// Container instances by their ARNs.
    pub(crate) async fn container_instances(
        &self,
        arns: &[String],
    ) -> Result<Vec<ContainerInstance>> {
        let clusters = by_cluster(arns);
        let calls = clusters
            .iter()
            .map(|(cluster, arns)| batched(arns, BATCH, |it| self.hosts_of(cluster, it)));
        Ok(try_join_all(calls).await?.into_iter().flatten().collect())
    }

    /// The ARNs of all container instances of clusters.
    pub(crate) async fn container_instance_arns(&self, clusters: &[&str]) -> Result<Vec<String>> {
        let calls = clusters.iter().map(|it| self.host_arns(it));
        Ok(try_join_all(calls).await?.into_iter().flatten().collect())
    }

    async fn host_arns(&self, cluster: &str) -> Result<Vec<String>> {
        let mut arns = Vec::new();
        let mut token = None;
        loop {
            let heard = self.heard();
            let answered = self
                .aws
                .call("ecs:ListContainerInstances", || {
                    let call = self.ecs.list_container_instances().cluster(cluster);
                    let call = call.set_next_token(token.clone());
                    call.customize().interceptor(heard.clone()).send()
                })
                .await;
            let Some(page) = found(answered)? else {
                return Ok(arns);
            };
            arns.extend(page.container_instance_arns.unwrap_or_default());
            token = next(page.next_token);
            if token.is_none() {
                return Ok(arns);
            }
        }
    }

    async fn hosts_of(&self, cluster: &str, arns: &[String]) -> Result<Vec<ContainerInstance>> {
        const OPERATION: &str = "ecs:DescribeContainerInstances";
        let heard = self.heard();
        let answered = self
            .aws
            .call(OPERATION, || {
                let call = self.ecs.describe_container_instances().cluster(cluster);
                let call = call.set_container_instances(Some(arns.to_vec()));
                call.customize().interceptor(heard.clone()).send()
            })
            .await;
        match found(answered)? {
            Some(_) => items(OPERATION, &heard.answer(), "containerInstances"),
            None => Ok(Vec::new()),
        }
    }

    /// EC2 instances by their ids. An id that EC2 does not know is left out: a filter, unlike a list
    /// of ids, is no error then.
    pub(crate) async fn instances(&self, ids: &[String]) -> Result<Vec<Instance>> {
        batched(ids, FILTERED, |it| self.instances_of(it)).await
    }

    /// `standard` or `unlimited` for burstable instances that there are, by their ids.
    pub(crate) async fn credits(&self, ids: &[String]) -> Result<BTreeMap<String, String>> {
        let call = |ids: &[String]| self.credits_of(ids.to_vec());
        Ok(batched(ids, FILTERED, call).await?.into_iter().collect())
    }

    async fn credits_of(&self, ids: Vec<String>) -> Result<Vec<(String, String)>> {
        let shown = self
            .aws
            .call("ec2:DescribeInstanceCreditSpecifications", || {
                let call = self.ec2.describe_instance_credit_specifications();
                call.set_instance_ids(Some(ids.clone())).send()
            })
            .await?;
        let all = shown.instance_credit_specifications().iter();
        Ok(all.filter_map(credits).collect())
    }

    async fn instances_of(&self, ids: &[String]) -> Result<Vec<Instance>> {
        let filter = Filter::builder().name("instance-id");
        let filter = filter.set_values(Some(ids.to_vec())).build();
        let mut instances = Vec::new();
        let mut token = None;
        loop {
            let page = self
                .aws
                .call("ec2:DescribeInstances", || {
                    let call = self.ec2.describe_instances().filters(filter.clone());
                    call.set_next_token(token.clone()).send()
                })
                .await?;
            let reservations = page.reservations.unwrap_or_default();
            let shown = reservations.iter().flat_map(|it| it.instances());
            instances.extend(shown.map(instance));
            token = next(page.next_token);
            if token.is_none() {
                return Ok(instances);
            }
        }
    }
}

fn credits(it: &InstanceCreditSpecification) -> Option<(String, String)> {
    Some((it.instance_id()?.to_owned(), it.cpu_credits()?.to_owned()))
}

fn instance(it: &Shown) -> Instance {
    let text = |it: Option<&str>| it.filter(|it| !it.is_empty()).map(str::to_owned);
    let groups = it.security_groups().iter();
    let reason = it.state_reason().and_then(|it| it.message());
    Instance {
        id: it.instance_id().unwrap_or_default().to_owned(),
        instance_type: it.instance_type().map_or("", |it| it.as_str()).to_owned(),
        state: it
            .state()
            .and_then(|it| it.name())
            .map_or("", |it| it.as_str())
            .to_owned(),
        state_reason: text(reason),
        image: it.image_id().unwrap_or_default().to_owned(),
        zone: it
            .placement()
            .and_then(|it| it.availability_zone())
            .unwrap_or_default()
            .to_owned(),
        subnet: text(it.subnet_id()),
        vpc: text(it.vpc_id()),
        public_ip: text(it.public_ip_address()),
        private_ip: text(it.private_ip_address()),
        security_groups: groups
            .filter_map(|it| it.group_id().map(str::to_owned))
            .collect(),
        instance_profile: text(it.iam_instance_profile().and_then(|it| it.arn())),
        cpu_credits: None,
        launched_at: it.launch_time().map(Into::into),
    }
}

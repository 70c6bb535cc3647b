//! Load balancers and target groups.

use super::{Reader, batched, next};
use crate::picture::{Balancer, Listener, TargetGroup, TargetHealth};
use aws_sdk_elasticloadbalancingv2::types::{
    Listener as ShownListener, LoadBalancer, TargetHealthDescription,
};
use futures::{future::try_join_all, try_join};
use setpoint_core::Result;

/// How many target groups, or load balancers, one call describes by their ARNs.
const BATCH: usize = 20;

impl Reader {
    /// Target groups by their ARNs, with the health of their targets, and the load balancers that
    /// use them, with their listeners.
    pub(crate) async fn balancers(
        &self,
        target_groups: &[String],
    ) -> Result<(Vec<TargetGroup>, Vec<Balancer>)> {
        let health = try_join_all(target_groups.iter().map(|it| self.health_of(it)));
        let groups = batched(target_groups, BATCH, |it| self.target_groups_of(it));
        let (mut groups, health) = try_join!(groups, health)?;
        for (arn, health) in target_groups.iter().zip(health) {
            if let Some(group) = groups.iter_mut().find(|it| it.arn == *arn) {
                group.health = health;
            }
        }
        let mut arns: Vec<String> = groups.iter().flat_map(|it| it.balancers.clone()).collect();
        arns.sort();
        arns.dedup();
        let listeners = try_join_all(arns.iter().map(|it| self.listeners_of(it)));
        let balancers = batched(&arns, BATCH, |it| self.balancers_of(it));
        let (mut balancers, listeners) = try_join!(balancers, listeners)?;
        for (arn, listeners) in arns.iter().zip(listeners) {
            if let Some(balancer) = balancers.iter_mut().find(|it| it.arn == *arn) {
                balancer.listeners = listeners;
            }
        }
        Ok((groups, balancers))
    }

    async fn target_groups_of(&self, arns: &[String]) -> Result<Vec<TargetGroup>> {
        let page = self
            .aws
            .call("elasticloadbalancing:DescribeTargetGroups", || {
                let call = self.balancers.describe_target_groups();
                call.set_target_group_arns(Some(arns.to_vec())).send()
            })
            .await?;
        let groups = page.target_groups().iter();
        let groups = groups.map(|it| TargetGroup {
            arn: it.target_group_arn().unwrap_or_default().to_owned(),
            name: it.target_group_name().unwrap_or_default().to_owned(),
            balancers: it.load_balancer_arns().to_vec(),
            health: Vec::new(),
        });
        Ok(groups.collect())
    }

    async fn health_of(&self, arn: &str) -> Result<Vec<TargetHealth>> {
        let page = self
            .aws
            .call("elasticloadbalancing:DescribeTargetHealth", || {
                let call = self.balancers.describe_target_health();
                call.target_group_arn(arn).send()
            })
            .await?;
        let targets = page.target_health_descriptions().iter();
        Ok(targets.map(health).collect())
    }

    async fn balancers_of(&self, arns: &[String]) -> Result<Vec<Balancer>> {
        let page = self
            .aws
            .call("elasticloadbalancing:DescribeLoadBalancers", || {
                let call = self.balancers.describe_load_balancers();
                call.set_load_balancer_arns(Some(arns.to_vec())).send()
            })
            .await?;
        Ok(page.load_balancers().iter().map(balancer).collect())
    }

    async fn listeners_of(&self, arn: &str) -> Result<Vec<Listener>> {
        let mut listeners = Vec::new();
        let mut marker = None;
        loop {
            let page = self
                .aws
                .call("elasticloadbalancing:DescribeListeners", || {
                    let call = self.balancers.describe_listeners().load_balancer_arn(arn);
                    call.set_marker(marker.clone()).send()
                })
                .await?;
            listeners.extend(page.listeners().iter().map(listener));
            marker = next(page.next_marker);
            if marker.is_none() {
                return Ok(listeners);
            }
        }
    }
}

fn health(it: &TargetHealthDescription) -> TargetHealth {
    let target = it.target();
    let health = it.target_health();
    TargetHealth {
        target: target.and_then(|it| it.id()).unwrap_or_default().to_owned(),
        port: target.and_then(|it| it.port()),
        state: health
            .and_then(|it| it.state())
            .map_or("", |it| it.as_str())
            .to_owned(),
        description: health.and_then(|it| it.description()).map(str::to_owned),
    }
}

fn balancer(it: &LoadBalancer) -> Balancer {
    let state = it.state().and_then(|it| it.code());
    Balancer {
        arn: it.load_balancer_arn().unwrap_or_default().to_owned(),
        name: it.load_balancer_name().unwrap_or_default().to_owned(),
        dns_name: it.dns_name().unwrap_or_default().to_owned(),
        scheme: it.scheme().map_or("", |it| it.as_str()).to_owned(),
        state: state.map_or("", |it| it.as_str()).to_owned(),
        listeners: Vec::new(),
    }
}

fn listener(it: &ShownListener) -> Listener {
    let actions = it.default_actions().iter();
    let forwards = actions.flat_map(|it| {
        let one = it.target_group_arn().map(str::to_owned);
        let groups = it.forward_config().map_or(&[][..], |it| it.target_groups());
        let several = groups
            .iter()
            .filter_map(|it| it.target_group_arn().map(str::to_owned));
        one.into_iter().chain(several)
    });
    let mut target_groups: Vec<String> = forwards.collect();
    target_groups.sort();
    target_groups.dedup();
    Listener {
        port: it.port().unwrap_or_default(),
        protocol: it.protocol().map_or("", |it| it.as_str()).to_owned(),
        target_groups,
    }
}

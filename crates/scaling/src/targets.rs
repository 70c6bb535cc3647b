//! Scalable targets, policies and scheduled actions, in as few calls as the API allows.

use aws_sdk_applicationautoscaling::{
    Client,
    types::{ScalableDimension, ScalableTarget, ScalingPolicy, ScheduledAction, ServiceNamespace},
};
use futures::future::try_join_all;
use setpoint_aws::Aws;
use setpoint_core::Result;

pub(crate) const NAMESPACE: ServiceNamespace = ServiceNamespace::Ecs;
pub(crate) const DIMENSION: ScalableDimension = ScalableDimension::EcsServiceDesiredCount;

/// How many targets one call may describe.
const BATCH: usize = 50;

/// Up to how many targets the policies are asked for one by one. Their call takes one target or
/// all there are, and shows ten at a time.
const FEW: usize = 8;

/// Reads what is in the account, of every stack and of none.
#[derive(Debug)]
pub(crate) struct Targets {
    aws: Aws,
    client: Client,
}

impl Targets {
    pub(crate) fn new(aws: &Aws) -> Targets {
        Targets {
            aws: aws.clone(),
            client: Client::new(aws.config()),
        }
    }

    /// The targets of these resources, all batches at once.
    pub(crate) async fn of(&self, resources: &[String]) -> Result<Vec<ScalableTarget>> {
        let batches = resources
            .chunks(BATCH)
            .map(|it| self.targets(Some(it.to_vec())));
        Ok(try_join_all(batches).await?.into_iter().flatten().collect())
    }

    /// Every service's target.
    pub(crate) async fn all(&self) -> Result<Vec<ScalableTarget>> {
        self.targets(None).await
    }

    async fn targets(&self, resources: Option<Vec<String>>) -> Result<Vec<ScalableTarget>> {
        let mut targets = Vec::new();
        let mut token = None;
        loop {
            let page = self
                .aws
                .call("application-autoscaling:DescribeScalableTargets", || {
                    self.client
                        .describe_scalable_targets()
                        .service_namespace(NAMESPACE)
                        .set_resource_ids(resources.clone())
                        .set_next_token(token.clone())
                        .send()
                })
                .await?;
            targets.extend(page.scalable_targets.unwrap_or_default());
            token = page.next_token.filter(|it| !it.is_empty());
            if token.is_none() {
                targets.retain(|it| it.scalable_dimension() == &DIMENSION);
                return Ok(targets);
            }
        }
    }

    /// The policies of these resources, and where those are many, of others too.
    pub(crate) async fn policies(&self, resources: &[String]) -> Result<Vec<ScalingPolicy>> {
        let calls = match resources.len() {
            0..=FEW => resources.iter().map(Some).collect(),
            _ => vec![None],
        };
        let calls = calls.into_iter().map(|it| self.policies_of(it));
        Ok(try_join_all(calls).await?.into_iter().flatten().collect())
    }

    async fn policies_of(&self, resource: Option<&String>) -> Result<Vec<ScalingPolicy>> {
        let mut policies = Vec::new();
        let mut token = None;
        loop {
            let page = self
                .aws
                .call("application-autoscaling:DescribeScalingPolicies", || {
                    self.client
                        .describe_scaling_policies()
                        .service_namespace(NAMESPACE)
                        .set_resource_id(resource.cloned())
                        .set_scalable_dimension(resource.map(|_| DIMENSION))
                        .set_next_token(token.clone())
                        .send()
                })
                .await?;
            policies.extend(page.scaling_policies.unwrap_or_default());
            token = page.next_token.filter(|it| !it.is_empty());
            if token.is_none() {
                policies.retain(|it| it.scalable_dimension() == &DIMENSION);
                return Ok(policies);
            }
        }
    }

    /// The scheduled actions of these resources, and where there are several, of others too.
    pub(crate) async fn actions(&self, resources: &[String]) -> Result<Vec<ScheduledAction>> {
        let resource = match resources {
            [] => return Ok(Vec::new()),
            [one] => Some(one),
            _ => None,
        };
        let mut actions = Vec::new();
        let mut token = None;
        loop {
            let page = self
                .aws
                .call("application-autoscaling:DescribeScheduledActions", || {
                    self.client
                        .describe_scheduled_actions()
                        .service_namespace(NAMESPACE)
                        .set_resource_id(resource.cloned())
                        .set_scalable_dimension(resource.map(|_| DIMENSION))
                        .set_next_token(token.clone())
                        .send()
                })
                .await?;
            actions.extend(page.scheduled_actions.unwrap_or_default());
            token = page.next_token.filter(|it| !it.is_empty());
            if token.is_none() {
                actions.retain(|it| it.scalable_dimension().is_none_or(|it| it == &DIMENSION));
                return Ok(actions);
            }
        }
    }
}

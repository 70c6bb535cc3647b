//! Targets, policies and activities of Application Auto Scaling.

use super::{Reader, batched, items, next};
use crate::{
    Moment,
    picture::{Policy, ScalingActivity, Target},
};
use aws_sdk_applicationautoscaling::types::{ScalableDimension, ServiceNamespace};
use futures::future::try_join_all;
use setpoint_core::Result;

const NAMESPACE: ServiceNamespace = ServiceNamespace::Ecs;
const DIMENSION: ScalableDimension = ScalableDimension::EcsServiceDesiredCount;

/// How many targets one call describes.
const BATCH: usize = 50;

/// Up to how many services the policies are asked for one by one. Their call takes one target or
/// all there are, and shows ten at a time.
const FEW: usize = 8;

impl Reader {
    /// The targets of these resources.
    pub(crate) async fn targets(&self, resources: &[String]) -> Result<Vec<Target>> {
        batched(resources, BATCH, |it| self.targets_of(it)).await
    }

    async fn targets_of(&self, resources: &[String]) -> Result<Vec<Target>> {
        const OPERATION: &str = "application-autoscaling:DescribeScalableTargets";
        let heard = self.heard();
        self.aws
            .call(OPERATION, || {
                self.scaling
                    .describe_scalable_targets()
                    .service_namespace(NAMESPACE)
                    .scalable_dimension(DIMENSION)
                    .set_resource_ids(Some(resources.to_vec()))
                    .customize()
                    .interceptor(heard.clone())
                    .send()
            })
            .await?;
        items(OPERATION, &heard.answer(), "ScalableTargets")
    }

    /// The policies of these resources.
    pub(crate) async fn policies(&self, resources: &[String]) -> Result<Vec<Policy>> {
        let calls = match resources.len() {
            0..=FEW => resources.iter().map(Some).collect(),
            _ => vec![None],
        };
        let calls = calls.into_iter().map(|it| self.policies_of(it));
        let mut policies: Vec<Policy> = try_join_all(calls).await?.into_iter().flatten().collect();
        policies.retain(|it| resources.contains(&it.resource_id));
        Ok(policies)
    }

    async fn policies_of(&self, resource: Option<&String>) -> Result<Vec<Policy>> {
        const OPERATION: &str = "application-autoscaling:DescribeScalingPolicies";
        let mut policies = Vec::new();
        let mut token = None;
        loop {
            let heard = self.heard();
            let page = self
                .aws
                .call(OPERATION, || {
                    self.scaling
                        .describe_scaling_policies()
                        .service_namespace(NAMESPACE)
                        .set_resource_id(resource.cloned())
                        .set_scalable_dimension(resource.map(|_| DIMENSION))
                        .set_next_token(token.clone())
                        .customize()
                        .interceptor(heard.clone())
                        .send()
                })
                .await?;
            policies.extend(items(OPERATION, &heard.answer(), "ScalingPolicies")?);
            token = next(page.next_token);
            if token.is_none() {
                return Ok(policies);
            }
        }
    }

    /// What was done with these resources since then, and what was not; newest first.
    pub(crate) async fn scaling_activities(
        &self,
        resources: &[String],
        since: Moment,
    ) -> Result<Vec<ScalingActivity>> {
        let calls = resources.iter().map(|it| self.activities_of(it, since));
        let mut all: Vec<ScalingActivity> =
            try_join_all(calls).await?.into_iter().flatten().collect();
        all.sort_by_key(|it| std::cmp::Reverse(it.start_time));
        Ok(all)
    }

    async fn activities_of(&self, resource: &str, since: Moment) -> Result<Vec<ScalingActivity>> {
        const OPERATION: &str = "application-autoscaling:DescribeScalingActivities";
        let mut activities: Vec<ScalingActivity> = Vec::new();
        let mut token = None;
        loop {
            let heard = self.heard();
            let page = self
                .aws
                .call(OPERATION, || {
                    self.scaling
                        .describe_scaling_activities()
                        .service_namespace(NAMESPACE)
                        .resource_id(resource)
                        .scalable_dimension(DIMENSION)
                        .include_not_scaled_activities(true)
                        .set_next_token(token.clone())
                        .customize()
                        .interceptor(heard.clone())
                        .send()
                })
                .await?;
            let shown: Vec<ScalingActivity> =
                items(OPERATION, &heard.answer(), "ScalingActivities")?;
            let more = shown.last().is_some_and(|it| it.start_time >= since);
            activities.extend(shown.into_iter().filter(|it| it.start_time >= since));
            token = next(page.next_token).filter(|_| more);
            if token.is_none() {
                return Ok(activities);
            }
        }
    }
}

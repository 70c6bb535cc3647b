//! Services and their task definitions.

use super::{Reader, batched, items};
use crate::{Subject, picture::Service};
use futures::future::try_join_all;
use serde_json::Value;
use setpoint_aws::found;
use setpoint_core::{AdapterError, ErrorKind, Result};
use std::collections::BTreeMap;

/// How many services of one cluster one call describes.
const BATCH: usize = 10;

impl Reader {
    /// The services that exist, in the order asked for.
    pub(crate) async fn services(&self, subjects: &[Subject]) -> Result<Vec<Service>> {
        let mut clusters: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for it in subjects {
            let services = clusters.entry(&it.cluster).or_default();
            services.push(it.service.clone());
        }
        let calls = clusters.iter().map(|(cluster, services)| {
            batched(services, BATCH, |it| self.services_of(cluster, it))
        });
        let shown: Vec<Service> = try_join_all(calls).await?.into_iter().flatten().collect();
        let place = |it: &Service| subjects.iter().position(|one| *one == it.subject());
        let mut shown: Vec<Service> = shown
            .into_iter()
            .filter(|it| it.status != "INACTIVE")
            .collect();
        shown.sort_by_key(place);
        Ok(shown)
    }

    async fn services_of(&self, cluster: &str, services: &[String]) -> Result<Vec<Service>> {
        const OPERATION: &str = "ecs:DescribeServices";
        let heard = self.heard();
        let answered = self
            .aws
            .call(OPERATION, || {
                let call = self.ecs.describe_services().cluster(cluster);
                let call = call.set_services(Some(services.to_vec()));
                call.customize().interceptor(heard.clone()).send()
            })
            .await;
        // Where there is no cluster, there is no service.
        let Some(answered) = found(answered)? else {
            return Ok(Vec::new());
        };
        let mut failures = answered.failures().iter();
        let other = failures.find(|it| it.reason() != Some("MISSING"));
        if let Some(other) = other {
            return Err(failed(OPERATION, other.reason().unwrap_or_default()));
        }
        items(OPERATION, &heard.answer(), "services")
    }

    /// Task definitions by ARN, in AWS's own shape.
    pub(crate) async fn definitions(&self, arns: &[String]) -> Result<BTreeMap<String, Value>> {
        let calls = arns.iter().map(|it| self.definition(it));
        let read = try_join_all(calls).await?.into_iter().flatten();
        Ok(read.collect())
    }

    async fn definition(&self, arn: &str) -> Result<Option<(String, Value)>> {
        let heard = self.heard();
        let answered = self
            .aws
            .call("ecs:DescribeTaskDefinition", || {
                let call = self.ecs.describe_task_definition().task_definition(arn);
                call.customize().interceptor(heard.clone()).send()
            })
            .await;
        let mut answer = heard.answer();
        Ok(found(answered)?.map(|_| (arn.to_owned(), answer["taskDefinition"].take())))
    }
}

/// A failure inside an answer.
pub(super) fn failed(operation: &str, reason: &str) -> AdapterError {
    AdapterError {
        operation: operation.to_owned(),
        kind: ErrorKind::Refused,
        source: reason.to_owned().into(),
    }
}

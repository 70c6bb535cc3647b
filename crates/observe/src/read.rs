//! The calls, each in as few as its API allows.

mod alarms;
mod balancers;
mod capacity;
mod groups;
mod instances;
mod metrics;
mod network;
mod scaling;
mod services;
mod tasks;

use crate::{
    Moment,
    heard::{Clock, Heard},
};
use futures::future::try_join_all;
use serde::de::DeserializeOwned;
use serde_json::Value;
use setpoint_aws::Aws;
use setpoint_core::{AdapterError, ErrorKind, Result};
use std::collections::BTreeMap;

/// The way to every service that is looked at.
#[derive(Clone, Debug)]
pub(crate) struct Reader {
    aws: Aws,
    ecs: aws_sdk_ecs::Client,
    ec2: aws_sdk_ec2::Client,
    groups: aws_sdk_autoscaling::Client,
    scaling: aws_sdk_applicationautoscaling::Client,
    cloudwatch: aws_sdk_cloudwatch::Client,
    balancers: aws_sdk_elasticloadbalancingv2::Client,
    clock: Clock,
}

impl Reader {
    /// A reader whose clock nobody has set yet.
    pub(crate) fn new(aws: &Aws) -> Reader {
        let config = aws.config();
        Reader {
            aws: aws.clone(),
            ecs: aws_sdk_ecs::Client::new(config),
            ec2: aws_sdk_ec2::Client::new(config),
            groups: aws_sdk_autoscaling::Client::new(config),
            scaling: aws_sdk_applicationautoscaling::Client::new(config),
            cloudwatch: aws_sdk_cloudwatch::Client::new(config),
            balancers: aws_sdk_elasticloadbalancingv2::Client::new(config),
            clock: Clock::default(),
        }
    }

    /// The same with a clock of its own.
    pub(crate) fn anew(&self) -> Reader {
        Reader {
            clock: Clock::default(),
            ..self.clone()
        }
    }

    /// The time, as AWS says it.
    pub(crate) fn now(&self) -> Moment {
        self.clock.now()
    }

    fn heard(&self) -> Heard {
        Heard::by(&self.clock)
    }
}

/// Calls for every batch at once, and joins what they answer.
async fn batched<'a, T, U, F>(
    items: &'a [U],
    most: usize,
    call: impl Fn(&'a [U]) -> F,
) -> Result<Vec<T>>
where
    F: Future<Output = Result<Vec<T>>>,
{
    let answers = try_join_all(items.chunks(most).map(call)).await?;
    Ok(answers.into_iter().flatten().collect())
}

/// ARNs by their clusters: `…:task/<cluster>/<id>`, `…:container-instance/<cluster>/<id>`.
fn by_cluster(arns: &[String]) -> BTreeMap<&str, Vec<String>> {
    let mut clusters: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for arn in arns {
        let cluster = arn.rsplit('/').nth(1).unwrap_or_default();
        clusters.entry(cluster).or_default().push(arn.clone());
    }
    clusters
}

/// The items of a member of an answer.
fn items<T: DeserializeOwned>(operation: &str, answer: &Value, member: &str) -> Result<Vec<T>> {
    let items = answer[member].as_array().map_or(&[][..], Vec::as_slice);
    let read = items.iter().map(|it| {
        serde_json::from_value(without_nulls(it)).map_err(|err| AdapterError {
            operation: operation.to_owned(),
            kind: ErrorKind::Refused,
            source: format!("its answer cannot be read: {err}").into(),
        })
    });
    read.collect()
}

/// A null says no more than a member that is not there.
fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(members) => members
            .iter()
            .filter(|(_, it)| !it.is_null())
            .map(|(name, it)| (name.clone(), without_nulls(it)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        Value::Array(items) => items.iter().map(without_nulls).collect(),
        value => value.clone(),
    }
}

/// What a page says of the next one.
fn next(token: Option<String>) -> Option<String> {
    token.filter(|it| !it.is_empty())
}

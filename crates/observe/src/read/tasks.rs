//! Tasks.

use super::{Reader, batched, by_cluster, items, next};
use crate::{
    Subject,
    picture::{ProtectedTask, Task},
};
use aws_sdk_ecs::types::DesiredStatus;
use futures::future::try_join_all;
use setpoint_aws::found;
use setpoint_core::{ErrorKind, Result};
use std::collections::BTreeMap;

/// How many tasks one call describes, or tells the protection of.
const BATCH: usize = 100;

impl Reader {
    /// The tasks of services that are to run, or that have stopped; oldest first.
    ///
    /// A list for each service, and a description for each hundred tasks of a cluster.
    pub(crate) async fn tasks(&self, subjects: &[Subject], stopped: bool) -> Result<Vec<Task>> {
        let lists = subjects.iter().map(|it| self.task_arns(it, stopped));
        let mut clusters: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for (subject, arns) in subjects.iter().zip(try_join_all(lists).await?) {
            clusters.entry(&subject.cluster).or_default().extend(arns);
        }
        let calls = clusters
            .iter()
            .map(|(cluster, arns)| batched(arns, BATCH, |it| self.tasks_of(cluster, it)));
        let mut tasks: Vec<Task> = try_join_all(calls).await?.into_iter().flatten().collect();
        tasks.sort_by(|a, b| (a.created_at, &a.task_arn).cmp(&(b.created_at, &b.task_arn)));
        Ok(tasks)
    }

    async fn task_arns(&self, subject: &Subject, stopped: bool) -> Result<Vec<String>> {
        let status = match stopped {
            true => DesiredStatus::Stopped,
            false => DesiredStatus::Running,
        };
        let mut arns = Vec::new();
        let mut token = None;
        loop {
            let heard = self.heard();
            let answered = self
                .aws
                .call("ecs:ListTasks", || {
                    self.ecs
                        .list_tasks()
                        .cluster(&subject.cluster)
                        .service_name(&subject.service)
                        .desired_status(status.clone())
                        .set_next_token(token.clone())
                        .customize()
                        .interceptor(heard.clone())
                        .send()
                })
                .await;
            let page = match answered {
                // A service that is not there has no tasks.
                Err(err) if err.kind == ErrorKind::Absent => return Ok(Vec::new()),
                other => other?,
            };
            arns.extend(page.task_arns.unwrap_or_default());
            token = next(page.next_token);
            if token.is_none() {
                return Ok(arns);
            }
        }
    }

    /// Whether tasks are protected from scaling in, by their ARNs.
    pub(crate) async fn protection(&self, arns: &[String]) -> Result<Vec<ProtectedTask>> {
        let clusters = by_cluster(arns);
        let calls = clusters
            .iter()
            .map(|(cluster, arns)| batched(arns, BATCH, |it| self.protection_of(cluster, it)));
        Ok(try_join_all(calls).await?.into_iter().flatten().collect())
    }

    async fn protection_of(&self, cluster: &str, arns: &[String]) -> Result<Vec<ProtectedTask>> {
        const OPERATION: &str = "ecs:GetTaskProtection";
        let heard = self.heard();
        self.aws
            .call(OPERATION, || {
                let call = self.ecs.get_task_protection().cluster(cluster);
                let call = call.set_tasks(Some(arns.to_vec()));
                call.customize().interceptor(heard.clone()).send()
            })
            .await?;
        items(OPERATION, &heard.answer(), "protectedTasks")
    }

    async fn tasks_of(&self, cluster: &str, arns: &[String]) -> Result<Vec<Task>> {
        const OPERATION: &str = "ecs:DescribeTasks";
        let heard = self.heard();
        let answered = self
            .aws
            .call(OPERATION, || {
                let call = self.ecs.describe_tasks().cluster(cluster);
                let call = call.set_tasks(Some(arns.to_vec()));
                call.customize().interceptor(heard.clone()).send()
            })
            .await;
        // What has gone since it was listed is told as a failure, and is gone.
        match found(answered)? {
            Some(_) => items(OPERATION, &heard.answer(), "tasks"),
            None => Ok(Vec::new()),
        }
    }
}

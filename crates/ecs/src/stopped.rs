//! Why the tasks of a deployment stopped.

use aws_sdk_ecs::{
    Client,
    types::{DesiredStatus, Task, TaskStopCode},
};
use setpoint_aws::Aws;
use setpoint_core::{Name, Result};
use std::collections::BTreeSet;

/// How many stopped tasks are looked at. One call describes no more.
const TASKS: i32 = 100;

/// What is known of the tasks of a deployment that stopped.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Stopped {
    /// Why, each reason once.
    pub(crate) reasons: Vec<String>,
    /// How many stopped by themselves, and not because the service asked them to.
    pub(crate) failed: usize,
}

/// Reads why tasks of a deployment that were made since that time, in seconds, stopped.
///
/// It only adds words to what is known already, so a failure to read is no failure.
pub(crate) async fn reasons(
    aws: &Aws,
    client: &Client,
    cluster: &Name,
    deployment: &str,
    since: f64,
) -> Stopped {
    match tasks(aws, client, cluster, deployment).await {
        Ok(mut tasks) => {
            tasks.retain(|it| it.created_at().is_none_or(|at| at.as_secs_f64() >= since));
            told(&tasks)
        }
        Err(err) => {
            tracing::debug!(%err, "stopped tasks were not read");
            Stopped::default()
        }
    }
}

async fn tasks(aws: &Aws, client: &Client, cluster: &Name, deployment: &str) -> Result<Vec<Task>> {
    let list = || {
        client
            .list_tasks()
            .cluster(cluster.as_str())
            .desired_status(DesiredStatus::Stopped)
            .max_results(TASKS)
    };
    let page = aws
        .call("ecs:ListTasks", || list().started_by(deployment).send())
        .await?;
    let arns = page.task_arns.unwrap_or_default();
    if arns.is_empty() {
        return Ok(Vec::new());
    }
    let page = aws
        .call("ecs:DescribeTasks", || {
            client
                .describe_tasks()
                .cluster(cluster.as_str())
                .set_tasks(Some(arns.clone()))
                .send()
        })
        .await?;
    Ok(page.tasks.unwrap_or_default())
}

/// What the tasks say, leaving out those that the service stopped to scale in or to replace.
fn told(tasks: &[Task]) -> Stopped {
    let mut told = BTreeSet::new();
    let mut stopped = Stopped::default();
    for task in tasks.iter().filter(|it| !is_by_choice(it)) {
        stopped.failed += 1;
        let reasons = task.stopped_reason().map(str::to_owned).into_iter();
        for text in reasons.chain(containers(task)) {
            if told.insert(text.clone()) {
                stopped.reasons.push(text);
            }
        }
    }
    stopped
}

/// Whether the service stopped a task that was well. One that failed its health checks was not.
fn is_by_choice(task: &Task) -> bool {
    let reason = task.stopped_reason().unwrap_or_default();
    task.stop_code() == Some(&TaskStopCode::ServiceSchedulerInitiated)
        && !reason.starts_with("Task failed")
}

fn containers(task: &Task) -> impl Iterator<Item = String> {
    task.containers().iter().filter_map(|container| {
        let name = container.name().unwrap_or_default();
        match (container.reason(), container.exit_code()) {
            (Some(reason), Some(code)) => Some(format!("{name}: {reason}; exit code {code}")),
            (Some(reason), None) => Some(format!("{name}: {reason}")),
            (None, Some(code)) if code != 0 => Some(format!("{name}: exit code {code}")),
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ecs::types::Container;

    #[test]
    fn each_reason_is_told_once_and_scaling_in_is_none() {
        let task = |code, reason: &str, container: Container| {
            Task::builder()
                .stop_code(code)
                .stopped_reason(reason)
                .containers(container)
                .build()
        };
        let failed = || {
            let container = Container::builder()
                .name("web")
                .reason("CannotStartContainerError: no such log group");
            let reason = "Task failed to start";
            task(TaskStopCode::TaskFailedToStart, reason, container.build())
        };
        let exited = Container::builder().name("web").exit_code(137).build();
        let scaled = Container::builder().name("web").exit_code(143).build();
        let unhealthy = Container::builder().name("web").exit_code(0).build();
        let tasks = [
            failed(),
            failed(),
            task(
                TaskStopCode::EssentialContainerExited,
                "Essential container exited",
                exited,
            ),
            task(
                TaskStopCode::ServiceSchedulerInitiated,
                "Scaling activity",
                scaled,
            ),
            task(
                TaskStopCode::ServiceSchedulerInitiated,
                "Task failed container health checks",
                unhealthy,
            ),
        ];
        let stopped = told(&tasks);
        assert_eq!(stopped.failed, 4);
        assert_eq!(
            stopped.reasons,
            [
                "Task failed to start",
                "web: CannotStartContainerError: no such log group",
                "Essential container exited",
                "web: exit code 137",
                "Task failed container health checks",
            ]
        );
    }
}

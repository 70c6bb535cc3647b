//! Which images run, and which would run again if a deployment were rolled back.

use aws_sdk_ecs::{
    Client,
    types::{SortOrder, TaskDefinitionStatus},
};
use futures::future::try_join_all;
use setpoint_aws::{Aws, found};
use setpoint_core::{ErrorKind, Result};
use std::collections::BTreeMap;

/// How many tasks one `ecs:DescribeTasks` is asked for.
const BATCH: usize = 100;

/// How many revisions of a family, the newest first, are taken for kept: the one that runs and the
/// one that a rollback returns to.
const REVISIONS: i32 = 2;

/// An image that something needs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct InUse {
    /// The image as the container names it: `repository@sha256:…`, `repository:tag`.
    pub image: String,
    /// The digest of what runs, where the agent has told it. That of one platform's image, where
    /// `image` is an index.
    pub digest: Option<String>,
    /// What needs it.
    pub by: User,
}

/// What needs an image.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum User {
    /// A task of this service that runs.
    Service(String),
    /// This revision, `family:1`, which may be run again.
    Revision(String),
}

/// The images of the tasks of services that run; the cluster by the service's name. A service or
/// a cluster that is not there runs nothing.
pub async fn running(aws: &Aws, services: &BTreeMap<String, String>) -> Result<Vec<InUse>> {
    let client = Client::new(aws.config());
    let each = services
        .iter()
        .map(|(service, cluster)| of_service(aws, &client, service, cluster));
    Ok(try_join_all(each).await?.into_iter().flatten().collect())
}

async fn of_service(
    aws: &Aws,
    client: &Client,
    service: &str,
    cluster: &str,
) -> Result<Vec<InUse>> {
    let mut arns: Vec<String> = Vec::new();
    let mut token = None;
    loop {
        let list = aws.call("ecs:ListTasks", || {
            client
                .list_tasks()
                .cluster(cluster)
                .service_name(service)
                .set_next_token(token.clone())
                .send()
        });
        let Some(page) = found(list.await)? else {
            return Ok(Vec::new());
        };
        arns.extend(page.task_arns.unwrap_or_default());
        token = page.next_token;
        if token.is_none() {
            break;
        }
    }
    let batches = arns.chunks(BATCH).map(|arns| {
        aws.call("ecs:DescribeTasks", || {
            client
                .describe_tasks()
                .cluster(cluster)
                .set_tasks(Some(arns.to_vec()))
                .send()
        })
    });
    let tasks = try_join_all(batches).await?.into_iter();
    let tasks = tasks.flat_map(|it| it.tasks.unwrap_or_default());
    let containers = tasks.flat_map(|it| it.containers.unwrap_or_default());
    Ok(containers
        .filter_map(|it| {
            Some(InUse {
                image: it.image?,
                digest: it.image_digest,
                by: User::Service(service.to_owned()),
            })
        })
        .collect())
}

/// The images of the newest revisions of families that are active.
pub async fn kept(aws: &Aws, families: &[String]) -> Result<Vec<InUse>> {
    let client = Client::new(aws.config());
    let each = families.iter().map(|it| of_family(aws, &client, it));
    Ok(try_join_all(each).await?.into_iter().flatten().collect())
}

async fn of_family(aws: &Aws, client: &Client, family: &str) -> Result<Vec<InUse>> {
    let list = aws.call("ecs:ListTaskDefinitions", || {
        client
            .list_task_definitions()
            .family_prefix(family)
            .status(TaskDefinitionStatus::Active)
            .sort(SortOrder::Desc)
            .max_results(REVISIONS)
            .send()
    });
    let arns = list.await?.task_definition_arns.unwrap_or_default();
    // An emulator may answer with more than was asked for.
    let newest = arns.iter().take(REVISIONS as usize).map(|arn| async move {
        let describe = aws.call("ecs:DescribeTaskDefinition", || {
            client
                .describe_task_definition()
                .task_definition(arn)
                .send()
        });
        match describe.await {
            Ok(answer) => Ok(Some(answer)),
            // It went in the meantime.
            Err(err) if matches!(err.kind, ErrorKind::Absent | ErrorKind::Refused) => Ok(None),
            Err(err) => Err(err),
        }
    });
    let mut kept = Vec::new();
    for (arn, answer) in arns.iter().zip(try_join_all(newest).await?) {
        let revision = arn.rsplit('/').next().unwrap_or(arn);
        let definition = answer.and_then(|it| it.task_definition);
        let containers = definition.and_then(|it| it.container_definitions);
        kept.extend(containers.unwrap_or_default().into_iter().filter_map(|it| {
            Some(InUse {
                image: it.image?,
                digest: None,
                by: User::Revision(revision.to_owned()),
            })
        }));
    }
    Ok(kept)
}

//! Whether a task could ever be placed on the instances that a cluster has.

use crate::service_reader::ShownService;
use aws_sdk_ecs::{
    Client,
    types::{ContainerInstance, TaskDefinition},
};
use setpoint_aws::Aws;
use setpoint_core::{AdapterError, Result};
use std::{collections::BTreeMap, sync::Mutex, time::Duration};
use tokio::time::Instant;

/// How many container instances are looked at. One call describes no more.
const INSTANCES: i32 = 100;

/// Compares what tasks need with what the instances of their cluster have in all.
#[derive(Debug)]
pub(crate) struct Room {
    aws: Aws,
    client: Client,
    /// What each task definition needs, by ARN.
    needs: Mutex<BTreeMap<String, Need>>,
    /// The instances of each cluster, and when they were read.
    seen: tokio::sync::Mutex<BTreeMap<String, (Instant, Vec<ContainerInstance>)>>,
}

/// For how long what was seen of a cluster is believed: its services all look there.
const BELIEVED: Duration = Duration::from_secs(15);

/// CPU units and MiB of memory.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Need {
    cpu: i64,
    memory: i64,
}

impl Room {
    pub(crate) fn new(aws: &Aws) -> Room {
        Room {
            aws: aws.clone(),
            client: Client::new(aws.config()),
            needs: Mutex::default(),
            seen: tokio::sync::Mutex::default(),
        }
    }

    /// Why the service's tasks can be placed on none of the cluster's instances, however empty, if
    /// that is so. A cluster without instances may get some, and proves nothing.
    ///
    /// It only finds a cause sooner, so a failure to read is no failure.
    pub(crate) async fn lacking(&self, service: &ShownService) -> Option<String> {
        let definition = service.document["taskDefinition"].as_str()?;
        let read = async {
            let instances = self.instances(service.cluster.as_str()).await?;
            let found = match instances.is_empty() {
                true => None,
                false => Some((self.need(definition).await?, instances)),
            };
            Ok::<_, AdapterError>(found)
        };
        match read.await {
            Ok(found) => found.and_then(|(need, instances)| lacking(need, &instances)),
            Err(err) => {
                tracing::debug!(%err, "container instances were not read");
                None
            }
        }
    }

    async fn instances(&self, cluster: &str) -> Result<Vec<ContainerInstance>> {
        // One reads, and those that ask at the same time wait for what it finds.
        let mut seen = self.seen.lock().await;
        if let Some((at, instances)) = seen.get(cluster)
            && at.elapsed() < BELIEVED
        {
            return Ok(instances.clone());
        }
        let instances = self.read(cluster).await?;
        seen.insert(cluster.to_owned(), (Instant::now(), instances.clone()));
        Ok(instances)
    }

    async fn read(&self, cluster: &str) -> Result<Vec<ContainerInstance>> {
        let list = || {
            let call = self.client.list_container_instances();
            call.cluster(cluster).max_results(INSTANCES).send()
        };
        let page = self.aws.call("ecs:ListContainerInstances", list).await?;
        let arns = page.container_instance_arns.unwrap_or_default();
        if arns.is_empty() {
            return Ok(Vec::new());
        }
        let describe = || {
            let call = self.client.describe_container_instances().cluster(cluster);
            call.set_container_instances(Some(arns.clone())).send()
        };
        let shown = self
            .aws
            .call("ecs:DescribeContainerInstances", describe)
            .await?;
        Ok(shown.container_instances.unwrap_or_default())
    }

    async fn need(&self, definition: &str) -> Result<Need> {
        let known = self
            .needs
            .lock()
            .expect("no holder panics")
            .get(definition)
            .copied();
        if let Some(known) = known {
            return Ok(known);
        }
        let describe = || {
            let call = self.client.describe_task_definition();
            call.task_definition(definition).send()
        };
        let shown = self
            .aws
            .call("ecs:DescribeTaskDefinition", describe)
            .await?;
        let need = shown.task_definition.as_ref().map_or(NOTHING, need_of);
        let mut needs = self.needs.lock().expect("no holder panics");
        needs.insert(definition.to_owned(), need);
        Ok(need)
    }
}

const NOTHING: Need = Need { cpu: 0, memory: 0 };

/// What the task asks for as a whole, or else its containers together.
fn need_of(definition: &TaskDefinition) -> Need {
    let number = |text: Option<&str>| text.and_then(|it| it.parse().ok());
    let containers = definition.container_definitions().iter();
    let cpu = containers.clone().map(|it| i64::from(it.cpu()));
    let memory = containers.map(|it| {
        let memory = it.memory_reservation().or(it.memory());
        i64::from(memory.unwrap_or_default())
    });
    Need {
        cpu: number(definition.cpu()).unwrap_or_else(|| cpu.sum()),
        memory: number(definition.memory()).unwrap_or_else(|| memory.sum()),
    }
}

fn lacking(need: Need, instances: &[ContainerInstance]) -> Option<String> {
    let of = |instance: &ContainerInstance, name: &str| {
        let resources = instance.registered_resources().iter();
        let named = resources.filter(|it| it.name() == Some(name));
        i64::from(named.map(|it| it.integer_value()).max().unwrap_or_default())
    };
    let fits =
        |it: &ContainerInstance| of(it, "CPU") >= need.cpu && of(it, "MEMORY") >= need.memory;
    if instances.iter().any(fits) {
        return None;
    }
    let largest = |name: &str| {
        instances
            .iter()
            .map(|it| of(it, name))
            .max()
            .unwrap_or_default()
    };
    Some(format!(
        "a task needs {} CPU units and {} MiB of memory, and no instance of the cluster has that \
         much: the largest of {} has {} CPU units and {} MiB",
        need.cpu,
        need.memory,
        instances.len(),
        largest("CPU"),
        largest("MEMORY"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ecs::types::Resource;

    fn instance(cpu: i32, memory: i32) -> ContainerInstance {
        let resource =
            |name: &str, value: i32| Resource::builder().name(name).integer_value(value).build();
        ContainerInstance::builder()
            .registered_resources(resource("CPU", cpu))
            .registered_resources(resource("MEMORY", memory))
            .build()
    }

    #[test]
    fn a_task_larger_than_every_instance_is_found_and_one_that_only_waits_is_not() {
        let instances = [instance(1024, 1939), instance(2048, 980)];
        let fits = Need {
            cpu: 1024,
            memory: 1900,
        };
        assert_eq!(lacking(fits, &instances), None);
        let too_large = Need {
            cpu: 1500,
            memory: 1500,
        };
        assert_eq!(
            lacking(too_large, &instances).as_deref(),
            Some(
                "a task needs 1500 CPU units and 1500 MiB of memory, and no instance of the \
                 cluster has that much: the largest of 2 has 2048 CPU units and 1939 MiB"
            )
        );
    }
}

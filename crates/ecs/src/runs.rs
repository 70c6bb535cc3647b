//! Tasks that belong to no service: run, watched and stopped.

use aws_sdk_ecs::{
    Client,
    types::{
        AssignPublicIp, AwsVpcConfiguration, ContainerOverride, KeyValuePair, LaunchType,
        NetworkConfiguration, TaskOverride,
    },
};
use setpoint_aws::Aws;
use setpoint_core::{AdapterError, ErrorKind, Result};

/// Runs tasks on one cluster.
#[derive(Clone, Debug)]
pub struct Runs {
    aws: Aws,
    client: Client,
    cluster: String,
}

/// A task to run.
#[derive(Clone, Debug)]
pub struct Run {
    /// Family and revision, or an ARN.
    pub task_definition: String,
    /// Subnets, for Fargate, where each task gets a public address; nothing for the cluster's own capacity.
    pub on_fargate: Option<Vec<String>>,
    /// Variables that one container gets over those of its definition.
    pub environment: Vec<(String, String)>,
    /// The container.
    pub container: String,
    /// What marks the task, and makes one of two same calls; at most 36 characters.
    pub token: String,
}

/// How a task does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunState {
    /// Its ARN.
    pub arn: String,
    /// `PROVISIONING` … `RUNNING` … `STOPPED`.
    pub status: String,
    /// Why it stopped.
    pub reason: Option<String>,
    /// How its container ended.
    pub exit_code: Option<i32>,
}

/// How many tasks one `ecs:DescribeTasks` is asked for.
const BATCH: usize = 100;

impl Runs {
    /// Tasks on this cluster, by its name or ARN.
    pub fn new(aws: &Aws, cluster: &str) -> Runs {
        Runs {
            aws: aws.clone(),
            client: Client::new(aws.config()),
            cluster: cluster.to_owned(),
        }
    }

    /// Runs a task, and answers with its ARN. The same token twice runs it once (`clientToken`). A role that
    /// ECS does not know yet is [`ErrorKind::NotYet`]: IAM tells of a new one within seconds, or minutes.
    pub async fn run(&self, run: &Run) -> Result<String> {
        let environment = run
            .environment
            .iter()
            .map(|(name, value)| KeyValuePair::builder().name(name).value(value).build());
        let container = ContainerOverride::builder()
            .name(&run.container)
            .set_environment(Some(environment.collect()))
            .build();
        let overrides = TaskOverride::builder()
            .container_overrides(container)
            .build();
        let network = match &run.on_fargate {
            None => None,
            Some(subnets) => {
                let vpc = AwsVpcConfiguration::builder()
                    .set_subnets(Some(subnets.clone()))
                    .assign_public_ip(AssignPublicIp::Enabled)
                    .build()
                    .map_err(|err| refused(err.to_string()))?;
                let network = NetworkConfiguration::builder();
                Some(network.awsvpc_configuration(vpc).build())
            }
        };
        let send = || {
            self.client
                .run_task()
                .cluster(&self.cluster)
                .task_definition(&run.task_definition)
                .set_launch_type(run.on_fargate.as_ref().map(|_| LaunchType::Fargate))
                .set_network_configuration(network.clone())
                .overrides(overrides.clone())
                .started_by(&run.token)
                .client_token(&run.token)
                .send()
        };
        let answer = match self.aws.call("ecs:RunTask", send).await {
            // The token makes one of both.
            Err(err) if err.kind == ErrorKind::Unsure => self.aws.call("ecs:RunTask", send).await?,
            Err(err) if err.source.to_string().contains("unable to assume the role") => {
                return Err(AdapterError {
                    kind: ErrorKind::NotYet("the roles to reach ECS".into()),
                    ..err
                });
            }
            answer => answer?,
        };
        let arn = answer.tasks().first().and_then(|it| it.task_arn());
        arn.map(str::to_owned).ok_or_else(|| {
            let failure = answer.failures().first();
            let why = failure
                .and_then(|it| it.reason())
                .unwrap_or("AWS does not say why");
            refused(format!("no task was placed: {why}"))
        })
    }

    /// How tasks do. One that ECS does not know any more is not there.
    pub async fn states(&self, arns: &[String]) -> Result<Vec<RunState>> {
        let mut states = Vec::new();
        for arns in arns.chunks(BATCH) {
            let send = || {
                let describe = self.client.describe_tasks().cluster(&self.cluster);
                describe.set_tasks(Some(arns.to_vec())).send()
            };
            let answer = self.aws.call("ecs:DescribeTasks", send).await?;
            states.extend(answer.tasks().iter().map(|it| RunState {
                arn: it.task_arn().unwrap_or_default().to_owned(),
                status: it.last_status().unwrap_or_default().to_owned(),
                reason: it.stopped_reason().map(str::to_owned),
                exit_code: it.containers().first().and_then(|it| it.exit_code()),
            }));
        }
        Ok(states)
    }

    /// Stops a task. One that has stopped stays so.
    pub async fn stop(&self, arn: &str) -> Result<()> {
        let send = || {
            let stop = self.client.stop_task().cluster(&self.cluster).task(arn);
            stop.reason("The load is over.").send()
        };
        match self.aws.call("ecs:StopTask", send).await {
            Err(err) if err.kind != ErrorKind::Absent => Err(err),
            _ => Ok(()),
        }
    }
}

fn refused(why: String) -> AdapterError {
    AdapterError {
        operation: "ecs:RunTask".into(),
        kind: ErrorKind::Refused,
        source: why.into(),
    }
}

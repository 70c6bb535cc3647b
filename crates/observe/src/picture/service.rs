//! Services, as `ecs:DescribeServices` shows them.

use crate::{Moment, Subject};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A service.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Service {
    /// Its name.
    pub service_name: String,
    /// Its ARN.
    pub service_arn: String,
    /// Its cluster's ARN.
    pub cluster_arn: String,
    /// `ACTIVE`, `DRAINING` or `INACTIVE`.
    pub status: String,
    /// `REPLICA` or `DAEMON`.
    pub scheduling_strategy: String,
    /// How many tasks there are to be.
    pub desired_count: i64,
    /// How many tasks are RUNNING.
    pub running_count: i64,
    /// How many tasks are PENDING.
    pub pending_count: i64,
    /// The launch type, where there is no strategy.
    pub launch_type: Option<String>,
    /// The capacity providers that place its tasks.
    pub capacity_provider_strategy: Vec<StrategyItem>,
    /// The ARN of the task definition of the primary deployment.
    pub task_definition: String,
    /// How it deploys.
    pub deployment_configuration: DeploymentConfiguration,
    /// Its deployments; the newest has the status `PRIMARY`.
    pub deployments: Vec<Deployment>,
    /// What the scheduler said, newest first; AWS shows a hundred.
    pub events: Vec<Event>,
    /// Its load balancers.
    pub load_balancers: Vec<ServiceBalancer>,
    /// How long a new task's failing health checks at a load balancer are ignored, in seconds.
    pub health_check_grace_period_seconds: Option<i64>,
    /// How tasks are spread, in AWS's own shape.
    pub placement_strategy: Vec<Value>,
    /// Where tasks may be placed, in AWS's own shape.
    pub placement_constraints: Vec<Value>,
    /// The network of tasks in `awsvpc` mode, in AWS's own shape.
    pub network_configuration: Value,
    /// When it was made.
    pub created_at: Option<Moment>,
}

impl Service {
    /// Its name, and its cluster's.
    pub fn subject(&self) -> Subject {
        let cluster = self.cluster_arn.rsplit('/').next().unwrap_or_default();
        Subject::new(cluster, &self.service_name)
    }

    /// The deployment that is to last.
    pub fn primary(&self) -> Option<&Deployment> {
        self.deployments.iter().find(|it| it.status == "PRIMARY")
    }
}

/// An item of a capacity provider strategy.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct StrategyItem {
    /// The provider's name.
    pub capacity_provider: String,
    /// Its share.
    pub weight: i64,
    /// How many tasks it has at least.
    pub base: i64,
}

/// How a service deploys.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DeploymentConfiguration {
    /// The circuit breaker.
    pub deployment_circuit_breaker: Option<CircuitBreaker>,
    /// How many tasks may be there meanwhile, in percent of the desired count, rounded down.
    pub maximum_percent: Option<i64>,
    /// How many tasks are kept meanwhile, in percent of the desired count, rounded up.
    pub minimum_healthy_percent: Option<i64>,
}

/// Whether a deployment that fails is given up.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CircuitBreaker {
    /// Whether it is on.
    pub enable: bool,
    /// Whether the last completed deployment is rolled back to.
    pub rollback: bool,
}

/// A deployment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Deployment {
    /// Its id: `ecs-svc/…`.
    pub id: String,
    /// `PRIMARY`, `ACTIVE` or `INACTIVE`.
    pub status: String,
    /// The ARN of its task definition.
    pub task_definition: String,
    /// How many tasks it is to have.
    pub desired_count: i64,
    /// How many of them are PENDING.
    pub pending_count: i64,
    /// How many are RUNNING.
    pub running_count: i64,
    /// How many failed, one after the other.
    pub failed_tasks: i64,
    /// When it began.
    pub created_at: Option<Moment>,
    /// When it last changed.
    pub updated_at: Option<Moment>,
    /// `COMPLETED`, `FAILED` or `IN_PROGRESS`.
    pub rollout_state: Option<String>,
    /// Why.
    pub rollout_state_reason: Option<String>,
    /// Its launch type.
    pub launch_type: Option<String>,
    /// Its capacity providers.
    pub capacity_provider_strategy: Vec<StrategyItem>,
}

/// Something that the scheduler said.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Event {
    /// Its id.
    pub id: String,
    /// When.
    pub created_at: Moment,
    /// What.
    pub message: String,
}

/// Where a service meets a load balancer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ServiceBalancer {
    /// The target group's ARN; none for a Classic Load Balancer.
    pub target_group_arn: Option<String>,
    /// The name of a Classic Load Balancer.
    pub load_balancer_name: Option<String>,
    /// The container that is asked.
    pub container_name: Option<String>,
    /// Its port.
    pub container_port: Option<i64>,
}

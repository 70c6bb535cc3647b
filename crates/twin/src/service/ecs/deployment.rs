//! Deployments of a service, and its revisions.

mod breaker;
mod hook;
mod read;
mod revision;
mod stop;
#[cfg(test)]
mod tests;

use super::service::{PER_REVISION, Service, copy, show::running_and_pending};
use crate::{Action, Time, World};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub(super) use breaker::{failed_to_launch, task_ended, task_is_healthy};
pub(super) use hook::{Hold, held};

/// A deployment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Deployment {
    /// `ecs-svc/…`.
    pub id: String,
    /// `PRIMARY`, `ACTIVE`, `INACTIVE`.
    pub status: String,
    /// The task definition ARN.
    pub task_definition: String,
    /// How many tasks it is to run.
    pub desired: i64,
    /// How many of its tasks failed in a row.
    pub failed: i64,
    /// `IN_PROGRESS`, `COMPLETED`, `FAILED`.
    pub rollout: String,
    /// Why it is in that state.
    pub reason: String,
    /// When it was made.
    pub created_at: Time,
    /// When it last changed.
    pub updated_at: Time,
    /// Everything else that DescribeServices shows of it, by the names of the model.
    pub more: Value,
    /// The ARN of its service revision.
    pub revision: String,
    /// The ARN of the service deployment that it is the work of.
    pub service_deployment: String,
    /// Whether another one failed and this one is what was rolled back to.
    pub rolls_back: bool,
    /// How many times in a row its tasks did not start, and when it tries again.
    pub tries: u32,
    /// When it may start tasks again.
    pub not_before: Time,
    /// Until when the tasks that it replaces are kept, once it has all its own.
    pub bakes_until: Option<Time>,
    /// The stages whose hooks were passed.
    pub passed: Vec<String>,
    /// The hook at which it is held.
    pub hold: Option<Hold>,
}

impl Deployment {
    /// Changes the state of its rollout.
    pub(super) fn turn(&mut self, rollout: &str, reason: String, now: Time) {
        self.rollout = rollout.to_owned();
        self.reason = reason;
        self.updated_at = now;
    }
}

/// The actions.
pub fn actions() -> Vec<Action> {
    vec![
        Action::on(
            "ListServiceDeployments",
            read::list_service_deployments,
            super::service::lookup::needs,
        ),
        Action::on(
            "DescribeServiceDeployments",
            read::describe_service_deployments,
            |_, input| read::on_each(input, "serviceDeploymentArns"),
        ),
        Action::on(
            "DescribeServiceRevisions",
            read::describe_service_revisions,
            |_, input| read::on_each(input, "serviceRevisionArns"),
        ),
        Action::on(
            "StopServiceDeployment",
            stop::stop_service_deployment,
            stop::needs,
        ),
        Action::on(
            "ContinueServiceDeployment",
            hook::continue_service_deployment,
            stop::needs,
        ),
    ]
}

/// Begins a deployment of a service as it is written now; what it had is replaced by it.
pub(super) fn begin(world: &mut World, key: &str) {
    let number = number(world);
    abandon(world, key);
    let Some(service) = world.ecs.services.get(key) else {
        return;
    };
    let (now, service) = (world.now, service.clone());
    let revision = revision::make(world, &service, number);
    let service_deployment = read::open(world, &service, &revision);
    let id = format!("ecs-svc/{number}");
    let deployment = Deployment {
        reason: format!("ECS deployment {id} in progress."),
        id,
        status: "PRIMARY".into(),
        task_definition: service.task_definition.clone(),
        desired: service.desired,
        rollout: "IN_PROGRESS".into(),
        created_at: now,
        updated_at: now,
        more: more(&service),
        revision,
        service_deployment: service_deployment.clone(),
        ..Deployment::default()
    };
    let service = world.ecs.services.get_mut(key).expect("it was found");
    for old in &mut service.deployments {
        old.status = "ACTIVE".into();
        old.hold = None;
    }
    service.deployments.insert(0, deployment);
    service.current = service_deployment;
    service.steady = None;
}

/// Nineteen digits.
fn number(world: &mut World) -> u64 {
    1_000_000_000_000_000_000 + world.ids.below(8_000_000_000_000_000_000)
}

/// What a deployment shows of its service.
fn more(service: &Service) -> Value {
    let mut more = json!({});
    copy(&service.document, &mut more, &PER_REVISION);
    let members = more.as_object_mut().expect("it is an object");
    for hidden in [
        "loadBalancers",
        "serviceRegistries",
        "gatewayConnectors",
        "monitoring",
    ] {
        members.remove(hidden);
    }
    more
}

/// Closes the service deployment that is going on, as something else takes its place.
pub(super) fn abandon(world: &mut World, key: &str) {
    let Some(service) = world.ecs.services.get(key) else {
        return;
    };
    let going = service.deployments.iter().find(|it| it.status == "PRIMARY");
    if let Some(going) = going.filter(|it| it.rollout == "IN_PROGRESS") {
        let arn = going.service_deployment.clone();
        let reason = "The service deployment was stopped because the service was changed.";
        read::close(world, &arn, "STOPPED", reason);
    }
}

/// The PRIMARY deployment has all its tasks and nothing else runs: it is done.
pub(super) fn complete(world: &mut World, key: &str) {
    let now = world.now;
    let Some(service) = world.ecs.services.get_mut(key) else {
        return;
    };
    let Some(primary) = service.deployments.first_mut() else {
        return;
    };
    let id = primary.id.clone();
    let reason = format!("ECS deployment {id} completed.");
    primary.turn("COMPLETED", reason, now);
    primary.failed = 0;
    let (arn, back) = (primary.service_deployment.clone(), primary.rolls_back);
    primary.rolls_back = false;
    service.completed = Some(primary.clone());
    let status = match back {
        true => "ROLLBACK_SUCCESSFUL",
        false => "SUCCESSFUL",
    };
    read::close(world, &arn, status, "");
    let text = format!("(deployment {id}) deployment completed.");
    super::service::events::say(world, key, &text);
}

/// The deployment as DescribeServices shows it.
pub(super) fn show(world: &World, service: &Service, deployment: &Deployment) -> Value {
    let (running, pending) = running_and_pending(world, service, Some(&deployment.id));
    let mut shown = json!({
        "id": deployment.id,
        "status": deployment.status,
        "taskDefinition": deployment.task_definition,
        "desiredCount": deployment.desired,
        "pendingCount": pending,
        "runningCount": running,
        "failedTasks": deployment.failed,
        "createdAt": deployment.created_at.value(),
        "updatedAt": deployment.updated_at.value(),
        "rolloutState": deployment.rollout,
        "rolloutStateReason": deployment.reason,
    });
    copy(&deployment.more, &mut shown, &PER_REVISION);
    shown
}

/// How many tasks a revision of a service has, as summaries show it.
pub(super) fn summary(world: &World, service: &Service, revision: &str) -> Value {
    let id = format!("ecs-svc/{}", super::service::events::id(revision));
    let (running, pending) = running_and_pending(world, service, Some(&id));
    let deployment = service.deployments.iter().find(|it| it.id == id);
    json!({
        "arn": revision,
        "requestedTaskCount": deployment.map_or(0, |it| it.desired),
        "runningTaskCount": running,
        "pendingTaskCount": pending,
    })
}

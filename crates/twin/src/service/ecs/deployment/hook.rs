//! Lifecycle hooks of the type PAUSE, at which a deployment waits for a word.

use super::{read, stop};
use crate::{Answer, Input, Refusal, Time, World, service::ecs::schedule};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::time::Duration;

/// A hook at which a deployment is held.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hold {
    /// What ContinueServiceDeployment calls it.
    pub id: String,
    /// The stage.
    pub stage: String,
    /// When it times out.
    pub until: Time,
    /// `ROLLBACK` or `CONTINUE`: what happens then.
    pub action: String,
}

impl Hold {
    /// The hook as DescribeServiceDeployments shows it.
    pub(super) fn show(&self) -> Value {
        json!({
            "hookId": self.id,
            "targetType": "PAUSE",
            "status": "AWAITING_ACTION",
            "expiresAt": self.until.value(),
            "timeoutAction": self.action,
        })
    }
}

/// Stages before the first new task is started.
const BEFORE: [&str; 2] = ["RECONCILE_SERVICE", "PRE_SCALE_UP"];

/// Whether the PRIMARY deployment waits at a hook: before its first task, or, if `scaled`, once it
/// has all its tasks and before those that it replaces are stopped. `None` if it does not wait; if
/// it does, until when.
pub(in crate::service::ecs) fn held(world: &mut World, key: &str, scaled: bool) -> Option<Time> {
    let primary = world.ecs.services.get(key)?.deployments.first()?;
    if primary.rollout != "IN_PROGRESS" || primary.rolls_back {
        return None;
    }
    if let Some(hold) = &primary.hold {
        if world.now < hold.until {
            let applies = scaled || BEFORE.contains(&hold.stage.as_str());
            return applies.then_some(hold.until);
        }
        let back = hold.action == "ROLLBACK";
        go_on(world, key);
        // Without anything to go back to, it goes on.
        if back && stop::back(world, key).is_ok() {
            return None;
        }
    }
    hold(world, key, scaled)
}

/// Holds the deployment at the next hook, if there is one.
fn hold(world: &mut World, key: &str, scaled: bool) -> Option<Time> {
    let service = world.ecs.services.get(key)?;
    let primary = service.deployments.first()?;
    let hooks = service.document["deploymentConfiguration"]["lifecycleHooks"].as_array()?;
    let mut stages = hooks
        .iter()
        .filter(|it| it["targetType"] == "PAUSE")
        .flat_map(|hook| {
            let stages = hook["lifecycleStages"].as_array().into_iter().flatten();
            stages.filter_map(move |stage| Some((hook, stage.as_str()?)))
        })
        .filter(|(_, stage)| BEFORE.contains(stage) != scaled)
        .filter(|(_, stage)| !primary.passed.iter().any(|it| it == stage));
    let (hook, stage) = stages.next()?;
    let timeout = &hook["timeoutConfiguration"];
    let minutes = timeout["timeoutInMinutes"].as_u64().unwrap_or(1440);
    let (stage, action) = (
        stage.to_owned(),
        timeout["action"].as_str().unwrap_or("ROLLBACK").to_owned(),
    );
    let hold = Hold {
        id: world.ids.uuid(),
        stage,
        until: world.now + Duration::from_secs(60 * minutes),
        action,
    };
    let until = hold.until;
    let primary = world.ecs.services.get_mut(key)?.deployments.first_mut()?;
    primary.hold = Some(hold);
    Some(until)
}

/// Lets a deployment pass the hook at which it is held.
fn go_on(world: &mut World, key: &str) {
    let service = world.ecs.services.get_mut(key);
    let Some(primary) = service.and_then(|it| it.deployments.first_mut()) else {
        return;
    };
    if let Some(hold) = primary.hold.take() {
        primary.passed.push(hold.stage);
    }
}

pub(super) fn continue_service_deployment(world: &mut World, input: &Input) -> Answer {
    let arn = input.text("serviceDeploymentArn").to_owned();
    // ConflictException is not among the action's errors.
    let key = stop::in_progress(world, &arn).map_err(|it| match it.code.as_str() {
        "ConflictException" => Refusal::new("InvalidParameterException", it.message),
        _ => it,
    })?;
    let hold = world.ecs.services[&key].deployments[0].hold.clone();
    if hold.is_none_or(|it| it.id != input.text("hookId")) {
        return Err(Refusal::new(
            "InvalidParameterException",
            "The service deployment is not paused at that lifecycle hook.",
        ));
    }
    go_on(world, &key);
    if input.text("action") == "ROLLBACK" {
        stop::back(world, &key)?;
    }
    read::note(world, &arn, |_| {});
    schedule::soon(world, &key);
    Ok(json!({"serviceDeploymentArn": arn}))
}

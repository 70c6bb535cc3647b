//! What is different where Fargate runs the tasks.

use super::super::provider;
use crate::Refusal;
use serde_json::{Value, json};

/// The platform version that `LATEST` stands for, as tasks show it.
pub(in crate::service::ecs) const PLATFORM: &str = "1.4.0";

/// Whether what launches tasks, in a service's document or a request for a task, is Fargate.
pub(in crate::service::ecs) fn is_on(document: &Value) -> bool {
    let named = document["capacityProviderStrategy"].as_array();
    let mut named = named
        .into_iter()
        .flatten()
        .filter_map(|it| it["capacityProvider"].as_str());
    document["launchType"] == "FARGATE" || named.any(provider::is_fargate)
}

/// What AWS fills in of a service on Fargate.
pub(super) fn fill(document: &mut Value) {
    if is_on(document) && document.get("platformVersion").is_none() {
        document["platformVersion"] = json!("LATEST");
    }
}

/// Refuses what Fargate does not do, of a service's document or a request for a task; and what is
/// only for Fargate.
pub(in crate::service::ecs) fn check(document: &Value, definition: &Value) -> Result<(), Refusal> {
    let refuse = |text: &str| Err(Refusal::new("InvalidParameterException", text));
    let has = |member: &str| document[member].as_array().is_some_and(|it| !it.is_empty());
    let platform = document["platformVersion"].as_str().unwrap_or_default();
    let takes = definition["compatibilities"].as_array();
    let takes = takes.is_some_and(|it| it.iter().any(|it| it == "FARGATE"));
    match is_on(document) {
        false if !platform.is_empty() => {
            refuse("The platform version must be null when specifying an EC2 launch type.")
        }
        false => Ok(()),
        true if !["", "LATEST", "1.3.0", PLATFORM].contains(&platform) => Err(Refusal::new(
            "PlatformUnknownException",
            "The specified platform version does not exist.",
        )),
        true if !takes => refuse("Task definition does not support launch_type FARGATE."),
        true if document["schedulingStrategy"] == "DAEMON" => {
            refuse("The daemon scheduling strategy is not supported with FARGATE launch type.")
        }
        true if has("placementConstraints") => {
            refuse("Placement constraints are not supported with FARGATE launch type.")
        }
        true if has("placementStrategy") => {
            refuse("Placement strategies are not supported with FARGATE launch type.")
        }
        true => Ok(()),
    }
}

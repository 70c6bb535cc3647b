//! Tasks on Fargate: they have no instance, but an interface and room of their own.

use super::super::service::fargate::PLATFORM;
use crate::{World, service::ec2};
use serde_json::{Value, json};

/// What DescribeTasks shows of a task on Fargate beside what it shows of every task.
pub(super) fn fill(more: &mut Value, definition: &Value) {
    more["launchType"] = json!("FARGATE");
    more["platformVersion"] = json!(PLATFORM);
    let family = definition["runtimePlatform"]["operatingSystemFamily"].as_str();
    more["platformFamily"] = match family {
        None | Some("LINUX") => json!("Linux"),
        Some(windows) => json!(windows),
    };
    let asked = &definition["ephemeralStorage"]["sizeInGiB"];
    let storage = json!({"sizeInGiB": asked.as_i64().unwrap_or(20)});
    more["ephemeralStorage"] = storage.clone();
    more["fargateEphemeralStorage"] = storage;
}

/// Gives a task its interface, and with it the zone it is in.
pub(super) fn attach(world: &mut World, arn: &str) {
    let Some(task) = world.ecs.tasks.get(arn).cloned() else {
        return;
    };
    let assign = task.network["assignPublicIp"] == "ENABLED";
    let public = assign.then(|| ec2::public_address(world));
    let details = task.more["attachments"][0]["details"].as_array();
    let mut details = details.into_iter().flatten();
    let subnet = details.find(|it| it["name"] == "subnetId");
    let subnet = subnet.and_then(|it| it["value"].as_str());
    let zone = subnet.and_then(|it| ec2::zone_of(world, it));
    let now = world.now;
    let task = world.ecs.tasks.get_mut(arn).expect("it was found");
    task.public_ip = public;
    task.more["attachments"][0]["status"] = json!("ATTACHED");
    task.more["availabilityZone"] = json!(zone);
    task.more["connectivity"] = json!("CONNECTED");
    task.more["connectivityAt"] = now.value();
    task.more["pullStartedAt"] = now.value();
}

#[cfg(test)]
mod tests;

//! A task as AWS shows it.

use super::{super::service::lookup, Task};
use crate::{World, service::tags};
use serde_json::{Value, json};

/// The task as DescribeTasks shows it.
pub(super) fn task(world: &World, task: &Task, with_tags: bool) -> Value {
    let mut shown = task.more.clone();
    shown["taskArn"] = json!(task.arn);
    shown["clusterArn"] = json!(lookup::cluster_arn(world, &task.cluster));
    shown["taskDefinitionArn"] = json!(task.task_definition);
    shown["lastStatus"] = json!(task.status);
    shown["desiredStatus"] = json!(task.desired_status);
    shown["containers"] = json!(task.containers);
    shown["healthStatus"] = json!(task.health);
    shown["createdAt"] = task.created_at.value();
    shown["tags"] = json!([]);
    if let Some(instance) = &task.instance {
        shown["containerInstanceArn"] = json!(instance);
    }
    if let Some(at) = task.started_at {
        shown["startedAt"] = at.value();
    }
    if let Some(at) = task.stopped_at {
        shown["stoppedAt"] = at.value();
    }
    if let Some((code, reason)) = &task.stopped {
        shown["stopCode"] = json!(code);
        shown["stoppedReason"] = json!(reason);
    }
    if with_tags {
        shown["tags"] = tags::lower(&task.tags);
    }
    shown
}

//! How container instances are drained and leave.

use super::{find, look, on_ec2, show, tasks};
use crate::{
    Answer, Input, World,
    service::{
        autoscaling, ec2,
        ecs::{
            Event,
            cluster::{self, invalid},
            provider::HOOK,
            task,
        },
    },
    world,
};
use serde_json::json;
use std::time::Duration;

/// How long a container instance that left is shown.
const SHOWN: Duration = Duration::from_secs(3600);

/// Drains the container instance on an EC2 instance: no more tasks are placed on it, its services
/// replace those that it has, and once none runs there `autoscaling::complete_hook` is told.
pub fn drain(world: &mut World, ec2: &str) {
    let Some((arn, cluster)) = on_ec2(world, ec2).map(|it| (it.arn.clone(), it.cluster.clone()))
    else {
        complete(world, ec2);
        return;
    };
    if let Some(instance) = world.ecs.instances.get_mut(&arn) {
        instance.status = "DRAINING".into();
    }
    look(world, &cluster);
    task_stopped(world, &arn);
}

/// A task on this container instance (by ARN) has stopped: an instance that drains may be done.
pub fn task_stopped(world: &mut World, instance: &str) {
    let found = world.ecs.instances.get(instance);
    let Some(ec2) = found
        .filter(|it| it.status == "DRAINING" && tasks(world, instance).next().is_none())
        .map(|it| it.ec2.clone())
    else {
        return;
    };
    complete(world, &ec2);
}

/// Lets an EC2 instance go on that waits at the hook of managed draining.
fn complete(world: &mut World, ec2: &str) {
    let group = ec2::instance(world, ec2).and_then(|it| it.group.clone());
    if let Some(group) = group {
        autoscaling::complete_hook(world, &group, HOOK, ec2);
    }
}

/// The EC2 instance is gone: its tasks stop, and it leaves its cluster.
pub fn gone(world: &mut World, ec2: &str) {
    if let Some(arn) = on_ec2(world, ec2).map(|it| it.arn.clone()) {
        leave(
            world,
            &arn,
            &format!("Host EC2 (instance {ec2}) terminated."),
        );
    }
}

/// The EC2 instance stops: its tasks do, too, and it stays in its cluster without an agent.
pub fn stopped(world: &mut World, ec2: &str) {
    let Some(arn) = on_ec2(world, ec2).map(|it| it.arn.clone()) else {
        return;
    };
    let Some(instance) = world.ecs.instances.get_mut(&arn) else {
        return;
    };
    instance.connected = false;
    let cluster = instance.cluster.clone();
    let ended: Vec<String> = tasks(world, &arn).map(|it| it.arn.clone()).collect();
    for task in ended {
        task::lost(world, &task, "stopped");
    }
    look(world, &cluster);
}

/// A container instance that left is forgotten.
pub fn forget(world: &mut World, arn: &str) {
    world.ecs.instances.remove(arn);
}

fn leave(world: &mut World, arn: &str, reason: &str) {
    let Some(instance) = world.ecs.instances.get_mut(arn) else {
        return;
    };
    instance.status = "INACTIVE".into();
    instance.connected = false;
    let cluster = instance.cluster.clone();
    let stopped: Vec<String> = tasks(world, arn).map(|it| it.arn.clone()).collect();
    for task in stopped {
        task::stop(world, &task, "TerminationNotice", reason);
    }
    look(world, &cluster);
    let forgotten = world::Event::Ecs(Event::InstanceForgotten(arn.to_owned()));
    world.after(SHOWN, forgotten);
}

/// Takes an instance out of its cluster. What ran there is no longer ECS's: it counts as stopped.
pub(super) fn deregister(world: &mut World, input: &Input) -> Answer {
    let cluster = cluster::active(world, input.maybe("cluster"))?.name.clone();
    let Some(instance) = find(world, &cluster, input.text("containerInstance")) else {
        return Err(invalid("The referenced container instance was not found."));
    };
    if !input.flag("force") && tasks(world, &instance.arn).next().is_some() {
        return Err(invalid("Found running tasks on the instance."));
    }
    let (arn, ec2) = (instance.arn.clone(), instance.ec2.clone());
    let reason = format!("Host EC2 (instance {ec2}) deregistered.");
    leave(world, &arn, &reason);
    let shown = show::view(world, &world.ecs.instances[&arn], &[]);
    Ok(json!({ "containerInstance": shown }))
}

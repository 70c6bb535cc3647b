//! Instances that are stopped, started, rebooted, and watched more closely.

#[cfg(test)]
mod tests;

use super::{
    super::{interface, tag},
    Event, Instance, check_ids, instance, instance_mut, shown_state,
};
use crate::{
    Action, Answer, Grant, Input, Refusal, World,
    service::{autoscaling, ec2::kind, ecs},
    world,
};
use serde_json::{Value, json};

pub(super) fn actions() -> Vec<Action> {
    vec![
        Action::on("MonitorInstances", monitor, on_each),
        Action::on("RebootInstances", reboot_instances, on_each),
        Action::on("StartInstances", start_instances, on_each),
        Action::on("StopInstances", stop_instances, on_each),
        Action::on("UnmonitorInstances", unmonitor, on_each),
    ]
}

/// What IAM is told of the instances that an input names.
pub(super) fn on_each(world: &World, input: &Input) -> Vec<Grant> {
    let ids = input.texts("InstanceIds").into_iter();
    ids.map(|it| tag::grant(world, it)).collect()
}

/// Does something to each instance that the input names, none of which may be in another state
/// than these; answers how the state of each changed.
fn change(
    world: &mut World,
    input: &Input,
    states: &[&str],
    what: &str,
    act: fn(&mut World, &str),
) -> Result<Value, Refusal> {
    let ids = input.texts("InstanceIds");
    check_ids(world, &ids)?;
    for id in &ids {
        if !states.contains(&state(world, id)) {
            return Err(Refusal::new(
                "IncorrectInstanceState",
                format!("The instance '{id}' is not in a state from which it can be {what}."),
            ));
        }
    }
    let mut shown = Vec::new();
    for id in ids {
        let before = shown_state(state(world, id));
        act(world, id);
        shown.push(json!({
            "InstanceId": id,
            "PreviousState": before,
            "CurrentState": shown_state(state(world, id)),
        }));
    }
    Ok(shown.into())
}

fn state<'a>(world: &'a World, id: &str) -> &'a str {
    instance(world, id).map_or("terminated", |it| &it.state)
}

fn stop_instances(world: &mut World, input: &Input) -> Answer {
    let ids = input.texts("InstanceIds");
    let kept = |id: &&&str| instance(world, id).is_some_and(|it| it.unstoppable);
    if let Some(id) = ids.iter().find(kept) {
        let words = format!(
            "The instance '{id}' may not be stopped. Modify its 'disableApiStop' instance \
             attribute and try again."
        );
        return Err(Refusal::new("OperationNotPermitted", words));
    }
    let is_spot =
        |id: &&&str| instance(world, id).is_some_and(|it| it.more["InstanceLifecycle"] == "spot");
    if let Some(id) = ids.iter().find(is_spot) {
        let words = format!(
            "You can't stop the Spot Instance '{id}' because it is associated with a one-time \
             Spot Instance request. You can only stop Spot Instances associated with persistent \
             Spot Instance requests."
        );
        return Err(Refusal::new("UnsupportedOperation", words));
    }
    let states = ["running", "stopping", "stopped"];
    let shown = change(world, input, &states, "stopped", stop)?;
    Ok(json!({ "StoppingInstances": shown }))
}

fn stop(world: &mut World, id: &str) {
    let now = world.now;
    let Some(instance) = instance_mut(world, id).filter(|it| it.state == "running") else {
        return;
    };
    instance.state = "stopping".to_owned();
    instance.ended_at = Some(now);
    let group = instance.group.is_some();
    let delay = world.habits.instance_stop;
    world.after(delay, world::Event::Ec2(Event::Stopped(id.to_owned())));
    ecs::instance_stopped(world, id);
    if group {
        autoscaling::instance_stopped(world, id);
    }
}

/// An instance has stopped: its public address is given back.
pub(super) fn stopped(world: &mut World, id: &str) {
    let Some(instance) = instance_mut(world, id).filter(|it| it.state == "stopping") else {
        return;
    };
    instance.state = "stopped".to_owned();
    instance.public_ip = None;
    for it in world.ec2.interfaces.values_mut() {
        if it.instance == id {
            it.public_ip = None;
        }
    }
}

fn start_instances(world: &mut World, input: &Input) -> Answer {
    let states = ["stopped", "pending", "running"];
    let shown = change(world, input, &states, "started", start)?;
    Ok(json!({ "StartingInstances": shown }))
}

fn start(world: &mut World, id: &str) {
    if state(world, id) != "stopped" {
        return;
    }
    let mut own = world.ec2.interfaces.values();
    let wants = own.find(|it| it.instance == id && it.wants_public);
    let wants = wants.map(|it| it.id.clone());
    let public = wants.is_some().then(|| interface::public_address(world));
    if let Some(interface) = wants.and_then(|it| world.ec2.interfaces.get_mut(&it)) {
        interface.public_ip.clone_from(&public);
    }
    let now = world.now;
    let Some(instance) = instance_mut(world, id) else {
        return;
    };
    instance.state = "pending".to_owned();
    instance.launched_at = now;
    instance.ended_at = None;
    instance.public_ip = public;
    refresh_credits(instance);
    let delay = world.habits.instance_start;
    world.after(delay, world::Event::Ec2(Event::Running(id.to_owned())));
}

/// T2 instances lose their credits when they stop, and begin with launch credits again; the others
/// keep theirs for a week.
fn refresh_credits(instance: &mut Instance) {
    let burst = kind::instance_type(&instance.instance_type).and_then(|it| it.burst);
    if let Some(burst) = burst.filter(|_| instance.instance_type.starts_with("t2.")) {
        instance.credits = burst.launch_credits;
    }
}

/// What a reboot does inside an instance takes no time here.
fn reboot_instances(world: &mut World, input: &Input) -> Answer {
    change(world, input, &["running"], "rebooted", |_, _| {})?;
    Ok(json!({}))
}

fn monitor(world: &mut World, input: &Input) -> Answer {
    watch(world, input, "enabled", "pending")
}

fn unmonitor(world: &mut World, input: &Input) -> Answer {
    watch(world, input, "disabled", "disabling")
}

/// The answer tells of the change, which is done when anybody looks.
fn watch(world: &mut World, input: &Input, state: &str, told: &str) -> Answer {
    let ids = input.texts("InstanceIds");
    check_ids(world, &ids)?;
    let mut shown = Vec::new();
    for id in ids {
        let Some(instance) = instance_mut(world, id) else {
            continue;
        };
        let told = match instance.more["Monitoring"]["State"] == state {
            true => state,
            false => told,
        };
        instance.more["Monitoring"] = json!({ "State": state });
        shown.push(json!({ "InstanceId": id, "Monitoring": { "State": told } }));
    }
    Ok(json!({ "InstanceMonitorings": shown }))
}

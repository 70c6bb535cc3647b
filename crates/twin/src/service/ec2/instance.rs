//! Instances: launched, running, terminated.

mod credit;
mod disk;
mod launch;
mod modify;
mod plan;
mod power;
mod show;
mod status;
#[cfg(test)]
mod tests;
pub(super) mod user_data;

pub(super) use disk::Disk;
pub use launch::{Launch, check_template, launch, launch_grants};

use super::refusal::{absent, formed};
use crate::{
    Action, Answer, Input, Refusal, Time, World,
    service::{autoscaling, ecs, tags::Tags},
    world,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::time::Duration;

/// An instance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Instance {
    /// `i-…`.
    pub id: String,
    /// Its type.
    pub instance_type: String,
    /// Its image.
    pub image: String,
    /// `pending`, `running`, `stopping`, `stopped`, `shutting-down`, `terminated`.
    pub state: String,
    /// Where it is: the subnet, and its zone such as `us-east-1a`.
    pub subnet: String,
    /// Its zone.
    pub zone: String,
    /// Its security groups' ids.
    pub security_groups: Vec<String>,
    /// Its private address.
    pub private_ip: String,
    /// Its public address, if it has one.
    pub public_ip: Option<String>,
    /// The instance profile's ARN.
    pub profile: Option<String>,
    /// The user data, decoded.
    pub user_data: String,
    /// When it was launched.
    pub launched_at: Time,
    /// The Auto Scaling group that launched it.
    pub group: Option<String>,
    /// The launch template's id and version.
    pub template: Option<(String, u64)>,
    /// Tags.
    pub tags: Tags,
    /// CPU credits, for burstable types.
    pub credits: f64,
    /// Everything else that DescribeInstances shows, by the names of the model.
    pub more: Value,
    /// The reservation: what was launched together.
    pub reservation: String,
    /// When it runs since, if it does or did.
    pub running_at: Option<Time>,
    /// When somebody asked to stop or to terminate it.
    pub ended_at: Option<Time>,
    /// Whether it may use more credits than it has, for money.
    pub unlimited: bool,
    /// Whether TerminateInstances is refused.
    pub locked: bool,
    /// Whether StopInstances is refused.
    #[serde(default)]
    pub unstoppable: bool,
    /// Whether it is terminated when its own system shuts down.
    #[serde(default)]
    pub ends_when_off: bool,
}

/// Something that happens by itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Event {
    /// An instance has booted.
    Running(String),
    /// The ECS agent of an instance has started.
    Agent(String),
    /// An instance has stopped.
    Stopped(String),
    /// An instance has shut down.
    Terminated(String),
    /// A terminated instance is shown no longer.
    Forgotten(String),
    /// CloudWatch is told of CPU credits.
    Credits,
}

/// How long a terminated instance is shown.
const SHOWN: Duration = Duration::from_secs(3600);

pub(super) fn actions() -> Vec<Action> {
    let mut actions = launch::actions();
    actions.extend(show::actions());
    actions.extend(status::actions());
    actions.extend(power::actions());
    actions.extend(modify::actions());
    actions.push(Action::on(
        "TerminateInstances",
        terminate_instances,
        power::on_each,
    ));
    actions
}

/// Lets it happen.
pub(super) fn happen(world: &mut World, event: Event) {
    match event {
        Event::Running(id) => runs(world, &id),
        Event::Agent(id) => {
            if instance(world, &id).is_some_and(|it| it.state == "running") {
                ecs::agent_started(world, &id);
            }
        }
        Event::Stopped(id) => power::stopped(world, &id),
        Event::Terminated(id) => terminated(world, &id),
        Event::Forgotten(id) => {
            world.ec2.instances.remove(&id);
        }
        Event::Credits => credit::publish(world),
    }
}

fn runs(world: &mut World, id: &str) {
    let now = world.now;
    let Some(instance) = instance_mut(world, id).filter(|it| it.state == "pending") else {
        return;
    };
    instance.state = "running".to_owned();
    instance.running_at = Some(now);
    let is_of_group = instance.group.is_some();
    let image = instance.image.clone();
    credit::measure(world);
    if super::image::find(world, &image).is_ok_and(|it| it.has_agent()) {
        let delay = world.habits.agent_start;
        world.after(delay, world::Event::Ec2(Event::Agent(id.to_owned())));
    }
    if is_of_group {
        autoscaling::instance_running(world, id);
    }
}

fn terminated(world: &mut World, id: &str) {
    let Some(instance) = instance_mut(world, id) else {
        return;
    };
    instance.state = "terminated".to_owned();
    instance.public_ip = None;
    let is_of_group = instance.group.is_some();
    release(world, id);
    world.after(SHOWN, world::Event::Ec2(Event::Forgotten(id.to_owned())));
    if is_of_group {
        autoscaling::instance_gone(world, id);
    }
}

/// Takes an instance's interfaces and volumes away.
fn release(world: &mut World, id: &str) {
    let ec2 = &mut world.ec2;
    let interfaces = ec2.interfaces.values().filter(|it| it.instance == id);
    let mut gone: Vec<String> = interfaces.map(|it| it.id.clone()).collect();
    for it in &gone {
        ec2.interfaces.remove(it);
    }
    let of_instance = ec2.volumes.iter_mut();
    for (volume, it) in of_instance.filter(|(_, it)| it.instance.as_deref() == Some(id)) {
        it.instance = None;
        if it.goes_with_it {
            gone.push(volume.clone());
        }
    }
    for it in gone {
        ec2.volumes.remove(&it);
        ec2.tags.remove(&it);
    }
}

/// An instance that was not terminated more than an hour ago.
pub fn instance<'a>(world: &'a World, id: &str) -> Option<&'a Instance> {
    world.ec2.instances.get(id)
}

/// The same, to change.
pub fn instance_mut<'a>(world: &'a mut World, id: &str) -> Option<&'a mut Instance> {
    world.ec2.instances.get_mut(id)
}

/// Terminates an instance. `ecs::instance_gone` is told at once, and after `Habits::instance_stop`
/// the instance is terminated, its network interface gone, and `autoscaling::instance_gone` told.
pub fn terminate(world: &mut World, id: &str) {
    let now = world.now;
    let Some(instance) = instance_mut(world, id) else {
        return;
    };
    if matches!(&*instance.state, "shutting-down" | "terminated") {
        return;
    }
    instance.state = "shutting-down".to_owned();
    instance.ended_at = Some(now);
    let delay = world.habits.instance_stop;
    world.after(delay, world::Event::Ec2(Event::Terminated(id.to_owned())));
    ecs::instance_gone(world, id);
}

/// Refuses ids of instances that are not there.
fn check_ids(world: &World, ids: &[&str]) -> Result<(), Refusal> {
    for id in ids {
        formed("i", id)?;
    }
    let gone: Vec<&str> = ids
        .iter()
        .filter(|id| instance(world, id).is_none())
        .copied()
        .collect();
    match &*gone {
        [] => Ok(()),
        [id] => Err(absent(id)),
        several => Err(Refusal::new(
            "InvalidInstanceID.NotFound",
            format!("The instance IDs '{}' do not exist", several.join(", ")),
        )),
    }
}

/// A state as EC2 shows it.
fn shown_state(state: &str) -> Value {
    let code = match state {
        "pending" => 0,
        "running" => 16,
        "shutting-down" => 32,
        "stopping" => 64,
        "stopped" => 80,
        _ => 48,
    };
    json!({ "Code": code, "Name": state })
}

fn terminate_instances(world: &mut World, input: &Input) -> Answer {
    let ids = input.texts("InstanceIds");
    check_ids(world, &ids)?;
    let is_locked = |id: &&&str| instance(world, id).is_some_and(|it| it.locked);
    if let Some(id) = ids.iter().find(is_locked) {
        let words = format!(
            "The instance '{id}' may not be terminated. Modify its 'disableApiTermination' \
             instance attribute and try again."
        );
        return Err(Refusal::new("OperationNotPermitted", words));
    }
    let state = |world: &World, id: &str| instance(world, id).map(|it| shown_state(&it.state));
    let mut shown = Vec::new();
    for id in ids {
        let before = state(world, id);
        terminate(world, id);
        shown.push(json!({
            "InstanceId": id,
            "PreviousState": before,
            "CurrentState": state(world, id),
        }));
    }
    Ok(json!({ "TerminatingInstances": shown }))
}

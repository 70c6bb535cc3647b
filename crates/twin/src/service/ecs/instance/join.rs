//! How an EC2 instance joins a cluster.

use super::{ContainerInstance, agent, arn, look, on_ec2, size};
use crate::{
    Input, World,
    service::{
        ec2::{self, Instance},
        ecs::{Event, cluster, provider},
        iam,
        tags::Tags,
    },
    world,
};
use std::time::Duration;

/// After how long an agent tries again.
const RETRY: Duration = Duration::from_secs(30);

/// The agent of an instance has started, or tries again: it joins the cluster that its user data
/// names, if that is there and its role may.
pub fn agent_started(world: &mut World, ec2: &str) {
    let Some(instance) = ec2::instance(world, ec2).cloned() else {
        return;
    };
    // Without a profile it has no credentials, and never will.
    if instance.state != "running" || instance.profile.is_none() {
        return;
    }
    if let Some(arn) = on_ec2(world, ec2).map(|it| it.arn.clone()) {
        back(world, &arn);
        return;
    }
    let cluster = agent::cluster(&instance.user_data).to_owned();
    if !is_open(world, &instance, &cluster) {
        let tries = world::Event::Ecs(Event::Join(ec2.to_owned()));
        let at = world.now + RETRY;
        world.agenda.once(at, tries);
        return;
    }
    join(world, &instance, &cluster);
}

/// The agent of an instance that was stopped connects again.
fn back(world: &mut World, arn: &str) {
    let Some(instance) = world.ecs.instances.get_mut(arn) else {
        return;
    };
    if !instance.connected {
        instance.connected = true;
        let cluster = instance.cluster.clone();
        look(world, &cluster);
    }
}

/// Whether the instance may register in the cluster, which has to be there; the agent makes only
/// the one called `default`.
fn is_open(world: &mut World, instance: &Instance, cluster: &str) -> bool {
    let profile = instance.profile.as_deref().unwrap_or_default();
    let Ok(Some(role)) = iam::profile_role(world, profile) else {
        return false;
    };
    let arn = cluster::arn(world, cluster);
    if !iam::assumable(world, &role, "ec2.amazonaws.com")
        || !iam::role_allows(world, &role, "ecs:RegisterContainerInstance", &arn)
    {
        return false;
    }
    match cluster::find(world, cluster).map(|it| it.status.as_str()) {
        Some("ACTIVE" | "PROVISIONING") => true,
        _ => {
            cluster == "default"
                && iam::role_allows(world, &role, "ecs:CreateCluster", "*")
                && cluster::create(world, cluster, &Input::default()).is_ok()
        }
    }
}

fn join(world: &mut World, instance: &Instance, cluster: &str) {
    let (cpu, memory) = size(&instance.instance_type).unwrap_or_default();
    let group = instance.group.as_deref();
    let id = world.ids.hex(32);
    let joined = ContainerInstance {
        arn: arn(world, cluster, &id),
        cluster: cluster.to_owned(),
        ec2: instance.id.clone(),
        status: "ACTIVE".into(),
        connected: true,
        provider: group.and_then(|it| provider::of_group(world, cluster, it)),
        cpu,
        memory: memory - agent::reserved_memory(&instance.user_data),
        attributes: agent::attributes(instance),
        tags: Tags::new(),
        registered_at: world.now,
    };
    world.ecs.instances.insert(joined.arn.clone(), joined);
    look(world, cluster);
}

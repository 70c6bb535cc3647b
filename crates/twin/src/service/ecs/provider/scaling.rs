//! Managed scaling: ECS sets the size of a capacity provider's group.

use super::{
    Provider,
    attachment::{Policy, clusters, dimensions},
    demand::{Demand, is_busy, registered},
};
use crate::{
    Time, World,
    service::{
        autoscaling::{self, Group},
        cloudwatch::{self, Datum},
        ecs::Event,
    },
    world,
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How often it looks.
const MINUTE: Duration = Duration::from_secs(60);

/// For how long there have to be too many instances, and how long it waits after adding some.
const PATIENCE: Duration = Duration::from_secs(15 * 60);

/// How many instances a group gets at first that has none.
const FIRST: i64 = 2;

/// What managed scaling remembers of a provider.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Scaled {
    /// When it last added instances.
    pub out_at: Option<Time>,
    /// Since when there are too many.
    pub below_since: Option<Time>,
}

/// Managed scaling looks at a provider, and again in a minute, as long as a cluster has it.
pub fn manage(world: &mut World, name: &str) {
    let Some((cluster, provider, policy)) = managed(world, name) else {
        world.ecs.scaled.remove(name);
        return;
    };
    let looks = world::Event::Ecs(Event::Managed(name.to_owned()));
    world.agenda.once(world.now + MINUTE, looks);
    let Some(group) = autoscaling::group(world, &provider.group).cloned() else {
        return;
    };
    let demand = Demand::of(world, &cluster, &provider, &group);
    let datum = Datum {
        namespace: "AWS/ECS/ManagedScaling".into(),
        name: "CapacityProviderReservation".into(),
        dimensions: dimensions(&cluster, name),
        at: world.now,
        value: demand.reservation(),
        unit: "Percent".into(),
    };
    cloudwatch::put(world, datum);
    if provider.termination_protection {
        protect(world, &cluster, &group);
    }
    // Without its tag, the group is not ECS's to manage.
    if group.tags.contains_key("AmazonECSManaged") {
        scale(world, &provider, &policy, &group, demand);
    }
}

/// A provider that a cluster has with managed scaling: the cluster, and its policy.
fn managed(world: &World, name: &str) -> Option<(String, Provider, Policy)> {
    let provider = world.ecs.providers.get(name)?;
    let cluster = clusters(world, name).into_iter().next()?;
    let attached = world.ecs.attached.get(&format!("{cluster}/{name}"))?;
    let policy = attached.policy.clone()?;
    let is_on = provider.is_managed() && attached.status == "CREATED";
    is_on.then(|| (cluster, provider.clone(), policy))
}

/// Protects the instances that run tasks from scale-in, and no others.
fn protect(world: &mut World, cluster: &str, group: &Group) {
    let registered = registered(world, cluster, group);
    let changes: Vec<(String, bool)> = registered
        .into_iter()
        .map(|it| (it.ec2.clone(), is_busy(world, &it.arn)))
        .filter(|(ec2, busy)| group.members[ec2].protected != *busy)
        .collect();
    for (ec2, busy) in changes {
        autoscaling::protect(world, &ec2, busy);
    }
}

fn scale(world: &mut World, provider: &Provider, policy: &Policy, group: &Group, demand: Demand) {
    let now = world.now;
    let mut scaled = world.ecs.scaled.get(&provider.name).copied();
    let scaled = scaled.get_or_insert_default();
    let target = provider.setting("targetCapacity").max(1);
    let wanted = match demand.there.max(group.desired) {
        0 if demand.needed > 0 => FIRST,
        _ => (demand.needed * 100).div_euclid(target) + i64::from(demand.needed * 100 % target > 0),
    };
    let rests = |since: Option<Time>, time| since.is_none_or(|it| now.since(it) >= time);
    let warmup = Duration::from_secs(provider.setting("instanceWarmupPeriod").max(0) as u64);
    let is_below = demand.reservation() < target as f64;
    scaled.below_since = scaled.below_since.or(Some(now)).filter(|_| is_below);
    let base = demand.there.max(group.desired);
    if wanted > base && rests(scaled.out_at, warmup) {
        let least = provider.setting("minimumScalingStepSize");
        let most = provider.setting("maximumScalingStepSize");
        let desired = (base + (wanted - base).max(least).min(most)).min(group.max);
        if desired > group.desired {
            set(world, group, desired, &policy.alarms[0], policy);
            scaled.out_at = Some(now);
        }
    } else if is_below
        && rests(scaled.below_since, PATIENCE)
        && rests(scaled.out_at, PATIENCE)
        && group.desired > wanted.max(group.min)
    {
        set(world, group, group.desired - 1, &policy.alarms[1], policy);
    }
    world.ecs.scaled.insert(provider.name.clone(), *scaled);
}

fn set(world: &mut World, group: &Group, desired: i64, alarm: &str, policy: &Policy) {
    let at = world.now.floor(Duration::from_secs(1)).to_string();
    let at = at.replace(".000Z", "Z");
    let cause = format!(
        "At {at} a monitor alarm {alarm} in state ALARM triggered policy {} changing the desired \
         capacity from {} to {desired}.",
        policy.name, group.desired
    );
    autoscaling::set_desired(world, &group.name, desired, &cause);
}

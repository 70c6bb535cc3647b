//! What capacity providers keep on their groups while clusters have them: a scaling policy with
//! its two alarms, and the hook of managed draining.

use super::{HOOK, Provider, is_fargate};
use crate::{
    World,
    service::{
        autoscaling,
        cloudwatch::{self, NewAlarm},
        ecs::Event,
    },
    world,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::{collections::BTreeMap, time::Duration};

/// What a provider keeps on its group for a cluster.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attached {
    /// `PRECREATED`, `CREATED`, `DETACHING` or `FAILED`.
    pub status: String,
    /// The policy of managed scaling.
    pub policy: Option<Policy>,
    /// The id under which the hook of managed draining is shown.
    pub hook: Option<String>,
}

/// The policy of managed scaling.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Policy {
    /// The id under which it is shown.
    pub id: String,
    /// `ECSManagedAutoScalingPolicy-<uuid>`.
    pub name: String,
    /// The names of its alarms: that there are too few instances, and too many.
    pub alarms: [String; 2],
}

/// Which providers a cluster is to have, and its default strategy.
#[derive(Default)]
pub(in crate::service::ecs) struct Wanted {
    pub(in crate::service::ecs) providers: Vec<String>,
    pub(in crate::service::ecs) strategy: Vec<Value>,
}

/// Begins to let a cluster have what is wanted, and nothing else.
pub(in crate::service::ecs) fn attach(world: &mut World, cluster: &str, wanted: Wanted) {
    for name in wanted.providers.iter().filter(|it| !is_fargate(it)) {
        let key = key(cluster, name);
        if let (false, Some(provider)) = (
            world.ecs.attached.contains_key(&key),
            world.ecs.providers.get(name).cloned(),
        ) {
            let attached = precreated(world, &provider);
            world.ecs.attached.insert(key, attached);
        }
    }
    for (name, attached) in kept_mut(world, cluster) {
        if !wanted.providers.contains(&name) {
            attached.status = "DETACHING".into();
        }
    }
    if let Some(cluster) = world.ecs.clusters.get_mut(cluster) {
        cluster.providers = wanted.providers;
        cluster.strategy = wanted.strategy;
        cluster.attachments = Some("UPDATE_IN_PROGRESS".into());
    }
    let ends = Event::Attached(cluster.to_owned());
    world.after(world.habits.attachment, world::Event::Ecs(ends));
}

/// The cluster's capacity providers are as was asked.
pub fn attached(world: &mut World, cluster: &str) {
    let found = world.ecs.clusters.get(cluster);
    if !found.is_some_and(|it| it.is_busy()) {
        return;
    }
    let names: Vec<String> = kept_mut(world, cluster).map(|(name, _)| name).collect();
    let mut ok = true;
    for name in names {
        ok &= sync(world, cluster, &name);
    }
    let Some(cluster) = world.ecs.clusters.get_mut(cluster) else {
        return;
    };
    cluster.attachments = Some(
        if ok {
            "UPDATE_COMPLETE"
        } else {
            "UPDATE_FAILED"
        }
        .into(),
    );
    match cluster.status.as_str() {
        "PROVISIONING" => cluster.status = "ACTIVE".into(),
        "DEPROVISIONING" => cluster.status = "INACTIVE".into(),
        _ => {}
    }
}

/// Whether a cluster has anything on a group.
pub(in crate::service::ecs) fn keeps_any(world: &World, cluster: &str) -> bool {
    let mut keys = world.ecs.attached.keys();
    keys.any(|it| it.split_once('/').is_some_and(|(of, _)| of == cluster))
}

/// The clusters that have a provider, or are about to let it go.
pub(super) fn clusters(world: &World, provider: &str) -> Vec<String> {
    let keys = world
        .ecs
        .attached
        .keys()
        .filter_map(|it| it.split_once('/'));
    keys.filter(|(_, of)| *of == provider)
        .map(|(cluster, _)| cluster.to_owned())
        .collect()
}

/// The attachments of a cluster, as DescribeClusters shows them.
pub(in crate::service::ecs) fn attachments(world: &World, cluster: &str) -> Value {
    let mut shown = Vec::new();
    for (key, attached) in &world.ecs.attached {
        let Some((_, name)) = key.split_once('/').filter(|(of, _)| *of == cluster) else {
            continue;
        };
        let is_made = attached.status != "PRECREATED";
        let mut show = |id: &str, kind: &str, member: &str, value: &str| {
            let mut details = vec![json!({ "name": "capacityProviderName", "value": name })];
            if is_made {
                details.push(json!({ "name": member, "value": value }));
            }
            let status = attached.status.as_str();
            shown.push(json!({ "id": id, "type": kind, "status": status, "details": details }));
        };
        if let Some(policy) = &attached.policy {
            show(&policy.id, "as_policy", "scalingPolicyName", &policy.name);
        }
        if let Some(id) = &attached.hook {
            show(id, "managed_draining", "autoScalingLifecycleHookName", HOOK);
        }
    }
    Value::from(shown)
}

fn key(cluster: &str, provider: &str) -> String {
    format!("{cluster}/{provider}")
}

fn kept_mut<'a>(
    world: &'a mut World,
    cluster: &'a str,
) -> impl Iterator<Item = (String, &'a mut Attached)> {
    let all = world.ecs.attached.iter_mut();
    all.filter_map(move |(key, attached)| {
        let (of, name) = key.split_once('/')?;
        (of == cluster).then(|| (name.to_owned(), attached))
    })
}

fn precreated(world: &mut World, provider: &Provider) -> Attached {
    let group = autoscaling::group(world, &provider.group).map(|it| it.name.clone());
    Attached {
        status: "PRECREATED".into(),
        policy: provider
            .is_managed()
            .then(|| policy(world, group.as_deref().unwrap_or_default())),
        hook: provider.draining.then(|| world.ids.uuid()),
    }
}

fn policy(world: &mut World, group: &str) -> Policy {
    let mut alarm = |side: &str| {
        let id = world.ids.uuid();
        format!("TargetTracking-{group}-Alarm{side}-{id}")
    };
    let alarms = [alarm("High"), alarm("Low")];
    Policy {
        id: world.ids.uuid(),
        name: format!("ECSManagedAutoScalingPolicy-{}", world.ids.uuid()),
        alarms,
    }
}

/// Makes what a provider is to keep on its group for a cluster, and removes what it is not.
/// Answers whether it could.
pub(super) fn sync(world: &mut World, cluster: &str, name: &str) -> bool {
    let key = key(cluster, name);
    let (Some(mut attached), Some(provider)) = (
        world.ecs.attached.remove(&key),
        world.ecs.providers.get(name).cloned(),
    ) else {
        return true;
    };
    let leaves = attached.status == "DETACHING";
    let Some(group) = autoscaling::group(world, &provider.group).map(|it| it.name.clone()) else {
        if let Some(policy) = attached.policy.as_ref().filter(|_| leaves) {
            delete_alarms(world, policy);
        }
        if !leaves {
            attached.status = "FAILED".into();
            world.ecs.attached.insert(key, attached);
        }
        return leaves;
    };
    if provider.is_managed() && !leaves {
        let policy = attached.policy.get_or_insert_with(|| policy(world, &group));
        put_policy(world, cluster, &provider, &group, policy);
        let looks = world::Event::Ecs(Event::Managed(name.to_owned()));
        world.agenda.once(world.now, looks);
    } else if let Some(policy) = attached.policy.take() {
        autoscaling::remove_policy(world, &group, &policy.name);
        delete_alarms(world, &policy);
    }
    if provider.draining && !leaves {
        attached.hook.get_or_insert_with(|| world.ids.uuid());
        autoscaling::put_termination_hook(world, &group, HOOK, 3600);
    } else if attached.hook.take().is_some() && !is_hooked(world, name) {
        autoscaling::remove_hook(world, &group, HOOK);
    }
    if !leaves {
        autoscaling::tag(world, &group, "AmazonECSManaged", "");
        attached.status = "CREATED".into();
        world.ecs.attached.insert(key, attached);
    }
    true
}

/// Whether another cluster needs the hook of a provider.
fn is_hooked(world: &World, provider: &str) -> bool {
    let others = clusters(world, provider);
    let mut others = others
        .iter()
        .filter_map(|it| world.ecs.attached.get(&key(it, provider)));
    others.any(|it| it.hook.is_some())
}

fn delete_alarms(world: &mut World, policy: &Policy) {
    for alarm in &policy.alarms {
        cloudwatch::delete_alarm(world, alarm);
    }
}

/// The dimensions of the metric that managed scaling follows.
pub(super) fn dimensions(cluster: &str, provider: &str) -> BTreeMap<String, String> {
    BTreeMap::from([
        ("CapacityProviderName".to_owned(), provider.to_owned()),
        ("ClusterName".to_owned(), cluster.to_owned()),
    ])
}

/// Writes the policy and its alarms, which the console shows and nothing follows: managed scaling
/// looks for itself.
fn put_policy(world: &mut World, cluster: &str, provider: &Provider, group: &str, policy: &Policy) {
    let target = provider.setting("targetCapacity") as f64;
    let dimensions = dimensions(cluster, &provider.name);
    let shown: Vec<Value> = dimensions
        .iter()
        .map(|(name, value)| json!({ "Name": name, "Value": value }))
        .collect();
    let configuration = json!({
        "CustomizedMetricSpecification": {
            "MetricName": "CapacityProviderReservation",
            "Namespace": "AWS/ECS/ManagedScaling",
            "Dimensions": shown,
            "Statistic": "Average",
        },
        "TargetValue": target,
        "DisableScaleIn": false,
    });
    let alarms = policy.alarms.iter().map(|it| {
        let arn = world.arn("cloudwatch", &format!("alarm:{it}"));
        json!({ "AlarmName": it, "AlarmARN": arn })
    });
    let alarms = alarms.collect();
    let arn = autoscaling::put_managed_policy(world, group, &policy.name, configuration, alarms);
    for (alarm, comparison, evaluation_periods) in [
        (&policy.alarms[0], "GreaterThanThreshold", 1),
        (&policy.alarms[1], "LessThanThreshold", 15),
    ] {
        let alarm = NewAlarm {
            name: alarm.clone(),
            description: format!("DO NOT EDIT OR DELETE. For TargetTrackingScaling policy {arn}."),
            namespace: "AWS/ECS/ManagedScaling".into(),
            metric: "CapacityProviderReservation".into(),
            dimensions: dimensions.clone(),
            statistic: "Average".into(),
            unit: None,
            comparison: comparison.into(),
            threshold: target,
            period: Duration::from_secs(60),
            evaluation_periods,
            actions: vec![arn.clone()],
        };
        cloudwatch::put_alarm(world, alarm);
    }
}

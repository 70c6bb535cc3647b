//! How many instances a capacity provider's tasks need.

use super::Provider;
use crate::{
    Input, World,
    service::{
        self,
        autoscaling::Group,
        ec2,
        ecs::{
            instance::{self, ContainerInstance},
            task::{self, Task},
        },
    },
};
use serde_json::{Map, Value, json};
use std::time::Duration;

/// How many instances there are, and how many are needed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Demand {
    /// Instances of the group that run or are being started: N.
    pub(super) there: i64,
    /// Instances that run tasks, and those that would hold the waiting ones: M.
    pub(super) needed: i64,
}

impl Demand {
    /// What a provider's tasks in a cluster need of its group.
    pub(super) fn of(
        world: &mut World,
        cluster: &str,
        provider: &Provider,
        group: &Group,
    ) -> Demand {
        let there = group.members.values().filter(|it| is_there(&it.lifecycle));
        let there = there.count() as i64;
        let size = size(world, group);
        let registered = registered(world, cluster, group);
        let busy = registered.iter().filter(|it| is_busy(world, &it.arn));
        let busy = busy.count() as i64;
        // Whatever waits does not fit where it could be placed by now.
        let just_joined = |it: &&&ContainerInstance| {
            it.status == "ACTIVE"
                && !is_busy(world, &it.arn)
                && world.now.since(it.registered_at) < Duration::from_secs(60)
        };
        let fresh = registered.iter().filter(just_joined);
        let mut bins: Vec<(i64, i64)> = fresh.map(|it| instance::free(world, it)).collect();
        let waiting = task::waiting(world, cluster, &provider.name);
        let used = pack(&mut bins, waiting, size);
        Demand {
            there,
            needed: busy + used,
        }
    }

    /// The metric CapacityProviderReservation.
    pub(super) fn reservation(self) -> f64 {
        match (self.needed, self.there) {
            (0, 0) => 100.0,
            (_, 0) => 200.0,
            (needed, there) => needed as f64 / there as f64 * 100.0,
        }
    }
}

fn is_there(lifecycle: &str) -> bool {
    lifecycle == "InService" || lifecycle.starts_with("Pending")
}

/// The container instances of the cluster that the group has and keeps.
pub(super) fn registered<'a>(
    world: &'a World,
    cluster: &str,
    group: &Group,
) -> Vec<&'a ContainerInstance> {
    let of_cluster = world.ecs.instances.values().filter(|it| {
        let member = group.members.get(&it.ec2);
        it.cluster == cluster
            && it.status != "INACTIVE"
            && member.is_some_and(|it| is_there(&it.lifecycle))
    });
    of_cluster.collect()
}

/// Whether a container instance has a task that is no daemon.
pub(super) fn is_busy(world: &World, instance: &str) -> bool {
    let is_daemon = |task: &Task| {
        let service = task.service.as_deref().unwrap_or_default();
        let name = service.rsplit('/').next().unwrap_or_default();
        let service = world.ecs.services.get(&format!("{}/{name}", task.cluster));
        service.is_some_and(|it| it.document["schedulingStrategy"] == "DAEMON")
    };
    let mut tasks = instance::tasks(world, instance);
    tasks.any(|it| !is_daemon(it))
}

/// Packs tasks into bins, first what needs most, and opens bins of a size where none has room.
/// Answers how many bins got a task. What fits in no bin is left out.
fn pack(bins: &mut Vec<(i64, i64)>, mut tasks: Vec<(i64, i64)>, size: Option<(i64, i64)>) -> i64 {
    tasks.sort_unstable_by(|a, b| b.cmp(a));
    let mut used = vec![false; bins.len()];
    for (cpu, memory) in tasks {
        let fits = |it: &(i64, i64)| it.0 >= cpu && it.1 >= memory;
        let place = match (bins.iter().position(fits), size) {
            (Some(place), _) => place,
            (None, Some(size)) if fits(&size) => {
                bins.push(size);
                used.push(false);
                bins.len() - 1
            }
            _ => continue,
        };
        bins[place].0 -= cpu;
        bins[place].1 -= memory;
        used[place] = true;
    }
    used.iter().filter(|it| **it).count() as i64
}

/// What an instance that the group launches offers: the smallest, if there are several types.
fn size(world: &mut World, group: &Group) -> Option<(i64, i64)> {
    let mixed = &group.more["MixedInstancesPolicy"]["LaunchTemplate"];
    let overrides = mixed["Overrides"].as_array().into_iter().flatten();
    let named = overrides.filter_map(|it| it["InstanceType"].as_str());
    let mut types: Vec<String> = named.map(str::to_owned).collect();
    if types.is_empty() {
        let single = &group.more["LaunchTemplate"];
        let templates = [single, &mixed["LaunchTemplateSpecification"]];
        let template = templates.into_iter().find(|it| it.is_object());
        types.extend(template.and_then(|it| type_of(world, it)));
    }
    if types.is_empty() {
        let members = group.members.keys();
        let instances = members.filter_map(|it| ec2::instance(world, it));
        types.extend(instances.map(|it| it.instance_type.clone()));
    }
    let sizes = types.iter().filter_map(|it| instance::size(it));
    sizes.min()
}

/// The type of instance in a launch template, as EC2 describes it.
fn type_of(world: &mut World, template: &Value) -> Option<String> {
    let mut members = Map::new();
    let named = ["LaunchTemplateId", "LaunchTemplateName"]
        .into_iter()
        .find_map(|it| Some((it, template.get(it)?)))?;
    members.insert(named.0.to_owned(), named.1.clone());
    let version = template["Version"].as_str().unwrap_or("$Default");
    members.insert("Versions".to_owned(), json!([version]));
    let input = Input {
        service: "ec2".into(),
        action: "DescribeLaunchTemplateVersions".into(),
        members,
        ..Input::default()
    };
    let described = service::run(world, &input).ok()?;
    let data = &described["LaunchTemplateVersions"][0]["LaunchTemplateData"];
    Some(data["InstanceType"].as_str()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tasks_are_packed_by_what_they_need_and_those_too_large_left_out() {
        let size = Some((1024, 1939));
        let three = vec![(256, 512); 3];
        assert_eq!(pack(&mut Vec::new(), three, size), 1);
        let four = vec![(256, 512); 4];
        assert_eq!(pack(&mut Vec::new(), four, size), 2);
        assert_eq!(pack(&mut Vec::new(), vec![(2048, 512)], size), 0);
        assert_eq!(pack(&mut vec![(1024, 1939)], vec![(256, 512)], size), 1);
    }

    #[test]
    fn the_reservation_of_no_instances_is_one_of_two_fixed_values() {
        let reservation = |needed, there| Demand { there, needed }.reservation();
        assert_eq!(reservation(0, 0), 100.0);
        assert_eq!(reservation(3, 0), 200.0);
        assert_eq!(reservation(1, 2), 50.0);
    }
}

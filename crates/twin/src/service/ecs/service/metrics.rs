//! What CloudWatch is told of services and clusters.

use super::{
    super::{Event as EcsEvent, definition, schedule, task::Stage},
    Service,
};
use crate::{
    Time, World,
    service::cloudwatch::{self, Datum},
    work::{self, Usage},
    world::Event,
};
use serde_json::Value;
use std::{collections::BTreeMap, time::Duration};

const MINUTE: Duration = Duration::from_secs(60);
const FAST: Duration = Duration::from_secs(20);

/// Lets metrics be published at the end of this period, as long as there are running tasks.
pub(in crate::service::ecs) fn measure(world: &mut World) {
    let fast = world.ecs.services.values().any(|it| {
        it.status == "ACTIVE"
            && ["CPUUtilization", "MemoryUtilization"]
                .iter()
                .any(|name| period(it, name) == FAST)
    });
    let period = if fast { FAST } else { MINUTE };
    let at = world.now.floor(period) + period;
    world.agenda.once(at, Event::Ecs(EcsEvent::Metrics));
}

/// How often a service publishes a metric.
fn period(service: &Service, metric: &str) -> Duration {
    let configured = service.document["monitoring"]["metricConfigurations"].as_array();
    let fast = configured.into_iter().flatten().any(|it| {
        let names = it["metricNames"].as_array().into_iter().flatten();
        it["resolutionSeconds"] == 20 && names.into_iter().any(|it| it == metric)
    });
    if fast { FAST } else { MINUTE }
}

/// What a task has used, and what of it it has reserved.
#[derive(Clone, Copy)]
struct Sample {
    used: Usage,
    reserved: (f64, f64),
}

/// Publishes what is due at the end of this period.
pub(super) fn publish(world: &mut World) {
    let minute = world.now.floor(MINUTE) == world.now.floor(FAST);
    let mut by_service: BTreeMap<String, Vec<Sample>> = BTreeMap::new();
    let mut by_cluster: BTreeMap<String, Vec<Sample>> = BTreeMap::new();
    let running: Vec<String> = world
        .ecs
        .tasks
        .values()
        .filter(|it| it.stage() == Stage::Running)
        .map(|it| it.arn.clone())
        .collect();
    for arn in &running {
        let task = &world.ecs.tasks[arn];
        let (key, cluster) = (task.service_key(), task.cluster.clone());
        let fast = key.as_ref().and_then(|it| world.ecs.services.get(it));
        let fast = fast.is_some_and(|it| {
            period(it, "CPUUtilization") == FAST || period(it, "MemoryUtilization") == FAST
        });
        if !minute && !fast {
            continue;
        }
        let sample = sample(world, arn);
        by_cluster.entry(cluster).or_default().push(sample);
        if let Some(key) = key {
            by_service.entry(key).or_default().push(sample);
        }
    }
    for (key, samples) in &by_service {
        service(world, key, samples, minute);
    }
    if minute {
        for (cluster, samples) in &by_cluster {
            of_cluster(world, cluster, samples);
        }
        schedule::look_around(world);
    }
    if !running.is_empty() {
        measure(world);
    }
}

/// With a CPU limit on the task, it uses what it has reserved at most.
fn sample(world: &mut World, arn: &str) -> Sample {
    let mut used = work::take_usage(world, arn);
    let task = &world.ecs.tasks[arn];
    let reserved = (task.size.0 as f64, task.size.1 as f64);
    let limited = |of: &Value| of["cpu"].as_str().is_some_and(|it| !it.is_empty());
    let definition = definition::find(world, &task.task_definition);
    if definition.is_some_and(|it| limited(&it.document)) || limited(&task.more["overrides"]) {
        used.cpu = used.cpu.min(reserved.0);
    }
    Sample { used, reserved }
}

fn service(world: &mut World, key: &str, samples: &[Sample], minute: bool) {
    let Some(service) = world.ecs.services.get(key) else {
        return;
    };
    let dimensions = BTreeMap::from([
        ("ClusterName".to_owned(), service.cluster.clone()),
        ("ServiceName".to_owned(), service.name.clone()),
    ]);
    let periods = (
        period(service, "CPUUtilization"),
        period(service, "MemoryUtilization"),
    );
    let total = total(samples);
    let metrics = [
        (
            "CPUUtilization",
            periods.0,
            total.used.cpu,
            total.reserved.0,
        ),
        (
            "MemoryUtilization",
            periods.1,
            total.used.memory,
            total.reserved.1,
        ),
    ];
    for (name, period, used, reserved) in metrics {
        if minute || period == FAST {
            put(world, name, &dimensions, period, percent(used, reserved));
        }
    }
}

fn of_cluster(world: &mut World, cluster: &str, samples: &[Sample]) {
    let dimensions = BTreeMap::from([("ClusterName".to_owned(), cluster.to_owned())]);
    let there = world.ecs.instances.values();
    let there = there.filter(|it| it.cluster == cluster && it.status != "INACTIVE");
    let (cpu, memory) = there.fold((0, 0), |(cpu, memory), it| {
        (cpu + it.cpu, memory + it.memory)
    });
    let total = total(samples);
    let metrics = [
        ("CPUReservation", total.reserved.0, cpu),
        ("MemoryReservation", total.reserved.1, memory),
        ("CPUUtilization", total.used.cpu, cpu),
        ("MemoryUtilization", total.used.memory, memory),
    ];
    for (name, used, registered) in metrics {
        put(
            world,
            name,
            &dimensions,
            MINUTE,
            percent(used, registered as f64),
        );
    }
}

fn total(samples: &[Sample]) -> Sample {
    let zero = Sample {
        used: Usage::default(),
        reserved: (0.0, 0.0),
    };
    samples.iter().fold(zero, |sum, it| Sample {
        used: Usage {
            cpu: sum.used.cpu + it.used.cpu,
            memory: sum.used.memory + it.used.memory,
        },
        reserved: (
            sum.reserved.0 + it.reserved.0,
            sum.reserved.1 + it.reserved.1,
        ),
    })
}

/// Containers without reservation have 2 shares each, by Docker's minimum.
fn percent(used: f64, reserved: f64) -> f64 {
    100.0 * used / reserved.max(2.0)
}

fn put(
    world: &mut World,
    name: &str,
    dimensions: &BTreeMap<String, String>,
    period: Duration,
    value: f64,
) {
    let at: Time = world.now.floor(FAST) - period;
    let datum = Datum {
        namespace: "AWS/ECS".into(),
        name: name.to_owned(),
        dimensions: dimensions.clone(),
        at,
        value,
        unit: "Percent".into(),
    };
    cloudwatch::put(world, datum);
}

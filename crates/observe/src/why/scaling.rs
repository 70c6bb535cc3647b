//! Why scaling leaves the count as it is.

use super::{Case, Cause};
use crate::{
    Moment, Part,
    picture::{Alarm, Gauge, Instance, Policy, Task},
    status::{ScalingState, states},
    words::{percent, short},
};
use std::time::Duration;

/// After how long an instance that began without credits has earned some.
const EARNING: Duration = Duration::from_secs(15 * 60);

pub(super) fn find(case: &mut Case<'_>) {
    protected(case);
    credits(case);
    let (picture, service) = (case.picture, case.service);
    if picture.gap(Part::Scaling).is_some() || service.scheduling_strategy == "DAEMON" {
        return;
    }
    let name = case.name();
    let Some(target) = picture.target_of(service) else {
        case.note(
            Cause::NoTarget,
            format!("nothing scales {name}: it has {} tasks until you say otherwise", service.desired_count),
            vec![format!("no scalable target service/{}/{name}", service.subject().cluster)],
            vec![format!(
                "scaling:\n  {name}:\n    minCapacity: 1\n    maxCapacity: 3\n    policies:\n      \
                 cpu: {{ targetTracking: {{ metric: ECSServiceAverageCPUUtilization, target: 50 }} }}"
            )],
        );
        return;
    };
    if picture.policies_of(service).next().is_none() {
        case.wrong(
            Cause::NoPolicy,
            format!("{name} has bounds for scaling, and no policy moves its count"),
            vec![format!(
                "between {} and {} tasks",
                target.min_capacity, target.max_capacity
            )],
            vec![format!(
                "scaling:\n  {name}:\n    policies:\n      cpu: {{ targetTracking: {{ metric: \
                 ECSServiceAverageCPUUtilization, target: 50 }} }}"
            )],
        );
        return;
    }
    suspended(case);
    let alarm = |end: &str| {
        let policies = picture.policies_of(service);
        let named = policies.flat_map(|it| &it.alarms);
        let mut alarms = named.filter_map(|it| picture.alarm(&it.alarm_name));
        alarms.find(|it| it.name.contains(end))
    };
    let (high, low) = (alarm("AlarmHigh"), alarm("AlarmLow"));
    let fires = |it: Option<&Alarm>| it.is_some_and(|it| it.state == "ALARM");
    if fires(high) && service.desired_count >= target.max_capacity {
        case.wrong(
            Cause::AtMax,
            format!(
                "{name} has all the tasks it may, {}, and needs more",
                target.max_capacity
            ),
            load(case, high),
            vec![format!(
                "scaling:\n  {name}: {{ maxCapacity: {} }}",
                target.max_capacity * 2
            )],
        );
    } else if fires(low) && service.desired_count <= target.min_capacity {
        case.note(
            Cause::AtMin,
            format!("{name} has as few tasks as it may: {}", target.min_capacity),
            load(case, low),
            vec![format!(
                "scaling:\n  {name}: {{ minCapacity: … }}   # if that is too many"
            )],
        );
    }
    for state in states(picture, service) {
        let (way, until, cooldown) = match state {
            ScalingState::CoolingDownOut { until } => ("out", until, "scaleOutCooldown"),
            ScalingState::CoolingDownIn { until } => ("in", until, "scaleInCooldown"),
            _ => continue,
        };
        let last = picture
            .scaling_activities_of(service)
            .find(|it| it.count().is_some());
        case.note(
            Cause::CoolingDown,
            format!(
                "{name} has scaled {way} and waits until {} to see what it did",
                until.clock()
            ),
            last.map(|it| format!("{}: {}", it.start_time.clock(), it.description))
                .into_iter()
                .collect(),
            vec![format!("{cooldown} of the policy says how long")],
        );
    }
    let quiet = high.is_some_and(|it| it.state == "OK");
    if quiet && service.desired_count < target.max_capacity {
        case.note(
            Cause::UnderTheLine,
            format!("{name} does not scale out: its metric is under the target"),
            load(case, high),
            Vec::new(),
        );
    }
}

/// What the metric is, and what the alarm watches.
fn load(case: &Case<'_>, alarm: Option<&Alarm>) -> Vec<String> {
    let subject = case.service.subject();
    let of = format!("{}/{}", subject.cluster, subject.service);
    let series = case.picture.series(Gauge::ServiceCpu, &of);
    let newest = series.and_then(|it| it.newest());
    let line = case
        .picture
        .policies_of(case.service)
        .find_map(Policy::cpu_target)
        .map(|it| format!(", and the target {}", percent(it)));
    let mut evidence = Vec::new();
    evidence.extend(newest.map(|it| {
        let line = line.unwrap_or_default();
        format!("CPU was {} at {}{line}", percent(it.value), it.at.clock())
    }));
    evidence.extend(alarm.map(|it| {
        let since = it.changed_at.map(|it| format!(" since {}", it.clock()));
        format!("{} is {}{}", it.name, it.state, since.unwrap_or_default())
    }));
    evidence
}

fn suspended(case: &mut Case<'_>) {
    let Some(target) = case.picture.target_of(case.service) else {
        return;
    };
    let state = &target.suspended_state;
    let (name, cluster) = (case.name(), case.service.subject().cluster);
    let ways = [
        (
            state.dynamic_scaling_out_suspended,
            Cause::ScaleOutSuspended,
            "out",
            "Out",
        ),
        (
            state.dynamic_scaling_in_suspended,
            Cause::ScaleInSuspended,
            "in",
            "In",
        ),
    ];
    for (is_so, cause, way, member) in ways {
        if is_so {
            case.wrong(
                cause,
                format!("scaling {way} of {name} is suspended"),
                vec![format!(
                    "DynamicScaling{member}Suspended is true for service/{cluster}/{name}"
                )],
                vec!["take `suspended` out of the stack, and setpoint apply; or".into(), format!(
                    "aws application-autoscaling register-scalable-target --service-namespace ecs \
                     --scalable-dimension ecs:service:DesiredCount --resource-id \
                     service/{cluster}/{name} --suspended-state DynamicScaling{member}Suspended=false"
                )],
            );
        }
    }
}

/// Instances that have used up their credits. They are as fast as their baseline, so that the metric
/// may well be under the target that it would otherwise be over.
fn credits(case: &mut Case<'_>) {
    let picture = case.picture;
    let alarms = picture.policies_of(case.service).flat_map(|it| &it.alarms);
    let mut alarms = alarms.filter_map(|it| picture.alarm(&it.alarm_name));
    let busy = alarms.any(|it| it.name.contains("AlarmHigh") && it.state == "ALARM");
    let slow = |it: &Instance| match it.cpu_credits.as_deref() {
        Some("unlimited") => None,
        // Some types begin without credits.
        Some(_)
            if it
                .launched_at
                .is_some_and(|at| picture.at.since(at) < EARNING) =>
        {
            None
        }
        Some(_) => Some(""),
        None => busy.then_some(", unless its credits are unlimited"),
    };
    let running = picture.running_of(case.service);
    let hosts = running.filter_map(|it| picture.instance_of(it));
    let mut spent: Vec<String> = hosts
        .filter(|it| picture.is_spent(it))
        .filter_map(|it| {
            let unless = slow(it)?;
            let newest = picture.series(Gauge::Credits, &it.id)?.newest()?;
            Some(format!(
                "{} ({}) had {:.1} CPU credits at {}: it is as fast as its baseline{unless}",
                it.id,
                it.instance_type,
                newest.value,
                newest.at.clock()
            ))
        })
        .collect();
    spent.sort();
    spent.dedup();
    if spent.is_empty() {
        return;
    }
    let name = case.name();
    case.wrong(
        Cause::CreditsSpent,
        format!("instances of {name} have used up their CPU credits"),
        spent,
        vec!["launchTemplates:\n  NAME: { cpuCredits: unlimited }   # or an instance type without credits".into()],
    );
}

fn protected(case: &mut Case<'_>) {
    let (picture, service) = (case.picture, case.service);
    let name = case.name();
    let running: Vec<&Task> = picture.running_of(service).collect();
    let kept = running.iter().filter_map(|it| {
        let mut all = picture.protected_tasks.iter();
        let own = all.find(|one| one.task_arn == it.task_arn && one.protection_enabled)?;
        Some((it.id(), own.expiration_date))
    });
    let kept: Vec<(&str, Option<Moment>)> = kept.collect();
    if running.len() as i64 > service.desired_count && !kept.is_empty() {
        let ids: Vec<&str> = kept.iter().map(|it| it.0).collect();
        let told = kept.iter().map(|(id, until)| {
            let until = until.map(|it| format!(" until {}", it.clock()));
            format!(
                "task {} is protected{}",
                short(id),
                until.unwrap_or_default()
            )
        });
        case.wrong(
            Cause::TasksProtected,
            format!("{name} has more tasks than it is to have: they are protected from scaling in"),
            [format!(
                "{} tasks run, and {} are to",
                running.len(),
                service.desired_count
            )]
            .into_iter()
            .chain(told)
            .collect(),
            vec![format!(
                "aws ecs update-task-protection --cluster {} --no-protection-enabled --tasks {}",
                service.subject().cluster,
                ids.join(" ")
            )],
        );
    }
    let names = picture.providers_of(service);
    let providers = picture
        .capacity_providers
        .iter()
        .filter(|it| names.contains(&it.name.as_str()));
    for provider in providers {
        let managed = provider.auto_scaling_group_provider.as_ref();
        let by_ecs = managed
            .is_some_and(|it| it.managed_termination_protection.as_deref() == Some("ENABLED"));
        let Some(group) = picture
            .groups
            .iter()
            .find(|it| provider.group() == Some(&it.name))
        else {
            continue;
        };
        let idle = |id: &str| {
            let mut hosts = picture.container_instances.iter();
            hosts.any(|it| {
                it.ec2_instance_id == id && it.running_tasks_count + it.pending_tasks_count == 0
            })
        };
        let kept: Vec<&str> = group
            .instances
            .iter()
            .filter(|it| it.protected && !by_ecs && idle(&it.id))
            .map(|it| it.id.as_str())
            .collect();
        if !kept.is_empty() && group.instances.len() as i64 > group.desired_capacity {
            case.wrong(
                Cause::InstancesProtected,
                format!(
                    "the group {} keeps idle instances: they are protected from scaling in",
                    group.name
                ),
                kept.iter()
                    .map(|it| format!("{it} has no task and is protected"))
                    .collect(),
                vec![format!(
                    "aws autoscaling set-instance-protection --no-protected-from-scale-in \
                     --auto-scaling-group-name {} --instance-ids {}",
                    group.name,
                    kept.join(" ")
                )],
            );
        }
    }
}

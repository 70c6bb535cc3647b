//! How an instance refresh goes on.

use super::{Group, Member, Refresh, activity::stamp, ask, look, rollback, termination};
use crate::World;
use serde_json::{Value, json};
use std::time::Duration;

/// For how long a refresh stands still before it fails.
const PATIENCE: Duration = Duration::from_secs(3600);

/// Brings a group's active refresh as far as it gets now.
pub(super) fn goes_on(world: &mut World, name: &str) {
    let Some(group) = world.autoscaling.groups.get(name) else {
        return;
    };
    let refresh = group.refreshes.last().filter(|it| it.is_active());
    let Some(refresh) = refresh.filter(|_| !group.is_suspended("InstanceRefresh")) else {
        return;
    };
    match refresh.status.as_str() {
        "Pending" => begin(world, name),
        "Cancelling" => {
            let moving = group.members.values().any(|it| !it.in_service());
            if !refresh.waits || !moving {
                end(world, name, "Cancelled");
            }
        }
        "Baking" => {
            if refresh.rests_until.is_none_or(|it| it <= world.now) {
                succeed(world, name);
            }
        }
        _ => step(world, name),
    }
}

/// Decides which instances are to be replaced.
fn begin(world: &mut World, name: &str) {
    let Some(group) = world.autoscaling.groups.get(name).cloned() else {
        return;
    };
    let Some(refresh) = group.refreshes.last() else {
        return;
    };
    let skips = refresh.preferences["SkipMatching"] == json!(true);
    let version = version(world, &group.template());
    let mut targets: Vec<(&String, &Member)> = group.members.iter().collect();
    targets.retain(|(_, it)| !it.ending());
    targets.retain(|(_, it)| !skips || !matches(&group, it, version.as_deref()));
    targets.retain(|(_, it)| concerns(refresh, it));
    targets.sort_by_key(|(id, it)| (it.launched_at, *id));
    let targets: Vec<String> = targets.into_iter().map(|(id, _)| id.clone()).collect();
    let now = world.now;
    change(world, name, |it| {
        it.status = "InProgress".into();
        it.total = targets.len() as i64;
        it.targets = targets;
        it.moved_at = now;
    });
    step(world, name);
}

/// The number of a template's version.
fn version(world: &mut World, template: &Value) -> Option<String> {
    let version = template["Version"].as_str()?;
    if !version.starts_with('$') {
        return Some(version.to_owned());
    }
    let request = json!({ "LaunchTemplateIds": [template["LaunchTemplateId"]] });
    let found = ask(world, "ec2", "DescribeLaunchTemplates", request)?;
    let number = match version {
        "$Latest" => "LatestVersionNumber",
        _ => "DefaultVersionNumber",
    };
    found["LaunchTemplates"][0][number]
        .as_i64()
        .map(|it| it.to_string())
}

fn matches(group: &Group, member: &Member, version: Option<&str>) -> bool {
    let id = &group.template()["LaunchTemplateId"];
    let same = member.template["LaunchTemplateId"] == *id;
    same && version.is_some() && member.template["Version"].as_str() == version
}

/// Whether a refresh has to do with an instance, by its preferences.
fn concerns(refresh: &Refresh, member: &Member) -> bool {
    let ignores = |name: &str| refresh.preferences[name] == json!("Ignore");
    let protected = member.protected && ignores("ScaleInProtectedInstances");
    let standby = member.lifecycle == "Standby" && ignores("StandbyInstances");
    !protected && !standby
}

/// What a refresh would rather wait for than replace.
fn waits_for(refresh: &Refresh, member: &Member) -> bool {
    let says = |name: &str, what: &str| refresh.preferences[name] == what;
    member.protected && !says("ScaleInProtectedInstances", "Refresh")
        || member.lifecycle == "Standby" && !says("StandbyInstances", "Terminate")
}

fn change(world: &mut World, name: &str, how: impl FnOnce(&mut Refresh)) {
    let group = world.autoscaling.groups.get_mut(name);
    if let Some(refresh) = group.and_then(|it| it.refreshes.last_mut()) {
        how(refresh);
    }
}

/// Replaces as many instances as may be out of service at a time.
fn step(world: &mut World, name: &str) {
    count(world, name);
    let Some(group) = world.autoscaling.groups.get(name).cloned() else {
        return;
    };
    let Some(refresh) = group.refreshes.last() else {
        return;
    };
    if let Some(alarm) = alarm(world, refresh) {
        fail(
            world,
            name,
            &format!("The alarm {alarm} went into ALARM state."),
        );
        return;
    }
    let warming = warming(world, &group, refresh);
    if refresh.targets.is_empty() && warming.is_empty() && group.size() == group.desired {
        finish(world, name);
        return;
    }
    if world.now.since(refresh.moved_at) >= PATIENCE {
        fail(
            world,
            name,
            "The instance refresh made no progress for an hour.",
        );
        return;
    }
    if refresh.rests_until.is_some_and(|it| it > world.now) {
        return;
    }
    let reason = warming.first().map(|id| {
        format!(
            "Waiting for instances to warm up before continuing. For example: {id} is warming up."
        )
    });
    change(world, name, |it| it.reason = reason);
    let chosen = chosen(&group, refresh, warming.len() as i64);
    for instance in &chosen {
        replace(world, name, instance);
    }
    surge(world, name);
}

/// Counts what is replaced and warm, and rests where a checkpoint is reached.
fn count(world: &mut World, name: &str) {
    let Some(group) = world.autoscaling.groups.get(name).cloned() else {
        return;
    };
    let Some(refresh) = group.refreshes.last() else {
        return;
    };
    let warming = warming(world, &group, refresh).len() as i64;
    let now = world.now;
    change(world, name, |it| {
        let members = &group.members;
        it.targets
            .retain(|id| members.get(id).is_some_and(|it| !it.ending()));
        let missing = (group.desired - group.size()).max(0);
        let left = it.targets.len() as i64 + warming + missing;
        let done = (it.total - left).max(it.done);
        if done != it.done {
            (it.done, it.moved_at) = (done, now);
        }
        let checkpoint = checkpoint(it);
        if checkpoint.is_some_and(|at| at < 100 && it.percentage() >= at) {
            it.checkpoints += 1;
            let delay = it.preferences["CheckpointDelay"].as_u64().unwrap_or(3600);
            it.rests_until = Some(now + Duration::from_secs(delay));
            it.moved_at = now + Duration::from_secs(delay);
        }
    });
}

fn checkpoint(refresh: &Refresh) -> Option<i64> {
    refresh.preferences["CheckpointPercentages"][refresh.checkpoints].as_i64()
}

/// Members that were launched since the refresh began and do not count as updated yet.
fn warming(world: &World, group: &Group, refresh: &Refresh) -> Vec<String> {
    let warmup = refresh.preferences["InstanceWarmup"].as_u64().unwrap_or(0);
    let warmup = Duration::from_secs(warmup);
    let began = refresh.rollback.as_ref().map(|it| it.started_at);
    let began = began.unwrap_or(refresh.started_at);
    let cold = |it: &Member| {
        let since = it.in_service_at;
        since.is_none_or(|since| world.now.since(since) < warmup)
    };
    let live = group.live();
    live.filter(|(id, it)| it.launched_at > began && !refresh.targets.contains(id) && cold(it))
        .map(|(id, _)| id.clone())
        .collect()
}

/// The instances that are taken out now.
fn chosen(group: &Group, refresh: &Refresh, warming: i64) -> Vec<String> {
    let healthy = group.live().filter(|(_, it)| it.in_service()).count() as i64
        - warming_in_service(group, warming);
    let least = refresh.preferences["MinHealthyPercentage"]
        .as_i64()
        .unwrap_or(90);
    let least = (group.desired * least + 99) / 100;
    let mut room = healthy - least;
    let settled = warming == 0 && group.size() >= group.desired;
    if room <= 0 && settled && !launches_first(group, refresh) {
        // Whatever the percentage, one goes at a time.
        room = 1;
    }
    if let Some(checkpoint) = checkpoint(refresh) {
        let begun = refresh.total - refresh.targets.len() as i64;
        room = room.min((refresh.total * checkpoint + 99) / 100 - begun);
    }
    let ready = refresh.targets.iter().filter(|id| {
        let member = group.members.get(*id);
        member.is_some_and(|it| !waits_for(refresh, it))
    });
    ready.take(room.max(0) as usize).cloned().collect()
}

/// How many of the warming members are in service already, and not to be counted as healthy.
fn warming_in_service(group: &Group, warming: i64) -> i64 {
    let pending = group.live().filter(|(_, it)| !it.in_service()).count() as i64;
    (warming - pending).max(0)
}

/// Whether instances are launched before others are terminated: where a maximum is given that
/// allows it, or where the bounds leave no other way.
fn launches_first(group: &Group, refresh: &Refresh) -> bool {
    let most = refresh.preferences["MaxHealthyPercentage"].as_i64();
    let least = refresh.preferences["MinHealthyPercentage"]
        .as_i64()
        .unwrap_or(90);
    let room = group.desired - (group.desired * least + 99) / 100;
    most.is_some_and(|most| most > 100 || room < 1)
}

/// Sets how many instances more than desired there may be.
fn surge(world: &mut World, name: &str) {
    let Some(group) = world.autoscaling.groups.get_mut(name) else {
        return;
    };
    let Some(refresh) = group.refreshes.last() else {
        return;
    };
    let left = refresh.targets.iter();
    let left = left.filter(|it| group.members.get(*it).is_some_and(Member::counts));
    let left = left.count() as i64;
    let most = refresh.preferences["MaxHealthyPercentage"]
        .as_i64()
        .unwrap_or(100);
    let room = (group.desired * most / 100 - group.desired).max(1);
    let surge = match launches_first(group, refresh) {
        true => room.min(left),
        false => 0,
    };
    let text = "an instance was launched in response to an instance refresh.";
    for _ in group.size()..group.desired + surge {
        group.replacing.push(text.into());
    }
    group.surge = surge;
}

fn replace(world: &mut World, name: &str, instance: &str) {
    let stamp = stamp(world.now);
    change(world, name, |it| it.targets.retain(|it| it != instance));
    let cause = format!(
        "At {stamp} an instance was taken out of service in response to an instance refresh.  \
         At {stamp} instance {instance} was selected for termination."
    );
    termination::begin(world, name, instance, cause);
}

/// An alarm of the refresh that is in ALARM.
fn alarm(world: &mut World, refresh: &Refresh) -> Option<String> {
    let names = refresh.preferences["AlarmSpecification"].get("Alarms")?;
    let request = json!({ "AlarmNames": names, "StateValue": "ALARM" });
    let found = ask(world, "monitoring", "DescribeAlarms", request)?;
    let name = found["MetricAlarms"].get(0)?["AlarmName"].as_str()?;
    Some(name.to_owned())
}

/// Everything is replaced: the refresh is through, or bakes.
fn finish(world: &mut World, name: &str) {
    let now = world.now;
    let mut bakes = false;
    change(world, name, |it| {
        it.done = it.total;
        let time = it.preferences["BakeTime"].as_u64().unwrap_or(0);
        bakes = time > 0 && it.rollback.is_none();
        if bakes {
            it.status = "Baking".into();
            it.rests_until = Some(now + Duration::from_secs(time));
        }
    });
    if !bakes {
        succeed(world, name);
    }
}

fn succeed(world: &mut World, name: &str) {
    let Some(group) = world.autoscaling.groups.get_mut(name) else {
        return;
    };
    let Some(refresh) = group.refreshes.last().cloned() else {
        return;
    };
    if refresh.rollback.is_some() {
        end(world, name, "RollbackSuccessful");
        return;
    }
    if let (Some(desired), Some(more)) = (refresh.desired.as_object(), group.more.as_object_mut()) {
        more.remove("LaunchTemplate");
        more.remove("MixedInstancesPolicy");
        more.extend(desired.clone());
    }
    end(world, name, "Successful");
}

fn fail(world: &mut World, name: &str, reason: &str) {
    let Some(group) = world.autoscaling.groups.get(name) else {
        return;
    };
    let Some(refresh) = group.refreshes.last() else {
        return;
    };
    let rolls_back = refresh.preferences["AutoRollback"] == json!(true);
    let status = match refresh.rollback {
        None if rolls_back => {
            rollback::begin(world, name, reason);
            return;
        }
        None => "Failed",
        Some(_) => "RollbackFailed",
    };
    let reason = reason.to_owned();
    change(world, name, |it| it.reason = Some(reason));
    end(world, name, status);
}

fn end(world: &mut World, name: &str, status: &str) {
    let now = world.now;
    change(world, name, |it| {
        it.status = status.to_owned();
        it.ended_at = Some(now);
        if status.ends_with("Successful") {
            it.reason = None;
        }
    });
    if let Some(group) = world.autoscaling.groups.get_mut(name) {
        group.surge = 0;
    }
    look::soon(world, name);
}

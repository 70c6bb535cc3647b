//! What follows from an alarm.

use super::{
    activity, count,
    policy::Policy,
    step,
    target::Target,
    tracking::{self, COOLDOWN},
};
use crate::{
    World,
    service::{cloudwatch, ecs::Counts},
};
use serde_json::{Value, json};
use std::time::Duration;

/// What is known when an alarm fires.
struct Situation {
    target: Target,
    policy: Policy,
    counts: Counts,
    cause: String,
    /// The count before the scale-out that is still cooling down.
    before: Option<i64>,
}

/// Does what the policy says that an alarm names by `action`.
pub(super) fn decide(world: &mut World, action: &str, alarm: &str) {
    let Some(situation) = situation(world, action, alarm) else {
        return;
    };
    let own = situation.policy.alarms.as_ref();
    match situation.policy.kind.as_str() {
        "TargetTrackingScaling" if own.is_some_and(|it| it.high == alarm) => {
            track_out(world, &situation);
        }
        "TargetTrackingScaling" if own.is_some_and(|it| it.low.as_deref() == Some(alarm)) => {
            track_in(world, &situation);
        }
        "StepScaling" => take_step(world, &situation, alarm),
        _ => (),
    }
}

fn situation(world: &World, action: &str, alarm: &str) -> Option<Situation> {
    let (_, rest) = action.split_once(":resource/ecs/")?;
    let (resource, _) = rest.split_once(":policyName/")?;
    let target = world.scaling.targets.get(resource)?;
    let is_named =
        |it: &&Policy| action == it.arn || action.starts_with(&format!("{}:createdBy/", it.arn));
    let policy = target.policies.values().find(is_named)?;
    let state = world
        .cloudwatch
        .alarm(alarm)
        .map_or("ALARM", |it| &it.state.value);
    let cooling = target.cooldown.out.filter(|(until, _)| *until > world.now);
    Some(Situation {
        cause: format!(
            "monitor alarm {alarm} in state {state} triggered policy {}",
            policy.name
        ),
        before: cooling.map(|it| it.1),
        counts: count::counts(world, resource)?,
        target: target.clone(),
        policy: policy.clone(),
    })
}

/// How many tasks bring a metric to its target if `count` tasks make it what it is.
fn needed(count: i64, value: f64, target: f64) -> i64 {
    match count {
        // Nothing can be told of a service without tasks: the least there is.
        0 => i64::from(value > target),
        // What a division leaves behind the ninth digit is no task more.
        _ => (count as f64 * value / target - 1e-9).ceil().max(0.0) as i64,
    }
}

/// The newest value of the metric that an alarm watches.
fn newest(world: &World, alarm: &str) -> Option<f64> {
    cloudwatch::breach(world, alarm)?.values.first().copied()
}

fn is_in_alarm(world: &World, alarm: &str) -> bool {
    let alarm = world.cloudwatch.alarm(alarm);
    alarm.is_some_and(|it| it.state.value == "ALARM")
}

fn track_out(world: &mut World, now: &Situation) {
    let alarm = now.policy.alarms.as_ref().map(|it| it.high.as_str());
    let Some(value) = alarm.and_then(|it| newest(world, it)) else {
        return;
    };
    if now.target.suspended.dynamic_out {
        return;
    }
    // While a scale-out cools down, what it adds counts as there already.
    let count = now
        .before
        .map_or(now.counts.running, |it| it.min(now.counts.running));
    let wanted = needed(
        count,
        value,
        tracking::target_value(&now.policy.configuration),
    );
    let wanted = match now.counts.desired < now.target.min {
        true => now.target.min,
        false => wanted.min(now.target.max),
    };
    scale_out(world, now, wanted, "ScaleOutCooldown");
}

fn scale_out(world: &mut World, now: &Situation, wanted: i64, cooldown: &str) {
    let desired = now.counts.desired;
    if wanted <= desired {
        let reason = match desired >= now.target.max {
            true => json!({ "Code": "AlreadyAtMaxCapacity", "MaxCapacity": now.target.max }),
            false => json!({ "Code": "AlreadyAtDesiredCapacity", "CurrentCapacity": desired }),
        };
        activity::not_scaled(world, &now.target.resource, now.cause.clone(), reason);
        return;
    }
    if !activity::set_desired(world, &now.target.resource, wanted, now.cause.clone()) {
        return;
    }
    let until = world.now + seconds(&now.policy.configuration, cooldown);
    let before = now.before.unwrap_or(now.counts.running.min(desired));
    if let Some(target) = world.scaling.targets.get_mut(&now.target.resource) {
        target.cooldown.out = Some((until, before));
        target.cooldown.in_until = None;
    }
}

fn seconds(configuration: &Value, name: &str) -> Duration {
    let seconds = configuration.get(name).and_then(Value::as_i64);
    Duration::from_secs(seconds.unwrap_or(COOLDOWN).max(0) as u64)
}

fn track_in(world: &mut World, now: &Situation) {
    let Some(needed) = all_agree_on(world, now) else {
        return;
    };
    if !may_scale_in(world, now) {
        return;
    }
    let (running, desired) = (now.counts.running, now.counts.desired);
    let (min, max) = (now.target.min, now.target.max);
    let reason = if desired > max {
        return scale_in(world, now, max, "ScaleInCooldown");
    } else if desired == min {
        json!({ "Code": "AlreadyAtMinCapacity", "MinCapacity": min })
    } else if needed >= running {
        json!({ "Code": "AutoScalingAnticipatedFlapping", "CurrentCapacity": desired })
    } else {
        let step = world.habits.scale_in_step.max(1);
        let wanted = needed.max(running - step).max(desired - step).max(min);
        return scale_in(world, now, wanted, "ScaleInCooldown");
    };
    activity::not_scaled(world, &now.target.resource, now.cause.clone(), reason);
}

/// The largest count that a policy which scales in comes to, if all of them would scale in, and
/// none would scale out.
fn all_agree_on(world: &World, now: &Situation) -> Option<i64> {
    let tracking = now
        .target
        .policies
        .values()
        .filter_map(|it| Some((it, it.alarms.as_ref()?)));
    let mut largest = None;
    for (policy, alarms) in tracking {
        if is_in_alarm(world, &alarms.high) {
            return None;
        }
        let Some(low) = &alarms.low else {
            continue;
        };
        if !is_in_alarm(world, low) {
            return None;
        }
        let target = tracking::target_value(&policy.configuration);
        let needed = needed(now.counts.running, newest(world, low)?, target);
        largest = largest.max(Some(needed));
    }
    largest
}

/// Whether tasks may be taken away now; if a deployment forbids it, that is noted.
fn may_scale_in(world: &mut World, now: &Situation) -> bool {
    let is_cooling = now
        .target
        .cooldown
        .in_until
        .is_some_and(|it| it > world.now);
    let is_below = now.counts.desired < now.target.min;
    if now.target.suspended.dynamic_in || is_cooling || is_below {
        return false;
    }
    if now.counts.deploying {
        let reason = json!({ "Code": "TargetServicePutResourceAsUnscalable" });
        activity::not_scaled(world, &now.target.resource, now.cause.clone(), reason);
    }
    !now.counts.deploying
}

fn scale_in(world: &mut World, now: &Situation, wanted: i64, cooldown: &str) {
    if wanted >= now.counts.desired {
        return;
    }
    if !activity::set_desired(world, &now.target.resource, wanted, now.cause.clone()) {
        return;
    }
    let until = world.now + seconds(&now.policy.configuration, cooldown);
    if let Some(target) = world.scaling.targets.get_mut(&now.target.resource) {
        target.cooldown.in_until = Some(until);
    }
}

fn take_step(world: &mut World, now: &Situation, alarm: &str) {
    let Some(breach) = cloudwatch::breach(world, alarm) else {
        return;
    };
    let count = now
        .before
        .map_or(now.counts.running, |it| it.min(now.counts.running));
    let (min, max) = (now.target.min, now.target.max);
    let Some(wanted) = step::wanted(&now.policy.configuration, &breach, count) else {
        return;
    };
    if wanted > count {
        if !now.target.suspended.dynamic_out {
            scale_out(world, now, wanted.clamp(min, max), "Cooldown");
        }
    } else if wanted < count && may_scale_in(world, now) {
        if now.counts.desired == min {
            let reason = json!({ "Code": "AlreadyAtMinCapacity", "MinCapacity": min });
            activity::not_scaled(world, &now.target.resource, now.cause.clone(), reason);
        } else {
            scale_in(world, now, wanted.clamp(min, max), "Cooldown");
        }
    }
}

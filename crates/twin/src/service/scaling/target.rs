//! Scalable targets: the bounds of a service's count.

use super::{
    DIMENSION, activity, count, describe, invalid, on_target, place,
    policy::{self, Policy},
    scheduled::Scheduled,
    target_of,
};
use crate::{
    Action, Answer, Grant, Input, Refusal, Time, World,
    service::{
        iam,
        tags::{self, Tags},
    },
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A service that is scaled.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Target {
    pub(super) resource: String,
    pub(super) arn: String,
    pub(super) min: i64,
    pub(super) max: i64,
    pub(super) suspended: Suspended,
    pub(super) role: String,
    pub(super) policies: BTreeMap<String, Policy>,
    pub(super) actions: BTreeMap<String, Scheduled>,
    pub(super) cooldown: Cooldown,
    pub(super) tags: Tags,
    pub(super) created_at: Time,
}

/// What does not happen for now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Suspended {
    pub(super) dynamic_in: bool,
    pub(super) dynamic_out: bool,
    pub(super) scheduled: bool,
}

/// What the last actions have to have an effect on before the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Cooldown {
    /// Until when the last scale-out is waited for, and the count before it.
    pub(super) out: Option<(Time, i64)>,
    /// Until when nothing more is scaled in.
    pub(super) in_until: Option<Time>,
}

impl Target {
    fn shown(&self) -> Value {
        json!({
            "ServiceNamespace": "ecs",
            "ResourceId": self.resource,
            "ScalableDimension": DIMENSION,
            "MinCapacity": self.min,
            "MaxCapacity": self.max,
            "RoleARN": self.role,
            "CreationTime": self.created_at.value(),
            "SuspendedState": {
                "DynamicScalingInSuspended": self.suspended.dynamic_in,
                "DynamicScalingOutSuspended": self.suspended.dynamic_out,
                "ScheduledScalingSuspended": self.suspended.scheduled,
            },
            "ScalableTargetARN": self.arn,
        })
    }
}

pub(super) fn actions() -> Vec<Action> {
    vec![
        Action::on(
            "RegisterScalableTarget",
            register_scalable_target,
            registering,
        ),
        Action::on(
            "DeregisterScalableTarget",
            deregister_scalable_target,
            on_target,
        ),
        Action::new("DescribeScalableTargets", describe_scalable_targets),
    ]
}

fn registering(world: &World, input: &Input) -> Vec<Grant> {
    let tags = tags::from_map(input.get("Tags"));
    let tagged = |grant: Grant| {
        tags.iter().fold(grant, |grant, (key, value)| {
            grant.with(format!("aws:RequestTag/{key}"), value)
        })
    };
    let mut grants: Vec<Grant> = on_target(world, input).into_iter().map(tagged).collect();
    if !tags.is_empty() {
        let tagging = |it: &Grant| Grant {
            action: "application-autoscaling:TagResource".to_owned(),
            ..it.clone()
        };
        grants.extend(grants.first().map(tagging));
    }
    grants
}

/// Tags count only for a new target; of one that is there, they are left as they are.
fn register_scalable_target(world: &mut World, input: &Input) -> Answer {
    let resource = input.text("ResourceId");
    let is_ours =
        input.text("ServiceNamespace") == "ecs" && input.text("ScalableDimension") == DIMENSION;
    let Some((cluster, service)) = place(resource).filter(|_| is_ours) else {
        return Err(invalid(
            "Unsupported service namespace, resource type or scalable dimension",
        ));
    };
    let found = world.ecs.services.get(&format!("{cluster}/{service}"));
    if found.is_none_or(|it| it.status == "INACTIVE") {
        return Err(invalid(format!("ECS service doesn't exist: {resource}")));
    }
    let old = world.scaling.targets.get(resource).cloned();
    let (min, max) = bounds(input, old.as_ref())?;
    let suspended = suspended(input, old.as_ref());
    let target = match old {
        Some(old) => Target {
            min,
            max,
            suspended,
            ..old
        },
        None => {
            let tags = tags::from_map(input.get("Tags"));
            super::retag::check(&tags, "")?;
            Target {
                resource: resource.to_owned(),
                arn: new_arn(world),
                min,
                max,
                suspended,
                role: role(world),
                policies: BTreeMap::new(),
                actions: BTreeMap::new(),
                cooldown: Cooldown::default(),
                tags,
                created_at: world.now,
            }
        }
    };
    let arn = target.arn.clone();
    world.scaling.targets.insert(resource.to_owned(), target);
    keep_within(world, resource);
    Ok(json!({ "ScalableTargetARN": arn }))
}

fn new_arn(world: &mut World) -> String {
    let id = world.ids.hex(32);
    world.arn(
        "application-autoscaling",
        &format!("scalable-target/0ec5{id}"),
    )
}

/// The service-linked role, whatever role is named: ECS takes no other.
fn role(world: &mut World) -> String {
    iam::service_linked_role(world, "ecs.application-autoscaling.amazonaws.com")
}

fn bounds(input: &Input, old: Option<&Target>) -> Result<(i64, i64), Refusal> {
    let min = input.integer("MinCapacity").or(old.map(|it| it.min));
    let max = input.integer("MaxCapacity").or(old.map(|it| it.max));
    let (Some(min), Some(max)) = (min, max) else {
        return Err(invalid(
            "Minimum capacity and maximum capacity are required to register a scalable target.",
        ));
    };
    check_bounds(min, max)?;
    Ok((min, max))
}

/// Refuses bounds that no count is within.
pub(super) fn check_bounds(min: i64, max: i64) -> Result<(), Refusal> {
    if min < 0 {
        return Err(invalid(
            "Minimum capacity must be greater than or equal to 0",
        ));
    }
    match min <= max {
        true => Ok(()),
        false => Err(invalid(
            "Maximum capacity cannot be less than minimum capacity",
        )),
    }
}

fn suspended(input: &Input, old: Option<&Target>) -> Suspended {
    let old = old.map(|it| it.suspended).unwrap_or_default();
    let Some(state) = input.get("SuspendedState") else {
        return old;
    };
    let is = |name: &str, old: bool| state.get(name).and_then(Value::as_bool).unwrap_or(old);
    Suspended {
        dynamic_in: is("DynamicScalingInSuspended", old.dynamic_in),
        dynamic_out: is("DynamicScalingOutSuspended", old.dynamic_out),
        scheduled: is("ScheduledScalingSuspended", old.scheduled),
    }
}

/// Brings the count of an active service within its target's bounds.
pub(super) fn keep_within(world: &mut World, resource: &str) {
    let Some(target) = world.scaling.targets.get(resource) else {
        return;
    };
    let (min, max) = (target.min, target.max);
    let Some(counts) = count::counts(world, resource) else {
        return;
    };
    let cause = match counts.desired {
        desired if desired < min => format!("minimum capacity was set to {min}"),
        desired if desired > max => format!("maximum capacity was set to {max}"),
        _ => return,
    };
    activity::set_desired(world, resource, counts.desired.clamp(min, max), cause);
}

fn deregister_scalable_target(world: &mut World, input: &Input) -> Answer {
    let target = target_of(world, input)?.clone();
    world.scaling.targets.remove(&target.resource);
    for policy in target.policies.values() {
        policy::delete_alarms(world, policy);
    }
    Ok(json!({}))
}

fn describe_scalable_targets(world: &mut World, input: &Input) -> Answer {
    let resources = input.texts("ResourceIds");
    if resources.len() > 50 {
        return Err(invalid("At most 50 resource IDs can be specified."));
    }
    let targets = world.scaling.targets.values();
    let asked =
        targets.filter(|it| resources.is_empty() || resources.contains(&it.resource.as_str()));
    let shown = asked.map(Target::shown).collect();
    describe(input, "ScalableTargets", shown, 50)
}

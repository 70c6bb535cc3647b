//! How many instances a group is to have.

use super::{
    Group,
    activity::stamp,
    create, look,
    refusal::{invalid, lasting},
};
use crate::{Action, Answer, Input, Refusal, World};
use serde_json::json;

pub(super) fn actions() -> Vec<Action> {
    vec![Action::on(
        "SetDesiredCapacity",
        set_desired_capacity,
        create::on_group,
    )]
}

fn set_desired_capacity(world: &mut World, input: &Input) -> Answer {
    let name = lasting(world, input.text("AutoScalingGroupName"))?;
    let desired = input.integer("DesiredCapacity").unwrap_or(0);
    let group = super::refusal::named(world, &name)?;
    let (min, max) = (group.min, group.max);
    if desired < min {
        return Err(invalid(format!(
            "New SetDesiredCapacity value {desired} is below min value {min} for the \
             AutoScalingGroup."
        )));
    }
    if desired > max {
        return Err(invalid(format!(
            "New SetDesiredCapacity value {desired} is above max value {max} for the \
             AutoScalingGroup."
        )));
    }
    if input.flag("HonorCooldown") {
        check_cooldown(world, group)?;
    }
    let cause = "a user request explicitly set group desired capacity";
    change(world, &name, desired, cause);
    Ok(json!({}))
}

/// Refuses while an activity is in progress, or the cooldown after one.
pub(super) fn check_cooldown(world: &World, group: &Group) -> Result<(), Refusal> {
    let moving = group.members.values().find(|it| !it.in_service());
    let cooling = group.cooling_until.is_some_and(|it| it > world.now);
    if moving.is_none() && !cooling {
        return Ok(());
    }
    let mut activities = world.autoscaling.activities.iter().rev();
    let last = activities.find(|it| it.arn == group.arn);
    let id = last.map(|it| it.id.as_str()).unwrap_or_default();
    let text = format!("Scaling activity {id} is in progress and blocks this action");
    Err(Refusal::new("ScalingActivityInProgress", text))
}

/// Sets the desired capacity, which the bounds allow, for a cause such as `a user request …`.
pub(super) fn change(world: &mut World, name: &str, desired: i64, cause: &str) {
    let stamp = stamp(world.now);
    let Some(group) = world.autoscaling.groups.get_mut(name) else {
        return;
    };
    let before = std::mem::replace(&mut group.desired, desired);
    if before != desired {
        let at = match cause.starts_with("At ") {
            true => String::new(),
            false => format!("At {stamp} "),
        };
        let cause = cause.trim_end_matches('.');
        group.causes.push(format!(
            "{at}{cause} changing the desired capacity from {before} to {desired}."
        ));
        look::soon(world, name);
    }
}

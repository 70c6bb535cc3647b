//! Instances that stand by: they stay in their group, and out of service.

use super::{
    activity::{self, stamp},
    create, group, instance, look,
    refusal::{invalid, lasting, named, with_member},
    traffic,
};
use crate::{Action, Answer, Input, World};
use serde_json::{Value, json};

pub(super) fn actions() -> Vec<Action> {
    vec![
        Action::on("EnterStandby", enter, create::on_group),
        Action::on("ExitStandby", exit, create::on_group),
    ]
}

fn check(world: &World, name: &str, ids: &[&str], state: &str) -> Result<(), crate::Refusal> {
    for id in ids {
        with_member(world, name, id)?;
        if named(world, name)?.members[*id].lifecycle != state {
            return Err(invalid(format!("The instance {id} is not in {state}.")));
        }
    }
    Ok(())
}

fn enter(world: &mut World, input: &Input) -> Answer {
    let name = lasting(world, input.text("AutoScalingGroupName"))?;
    let ids = input.texts("InstanceIds");
    check(world, &name, &ids, "InService")?;
    let decrement = input.flag("ShouldDecrementDesiredCapacity");
    instance::check_decrement(world, &name, ids.len() as i64, decrement)?;
    let mut shown: Vec<Value> = Vec::new();
    for id in ids {
        let size = named(world, &name)?.size();
        traffic::leave(world, &name, id);
        let mut shrinking = String::new();
        if let Some(group) = world
            .autoscaling
            .groups
            .get_mut(&name)
            .filter(|_| decrement)
        {
            group.desired -= 1;
            shrinking = format!(", shrinking the capacity from {size} to {}", size - 1);
        }
        let cause = format!("was moved to standby in response to a user request{shrinking}.");
        let text = format!("Moving EC2 instance to Standby: {id}");
        shown.push(shift(world, &name, id, "Standby", text, &cause));
    }
    look::soon(world, &name);
    Ok(json!({ "Activities": shown }))
}

fn exit(world: &mut World, input: &Input) -> Answer {
    let name = lasting(world, input.text("AutoScalingGroupName"))?;
    let ids = input.texts("InstanceIds");
    check(world, &name, &ids, "Standby")?;
    let group = named(world, &name)?;
    if group.desired + ids.len() as i64 > group.max {
        return Err(invalid(format!(
            "Moving the instances out of standby would exceed the maximum size of the group: {}.",
            group.max
        )));
    }
    let mut shown: Vec<Value> = Vec::new();
    for id in ids {
        let size = named(world, &name)?.size();
        if let Some(group) = world.autoscaling.groups.get_mut(&name) {
            group.desired += 1;
        }
        let cause = format!(
            "was moved out of standby in response to a user request, increasing the capacity \
             from {size} to {}.",
            size + 1
        );
        let text = format!("Moving EC2 instance out of Standby: {id}");
        shown.push(shift(world, &name, id, "InService", text, &cause));
        traffic::join(world, &name, id);
    }
    look::soon(world, &name);
    Ok(json!({ "Activities": shown }))
}

/// Moves a member to a state. Answers the activity as it begins.
fn shift(world: &mut World, name: &str, id: &str, state: &str, text: String, cause: &str) -> Value {
    let cause = format!("At {} instance {id} {cause}", stamp(world.now));
    let Some(member) = group::member_mut(world, name, id) else {
        return Value::Null;
    };
    member.lifecycle = state.to_owned();
    let details = activity::details(&member.subnet, &member.zone);
    let activity = activity::begin(world, name, text, cause, details);
    let shown = activity::shown_by_id(world, &activity);
    activity::end(world, &activity, "Successful", None);
    shown
}

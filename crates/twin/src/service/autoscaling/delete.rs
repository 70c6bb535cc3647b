//! Deleting a group.

use super::{
    activity::{self, stamp},
    create, look, policy,
    refusal::{invalid, named},
    termination,
};
use crate::{Action, Answer, Input, Refusal, World};
use serde_json::json;

pub(super) fn actions() -> Vec<Action> {
    vec![Action::on(
        "DeleteAutoScalingGroup",
        delete,
        create::on_group,
    )]
}

fn delete(world: &mut World, input: &Input) -> Answer {
    let force = input.flag("ForceDelete");
    let group = named(world, input.text("AutoScalingGroupName"))?;
    let protection = group.text("DeletionProtection");
    if protection == "prevent-all-deletion" || force && protection == "prevent-force-deletion" {
        return Err(invalid(format!(
            "The Auto Scaling group {} cannot be deleted: its deletion protection is set to \
             {protection}.",
            group.name
        )));
    }
    if !force && !group.deleting && !group.members.is_empty() {
        let ending = group.members.values().all(|it| it.ending());
        return Err(match ending {
            true => Refusal::new(
                "ScalingActivityInProgress",
                "You cannot delete an AutoScalingGroup while there are scaling activities in \
                 progress for that group.",
            ),
            false => Refusal::new(
                "ResourceInUse",
                "You cannot delete an AutoScalingGroup while there are instances or pending Spot \
                 instance request(s) still in the group.",
            ),
        });
    }
    let name = group.name.clone();
    begin(world, &name);
    Ok(json!({}))
}

/// Begins the deletion of a group: its instances are terminated, and no lifecycle action is waited
/// for.
fn begin(world: &mut World, name: &str) {
    let stamp = stamp(world.now);
    let Some(group) = world.autoscaling.groups.get_mut(name) else {
        return;
    };
    let (size, desired) = (group.size(), group.desired);
    group.deleting = true;
    (group.min, group.max, group.desired, group.surge) = (0, 0, 0, 0);
    let members: Vec<String> = group.members.keys().cloned().collect();
    for instance in members {
        let cause = format!(
            "At {stamp} a user request force deleted AutoScalingGroup changing the desired \
             capacity from {desired} to 0.  At {stamp} an instance was taken out of service in \
             response to a difference between desired and actual capacity, shrinking the \
             capacity from {size} to 0.  At {stamp} instance {instance} was selected for \
             termination."
        );
        termination::begin(world, name, &instance, cause);
    }
    look::soon(world, name);
}

/// Ends the deletion of a group once its instances are gone.
pub(super) fn goes_on(world: &mut World, name: &str) {
    let groups = &world.autoscaling.groups;
    if groups.get(name).is_none_or(|it| !it.members.is_empty()) {
        return;
    }
    if let Some(group) = world.autoscaling.groups.remove(name) {
        for gone in group.policies.values() {
            policy::drop_alarms(world, gone);
        }
        activity::orphan(world, &group.arn);
    }
}

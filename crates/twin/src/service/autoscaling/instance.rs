//! What is done to instances of a group by name.

use super::{
    activity::{self, stamp},
    capacity, create, group, health, launch, look,
    refusal::{invalid, lasting, named, with_member},
    termination,
};
use crate::{Action, Answer, Grant, Input, Refusal, World, service::ec2};
use serde_json::{Value, json};

pub(super) fn actions() -> Vec<Action> {
    vec![
        Action::on("SetInstanceProtection", set_protection, create::on_group),
        Action::on("SetInstanceHealth", set_health, of_instance),
        Action::on(
            "TerminateInstanceInAutoScalingGroup",
            terminate,
            of_instance,
        ),
        Action::on("AttachInstances", attach, create::on_group),
        Action::on("DetachInstances", detach, create::on_group),
    ]
}

/// The action on the group of the instance that is named.
fn of_instance(world: &World, input: &Input) -> Vec<Grant> {
    let group = super::group_of(world, input.text("InstanceId"));
    let name = group.map_or(input.text("AutoScalingGroupName"), |it| it.name.as_str());
    vec![create::grant(world, name)]
}

fn set_protection(world: &mut World, input: &Input) -> Answer {
    let name = lasting(world, input.text("AutoScalingGroupName"))?;
    let ids = input.texts("InstanceIds");
    if ids.len() > 50 {
        return Err(Refusal::new(
            "LimitExceeded",
            "You cannot specify more than 50 instance IDs.",
        ));
    }
    for id in &ids {
        with_member(world, &name, id)?;
        let member = &named(world, &name)?.members[*id];
        let state = member.lifecycle.as_str();
        if !["InService", "EnteringStandby", "Standby"].contains(&state) {
            return Err(invalid(format!(
                "The instance {id} is not in InService or EnteringStandby or Standby."
            )));
        }
    }
    for id in ids {
        super::protect(world, id, input.flag("ProtectedFromScaleIn"));
    }
    Ok(json!({}))
}

/// The group of an instance that is named without one.
fn group_with(world: &World, instance: &str) -> Result<String, Refusal> {
    let group = super::group_of(world, instance);
    group.map(|it| it.name.clone()).ok_or_else(|| {
        invalid(format!(
            "Instance Id not found - No managed instance found for instance ID: {instance}"
        ))
    })
}

fn set_health(world: &mut World, input: &Input) -> Answer {
    let id = input.text("InstanceId");
    let name = group_with(world, id)?;
    let status = input.text("HealthStatus");
    if !["Healthy", "Unhealthy"].contains(&status) {
        return Err(invalid(format!(
            "{status} is not a valid health status. Valid values are: Healthy, Unhealthy"
        )));
    }
    let group = named(world, &name)?;
    let grace = group.number("HealthCheckGracePeriod").unwrap_or(0).max(0);
    let respects = input.get("ShouldRespectGracePeriod") != Some(&json!(false));
    let since = group.members[id].in_service_at;
    let young = since.is_none_or(|it| world.now.since(it).as_secs() < grace as u64);
    if status == "Unhealthy" && respects && grace > 0 && young {
        return Ok(json!({}));
    }
    if let Some(member) = group::member_mut(world, &name, id) {
        member.health = status.to_owned();
    }
    look::soon(world, &name);
    Ok(json!({}))
}

fn terminate(world: &mut World, input: &Input) -> Answer {
    let mut ids = input.texts("InstanceIds");
    let several = !ids.is_empty();
    ids.extend(input.maybe("InstanceId"));
    if ids.is_empty() || several && !input.has("AutoScalingGroupName") {
        return Err(invalid(
            "Either an instance ID, or instance IDs and an Auto Scaling group name must be \
             specified.",
        ));
    }
    let name = match several {
        true => lasting(world, input.text("AutoScalingGroupName"))?,
        false => group_with(world, ids[0])?,
    };
    for id in &ids {
        with_member(world, &name, id)?;
    }
    let decrement = input.flag("ShouldDecrementDesiredCapacity");
    check_decrement(world, &name, ids.len() as i64, decrement)?;
    let mut activities = Vec::new();
    for id in ids {
        let id = end(world, &name, id, decrement);
        activities.push(activity::shown_by_id(world, &id));
    }
    Ok(match several {
        true => json!({ "Activities": activities }),
        false => json!({ "Activity": activities.remove(0) }),
    })
}

/// Refuses to lower the desired capacity below the minimum.
pub(super) fn check_decrement(
    world: &World,
    name: &str,
    count: i64,
    decrement: bool,
) -> Result<(), Refusal> {
    let group = named(world, name)?;
    if decrement && group.desired - count < group.min {
        return Err(invalid(format!(
            "Currently, desiredSize equals minSize ({}). Terminating instance without \
             replacement will violate group's min size constraint. Either set \
             shouldDecrementDesiredCapacity flag to false or lower group's min size.",
            group.min
        )));
    }
    Ok(())
}

fn end(world: &mut World, name: &str, id: &str, decrement: bool) -> String {
    let stamp = stamp(world.now);
    let Some(group) = world.autoscaling.groups.get_mut(name) else {
        return String::new();
    };
    let size = group.size();
    let ending = group.members.get(id).is_some_and(|it| it.ending());
    let shrinking = match decrement && !ending {
        true => {
            group.desired -= 1;
            format!(", shrinking the capacity from {size} to {}", size - 1)
        }
        false => {
            if !ending {
                group.replacing.push(health::REPLACES.into());
            }
            String::new()
        }
    };
    let cause = format!(
        "At {stamp} instance {id} was taken out of service in response to a user \
         request{shrinking}."
    );
    let activity = termination::begin(world, name, id, cause);
    look::soon(world, name);
    activity
}

fn attach(world: &mut World, input: &Input) -> Answer {
    let name = lasting(world, input.text("AutoScalingGroupName"))?;
    let ids = input.texts("InstanceIds");
    let group = named(world, &name)?.clone();
    let after = group.desired + ids.len() as i64;
    if after > group.max {
        return Err(invalid(format!(
            "The number of instances being attached plus the desired capacity of the group \
             exceeds the maximum size of the group: {after} is above {}.",
            group.max
        )));
    }
    for id in &ids {
        let state = ec2::instance(world, id).map(|it| it.state.as_str());
        if state != Some("running") {
            return Err(invalid(format!(
                "Invalid Instance ID(s): [{id}] is not in a correct state. Instance(s) must be \
                 in 'running' state."
            )));
        }
        if let Some(other) = super::group_of(world, id) {
            return Err(invalid(format!(
                "Instance {id} is already part of AutoScalingGroup: {}",
                other.name
            )));
        }
    }
    let before = group.desired;
    capacity::change(world, &name, after, "a user request attached instances");
    for (index, id) in ids.iter().enumerate() {
        take(world, &name, id, before + index as i64);
    }
    Ok(json!({}))
}

fn take(world: &mut World, name: &str, id: &str, size: i64) {
    let stamp = stamp(world.now);
    let Some(group) = world.autoscaling.groups.get_mut(name) else {
        return;
    };
    group.causes.clear();
    let group = group.clone();
    let place = ec2::instance(world, id).map(|it| (it.subnet.clone(), it.zone.clone()));
    let place = place.unwrap_or_default();
    let cause = format!(
        "At {stamp} an instance was attached in response to a user request, increasing the \
         capacity from {size} to {}.",
        size + 1
    );
    let text = format!("Attaching an existing EC2 instance: {id}");
    let details = activity::details(&place.0, &place.1);
    let activity = activity::begin(world, name, text, cause, details);
    launch::join(world, &group, id, Some(activity), place);
    if let Some(instance) = ec2::instance_mut(world, id) {
        instance.group = Some(name.to_owned());
        let key = "aws:autoscaling:groupName";
        instance.tags.insert(key.into(), name.to_owned());
    }
    launch::in_service(world, name, id);
}

fn detach(world: &mut World, input: &Input) -> Answer {
    let name = lasting(world, input.text("AutoScalingGroupName"))?;
    let ids = input.texts("InstanceIds");
    for id in &ids {
        with_member(world, &name, id)?;
        let member = &named(world, &name)?.members[*id];
        if !["InService", "Standby"].contains(&member.lifecycle.as_str()) {
            return Err(invalid(format!(
                "The instance {id} is not in InService or Standby."
            )));
        }
    }
    let decrement = input.flag("ShouldDecrementDesiredCapacity");
    check_decrement(world, &name, ids.len() as i64, decrement)?;
    let shown = ids.iter().map(|id| release(world, &name, id, decrement));
    let shown: Vec<Value> = shown.collect();
    look::soon(world, &name);
    Ok(json!({ "Activities": shown }))
}

/// Lets an instance leave its group. Answers the activity.
fn release(world: &mut World, name: &str, id: &str, decrement: bool) -> Value {
    super::traffic::leave(world, name, id);
    let stamp = stamp(world.now);
    let Some(group) = world.autoscaling.groups.get_mut(name) else {
        return Value::Null;
    };
    let size = group.size();
    let Some(member) = group.members.remove(id) else {
        return Value::Null;
    };
    let mut shrinking = String::new();
    if decrement {
        group.desired -= 1;
        shrinking = format!(", shrinking the capacity from {size} to {}", size - 1);
    }
    let cause =
        format!("At {stamp} instance {id} was detached in response to a user request{shrinking}.");
    let details = activity::details(&member.subnet, &member.zone);
    let text = format!("Detaching EC2 instance: {id}");
    let activity = activity::begin(world, name, text, cause, details);
    let shown = activity::shown_by_id(world, &activity);
    activity::end(world, &activity, "Successful", None);
    if let Some(instance) = ec2::instance_mut(world, id) {
        instance.group = None;
        instance.tags.remove("aws:autoscaling:groupName");
    }
    shown
}

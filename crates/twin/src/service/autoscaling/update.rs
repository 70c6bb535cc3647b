//! Changing a group.

use super::{
    capacity, create, look,
    refusal::{invalid, lasting},
    shape, traffic,
};
use crate::{Action, Answer, Grant, Input, Refusal, World};
use serde_json::{Value, json};

pub(super) fn actions() -> Vec<Action> {
    vec![Action::on("UpdateAutoScalingGroup", update, needs)]
}

fn needs(world: &World, input: &Input) -> Vec<Grant> {
    let mut needs = create::on_group(world, input);
    needs.extend(create::launching(world, input));
    needs
}

fn update(world: &mut World, input: &Input) -> Answer {
    let name = lasting(world, input.text("AutoScalingGroupName"))?;
    shape::check(input)?;
    let (min, max, desired) = sizes(world, &name, input)?;
    check_refresh(world, &name, input)?;
    let source = source(world, input)?;
    let places = places(world, &name, input)?;
    let Some(group) = world.autoscaling.groups.get_mut(&name) else {
        return Ok(json!({}));
    };
    let before = group.desired;
    (group.min, group.max) = (min, max);
    if let Some(protect) = input.get("NewInstancesProtectedFromScaleIn") {
        group.protect_new = protect == &json!(true);
    }
    if let Some(more) = group.more.as_object_mut() {
        shape::write(more, input);
        if let Some((way, value)) = source {
            more.remove("LaunchTemplate");
            more.remove("MixedInstancesPolicy");
            more.insert(way.to_owned(), value);
            // What could not be launched may well be now.
            group.retry_at = None;
        }
        if let Some((subnets, zones)) = places {
            more.insert("AvailabilityZones".into(), json!(zones));
            if !input.has("VPCZoneIdentifier") {
                more.remove("VPCZoneIdentifier");
            }
            group.subnets = subnets;
        }
    }
    let cause = format!(
        "a user request update of AutoScalingGroup constraints to min: {min}, max: {max}, \
         desired: {desired}"
    );
    if desired != before {
        capacity::change(world, &name, desired, &cause);
    }
    traffic::settle(world, &name);
    look::soon(world, &name);
    Ok(json!({}))
}

/// The sizes after the request. A minimum above the desired capacity raises it, a maximum below
/// it lowers it, unless it is given, too.
fn sizes(world: &World, name: &str, input: &Input) -> Result<(i64, i64, i64), Refusal> {
    let group = super::refusal::named(world, name)?;
    let min = input.integer("MinSize").unwrap_or(group.min);
    let max = input.integer("MaxSize").unwrap_or(group.max);
    let desired = match input.integer("DesiredCapacity") {
        Some(desired) => desired,
        None => group.desired.min(max).max(min),
    };
    shape::check_size(min, max, desired)?;
    Ok((min, max, desired))
}

fn check_refresh(world: &World, name: &str, input: &Input) -> Result<(), Refusal> {
    let group = super::refusal::named(world, name)?;
    let refresh = group.refreshes.last().filter(|it| it.is_active());
    let derived = refresh.is_some_and(|it| it.configuration().is_some());
    if derived && (input.has("LaunchTemplate") || input.has("MixedInstancesPolicy")) {
        return Err(invalid(
            "An active instance refresh with a desired configuration exists. All configuration \
             options derived from the desired configuration are not available for update while \
             the instance refresh is active.",
        ));
    }
    Ok(())
}

type Source = Option<(&'static str, Value)>;

fn source(world: &mut World, input: &Input) -> Result<Source, Refusal> {
    let ways = [
        "LaunchTemplate",
        "MixedInstancesPolicy",
        "LaunchConfigurationName",
    ];
    let given: Vec<&'static str> = ways.into_iter().filter(|it| input.has(it)).collect();
    match given.as_slice() {
        [] => Ok(None),
        [way] => {
            let mut made = create::made_from(world, input)?;
            Ok(Some((way, made[*way].take())))
        }
        _ => Err(invalid(
            "Valid requests must contain either LaunchTemplate, LaunchConfigurationName or \
             MixedInstancesPolicy parameter.",
        )),
    }
}

type Places = Option<(Vec<String>, Vec<String>)>;

fn places(world: &mut World, name: &str, input: &Input) -> Result<Places, Refusal> {
    if !input.has("VPCZoneIdentifier") && !input.has("AvailabilityZones") {
        return Ok(None);
    }
    let zones: Vec<String> = input
        .texts("AvailabilityZones")
        .into_iter()
        .map(str::to_owned)
        .collect();
    let subnets = match input.maybe("VPCZoneIdentifier") {
        Some(subnets) => subnets.to_owned(),
        // Zones that are changed alone are checked against the subnets that are there.
        None => {
            let group = super::refusal::named(world, name)?;
            group.text("VPCZoneIdentifier").to_owned()
        }
    };
    let zones: Vec<&str> = zones.iter().map(String::as_str).collect();
    shape::places(world, &subnets, &zones).map(Some)
}

//! Making a group.

use super::{Group, activity::stamp, hook, look, refusal::invalid, shape, tag};
use crate::{
    Action, Answer, Grant, Input, Refusal, World,
    service::{ec2, iam},
};
use serde_json::{Value, json};

pub(super) fn actions() -> Vec<Action> {
    vec![Action::on("CreateAutoScalingGroup", create, needs)]
}

/// What a caller must be allowed to do to a group of that name: the action on its ARN.
pub(super) fn on_group(world: &World, input: &Input) -> Vec<Grant> {
    vec![grant(world, input.text("AutoScalingGroupName"))]
}

/// The called action on a group, with its tags.
pub(super) fn grant(world: &World, name: &str) -> Grant {
    match super::group(world, name) {
        Some(group) => {
            let grant = Grant::on(&group.arn);
            let tags = group.tags.iter();
            tags.fold(grant, |grant, (key, value)| {
                let both = ["aws:ResourceTag", "autoscaling:ResourceTag"];
                both.iter().fold(grant, |it, prefix| {
                    it.with(format!("{prefix}/{key}"), value)
                })
            })
        }
        None => Grant::on(world.arn(
            "autoscaling",
            &format!("autoScalingGroup:*:autoScalingGroupName/{name}"),
        )),
    }
}

/// What else a caller must be allowed who has a group launch from a template.
pub(super) fn launching(world: &World, input: &Input) -> Vec<Grant> {
    let configuration = Value::Object(input.members.clone());
    let template = super::group::template_in(&configuration);
    if !template.is_object() {
        return Vec::new();
    }
    // A dry run of RunInstances, as AWS does it with the caller's permissions.
    ec2::launch_grants(world, &template)
}

fn needs(world: &World, input: &Input) -> Vec<Grant> {
    let mut own = grant(world, input.text("AutoScalingGroupName"));
    for tag in input.list("Tags") {
        let key = tag["Key"].as_str().unwrap_or_default();
        let value = tag["Value"].as_str().unwrap_or_default();
        own = own
            .with(format!("aws:RequestTag/{key}"), value)
            .with("aws:TagKeys", key);
    }
    let mut needs = vec![own];
    needs.extend(launching(world, input));
    needs
}

fn create(world: &mut World, input: &Input) -> Answer {
    let name = input.text("AutoScalingGroupName");
    check_name(world, name)?;
    shape::check(input)?;
    let min = input.integer("MinSize").unwrap_or(0);
    let max = input.integer("MaxSize").unwrap_or(0);
    let desired = input.integer("DesiredCapacity").unwrap_or(min);
    shape::check_size(min, max, desired)?;
    let mut more = source(world, input)?;
    let zones = input.texts("AvailabilityZones");
    let (subnets, zones) = shape::places(world, input.text("VPCZoneIdentifier"), &zones)?;
    let (tags, propagated) = tag::given(input.list("Tags"), Some(name))?;
    for hook in input.list("LifecycleHookSpecificationList") {
        hook::check(hook, true)?;
    }
    defaults(world, &mut more);
    more["AvailabilityZones"] = json!(zones);
    for listed in ["LoadBalancerNames", "TargetGroupARNs", "TrafficSources"] {
        more[listed] = input.list(listed).into();
    }
    if let Some(more) = more.as_object_mut() {
        shape::write(more, input);
    }
    let id = world.ids.uuid();
    let arn = format!("autoScalingGroup:{id}:autoScalingGroupName/{name}");
    let group = Group {
        name: name.to_owned(),
        arn: world.arn("autoscaling", &arn),
        min,
        max,
        desired,
        protect_new: input.flag("NewInstancesProtectedFromScaleIn"),
        tags,
        propagated,
        more,
        created_at: world.now,
        subnets,
        causes: match desired {
            0 => Vec::new(),
            _ => vec![format!(
                "At {} a user request created an AutoScalingGroup changing the desired capacity \
                 from 0 to {desired}.",
                stamp(world.now)
            )],
        },
        ..Group::default()
    };
    world.autoscaling.groups.insert(name.to_owned(), group);
    for hook in input.list("LifecycleHookSpecificationList") {
        hook::put(world, name, hook);
    }
    look::soon(world, name);
    Ok(json!({}))
}

fn check_name(world: &World, name: &str) -> Result<(), Refusal> {
    if name.contains(':') {
        return Err(invalid("AutoScalingGroup name cannot contain a colon (:)"));
    }
    let Some(group) = super::group(world, name) else {
        return Ok(());
    };
    let state = match group.deleting {
        false => "already exists",
        true => "already exists and is pending delete",
    };
    let text = format!(
        "AutoScalingGroup by this name already exists - A group with the name {name} {state}"
    );
    Err(Refusal::new("AlreadyExists", text))
}

/// What instances are made from: exactly one way is to be given.
fn source(world: &mut World, input: &Input) -> Result<Value, Refusal> {
    let ways = [
        "LaunchTemplate",
        "MixedInstancesPolicy",
        "LaunchConfigurationName",
        "InstanceId",
    ];
    if ways.iter().filter(|it| input.has(it)).count() != 1 {
        return Err(invalid(
            "Valid requests must contain either LaunchTemplate, LaunchConfigurationName, \
             InstanceId or MixedInstancesPolicy parameter.",
        ));
    }
    made_from(world, input)
}

/// The launch template or the mixed instances policy of a request, as shown.
pub(super) fn made_from(world: &mut World, input: &Input) -> Result<Value, Refusal> {
    if let Some(template) = input.get("LaunchTemplate") {
        return Ok(json!({ "LaunchTemplate": shape::template(world, template)? }));
    }
    if let Some(policy) = input.get("MixedInstancesPolicy") {
        return Ok(json!({ "MixedInstancesPolicy": shape::mixed(world, policy)? }));
    }
    if let Some(name) = input.maybe("LaunchConfigurationName") {
        // A new account cannot make launch configurations, so that none is ever there.
        return Err(invalid(format!(
            "Launch configuration name not found - Launch configuration {name} not found"
        )));
    }
    Err(invalid(
        "The Launch Configuration creation operation is not available in your account. Use \
         launch templates to create configuration templates for your Auto Scaling groups.",
    ))
}

fn defaults(world: &mut World, more: &mut Value) {
    let role = iam::service_linked_role(world, "autoscaling.amazonaws.com");
    more["ServiceLinkedRoleARN"] = json!(role);
    more["DefaultCooldown"] = json!(300);
    more["HealthCheckType"] = json!("EC2");
    more["HealthCheckGracePeriod"] = json!(0);
    more["TerminationPolicies"] = json!(["Default"]);
    more["DeletionProtection"] = json!("none");
    more["AvailabilityZoneDistribution"] =
        json!({ "CapacityDistributionStrategy": "balanced-best-effort" });
    more["AvailabilityZoneImpairmentPolicy"] = json!({
        "ZonalShiftEnabled": false,
        "ImpairedZoneHealthCheckBehavior": "IgnoreUnhealthy",
    });
    more["CapacityReservationSpecification"] =
        json!({ "CapacityReservationPreference": "default" });
}

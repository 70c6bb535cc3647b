//! How instances are, and single attributes of theirs.

use super::{
    super::{
        filter::Filters,
        listing::{self, Listing},
        zone,
    },
    Instance, check_ids, shown_state, user_data,
};
use crate::{
    Action, Answer, Input, World,
    call::object,
    service::ec2::{group, kind},
};
use serde_json::{Value, json};
use std::time::Duration;

pub(super) fn actions() -> Vec<Action> {
    vec![
        Action::new("DescribeInstanceStatus", describe_instance_status),
        Action::new("DescribeInstanceCreditSpecifications", describe_credits),
        Action::new("DescribeInstanceAttribute", describe_instance_attribute),
    ]
}

/// How long the checks of an instance take after it has booted.
const CHECKED: Duration = Duration::from_secs(120);

/// A check: its status, and that of the reachability that it looks at.
fn check(world: &World, instance: &Instance) -> Value {
    let (status, detail) = match instance.running_at {
        Some(at) if instance.state == "running" => match world.now.since(at) >= CHECKED {
            true => ("ok", Some("passed")),
            false => ("initializing", Some("initializing")),
        },
        _ => ("not-applicable", None),
    };
    let details = detail.map(|it| json!([{ "Name": "reachability", "Status": it }]));
    object([("Status", Some(status.into())), ("Details", details)])
}

fn show_status(world: &World, instance: &Instance) -> Value {
    let check = check(world, instance);
    json!({
        "AvailabilityZone": instance.zone,
        "AvailabilityZoneId": zone::zone_id(&instance.zone),
        "Operator": { "Managed": false },
        "InstanceId": instance.id,
        "InstanceState": shown_state(&instance.state),
        "InstanceStatus": check,
        "SystemStatus": check,
        "AttachedEbsStatus": check,
    })
}

#[rustfmt::skip]
const FILTERS: Filters = &[
    ("availability-zone", "AvailabilityZone"), ("availability-zone-id", "AvailabilityZoneId"),
    ("event.code", "Events.Code"), ("event.description", "Events.Description"),
    ("event.instance-event-id", "Events.InstanceEventId"), ("event.not-after", "Events.NotAfter"),
    ("event.not-before", "Events.NotBefore"),
    ("event.not-before-deadline", "Events.NotBeforeDeadline"),
    ("instance-state-code", "InstanceState.Code"), ("instance-state-name", "InstanceState.Name"),
    ("instance-status.reachability", "InstanceStatus.Details.Status"),
    ("instance-status.status", "InstanceStatus.Status"),
    ("operator.managed", "Operator.Managed"), ("operator.principal", "Operator.Principal"),
    ("system-status.reachability", "SystemStatus.Details.Status"),
    ("system-status.status", "SystemStatus.Status"),
    ("attached-ebs-status.status", "AttachedEbsStatus.Status"),
    ("application-status.status", "ApplicationStatus.Status"),
];

fn describe_instance_status(world: &mut World, input: &Input) -> Answer {
    listing::ids_or_pages(input, "InstanceIds")?;
    let ids = input.texts("InstanceIds");
    check_ids(world, &ids)?;
    let is_asked = |it: &&Instance| {
        let is_shown = it.state == "running" || input.flag("IncludeAllInstances");
        is_shown && (ids.is_empty() || ids.contains(&&*it.id))
    };
    let instances = world.ec2.instances.values().filter(is_asked);
    let listing = Listing {
        member: "InstanceStatuses",
        ids: None,
        filters: FILTERS,
    };
    listing.answer(input, instances.map(|it| show_status(world, it)).collect())
}

const CREDIT_FILTERS: Filters = &[("instance-id", "InstanceId")];

/// Without ids, only what is unlimited is shown.
fn describe_credits(world: &mut World, input: &Input) -> Answer {
    let ids = input.texts("InstanceIds");
    check_ids(world, &ids)?;
    let is_asked = |it: &&Instance| match ids.is_empty() {
        true => it.unlimited && it.state != "terminated",
        false => ids.contains(&&*it.id),
    };
    let bursts = |it: &&Instance| {
        kind::instance_type(&it.instance_type).is_some_and(|it| it.burst.is_some())
    };
    let show = |it: &Instance| {
        let credits = if it.unlimited {
            "unlimited"
        } else {
            "standard"
        };
        json!({ "InstanceId": it.id, "CpuCredits": credits })
    };
    let instances = world.ec2.instances.values().filter(is_asked).filter(bursts);
    let listing = Listing {
        member: "InstanceCreditSpecifications",
        ids: None,
        filters: CREDIT_FILTERS,
    };
    listing.answer(input, instances.map(show).collect())
}

fn describe_instance_attribute(world: &mut World, input: &Input) -> Answer {
    let id = input.text("InstanceId");
    check_ids(world, &[id])?;
    let instance = &world.ec2.instances[id];
    let shown = instance.show(world);
    let text = |value: Value| json!({ "Value": value });
    let (member, value) = match input.text("Attribute") {
        "userData" => {
            let data = &instance.user_data;
            let shown = (!data.is_empty()).then(|| json!({ "Value": user_data::encode(data) }));
            ("UserData", shown.unwrap_or_else(|| json!({})))
        }
        "disableApiTermination" => ("DisableApiTermination", text(instance.locked.into())),
        "disableApiStop" => ("DisableApiStop", text(instance.unstoppable.into())),
        "instanceType" => ("InstanceType", text(shown["InstanceType"].clone())),
        "rootDeviceName" => ("RootDeviceName", text(shown["RootDeviceName"].clone())),
        "ebsOptimized" => ("EbsOptimized", text(shown["EbsOptimized"].clone())),
        "enaSupport" => ("EnaSupport", text(true.into())),
        "sourceDestCheck" => ("SourceDestCheck", text(shown["SourceDestCheck"].clone())),
        "blockDeviceMapping" => ("BlockDeviceMappings", shown["BlockDeviceMappings"].clone()),
        "enclaveOptions" => ("EnclaveOptions", shown["EnclaveOptions"].clone()),
        "productCodes" => ("ProductCodes", json!([])),
        "groupSet" => {
            let groups = instance.security_groups.iter();
            (
                "Groups",
                groups.map(|it| group::mention(world, it)).collect(),
            )
        }
        "instanceInitiatedShutdownBehavior" => {
            let ends = instance.ends_when_off;
            let behaviour = if ends { "terminate" } else { "stop" };
            ("InstanceInitiatedShutdownBehavior", text(behaviour.into()))
        }
        "kernel" => ("KernelId", json!({})),
        "ramdisk" => ("RamdiskId", json!({})),
        _ => ("SriovNetSupport", json!({})),
    };
    Ok(json!({ "InstanceId": id, member: value }))
}

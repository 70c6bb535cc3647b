//! What a group's settings may be, and where its instances go.

use super::{ask, refusal::invalid};
use crate::{Input, Refusal, World, service::ec2};
use serde_json::{Map, Value, json};

/// Settings that are shown as they were given.
const PLAIN: [&str; 19] = [
    "DefaultCooldown",
    "HealthCheckType",
    "HealthCheckGracePeriod",
    "PlacementGroup",
    "TerminationPolicies",
    "CapacityRebalance",
    "MaxInstanceLifetime",
    "Context",
    "DesiredCapacityType",
    "DefaultInstanceWarmup",
    "InstanceMaintenancePolicy",
    "AvailabilityZoneDistribution",
    "AvailabilityZoneImpairmentPolicy",
    "CapacityReservationSpecification",
    "InstanceLifecyclePolicy",
    "Operator",
    "DeletionProtection",
    "ServiceLinkedRoleARN",
    "VPCZoneIdentifier",
];

/// Writes the plain settings of a request over those that are there. What says "forget it" is
/// forgotten.
pub(super) fn write(more: &mut Map<String, Value>, input: &Input) {
    for name in PLAIN {
        let Some(value) = input.get(name) else {
            continue;
        };
        let forgets = match name {
            "PlacementGroup" => value == "",
            "DefaultInstanceWarmup" => *value == json!(-1),
            "MaxInstanceLifetime" => *value == json!(0),
            "InstanceMaintenancePolicy" => value["MinHealthyPercentage"] == json!(-1),
            _ => false,
        };
        match forgets {
            true => more.remove(name),
            false => more.insert(name.to_owned(), value.clone()),
        };
    }
}

/// Checks the plain settings of a request.
pub(super) fn check(input: &Input) -> Result<(), Refusal> {
    let negative = ["DefaultCooldown", "HealthCheckGracePeriod"];
    for name in negative {
        if input.integer(name).is_some_and(|it| it < 0) {
            return Err(invalid(format!("{name} must not be negative.")));
        }
    }
    if input
        .integer("DefaultInstanceWarmup")
        .is_some_and(|it| it < -1)
    {
        return Err(invalid("DefaultInstanceWarmup must not be negative."));
    }
    let lifetime = input.integer("MaxInstanceLifetime").unwrap_or(0);
    if lifetime != 0 && !(86_400..=31_536_000).contains(&lifetime) {
        return Err(invalid(format!(
            "Max instance lifetime must be between 86400 and 31536000, but was {lifetime}."
        )));
    }
    for kind in input.text("HealthCheckType").split(',') {
        if !["", "EC2", "ELB", "EBS", "VPC_LATTICE"].contains(&kind.trim()) {
            return Err(invalid(format!("Invalid HealthCheckType: {kind}")));
        }
    }
    for policy in input.texts("TerminationPolicies") {
        if !super::types::TERMINATION_POLICIES.contains(&policy) && !policy.starts_with("arn:") {
            return Err(invalid(format!(
                "TerminationPolicy '{policy}' is not a valid termination policy."
            )));
        }
    }
    Ok(())
}

/// Checks the bounds of a group's size.
pub(super) fn check_size(min: i64, max: i64, desired: i64) -> Result<(), Refusal> {
    for (name, size) in [("Min", min), ("Max", max), ("Desired", desired)] {
        if size < 0 {
            return Err(invalid(format!("{name} size must not be negative: {size}")));
        }
    }
    if max < min {
        return Err(invalid(format!(
            "Max bound, {max}, must be greater than or equal to min bound, {min}"
        )));
    }
    if !(min..=max).contains(&desired) {
        return Err(invalid(format!(
            "Desired capacity:{desired} must be between the specified min size:{min} and max \
             size:{max}"
        )));
    }
    Ok(())
}

/// A launch template as a group shows it, with id, name and version, once it was checked.
pub(super) fn template(world: &mut World, given: &Value) -> Result<Value, Refusal> {
    let id = given["LaunchTemplateId"].as_str();
    let name = given["LaunchTemplateName"].as_str();
    if id.is_some() == name.is_some() {
        return Err(invalid(
            "Valid requests must contain either launchTemplateId or LaunchTemplateName",
        ));
    }
    ec2::check_template(world, given).map_err(|text| {
        invalid(format!(
            "You must use a valid fully-formed launch template. {text}"
        ))
    })?;
    let mut shown = given.clone();
    // "If the value is not specified, the default version is used", and is what is shown.
    if given.get("Version").is_none() {
        shown["Version"] = json!("$Default");
    }
    let request = match (id, name) {
        (Some(id), _) => json!({ "LaunchTemplateIds": [id] }),
        _ => json!({ "LaunchTemplateNames": [name] }),
    };
    let found = ask(world, "ec2", "DescribeLaunchTemplates", request);
    if let Some(found) = found.and_then(|it| it["LaunchTemplates"].get(0).cloned()) {
        shown["LaunchTemplateId"] = found["LaunchTemplateId"].clone();
        shown["LaunchTemplateName"] = found["LaunchTemplateName"].clone();
    }
    Ok(shown)
}

/// A mixed instances policy as a group shows it, once its template was checked.
pub(super) fn mixed(world: &mut World, given: &Value) -> Result<Value, Refusal> {
    let mut shown = given.clone();
    let specification = &given["LaunchTemplate"]["LaunchTemplateSpecification"];
    if !specification.is_object() {
        return Err(invalid(
            "LaunchTemplateSpecification is required in a mixed instances policy.",
        ));
    }
    shown["LaunchTemplate"]["LaunchTemplateSpecification"] = template(world, specification)?;
    if !shown["LaunchTemplate"]["Overrides"].is_array() {
        shown["LaunchTemplate"]["Overrides"] = json!([]);
    }
    let mut distribution = json!({
        "OnDemandAllocationStrategy": "prioritized",
        "OnDemandBaseCapacity": 0,
        "OnDemandPercentageAboveBaseCapacity": 100,
        "SpotAllocationStrategy": "lowest-price",
        "SpotInstancePools": 2,
    });
    if let Some(given) = given["InstancesDistribution"].as_object() {
        for (name, value) in given {
            distribution[name] = value.clone();
        }
    }
    shown["InstancesDistribution"] = distribution;
    Ok(shown)
}

/// The subnets that a request names, or the default ones of its zones; and the zones.
pub(super) fn places(
    world: &mut World,
    subnets: &str,
    zones: &[&str],
) -> Result<(Vec<String>, Vec<String>), Refusal> {
    let subnets: Vec<String> = subnets
        .split(',')
        .map(|it| it.trim().to_owned())
        .filter(|it| !it.is_empty())
        .collect();
    if subnets.is_empty() {
        return default_places(world, zones);
    }
    let mut found = Vec::new();
    for subnet in &subnets {
        let Some(zone) = ec2::zone_of(world, subnet) else {
            return Err(invalid(format!("The subnet ID '{subnet}' does not exist")));
        };
        if !zones.is_empty() && !zones.contains(&zone.as_str()) {
            return Err(invalid(
                "The availability zones of the specified subnets and the Auto Scaling group do \
                 not match",
            ));
        }
        if !found.contains(&zone) {
            found.push(zone);
        }
    }
    found.sort();
    Ok((subnets, found))
}

fn default_places(
    world: &mut World,
    zones: &[&str],
) -> Result<(Vec<String>, Vec<String>), Refusal> {
    if zones.is_empty() {
        return Err(invalid(
            "At least one Availability Zone or VPC Subnet is required.",
        ));
    }
    let filter = json!({ "Filters": [{ "Name": "default-for-az", "Values": ["true"] }] });
    let found = ask(world, "ec2", "DescribeSubnets", filter).unwrap_or_default();
    let found = found["Subnets"].as_array().cloned().unwrap_or_default();
    let mut subnets = Vec::new();
    for zone in zones {
        let subnet = found.iter().find(|it| it["AvailabilityZone"] == **zone);
        let Some(subnet) = subnet.and_then(|it| it["SubnetId"].as_str()) else {
            return Err(invalid(format!(
                "Invalid availability zones: [{zone}] has no default subnet"
            )));
        };
        subnets.push(subnet.to_owned());
    }
    Ok((subnets, zones.iter().map(|it| (*it).to_owned()).collect()))
}

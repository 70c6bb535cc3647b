//! Where load balancers are: subnets, security groups, kinds of addresses.

use super::{
    balancer::{self, on_balancer},
    refusal::invalid,
};
use crate::{
    Action, Answer, Input, Refusal, World,
    service::{self, ec2},
};
use serde_json::{Value, json};

/// The subnets of a load balancer.
pub(super) struct Places {
    /// As AvailabilityZones shows them.
    pub(super) zones: Value,
    /// Their VPC.
    pub(super) vpc: String,
}

pub(super) fn actions() -> Vec<Action> {
    vec![
        Action::on("SetSubnets", set_subnets, on_balancer),
        Action::on("SetSecurityGroups", set_groups, on_balancer),
        Action::on("SetIpAddressType", set_addresses, on_balancer),
    ]
}

/// What EC2 answers to a read.
pub(super) fn ask(world: &mut World, action: &str, members: Value) -> Value {
    let mut input = Input {
        service: "ec2".into(),
        action: action.to_owned(),
        ..Input::default()
    };
    if let Value::Object(members) = members {
        input.members = members;
    }
    service::run(world, &input).unwrap_or_default()
}

/// The subnets that a request names.
pub(super) fn given(world: &mut World, input: &Input, kind: &str) -> Result<Places, Refusal> {
    let mut subnets: Vec<String> = Vec::new();
    subnets.extend(input.texts("Subnets").into_iter().map(str::to_owned));
    let mappings = input.list("SubnetMappings").iter();
    let mapped = mappings.filter_map(|it| it["SubnetId"].as_str());
    let mapped: Vec<String> = mapped.map(str::to_owned).collect();
    if subnets.is_empty() == mapped.is_empty() {
        return Err(invalid(
            "You must specify either subnets or subnet mappings, but not both",
        ));
    }
    subnets.extend(mapped);
    let mut zones: Vec<(String, String)> = Vec::new();
    for subnet in subnets {
        let Some(zone) = ec2::zone_of(world, &subnet) else {
            let text = format!("The subnet ID '{subnet}' does not exist");
            return Err(Refusal::new("SubnetNotFound", text));
        };
        if zones.iter().any(|(other, _)| *other == zone) {
            return Err(Refusal::new(
                "InvalidConfigurationRequest",
                "A load balancer cannot be attached to multiple subnets in the same Availability \
                 Zone",
            ));
        }
        zones.push((zone, subnet));
    }
    if kind == "application" && zones.len() < 2 {
        return Err(invalid(
            "At least two subnets in two different Availability Zones must be specified",
        ));
    }
    zones.sort();
    let ids: Vec<&str> = zones.iter().map(|(_, it)| it.as_str()).collect();
    let found = ask(world, "DescribeSubnets", json!({ "SubnetIds": ids }));
    let vpcs = found["Subnets"].as_array().cloned().unwrap_or_default();
    let vpc = vpcs.first().and_then(|it| it["VpcId"].as_str());
    let vpc = vpc.unwrap_or_default().to_owned();
    if vpcs.iter().any(|it| it["VpcId"] != vpc.as_str()) {
        return Err(Refusal::new(
            "InvalidConfigurationRequest",
            "All subnets must belong to the same VPC",
        ));
    }
    let shown = |(zone, subnet): &(String, String)| json!({ "ZoneName": zone, "SubnetId": subnet, "LoadBalancerAddresses": [] });
    Ok(Places {
        zones: zones.iter().map(shown).collect(),
        vpc,
    })
}

/// The security groups that a request names; the VPC's default one if it names none.
pub(super) fn security_groups(
    world: &mut World,
    input: &Input,
    kind: &str,
    vpc: &str,
) -> Result<Vec<String>, Refusal> {
    let given = input.texts("SecurityGroups");
    if given.is_empty() && kind != "application" {
        return Ok(Vec::new());
    }
    let request = json!({ "Filters": [{ "Name": "vpc-id", "Values": [vpc] }] });
    let found = ask(world, "DescribeSecurityGroups", request);
    let found = found["SecurityGroups"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    if given.is_empty() {
        let default = found.iter().filter(|it| it["GroupName"] == "default");
        let ids = default.filter_map(|it| it["GroupId"].as_str());
        return Ok(ids.map(str::to_owned).collect());
    }
    for id in &given {
        if !found.iter().any(|it| it["GroupId"] == **id) {
            let text = format!("The security group '{id}' does not exist");
            return Err(Refusal::new("InvalidSecurityGroup", text));
        }
    }
    Ok(given.into_iter().map(str::to_owned).collect())
}

fn write(world: &mut World, arn: &str, name: &str, value: Value) {
    if let Some(balancer) = world.elb.balancers.get_mut(arn) {
        balancer.document[name] = value;
    }
}

fn set_subnets(world: &mut World, input: &Input) -> Answer {
    let arn = input.text("LoadBalancerArn");
    let kind = balancer::named(world, arn)?.kind.clone();
    let places = given(world, input, &kind)?;
    write(world, arn, "AvailabilityZones", places.zones.clone());
    if let Some(addresses) = input.get("IpAddressType") {
        write(world, arn, "IpAddressType", addresses.clone());
    }
    let addresses = &balancer::named(world, arn)?.document["IpAddressType"];
    Ok(json!({ "AvailabilityZones": places.zones, "IpAddressType": addresses }))
}

fn set_groups(world: &mut World, input: &Input) -> Answer {
    let arn = input.text("LoadBalancerArn");
    let balancer = balancer::named(world, arn)?;
    if balancer.kind == "network" && balancer.document.get("SecurityGroups").is_none() {
        return Err(Refusal::new(
            "InvalidConfigurationRequest",
            "You cannot set security groups on a Network Load Balancer that was created without \
             any",
        ));
    }
    let vpc = balancer.document["VpcId"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let kind = balancer.kind.clone();
    let groups = security_groups(world, input, &kind, &vpc)?;
    write(world, arn, "SecurityGroups", json!(groups));
    Ok(json!({ "SecurityGroupIds": groups }))
}

fn set_addresses(world: &mut World, input: &Input) -> Answer {
    let arn = input.text("LoadBalancerArn");
    let internal = balancer::named(world, arn)?.document["Scheme"] == "internal";
    let addresses = input.text("IpAddressType");
    if internal && addresses == "dualstack-without-public-ipv4" {
        return Err(Refusal::new(
            "InvalidConfigurationRequest",
            "Internal load balancers cannot be without public IPv4 addresses",
        ));
    }
    write(world, arn, "IpAddressType", json!(addresses));
    Ok(json!({ "IpAddressType": addresses }))
}

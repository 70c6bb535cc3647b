//! VPCs.

use super::{
    cidr::Block,
    filter::Filters,
    gateway::Gateway,
    group,
    listing::Listing,
    refusal::{absent, absent_as, invalid, missing, needed},
    route, subnet, tag, zone,
};
use crate::{Action, Answer, Input, Refusal, World, habits::ACCOUNT};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A VPC.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Vpc {
    pub(super) id: String,
    pub(super) cidr: String,
    association: String,
    options: String,
    tenancy: String,
    pub(super) is_default: bool,
    pub(super) dns_hostnames: bool,
    dns_support: bool,
    metrics: bool,
}

pub(super) fn actions() -> Vec<Action> {
    let on_vpc = |world: &World, input: &Input| vec![tag::grant(world, input.text("VpcId"))];
    vec![
        Action::on("CreateVpc", create_vpc, |world, input| {
            tag::grants_new(world, input, "vpc")
        }),
        Action::on("DeleteVpc", delete_vpc, on_vpc),
        Action::new("DescribeVpcs", describe_vpcs),
        Action::new("DescribeVpcAttribute", describe_vpc_attribute),
        Action::on("ModifyVpcAttribute", modify_vpc_attribute, on_vpc),
    ]
}

/// The default VPC, with a default subnet in each zone and a way to the internet.
pub(super) fn furnish(world: &mut World) {
    let id = make(world, "172.31.0.0/16", "default", true);
    let gateway = world.ids.ec2("igw");
    let attached = Gateway {
        id: gateway.clone(),
        vpc: Some(id.clone()),
    };
    world.ec2.gateways.insert(gateway.clone(), attached);
    route::to_internet(world, &id, &gateway);
    for (number, zone) in zone::zones(&world.region).into_iter().enumerate() {
        let cidr = format!("172.31.{}.0/20", number * 16);
        subnet::make(world, &id, &zone, cidr, true);
    }
}

fn make(world: &mut World, cidr: &str, tenancy: &str, is_default: bool) -> String {
    let id = world.ids.ec2("vpc");
    let options = match world.ec2.vpcs.values().next() {
        Some(other) => other.options.clone(),
        None => world.ids.ec2("dopt"),
    };
    let vpc = Vpc {
        id: id.clone(),
        cidr: cidr.to_owned(),
        association: world.ids.ec2("vpc-cidr-assoc"),
        options,
        tenancy: tenancy.to_owned(),
        is_default,
        dns_hostnames: is_default,
        dns_support: true,
        metrics: false,
    };
    world.ec2.vpcs.insert(id.clone(), vpc);
    route::make_main(world, &id);
    group::make_default(world, &id);
    id
}

/// The default VPC's id.
pub(super) fn default(world: &World) -> Option<&str> {
    let mut vpcs = world.ec2.vpcs.values();
    vpcs.find(|it| it.is_default).map(|it| it.id.as_str())
}

/// The default VPC's id, where nothing goes without one.
pub(super) fn default_needed(world: &World) -> Result<String, Refusal> {
    let found = default(world).map(str::to_owned);
    found.ok_or_else(|| Refusal::new("VPCIdNotSpecified", "No default VPC for this user"))
}

/// The VPC that an input names, or the default VPC.
pub(super) fn named(world: &World, input: &Input) -> Result<String, Refusal> {
    match input.maybe("VpcId") {
        Some(id) if world.ec2.vpcs.contains_key(id) => Ok(id.to_owned()),
        Some(id) => Err(absent_as("vpc", id)),
        None => default_needed(world),
    }
}

/// A block between /16 and /28, as VPCs and subnets have them.
pub(super) fn block(text: &str, code: &str) -> Result<Block, Refusal> {
    let block = Block::read(text).ok_or_else(|| {
        let words = format!(
            "Value ({text}) for parameter cidrBlock is invalid. This is not a valid CIDR block."
        );
        invalid(words)
    })?;
    match block.bits() {
        16..=28 => Ok(block),
        _ => Err(Refusal::new(code, format!("The CIDR '{text}' is invalid."))),
    }
}

fn create_vpc(world: &mut World, input: &Input) -> Answer {
    let cidr = input
        .maybe("CidrBlock")
        .ok_or_else(|| missing("cidrBlock"))?;
    let cidr = block(cidr, "InvalidVpc.Range")?.to_string();
    let tags = tag::on_create(input, "vpc")?;
    let tenancy = input.maybe("InstanceTenancy").unwrap_or("default");
    let id = make(world, &cidr, tenancy, false);
    world.ec2.put_tags(&id, tags);
    let mut shown = show(world, &world.ec2.vpcs[&id]);
    shown["State"] = "pending".into();
    Ok(json!({ "Vpc": shown }))
}

fn delete_vpc(world: &mut World, input: &Input) -> Answer {
    let id = named(world, input)?;
    let has_tables = route::has_own(world, &id);
    let ec2 = &mut world.ec2;
    let has_subnets = ec2.subnets.values().any(|it| it.vpc == id);
    let has_groups = ec2
        .groups
        .values()
        .any(|it| it.vpc == id && it.name != "default");
    let has_gateway = ec2.gateways.values().any(|it| it.vpc.as_ref() == Some(&id));
    if has_subnets || has_groups || has_gateway || has_tables {
        let words = format!("The vpc '{id}' has dependencies and cannot be deleted.");
        return Err(needed(words));
    }
    ec2.groups.retain(|_, it| it.vpc != id);
    ec2.tables.retain(|_, it| it.vpc != id);
    ec2.vpcs.remove(&id);
    ec2.tags.remove(&id);
    Ok(json!({}))
}

fn show(world: &World, vpc: &Vpc) -> Value {
    json!({
        "OwnerId": ACCOUNT,
        "InstanceTenancy": vpc.tenancy,
        "Ipv6CidrBlockAssociationSet": [],
        "CidrBlockAssociationSet": [{
            "AssociationId": vpc.association,
            "CidrBlock": vpc.cidr,
            "CidrBlockState": { "State": "associated" },
        }],
        "IsDefault": vpc.is_default,
        "Tags": world.ec2.shown_tags(&vpc.id),
        "BlockPublicAccessStates": { "InternetGatewayBlockMode": "off" },
        "VpcId": vpc.id,
        "State": "available",
        "CidrBlock": vpc.cidr,
        "DhcpOptionsId": vpc.options,
    })
}

#[rustfmt::skip]
const FILTERS: Filters = &[
    ("cidr", "CidrBlock"), ("cidrBlock", "CidrBlock"), ("cidr-block", "CidrBlock"),
    ("cidr-block-association.cidr-block", "CidrBlockAssociationSet.CidrBlock"),
    ("cidr-block-association.association-id", "CidrBlockAssociationSet.AssociationId"),
    ("cidr-block-association.state", "CidrBlockAssociationSet.CidrBlockState.State"),
    ("dhcp-options-id", "DhcpOptionsId"), ("dhcpOptionsId", "DhcpOptionsId"),
    ("ipv6-cidr-block-association.ipv6-cidr-block", "Ipv6CidrBlockAssociationSet.Ipv6CidrBlock"),
    ("ipv6-cidr-block-association.ipv6-pool", "Ipv6CidrBlockAssociationSet.Ipv6Pool"),
    ("ipv6-cidr-block-association.association-id", "Ipv6CidrBlockAssociationSet.AssociationId"),
    ("ipv6-cidr-block-association.state", "Ipv6CidrBlockAssociationSet.Ipv6CidrBlockState.State"),
    ("is-default", "IsDefault"), ("isDefault", "IsDefault"), ("owner-id", "OwnerId"),
    ("state", "State"), ("tag", "Tags"), ("vpc-id", "VpcId"),
];

fn describe_vpcs(world: &mut World, input: &Input) -> Answer {
    let listing = Listing {
        member: "Vpcs",
        ids: Some(("VpcIds", "vpc", "VpcId")),
        filters: FILTERS,
    };
    let shown = world.ec2.vpcs.values().map(|it| show(world, it));
    listing.answer(input, shown.collect())
}

fn describe_vpc_attribute(world: &mut World, input: &Input) -> Answer {
    let id = named(world, input)?;
    let vpc = &world.ec2.vpcs[&id];
    let (member, value) = match input.text("Attribute") {
        "enableDnsSupport" => ("EnableDnsSupport", vpc.dns_support),
        "enableDnsHostnames" => ("EnableDnsHostnames", vpc.dns_hostnames),
        _ => ("EnableNetworkAddressUsageMetrics", vpc.metrics),
    };
    Ok(json!({ "VpcId": id, member: { "Value": value } }))
}

fn modify_vpc_attribute(world: &mut World, input: &Input) -> Answer {
    let flag = |name: &str| input.get(name).and_then(|it| it["Value"].as_bool());
    let id = input.text("VpcId");
    let vpc = world.ec2.vpcs.get_mut(id).ok_or_else(|| absent(id))?;
    vpc.dns_support = flag("EnableDnsSupport").unwrap_or(vpc.dns_support);
    vpc.dns_hostnames = flag("EnableDnsHostnames").unwrap_or(vpc.dns_hostnames);
    vpc.metrics = flag("EnableNetworkAddressUsageMetrics").unwrap_or(vpc.metrics);
    Ok(json!({}))
}

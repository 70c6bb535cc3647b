//! Route tables and internet gateways.

use super::{
    filter::Filters,
    listing::Listing,
    refusal::{absent_as, needed},
    tag,
};
use crate::{Action, Answer, Input, Refusal, World, habits::ACCOUNT};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A route table; each VPC has its main one.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct RouteTable {
    id: String,
    pub(super) vpc: String,
    association: String,
    /// The internet gateway that its default route leads to.
    gateway: Option<String>,
}

/// An internet gateway.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Gateway {
    pub(super) id: String,
    pub(super) vpc: Option<String>,
}

pub(super) fn actions() -> Vec<Action> {
    let on_gateway = |world: &World, input: &Input| {
        let vpc = input.maybe("VpcId").into_iter();
        let both = vpc.chain(input.maybe("InternetGatewayId"));
        both.map(|it| tag::grant(world, it)).collect()
    };
    vec![
        Action::new("DescribeRouteTables", describe_route_tables),
        Action::new("DescribeInternetGateways", describe_internet_gateways),
        Action::on("CreateInternetGateway", create_gateway, |world, input| {
            tag::grants_new(world, input, "internet-gateway")
        }),
        Action::on("AttachInternetGateway", attach_gateway, on_gateway),
        Action::on("DetachInternetGateway", detach_gateway, on_gateway),
        Action::on("DeleteInternetGateway", delete_gateway, on_gateway),
    ]
}

/// Makes the main route table of a VPC.
pub(super) fn make_main(world: &mut World, vpc: &str) {
    let id = world.ids.ec2("rtb");
    let table = RouteTable {
        id: id.clone(),
        vpc: vpc.to_owned(),
        association: world.ids.ec2("rtbassoc"),
        gateway: None,
    };
    world.ec2.tables.insert(id, table);
}

/// Lets the main route table of a VPC lead everything else to a gateway.
pub(super) fn to_internet(world: &mut World, vpc: &str, gateway: &str) {
    let mut tables = world.ec2.tables.values_mut();
    if let Some(table) = tables.find(|it| it.vpc == vpc) {
        table.gateway = Some(gateway.to_owned());
    }
}

fn show(world: &World, table: &RouteTable) -> Value {
    let cidr = world.ec2.vpcs.get(&table.vpc).map(|it| it.cidr.as_str());
    let mut routes = vec![json!({
        "DestinationCidrBlock": cidr,
        "GatewayId": "local",
        "Origin": "CreateRouteTable",
        "State": "active",
    })];
    if let Some(gateway) = &table.gateway {
        let attached = world.ec2.gateways.get(gateway);
        let is_attached = attached.is_some_and(|it| it.vpc.as_ref() == Some(&table.vpc));
        routes.push(json!({
            "DestinationCidrBlock": "0.0.0.0/0",
            "GatewayId": gateway,
            "Origin": "CreateRoute",
            "State": if is_attached { "active" } else { "blackhole" },
        }));
    }
    json!({
        "Associations": [{
            "Main": true,
            "RouteTableAssociationId": table.association,
            "RouteTableId": table.id,
            "AssociationState": { "State": "associated" },
        }],
        "PropagatingVgws": [],
        "RouteTableId": table.id,
        "Routes": routes,
        "Tags": world.ec2.shown_tags(&table.id),
        "VpcId": table.vpc,
        "OwnerId": ACCOUNT,
    })
}

#[rustfmt::skip]
const TABLE_FILTERS: Filters = &[
    ("association.gateway-id", "Associations.GatewayId"),
    ("association.route-table-association-id", "Associations.RouteTableAssociationId"),
    ("association.route-table-id", "Associations.RouteTableId"),
    ("association.subnet-id", "Associations.SubnetId"), ("association.main", "Associations.Main"),
    ("owner-id", "OwnerId"), ("route-table-id", "RouteTableId"),
    ("route.destination-cidr-block", "Routes.DestinationCidrBlock"),
    ("route.destination-ipv6-cidr-block", "Routes.DestinationIpv6CidrBlock"),
    ("route.destination-prefix-list-id", "Routes.DestinationPrefixListId"),
    ("route.egress-only-internet-gateway-id", "Routes.EgressOnlyInternetGatewayId"),
    ("route.gateway-id", "Routes.GatewayId"), ("route.instance-id", "Routes.InstanceId"),
    ("route.nat-gateway-id", "Routes.NatGatewayId"),
    ("route.transit-gateway-id", "Routes.TransitGatewayId"), ("route.origin", "Routes.Origin"),
    ("route.state", "Routes.State"),
    ("route.vpc-peering-connection-id", "Routes.VpcPeeringConnectionId"),
    ("tag", "Tags"), ("vpc-id", "VpcId"),
];

fn describe_route_tables(world: &mut World, input: &Input) -> Answer {
    let listing = Listing {
        member: "RouteTables",
        ids: Some(("RouteTableIds", "rtb", "RouteTableId")),
        filters: TABLE_FILTERS,
    };
    let shown = world.ec2.tables.values().map(|it| show(world, it));
    listing.answer(input, shown.collect())
}

const GATEWAY_FILTERS: Filters = &[
    ("attachment.state", "Attachments.State"),
    ("attachment.vpc-id", "Attachments.VpcId"),
    ("internet-gateway-id", "InternetGatewayId"),
    ("owner-id", "OwnerId"),
    ("tag", "Tags"),
];

fn show_gateway(world: &World, gateway: &Gateway) -> Value {
    let attachments = gateway.vpc.iter();
    let attachments = attachments.map(|it| json!({ "State": "available", "VpcId": it }));
    json!({
        "Attachments": attachments.collect::<Vec<_>>(),
        "InternetGatewayId": gateway.id,
        "OwnerId": ACCOUNT,
        "Tags": world.ec2.shown_tags(&gateway.id),
    })
}

fn describe_internet_gateways(world: &mut World, input: &Input) -> Answer {
    let listing = Listing {
        member: "InternetGateways",
        ids: Some(("InternetGatewayIds", "igw", "InternetGatewayId")),
        filters: GATEWAY_FILTERS,
    };
    let gateways = world.ec2.gateways.values();
    let shown = gateways.map(|it| show_gateway(world, it));
    listing.answer(input, shown.collect())
}

fn create_gateway(world: &mut World, input: &Input) -> Answer {
    let tags = tag::on_create(input, "internet-gateway")?;
    let id = world.ids.ec2("igw");
    let gateway = Gateway {
        id: id.clone(),
        vpc: None,
    };
    world.ec2.put_tags(&id, tags);
    let shown = show_gateway(world, &gateway);
    world.ec2.gateways.insert(id, gateway);
    Ok(json!({ "InternetGateway": shown }))
}

fn attach_gateway(world: &mut World, input: &Input) -> Answer {
    let (id, vpc) = (input.text("InternetGatewayId"), input.text("VpcId"));
    if !world.ec2.vpcs.contains_key(vpc) {
        return Err(absent_as("vpc", vpc));
    }
    let mut others = world.ec2.gateways.values();
    if others.any(|it| it.id != id && it.vpc.as_deref() == Some(vpc)) {
        let words = format!("Network {vpc} already has an internet gateway attached");
        return Err(Refusal::new("InvalidParameterValue", words));
    }
    let gateway = gateway(world, id)?;
    if gateway.vpc.is_some() {
        let words = format!("resource {id} is already attached to network {vpc}");
        return Err(Refusal::new("Resource.AlreadyAssociated", words));
    }
    gateway.vpc = Some(vpc.to_owned());
    Ok(json!({}))
}

fn detach_gateway(world: &mut World, input: &Input) -> Answer {
    let (id, vpc) = (input.text("InternetGatewayId"), input.text("VpcId"));
    let in_vpc = |it: &str| world.ec2.subnets.get(it).is_some_and(|it| it.vpc == vpc);
    let mut interfaces = world.ec2.interfaces.values();
    if interfaces.any(|it| it.public_ip.is_some() && in_vpc(&it.subnet)) {
        let words = format!(
            "Network {vpc} has some mapped public address(es). Please unmap those public \
             address(es) before detaching the gateway."
        );
        return Err(needed(words));
    }
    let gateway = gateway(world, id)?;
    if gateway.vpc.as_deref() != Some(vpc) {
        let words = format!("resource {id} is not attached to network {vpc}");
        return Err(Refusal::new("Gateway.NotAttached", words));
    }
    gateway.vpc = None;
    Ok(json!({}))
}

fn delete_gateway(world: &mut World, input: &Input) -> Answer {
    let id = input.text("InternetGatewayId");
    if gateway(world, id)?.vpc.is_some() {
        let words = format!("The internetGateway '{id}' has dependencies and cannot be deleted.");
        return Err(needed(words));
    }
    world.ec2.gateways.remove(id);
    world.ec2.tags.remove(id);
    Ok(json!({}))
}

fn gateway<'a>(world: &'a mut World, id: &str) -> Result<&'a mut Gateway, Refusal> {
    let found = world.ec2.gateways.get_mut(id);
    found.ok_or_else(|| absent_as("igw", id))
}

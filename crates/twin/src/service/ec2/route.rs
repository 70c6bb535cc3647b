//! Route tables: which subnets go by them, and where they lead.

#[cfg(test)]
mod tests;

use super::{
    cidr::Block,
    filter::Filters,
    listing::Listing,
    refusal::{absent_as, invalid, missing, needed},
    subnet, tag,
};
use crate::{Action, Answer, Input, Refusal, World, call::object, habits::ACCOUNT};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A route table; each VPC has its main one.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct RouteTable {
    id: String,
    pub(super) vpc: String,
    is_main: bool,
    /// The subnets that go by it, by the association's id; of the main table none is named in the
    /// first.
    associations: BTreeMap<String, Option<String>>,
    /// The internet gateways that routes lead to, by the destination.
    routes: BTreeMap<String, String>,
}

pub(super) fn actions() -> Vec<Action> {
    let on_table = |world: &World, input: &Input| {
        let subnet = input.maybe("SubnetId").into_iter();
        let both = subnet.chain(input.maybe("RouteTableId"));
        both.map(|it| tag::grant(world, it)).collect()
    };
    vec![
        Action::new("DescribeRouteTables", describe_route_tables),
        Action::on("CreateRouteTable", create_route_table, |world, input| {
            let mut grants = tag::grants_new(world, input, "route-table");
            grants.push(tag::grant(world, input.text("VpcId")));
            grants
        }),
        Action::on("DeleteRouteTable", delete_route_table, on_table),
        Action::on("AssociateRouteTable", associate, on_table),
        Action::on("DisassociateRouteTable", disassociate, |world, input| {
            let found = associated(world, input.text("AssociationId"));
            found.map(|it| tag::grant(world, it)).into_iter().collect()
        }),
        Action::on("CreateRoute", create_route, on_table),
        Action::on("DeleteRoute", delete_route, on_table),
    ]
}

/// Makes the main route table of a VPC.
pub(super) fn make_main(world: &mut World, vpc: &str) {
    let id = make(world, vpc, true);
    let association = world.ids.ec2("rtbassoc");
    if let Some(table) = world.ec2.tables.get_mut(&id) {
        table.associations.insert(association, None);
    }
}

fn make(world: &mut World, vpc: &str, is_main: bool) -> String {
    let id = world.ids.ec2("rtb");
    let table = RouteTable {
        id: id.clone(),
        vpc: vpc.to_owned(),
        is_main,
        associations: BTreeMap::new(),
        routes: BTreeMap::new(),
    };
    world.ec2.tables.insert(id.clone(), table);
    id
}

/// Lets the main route table of a VPC lead everything else to a gateway.
pub(super) fn to_internet(world: &mut World, vpc: &str, gateway: &str) {
    let mut tables = world.ec2.tables.values_mut();
    if let Some(table) = tables.find(|it| it.vpc == vpc && it.is_main) {
        let everywhere = "0.0.0.0/0".to_owned();
        table.routes.insert(everywhere, gateway.to_owned());
    }
}

/// Whether a VPC has other tables than its main one, which goes with it.
pub(super) fn has_own(world: &World, vpc: &str) -> bool {
    let mut tables = world.ec2.tables.values();
    tables.any(|it| it.vpc == vpc && !it.is_main)
}

/// A subnet is gone: no table has anything to do with it any more.
pub(super) fn forget(world: &mut World, subnet: &str) {
    for table in world.ec2.tables.values_mut() {
        let gone = |it: &Option<String>| it.as_deref() == Some(subnet);
        table.associations.retain(|_, it| !gone(it));
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
    for (destination, gateway) in &table.routes {
        let attached = world.ec2.gateways.get(gateway);
        let is_attached = attached.is_some_and(|it| it.vpc.as_ref() == Some(&table.vpc));
        routes.push(json!({
            "DestinationCidrBlock": destination,
            "GatewayId": gateway,
            "Origin": "CreateRoute",
            "State": if is_attached { "active" } else { "blackhole" },
        }));
    }
    let associations = table.associations.iter().map(|(id, subnet)| {
        object([
            ("Main", Some(subnet.is_none().into())),
            ("RouteTableAssociationId", Some(id.as_str().into())),
            ("RouteTableId", Some(table.id.as_str().into())),
            ("SubnetId", subnet.clone().map(Value::from)),
            ("AssociationState", Some(json!({ "State": "associated" }))),
        ])
    });
    json!({
        "Associations": associations.collect::<Vec<_>>(),
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

fn create_route_table(world: &mut World, input: &Input) -> Answer {
    let vpc = input.text("VpcId");
    if !world.ec2.vpcs.contains_key(vpc) {
        return Err(absent_as("vpc", vpc));
    }
    let tags = tag::on_create(input, "route-table")?;
    let id = make(world, vpc, false);
    world.ec2.put_tags(&id, tags);
    Ok(json!({ "RouteTable": show(world, &world.ec2.tables[&id]) }))
}

fn delete_route_table(world: &mut World, input: &Input) -> Answer {
    let id = input.text("RouteTableId");
    if !table(world, id)?.associations.is_empty() {
        let words = format!("The routeTable '{id}' has dependencies and cannot be deleted.");
        return Err(needed(words));
    }
    world.ec2.tables.remove(id);
    world.ec2.tags.remove(id);
    Ok(json!({}))
}

fn associate(world: &mut World, input: &Input) -> Answer {
    let subnet = input.maybe("SubnetId").ok_or_else(|| missing("subnetId"))?;
    let vpc = subnet::find(world, subnet)?.vpc.clone();
    let id = input.text("RouteTableId");
    if table(world, id)?.vpc != vpc {
        return Err(invalid(format!(
            "Route table {id} and subnet {subnet} belong to different networks"
        )));
    }
    for other in world.ec2.tables.values() {
        let taken = other.associations.values().flatten();
        if let Some(taken) = taken.into_iter().find(|it| *it == subnet) {
            let words = format!(
                "the specified association for route table {id} conflicts with an existing \
                 association of subnet {taken}"
            );
            return Err(Refusal::new("Resource.AlreadyAssociated", words));
        }
    }
    let association = world.ids.ec2("rtbassoc");
    let made = (association.clone(), Some(subnet.to_owned()));
    table(world, id)?.associations.extend([made]);
    Ok(json!({
        "AssociationId": association,
        "AssociationState": { "State": "associated" },
    }))
}

/// The table of an association.
fn associated<'a>(world: &'a World, association: &str) -> Option<&'a str> {
    let mut tables = world.ec2.tables.values();
    let found = tables.find(|it| it.associations.contains_key(association));
    found.map(|it| it.id.as_str())
}

fn disassociate(world: &mut World, input: &Input) -> Answer {
    let association = input.text("AssociationId");
    let id = associated(world, association).map(str::to_owned);
    let id = id.ok_or_else(|| {
        let words = format!("The association ID '{association}' does not exist");
        Refusal::new("InvalidAssociationID.NotFound", words)
    })?;
    let table = table(world, &id)?;
    if table.associations[association].is_none() {
        return Err(invalid(format!(
            "cannot disassociate the main route table association {association}"
        )));
    }
    table.associations.remove(association);
    Ok(json!({}))
}

/// The destination of a route, as its table shows it. Only IPv4 is here.
fn destination(input: &Input) -> Result<String, Refusal> {
    let text = input.maybe("DestinationCidrBlock");
    let text = text.ok_or_else(|| missing("destinationCidrBlock"))?;
    let block = Block::read(text).ok_or_else(|| {
        invalid(format!(
            "Value ({text}) for parameter destinationCidrBlock is invalid. This is not a valid \
             CIDR block."
        ))
    })?;
    Ok(block.to_string())
}

/// Routes lead to internet gateways: there is nothing else here to lead to.
fn create_route(world: &mut World, input: &Input) -> Answer {
    let (id, destination) = (input.text("RouteTableId"), destination(input)?);
    let vpc = table(world, id)?.vpc.clone();
    let gateway = input.maybe("GatewayId");
    let gateway = gateway.ok_or_else(|| missing("gatewayId"))?.to_owned();
    let attached = world.ec2.gateways.get(&gateway);
    let attached = attached.ok_or_else(|| absent_as("igw", &gateway))?;
    if attached.vpc.as_ref() != Some(&vpc) {
        return Err(invalid(format!(
            "route table {id} and network gateway {gateway} belong to different networks"
        )));
    }
    let local = world.ec2.vpcs.get(&vpc).map(|it| it.cidr.clone());
    let table = table(world, id)?;
    match table.routes.get(&destination) {
        Some(other) if *other == gateway => {}
        None if local.as_ref() != Some(&destination) => {
            table.routes.insert(destination, gateway);
        }
        _ => {
            let words = format!("The route identified by {destination} already exists.");
            return Err(Refusal::new("RouteAlreadyExists", words));
        }
    }
    Ok(json!({ "Return": true }))
}

fn delete_route(world: &mut World, input: &Input) -> Answer {
    let (id, destination) = (input.text("RouteTableId"), destination(input)?);
    let vpc = table(world, id)?.vpc.clone();
    if world
        .ec2
        .vpcs
        .get(&vpc)
        .is_some_and(|it| it.cidr == destination)
    {
        return Err(invalid(format!(
            "cannot remove local route {destination} in route table {id}"
        )));
    }
    let gone = table(world, id)?.routes.remove(&destination);
    gone.map(|_| json!({})).ok_or_else(|| {
        let words =
            format!("no route with destination-cidr-block {destination} in route table {id}");
        Refusal::new("InvalidRoute.NotFound", words)
    })
}

fn table<'a>(world: &'a mut World, id: &str) -> Result<&'a mut RouteTable, Refusal> {
    let found = world.ec2.tables.get_mut(id);
    found.ok_or_else(|| absent_as("rtb", id))
}

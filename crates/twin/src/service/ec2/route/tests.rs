//! Route tables.

use super::super::tests::{by, ok, refused, world};
use crate::World;
use serde_json::{Value, json};

/// A VPC with a subnet and an internet gateway, by their ids.
fn network(world: &mut World) -> (String, String, String) {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let vpc = ok(world, "CreateVpc", json!({ "CidrBlock": "10.1.0.0/16" }));
    let vpc = text(&vpc["Vpc"]["VpcId"]);
    let subnet = json!({ "VpcId": vpc, "CidrBlock": "10.1.1.0/24" });
    let subnet = ok(world, "CreateSubnet", subnet);
    let gateway = ok(world, "CreateInternetGateway", json!({}));
    let gateway = text(&gateway["InternetGateway"]["InternetGatewayId"]);
    let both = json!({ "InternetGatewayId": gateway, "VpcId": vpc });
    ok(world, "AttachInternetGateway", both);
    (vpc, text(&subnet["Subnet"]["SubnetId"]), gateway)
}

#[test]
fn routes_lead_to_a_gateway_of_the_vpc_once() {
    let mut world = world();
    let (vpc, _, gateway) = network(&mut world);
    let tables = ok(&mut world, "DescribeRouteTables", by("vpc-id", &[&vpc]));
    let table = &tables["RouteTables"][0]["RouteTableId"];
    let route = |to: &str| json!({ "RouteTableId": table, "DestinationCidrBlock": to });
    let mut leads = route("0.0.0.0/0");
    leads["GatewayId"] = gateway.as_str().into();
    ok(&mut world, "CreateRoute", leads.clone());
    ok(&mut world, "CreateRoute", leads);
    let tables = ok(&mut world, "DescribeRouteTables", by("vpc-id", &[&vpc]));
    let shown = &tables["RouteTables"][0]["Routes"][1];
    assert_eq!(shown["GatewayId"], *gateway);
    assert_eq!(shown["State"], "active");
    let mut local = route("10.1.0.0/16");
    let code = refused(&mut world, "DeleteRoute", local.clone());
    assert_eq!(code, "InvalidParameterValue");
    local["GatewayId"] = gateway.into();
    assert_eq!(
        refused(&mut world, "CreateRoute", local),
        "RouteAlreadyExists"
    );
    ok(&mut world, "DeleteRoute", route("0.0.0.0/0"));
    let code = refused(&mut world, "DeleteRoute", route("0.0.0.0/0"));
    assert_eq!(code, "InvalidRoute.NotFound");
}

#[test]
fn a_table_is_kept_while_a_subnet_goes_by_it_and_a_vpc_while_it_has_one() {
    let mut world = world();
    let (vpc, subnet, gateway) = network(&mut world);
    let made = ok(&mut world, "CreateRouteTable", json!({ "VpcId": vpc }));
    let table = &made["RouteTable"]["RouteTableId"];
    let both = json!({ "RouteTableId": table, "SubnetId": subnet });
    let association = ok(&mut world, "AssociateRouteTable", both.clone());
    let code = refused(&mut world, "AssociateRouteTable", both);
    assert_eq!(code, "Resource.AlreadyAssociated");
    let only = json!({ "RouteTableId": table });
    let code = refused(&mut world, "DeleteRouteTable", only.clone());
    assert_eq!(code, "DependencyViolation");
    ok(&mut world, "DeleteSubnet", json!({ "SubnetId": subnet }));
    let gone = json!({ "AssociationId": association["AssociationId"] });
    let code = refused(&mut world, "DisassociateRouteTable", gone);
    assert_eq!(code, "InvalidAssociationID.NotFound");
    let both = json!({ "InternetGatewayId": gateway, "VpcId": vpc });
    ok(&mut world, "DetachInternetGateway", both);
    let code = refused(&mut world, "DeleteVpc", json!({ "VpcId": vpc }));
    assert_eq!(code, "DependencyViolation");
    ok(&mut world, "DeleteRouteTable", only);
    ok(&mut world, "DeleteVpc", json!({ "VpcId": vpc }));
}

//! Internet gateways.

use super::{
    filter::Filters,
    listing::Listing,
    refusal::{absent_as, needed},
    tag,
};
use crate::{Action, Answer, Input, Refusal, World, habits::ACCOUNT};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

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
        Action::new("DescribeInternetGateways", describe_internet_gateways),
        Action::on("CreateInternetGateway", create_gateway, |world, input| {
            tag::grants_new(world, input, "internet-gateway")
        }),
        Action::on("AttachInternetGateway", attach_gateway, on_gateway),
        Action::on("DetachInternetGateway", detach_gateway, on_gateway),
        Action::on("DeleteInternetGateway", delete_gateway, on_gateway),
    ]
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

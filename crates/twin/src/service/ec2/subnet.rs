//! Subnets.

use super::{
    cidr::Block,
    filter::Filters,
    interface,
    listing::Listing,
    refusal::{absent_as, invalid, missing, needed},
    route, tag, vpc, zone,
};
use crate::{Action, Answer, Input, Refusal, World, habits::ACCOUNT};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::net::Ipv4Addr;

/// A subnet.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Subnet {
    pub(super) id: String,
    pub(super) vpc: String,
    pub(super) zone: String,
    pub(super) cidr: String,
    pub(super) is_default: bool,
    pub(super) maps_public: bool,
    resource_names: bool,
}

pub(super) fn actions() -> Vec<Action> {
    let on_subnet = |world: &World, input: &Input| vec![tag::grant(world, input.text("SubnetId"))];
    vec![
        Action::on("CreateSubnet", create_subnet, |world, input| {
            let mut grants = tag::grants_new(world, input, "subnet");
            grants.push(tag::grant(world, input.text("VpcId")));
            grants
        }),
        Action::on("DeleteSubnet", delete_subnet, on_subnet),
        Action::new("DescribeSubnets", describe_subnets),
        Action::on("ModifySubnetAttribute", modify_subnet_attribute, on_subnet),
    ]
}

/// Makes a subnet, of which everything was checked.
pub(super) fn make(
    world: &mut World,
    vpc: &str,
    zone: &str,
    cidr: String,
    is_default: bool,
) -> String {
    let id = world.ids.ec2("subnet");
    let subnet = Subnet {
        id: id.clone(),
        vpc: vpc.to_owned(),
        zone: zone.to_owned(),
        cidr,
        is_default,
        maps_public: is_default,
        resource_names: false,
    };
    world.ec2.subnets.insert(id.clone(), subnet);
    id
}

/// A subnet by its id.
pub(super) fn find<'a>(world: &'a World, id: &str) -> Result<&'a Subnet, Refusal> {
    let found = world.ec2.subnets.get(id);
    found.ok_or_else(|| absent_as("subnet", id))
}

impl Subnet {
    /// How many addresses it has left. Five of each subnet are AWS's own.
    pub(super) fn free(&self, world: &World) -> u64 {
        let taken = self.taken(world).len() as u64;
        self.block().size().saturating_sub(5 + taken)
    }

    /// An address that nobody has: some one, as AWS gives them out.
    pub(super) fn address(&self, world: &mut World) -> Option<Ipv4Addr> {
        let block = self.block();
        let usable = block.size().saturating_sub(5).max(1);
        let first = world.ids.below(usable);
        let taken = self.taken(world);
        let addresses = (0..usable).map(|it| block.address(4 + (first + it) % usable));
        let mut free = addresses.filter(|it| !taken.contains(&it.to_string().as_str()));
        free.next()
    }

    /// Whether it has an address, and nobody else does.
    pub(super) fn offers(&self, world: &World, address: Ipv4Addr) -> bool {
        let block = self.block();
        let own = [0, 1, 2, 3, block.size() - 1].map(|it| block.address(it));
        let taken = self.taken(world);
        block.holds(address)
            && !own.contains(&address)
            && !taken.contains(&address.to_string().as_str())
    }

    fn taken<'a>(&self, world: &'a World) -> Vec<&'a str> {
        let interfaces = world.ec2.interfaces.values();
        let inside = interfaces.filter(|it| it.subnet == self.id);
        inside.map(|it| it.private_ip.as_str()).collect()
    }

    fn block(&self) -> Block {
        Block::read(&self.cidr).expect("a subnet's block was checked")
    }
}

fn create_subnet(world: &mut World, input: &Input) -> Answer {
    let vpc = vpc::named(world, input)?;
    let cidr = input
        .maybe("CidrBlock")
        .ok_or_else(|| missing("cidrBlock"))?;
    let block = vpc::block(cidr, "InvalidSubnet.Range")?;
    let around = Block::read(&world.ec2.vpcs[&vpc].cidr);
    if !around.is_some_and(|it| it.covers(block)) {
        let words = format!("The CIDR '{cidr}' is invalid.");
        return Err(Refusal::new("InvalidSubnet.Range", words));
    }
    let beside = world.ec2.subnets.values().filter(|it| it.vpc == vpc);
    if beside.into_iter().any(|it| it.block().meets(block)) {
        let words = format!("The CIDR '{cidr}' conflicts with another subnet");
        return Err(Refusal::new("InvalidSubnet.Conflict", words));
    }
    let zones = zone::zones(&world.region);
    let asked = input.maybe("AvailabilityZone");
    let asked_id = input.maybe("AvailabilityZoneId");
    let fits = |it: &&String| {
        asked.is_none_or(|asked| asked == *it)
            && asked_id.is_none_or(|asked| asked == zone::zone_id(it))
    };
    let zone = zones.iter().find(fits).ok_or_else(|| {
        let zone = asked.or(asked_id).unwrap_or_default();
        invalid(format!(
            "Value ({zone}) for parameter availabilityZone is invalid. Subnets can currently only \
             be created in the following availability zones: {}.",
            zones.join(", ")
        ))
    })?;
    let tags = tag::on_create(input, "subnet")?;
    let id = make(world, &vpc, zone, block.to_string(), false);
    world.ec2.put_tags(&id, tags);
    Ok(json!({ "Subnet": show(world, &world.ec2.subnets[&id]) }))
}

fn delete_subnet(world: &mut World, input: &Input) -> Answer {
    let id = input.text("SubnetId");
    find(world, id)?;
    let is_used = world.ec2.interfaces.values().any(|it| it.subnet == id)
        || interface::of_tasks(world).any(|it| it.subnet == id);
    if is_used {
        let words = format!("The subnet '{id}' has dependencies and cannot be deleted.");
        return Err(needed(words));
    }
    world.ec2.subnets.remove(id);
    route::forget(world, id);
    world.ec2.tags.remove(id);
    Ok(json!({}))
}

fn show(world: &World, subnet: &Subnet) -> Value {
    json!({
        "AvailabilityZoneId": zone::zone_id(&subnet.zone),
        "MapCustomerOwnedIpOnLaunch": false,
        "OwnerId": ACCOUNT,
        "AssignIpv6AddressOnCreation": false,
        "Ipv6CidrBlockAssociationSet": [],
        "Tags": world.ec2.shown_tags(&subnet.id),
        "SubnetArn": tag::arn(world, &subnet.id),
        "EnableDns64": false,
        "Ipv6Native": false,
        "PrivateDnsNameOptionsOnLaunch": {
            "HostnameType": if subnet.resource_names { "resource-name" } else { "ip-name" },
            "EnableResourceNameDnsARecord": false,
            "EnableResourceNameDnsAAAARecord": false,
        },
        "BlockPublicAccessStates": { "InternetGatewayBlockMode": "off" },
        "SubnetId": subnet.id,
        "State": "available",
        "VpcId": subnet.vpc,
        "CidrBlock": subnet.cidr,
        "AvailableIpAddressCount": subnet.free(world),
        "AvailabilityZone": subnet.zone,
        "DefaultForAz": subnet.is_default,
        "MapPublicIpOnLaunch": subnet.maps_public,
    })
}

#[rustfmt::skip]
const FILTERS: Filters = &[
    ("availability-zone", "AvailabilityZone"), ("availabilityZone", "AvailabilityZone"),
    ("availability-zone-id", "AvailabilityZoneId"), ("availabilityZoneId", "AvailabilityZoneId"),
    ("available-ip-address-count", "AvailableIpAddressCount"),
    ("availableIpAddressCount", "AvailableIpAddressCount"),
    ("cidr-block", "CidrBlock"), ("cidr", "CidrBlock"), ("cidrBlock", "CidrBlock"),
    ("customer-owned-ipv4-pool", "CustomerOwnedIpv4Pool"),
    ("default-for-az", "DefaultForAz"), ("defaultForAz", "DefaultForAz"),
    ("enable-dns64", "EnableDns64"), ("enable-lni-at-device-index", "EnableLniAtDeviceIndex"),
    ("ipv6-cidr-block-association.ipv6-cidr-block", "Ipv6CidrBlockAssociationSet.Ipv6CidrBlock"),
    ("ipv6-cidr-block-association.association-id", "Ipv6CidrBlockAssociationSet.AssociationId"),
    ("ipv6-cidr-block-association.state", "Ipv6CidrBlockAssociationSet.Ipv6CidrBlockState.State"),
    ("ipv6-native", "Ipv6Native"), ("map-customer-owned-ip-on-launch", "MapCustomerOwnedIpOnLaunch"),
    ("map-public-ip-on-launch", "MapPublicIpOnLaunch"), ("outpost-arn", "OutpostArn"),
    ("owner-id", "OwnerId"),
    ("private-dns-name-options-on-launch.hostname-type", "PrivateDnsNameOptionsOnLaunch.HostnameType"),
    ("private-dns-name-options-on-launch.enable-resource-name-dns-a-record", "PrivateDnsNameOptionsOnLaunch.EnableResourceNameDnsARecord"),
    ("private-dns-name-options-on-launch.enable-resource-name-dns-aaaa-record", "PrivateDnsNameOptionsOnLaunch.EnableResourceNameDnsAAAARecord"),
    ("state", "State"), ("subnet-arn", "SubnetArn"), ("subnet-id", "SubnetId"),
    ("tag", "Tags"), ("vpc-id", "VpcId"),
];

fn describe_subnets(world: &mut World, input: &Input) -> Answer {
    let listing = Listing {
        member: "Subnets",
        ids: Some(("SubnetIds", "subnet", "SubnetId")),
        filters: FILTERS,
    };
    let shown = world.ec2.subnets.values().map(|it| show(world, it));
    listing.answer(input, shown.collect())
}

fn modify_subnet_attribute(world: &mut World, input: &Input) -> Answer {
    let id = input.text("SubnetId");
    let flag = |name: &str| input.get(name).and_then(|it| it["Value"].as_bool());
    let found = world.ec2.subnets.get_mut(id);
    let subnet = found.ok_or_else(|| absent_as("subnet", id))?;
    subnet.maps_public = flag("MapPublicIpOnLaunch").unwrap_or(subnet.maps_public);
    if let Some(kind) = input.maybe("PrivateDnsHostnameTypeOnLaunch") {
        subnet.resource_names = kind == "resource-name";
    }
    Ok(json!({}))
}

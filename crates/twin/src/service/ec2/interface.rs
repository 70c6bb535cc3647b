//! Network interfaces: those of instances, and those of tasks in `awsvpc` mode.

use super::{filter::Filters, group, listing::Listing, zone};
use crate::{
    Action, Answer, Input, Time, World, call::object, habits::ACCOUNT, service::ecs::task::Task,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// A network interface.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Interface {
    pub(super) id: String,
    pub(super) attachment: String,
    pub(super) instance: String,
    pub(super) device: i64,
    pub(super) subnet: String,
    pub(super) groups: Vec<String>,
    pub(super) mac: String,
    pub(super) private_ip: String,
    pub(super) public_ip: Option<String>,
    /// Whether it gets a public address whenever its instance starts.
    #[serde(default)]
    pub(super) wants_public: bool,
    pub(super) description: String,
    pub(super) goes_with_it: bool,
    pub(super) attached_at: Time,
}

pub(super) fn actions() -> Vec<Action> {
    vec![Action::new(
        "DescribeNetworkInterfaces",
        describe_network_interfaces,
    )]
}

/// An address that the internet knows, another one each time.
pub(super) fn public_address(world: &mut World) -> String {
    let number = world.ec2.addresses;
    world.ec2.addresses = number.wrapping_add(1);
    if world.habits.loopback {
        let number = number % (254 * 256);
        return format!("127.77.{}.{}", number / 254, number % 254 + 1);
    }
    match number % 131_000 {
        it @ 0..254 => format!("203.0.113.{}", it + 1),
        it @ 254..508 => format!("198.51.100.{}", it - 253),
        it => {
            let it = it - 508 + 256;
            format!("198.{}.{}.{}", 18 + (it >> 16), (it >> 8) & 255, it & 255)
        }
    }
}

/// The name of a private address.
pub(super) fn private_name(world: &World, address: &str) -> String {
    let host = format!("ip-{}", address.replace('.', "-"));
    match &*world.region {
        "us-east-1" => format!("{host}.ec2.internal"),
        region => format!("{host}.{region}.compute.internal"),
    }
}

/// The name of a public address, in VPCs whose hosts have names.
pub(super) fn public_name(world: &World, subnet: &str, address: &str) -> String {
    let subnet = world.ec2.subnets.get(subnet);
    let vpc = subnet.and_then(|it| world.ec2.vpcs.get(&it.vpc));
    if !vpc.is_some_and(|it| it.dns_hostnames) {
        return String::new();
    }
    let host = format!("ec2-{}", address.replace('.', "-"));
    match &*world.region {
        "us-east-1" => format!("{host}.compute-1.amazonaws.com"),
        region => format!("{host}.{region}.compute.amazonaws.com"),
    }
}

impl Interface {
    fn association(&self, world: &World) -> Option<Value> {
        let public = self.public_ip.as_ref()?;
        Some(json!({
            "IpOwnerId": "amazon",
            "PublicDnsName": public_name(world, &self.subnet, public),
            "PublicIp": public,
        }))
    }

    /// What DescribeInstances and DescribeNetworkInterfaces show alike.
    fn common(&self, world: &World) -> Map<String, Value> {
        let subnet = world.ec2.subnets.get(&self.subnet);
        let vpc = subnet.map(|it| it.vpc.as_str());
        let groups: Vec<Value> = self
            .groups
            .iter()
            .map(|it| group::mention(world, it))
            .collect();
        let name = private_name(world, &self.private_ip);
        let address = object([
            ("Association", self.association(world)),
            ("Primary", Some(true.into())),
            ("PrivateDnsName", Some(name.as_str().into())),
            ("PrivateIpAddress", Some(self.private_ip.as_str().into())),
        ]);
        let shown = object([
            ("Association", self.association(world)),
            ("Description", Some(self.description.as_str().into())),
            ("Groups", Some(groups.into())),
            ("Ipv6Addresses", Some(json!([]))),
            ("MacAddress", Some(self.mac.as_str().into())),
            ("NetworkInterfaceId", Some(self.id.as_str().into())),
            ("OwnerId", Some(ACCOUNT.into())),
            ("PrivateDnsName", Some(name.into())),
            ("PrivateIpAddress", Some(self.private_ip.as_str().into())),
            ("PrivateIpAddresses", Some(json!([address]))),
            ("SourceDestCheck", Some(true.into())),
            ("Status", Some("in-use".into())),
            ("SubnetId", Some(self.subnet.as_str().into())),
            ("VpcId", vpc.map(Value::from)),
            ("InterfaceType", Some("interface".into())),
            ("Operator", Some(json!({ "Managed": false }))),
        ]);
        match shown {
            Value::Object(members) => members,
            _ => Map::new(),
        }
    }

    fn attached(&self) -> Value {
        json!({
            "AttachTime": self.attached_at.value(),
            "AttachmentId": self.attachment,
            "DeleteOnTermination": self.goes_with_it,
            "DeviceIndex": self.device,
            "Status": "attached",
            "NetworkCardIndex": 0,
        })
    }

    /// As DescribeInstances shows it.
    pub(super) fn show_inside(&self, world: &World) -> Value {
        let mut shown = self.common(world);
        shown.insert("Attachment".to_owned(), self.attached());
        Value::Object(shown)
    }

    fn show(&self, world: &World) -> Value {
        let mut shown = self.common(world);
        let mut attached = self.attached();
        attached["InstanceId"] = self.instance.as_str().into();
        attached["InstanceOwnerId"] = ACCOUNT.into();
        shown.insert("Attachment".to_owned(), attached);
        let zone = world
            .ec2
            .subnets
            .get(&self.subnet)
            .map(|it| it.zone.clone());
        let zone = zone.unwrap_or_default();
        shown.insert("AvailabilityZoneId".to_owned(), zone::zone_id(&zone).into());
        shown.insert("AvailabilityZone".to_owned(), zone.into());
        shown.insert("RequesterManaged".to_owned(), false.into());
        shown.insert("TagSet".to_owned(), world.ec2.shown_tags(&self.id));
        Value::Object(shown)
    }
}

#[rustfmt::skip]
const FILTERS: Filters = &[
    ("association.allocation-id", "Association.AllocationId"),
    ("association.association-id", "Association.AssociationId"),
    ("addresses.association.owner-id", "PrivateIpAddresses.Association.IpOwnerId"),
    ("addresses.association.public-ip", "PrivateIpAddresses.Association.PublicIp"),
    ("addresses.primary", "PrivateIpAddresses.Primary"),
    ("addresses.private-ip-address", "PrivateIpAddresses.PrivateIpAddress"),
    ("association.ip-owner-id", "Association.IpOwnerId"),
    ("association.public-ip", "Association.PublicIp"),
    ("association.public-dns-name", "Association.PublicDnsName"),
    ("attachment.attach-time", "Attachment.AttachTime"),
    ("attachment.attachment-id", "Attachment.AttachmentId"),
    ("attachment.delete-on-termination", "Attachment.DeleteOnTermination"),
    ("attachment.device-index", "Attachment.DeviceIndex"),
    ("attachment.instance-id", "Attachment.InstanceId"),
    ("attachment.instance-owner-id", "Attachment.InstanceOwnerId"),
    ("attachment.status", "Attachment.Status"), ("availability-zone", "AvailabilityZone"),
    ("availability-zone-id", "AvailabilityZoneId"), ("description", "Description"),
    ("group-id", "Groups.GroupId"), ("group-name", "Groups.GroupName"),
    ("ipv6-addresses.ipv6-address", "Ipv6Addresses.Ipv6Address"),
    ("interface-type", "InterfaceType"), ("mac-address", "MacAddress"),
    ("network-interface-id", "NetworkInterfaceId"), ("operator.managed", "Operator.Managed"),
    ("operator.principal", "Operator.Principal"), ("owner-id", "OwnerId"),
    ("private-dns-name", "PrivateDnsName"), ("private-ip-address", "PrivateIpAddress"),
    ("requester-id", "RequesterId"), ("requester-managed", "RequesterManaged"),
    ("source-dest-check", "SourceDestCheck"), ("status", "Status"), ("subnet-id", "SubnetId"),
    ("tag", "TagSet"), ("vpc-id", "VpcId"),
];

fn describe_network_interfaces(world: &mut World, input: &Input) -> Answer {
    let listing = Listing {
        member: "NetworkInterfaces",
        ids: Some(("NetworkInterfaceIds", "eni", "NetworkInterfaceId")),
        filters: FILTERS,
    };
    let own = world.ec2.interfaces.values().map(|it| it.show(world));
    let of_tasks = of_tasks(world).map(|it| it.show(world));
    let shown = own.chain(of_tasks).collect();
    listing.answer(input, shown)
}

/// The interfaces of tasks that are attached.
pub(super) fn of_tasks(world: &World) -> impl Iterator<Item = Interface> {
    let tasks = world.ecs.tasks.values();
    tasks.filter_map(|it| of_task(world, it))
}

/// The interface of a task, if it has one that is attached.
fn of_task(world: &World, task: &Task) -> Option<Interface> {
    let attachment = &task.more["attachments"][0];
    if attachment["type"] != "ElasticNetworkInterface" || attachment["status"] != "ATTACHED" {
        return None;
    }
    let detail = |name: &str| {
        let mut details = attachment["details"].as_array()?.iter();
        let found = details.find(|it| it["name"] == name)?;
        found["value"].as_str().map(str::to_owned)
    };
    let id = detail("networkInterfaceId")?;
    let subnet = detail("subnetId").unwrap_or_default();
    Some(Interface {
        attachment: id.replacen("eni-", "eni-attach-", 1),
        id,
        instance: task.host.clone(),
        device: 1,
        groups: groups_of(world, task, &subnet),
        subnet,
        mac: detail("macAddress").unwrap_or_default(),
        private_ip: detail("privateIPv4Address").unwrap_or_default(),
        // On EC2, such an interface never has one.
        public_ip: task.public_ip.clone(),
        wants_public: false,
        description: attachment["id"].as_str().unwrap_or_default().to_owned(),
        goes_with_it: true,
        attached_at: task.started_at.unwrap_or(task.created_at),
    })
}

/// The security groups that a task names, or else the default one of its VPC.
fn groups_of(world: &World, task: &Task, subnet: &str) -> Vec<String> {
    let named = task.network["securityGroups"].as_array();
    let named = named.into_iter().flatten().filter_map(Value::as_str);
    let named: Vec<String> = named.map(str::to_owned).collect();
    if !named.is_empty() {
        return named;
    }
    let subnet = world.ec2.subnets.get(subnet);
    let usual = subnet.and_then(|it| group::default_of(world, &it.vpc));
    usual.into_iter().collect()
}

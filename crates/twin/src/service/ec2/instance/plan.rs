//! What is to be launched: a request and its template, checked against what there is.

use super::{
    super::{
        group,
        image::{self, Image},
        key, kind,
        kind::InstanceType,
        refusal::{absent_as, combined, invalid, missing},
        subnet::{self, Subnet},
        tag, template, vpc,
    },
    disk::{self, Disk},
    user_data,
};
use crate::{
    Refusal, World,
    habits::ACCOUNT,
    service::{
        iam,
        tags::{self, Tags},
    },
};
use serde_json::{Map, Value, json};
use std::{collections::BTreeMap, net::Ipv4Addr};

/// What a launch can tag.
const TAGGED: [&str; 4] = [
    "instance",
    "volume",
    "network-interface",
    "spot-instances-request",
];

/// A launch wherever it may be.
pub(super) struct Plan {
    /// The launch template's id and version.
    pub(super) template: Option<(String, u64)>,
    /// Everything that is asked for, by the names of RunInstances.
    pub(super) data: Map<String, Value>,
    pub(super) image: Image,
    pub(super) kind: &'static InstanceType,
    /// The instance profile's ARN.
    pub(super) profile: Option<String>,
    /// The profile's role.
    pub(super) role: Option<String>,
    pub(super) user_data: String,
    pub(super) disks: Vec<Disk>,
    /// By the kind of resource.
    pub(super) tags: BTreeMap<String, Tags>,
}

/// A network interface that an instance is to have.
pub(super) struct Card {
    pub(super) device: i64,
    pub(super) subnet: String,
    pub(super) groups: Vec<String>,
    pub(super) private_ip: Option<Ipv4Addr>,
    pub(super) public: bool,
    pub(super) description: String,
    pub(super) goes_with_it: bool,
}

impl Plan {
    /// Checks everything but the place.
    pub(super) fn read(
        world: &World,
        template: Option<(String, u64)>,
        data: Map<String, Value>,
    ) -> Result<Plan, Refusal> {
        let text = |name: &str| data.get(name).and_then(Value::as_str);
        let image = text("ImageId").ok_or_else(|| missing("ImageId"))?;
        let image = image::find(world, &template::image(world, image)?)?;
        let kind = kind::find(text("InstanceType").unwrap_or("m1.small"))?;
        check_architecture(kind, &image)?;
        if let Some(name) = text("KeyName") {
            key::check(world, name)?;
        }
        let (profile, role) = profile(world, data.get("IamInstanceProfile"))?;
        let user_data = text("UserData").map(user_data::decode).transpose()?;
        let list = |name: &str| data.get(name).and_then(Value::as_array);
        let disks = disk::read(list("BlockDeviceMappings"), &image)?;
        let tagged = list("TagSpecifications");
        let tags = tag::specified(tagged.map_or(&[][..], Vec::as_slice), &TAGGED)?;
        let plan = Plan {
            template,
            image,
            kind,
            profile,
            role,
            user_data: user_data.unwrap_or_default(),
            disks,
            tags,
            data,
        };
        plan.check_groups(world)?;
        Ok(plan)
    }

    fn list(&self, name: &str) -> &[Value] {
        let list = self.data.get(name).and_then(Value::as_array);
        list.map_or(&[], Vec::as_slice)
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.data.get(name).and_then(Value::as_str)
    }

    /// The groups that are named for the instance as a whole, which must be there.
    fn groups(&self, world: &World) -> Result<Vec<String>, Refusal> {
        let texts = |name: &str| self.list(name).iter().filter_map(Value::as_str);
        let mut groups = Vec::new();
        for id in texts("SecurityGroupIds") {
            groups.push(group::find(world, id)?.id.clone());
        }
        for name in texts("SecurityGroups") {
            groups.push(group::by_name(world, name)?);
        }
        Ok(groups)
    }

    fn check_groups(&self, world: &World) -> Result<(), Refusal> {
        let groups = self.groups(world)?;
        let cards = self.list("NetworkInterfaces");
        if !cards.is_empty() && !groups.is_empty() {
            return Err(combined(
                "Network interfaces and an instance-level security groups may not be specified \
                 on the same request",
            ));
        }
        for id in cards.iter().flat_map(texts_of_groups) {
            group::find(world, id)?;
        }
        Ok(())
    }

    /// The network interfaces of an instance, in `place` or where the request says.
    pub(super) fn cards(&self, world: &World, place: Option<&str>) -> Result<Vec<Card>, Refusal> {
        let asked = self.list("NetworkInterfaces");
        if asked.is_empty() {
            let subnet = self.subnet(world, place.or(self.text("SubnetId")))?;
            let private_ip = address(self.text("PrivateIpAddress"))?;
            let card = Card {
                device: 0,
                groups: in_vpc(world, subnet, self.groups(world)?)?,
                subnet: subnet.id.clone(),
                private_ip,
                public: subnet.maps_public,
                description: String::new(),
                goes_with_it: true,
            };
            return Ok(vec![card]);
        }
        if self.text("SubnetId").is_some() {
            return Err(combined(
                "Network interfaces and an instance-level subnet ID may not be specified on the \
                 same request",
            ));
        }
        if asked.len() > self.kind.interfaces as usize {
            let words = format!(
                "Interface count {} exceeds the limit for {}",
                asked.len(),
                self.kind.name
            );
            return Err(Refusal::new("AttachmentLimitExceeded", words));
        }
        let mut cards = Vec::new();
        for (place_in_list, it) in asked.iter().enumerate() {
            cards.push(self.card(world, place, it, place_in_list as i64)?);
        }
        match cards.iter().any(|it: &Card| it.device == 0) {
            true => Ok(cards),
            false => Err(invalid(
                "When specifying network interfaces, you must include a device at index 0.",
            )),
        }
    }

    fn card(
        &self,
        world: &World,
        place: Option<&str>,
        asked: &Value,
        number: i64,
    ) -> Result<Card, Refusal> {
        if let Some(id) = asked["NetworkInterfaceId"].as_str() {
            return Err(absent_as("eni", id));
        }
        let subnet = self.subnet(world, place.or(asked["SubnetId"].as_str()))?;
        let groups = texts_of_groups(asked).map(str::to_owned).collect();
        let public = asked["AssociatePublicIpAddress"].as_bool();
        let device = asked["DeviceIndex"].as_i64().unwrap_or(number);
        Ok(Card {
            device,
            groups: in_vpc(world, subnet, groups)?,
            subnet: subnet.id.clone(),
            private_ip: address(asked["PrivateIpAddress"].as_str())?,
            public: device == 0 && public.unwrap_or(subnet.maps_public),
            description: asked["Description"].as_str().unwrap_or_default().to_owned(),
            goes_with_it: asked["DeleteOnTermination"].as_bool().unwrap_or(true),
        })
    }

    /// The subnet of an id, or a default subnet.
    fn subnet<'a>(&self, world: &'a World, id: Option<&str>) -> Result<&'a Subnet, Refusal> {
        if let Some(id) = id {
            return subnet::find(world, id);
        }
        let vpc = vpc::default_needed(world)?;
        let zone = self.data.get("Placement");
        let zone = zone.and_then(|it| it["AvailabilityZone"].as_str());
        let fits = |it: &&Subnet| {
            it.vpc == vpc && it.is_default && zone.is_none_or(|zone| zone == it.zone)
        };
        let subnets = world.ec2.subnets.values().filter(fits);
        subnets.min_by_key(|it| &it.zone).ok_or_else(|| match zone {
            Some(zone) => invalid(format!("Invalid availability zone: [{zone}]")),
            None => Refusal::new(
                "MissingInput",
                "No subnets found for the default VPC. Please specify a subnet.",
            ),
        })
    }
}

fn texts_of_groups(card: &Value) -> impl Iterator<Item = &str> {
    let groups = card["Groups"].as_array().into_iter().flatten();
    groups.filter_map(Value::as_str)
}

/// The groups, which are of the subnet's VPC; the VPC's default group if there are none.
fn in_vpc(world: &World, subnet: &Subnet, groups: Vec<String>) -> Result<Vec<String>, Refusal> {
    for id in &groups {
        if group::find(world, id)?.vpc != subnet.vpc {
            let words = format!(
                "Security group {id} and subnet {} belong to different networks.",
                subnet.id
            );
            return Err(Refusal::new("InvalidParameter", words));
        }
    }
    match groups.len() {
        0 => Ok(group::default_of(world, &subnet.vpc).into_iter().collect()),
        1..=5 => Ok(groups),
        _ => Err(Refusal::new(
            "SecurityGroupsPerInterfaceLimitExceeded",
            "The maximum number of security groups per interface has been reached.",
        )),
    }
}

fn address(text: Option<&str>) -> Result<Option<Ipv4Addr>, Refusal> {
    let read = |text: &str| {
        text.parse()
            .map_err(|_| invalid(format!("Invalid IPv4 address: {text}")))
    };
    text.map(read).transpose()
}

fn check_architecture(kind: &InstanceType, image: &Image) -> Result<(), Refusal> {
    match kind.architecture == image.architecture {
        true => Ok(()),
        false => Err(invalid(format!(
            "The architecture '{}' of the specified instance type does not match the \
             architecture '{}' of the specified AMI. Specify an instance type and an AMI that \
             have matching architectures, and try again. You can use 'describe-instance-types' \
             or 'describe-images' to discover the architecture of the instance type or AMI.",
            kind.architecture, image.architecture
        ))),
    }
}

/// The ARN of an instance profile that EC2 knows by now, and of the role in it.
fn profile(
    world: &World,
    asked: Option<&Value>,
) -> Result<(Option<String>, Option<String>), Refusal> {
    let member = |name: &str| asked.and_then(|it| it[name].as_str());
    let (text, member, what, arn) = match (member("Arn"), member("Name")) {
        (Some(_), Some(_)) => {
            return Err(combined(
                "The parameter 'iamInstanceProfile.name' may not be used in combination with \
                 'iamInstanceProfile.arn'",
            ));
        }
        (Some(arn), None) => (arn, "arn", "ARN", arn.to_owned()),
        (None, Some(name)) => {
            let known = world.iam.profiles.get(&name.to_lowercase());
            let arn = known.map_or_else(
                || format!("arn:aws:iam::{ACCOUNT}:instance-profile/{name}"),
                |it| it.arn.clone(),
            );
            (name, "name", "name", arn)
        }
        (None, None) => return Ok((None, None)),
    };
    match iam::profile_role(world, text) {
        Ok(Some(role)) => Ok((Some(arn), Some(role))),
        Ok(None) => Err(invalid(format!(
            "IAM Instance Profile \"{arn}\" has no associated IAM Roles"
        ))),
        Err(()) => Err(invalid(format!(
            "Value ({text}) for parameter iamInstanceProfile.{member} is invalid. Invalid IAM \
             Instance Profile {what}"
        ))),
    }
}

/// A request over what its template says: what it names itself stands in the place of the
/// template's, but for tags, which stand beside each other.
pub(super) fn over(
    mut told: Map<String, Value>,
    request: &Map<String, Value>,
) -> Map<String, Value> {
    let mut tagged: BTreeMap<String, Tags> = BTreeMap::new();
    for specification in [
        told.get("TagSpecifications"),
        request.get("TagSpecifications"),
    ] {
        let list = specification.and_then(Value::as_array);
        for it in list.into_iter().flatten() {
            let kind = it["ResourceType"].as_str().unwrap_or_default().to_owned();
            let list = it["Tags"].as_array().map_or(&[][..], Vec::as_slice);
            tagged
                .entry(kind)
                .or_default()
                .extend(tags::from_list(list));
        }
    }
    told.extend(request.clone());
    let specification = |(kind, of_kind): (String, Tags)| {
        let list = tags::upper(&of_kind);
        json!({ "ResourceType": kind, "Tags": list })
    };
    let specifications = tagged.into_iter().map(specification).collect();
    told.insert("TagSpecifications".to_owned(), specifications);
    told
}

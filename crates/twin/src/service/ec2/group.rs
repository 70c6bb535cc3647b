//! Security groups.

mod authorize;
mod change;
mod permission;
mod rule;
#[cfg(test)]
mod tests;

use super::{
    Ec2,
    filter::Filters,
    interface,
    listing::Listing,
    refusal::{absent_as, formed, invalid, missing, needed},
    tag, vpc,
};
use crate::{Action, Answer, Grant, Input, Refusal, World, habits::ACCOUNT};
use rule::{Peer, Permit, Rule};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A security group.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Group {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) vpc: String,
    description: String,
    /// By their ids.
    rules: BTreeMap<String, Rule>,
}

pub(super) fn actions() -> Vec<Action> {
    let mut actions = vec![
        Action::on("CreateSecurityGroup", create_security_group, creating),
        Action::on("DeleteSecurityGroup", delete_security_group, on_group),
        Action::new("DescribeSecurityGroups", describe_security_groups),
        Action::new("DescribeSecurityGroupReferences", describe_references),
        Action::new("DescribeStaleSecurityGroups", describe_stale),
        Action::new("GetSecurityGroupsForVpc", get_security_groups_for_vpc),
    ];
    actions.extend(authorize::actions());
    actions.extend(change::actions());
    actions
}

fn creating(world: &World, input: &Input) -> Vec<Grant> {
    let vpc = input.maybe("VpcId").or_else(|| vpc::default(world));
    let on_vpc = vpc.map(|it| tag::grant(world, it));
    let mut grants = tag::grants_new(world, input, "security-group");
    grants.extend(on_vpc);
    grants
}

fn on_group(world: &World, input: &Input) -> Vec<Grant> {
    let found = named(world, input).ok();
    found.map(|it| tag::grant(world, &it)).into_iter().collect()
}

impl Ec2 {
    /// Whether there is such a rule in any group.
    pub(super) fn has_rule(&self, id: &str) -> bool {
        let mut groups = self.groups.values();
        groups.any(|it| it.rules.contains_key(id))
    }
}

/// Makes the group that every VPC has: its members may talk to each other and to everybody.
pub(super) fn make_default(world: &mut World, vpc: &str) {
    let id = make(world, vpc, "default", "default VPC security group");
    let among = Permit {
        protocol: "-1".to_owned(),
        ports: None,
        peer: Peer::Group(id.clone()),
    };
    add(world, &id, false, among, None);
}

/// Makes a group, which lets everything out.
fn make(world: &mut World, vpc: &str, name: &str, description: &str) -> String {
    let id = world.ids.ec2("sg");
    let group = Group {
        id: id.clone(),
        name: name.to_owned(),
        vpc: vpc.to_owned(),
        description: description.to_owned(),
        rules: BTreeMap::new(),
    };
    world.ec2.groups.insert(id.clone(), group);
    let out = Permit {
        protocol: "-1".to_owned(),
        ports: None,
        peer: Peer::Ipv4("0.0.0.0/0".to_owned()),
    };
    add(world, &id, true, out, None);
    id
}

/// Adds a rule to a group that is there; answers its id.
fn add(
    world: &mut World,
    group: &str,
    egress: bool,
    permit: Permit,
    description: Option<String>,
) -> String {
    let id = world.ids.ec2("sgr");
    let rule = Rule {
        egress,
        permit,
        description,
    };
    if let Some(group) = world.ec2.groups.get_mut(group) {
        group.rules.insert(id.clone(), rule);
    }
    id
}

/// The default group of a VPC.
pub(super) fn default_of(world: &World, vpc: &str) -> Option<String> {
    let mut groups = world.ec2.groups.values();
    let found = groups.find(|it| it.vpc == vpc && it.name == "default");
    found.map(|it| it.id.clone())
}

/// A group by its id.
pub(super) fn find<'a>(world: &'a World, id: &str) -> Result<&'a Group, Refusal> {
    formed("sg", id)?;
    let found = world.ec2.groups.get(id);
    found.ok_or_else(|| absent_as("sg", id))
}

/// The id of a group of the default VPC, by its name.
pub(super) fn by_name(world: &World, name: &str) -> Result<String, Refusal> {
    let vpc = vpc::default_needed(world)?;
    let mut groups = world.ec2.groups.values();
    let found = groups.find(|it| it.vpc == vpc && it.name == name);
    found.map(|it| it.id.clone()).ok_or_else(|| {
        let words = format!("The security group '{name}' does not exist in default VPC '{vpc}'");
        Refusal::new("InvalidGroup.NotFound", words)
    })
}

/// The id of the group that an input names, by id or by name.
fn named(world: &World, input: &Input) -> Result<String, Refusal> {
    match (input.maybe("GroupId"), input.maybe("GroupName")) {
        (Some(_), Some(_)) => Err(super::refusal::combined(
            "The parameters GroupName and GroupId may not be used together",
        )),
        (Some(id), None) => find(world, id).map(|it| it.id.clone()),
        (None, Some(name)) => by_name(world, name),
        (None, None) => Err(missing("groupName or groupId")),
    }
}

/// Whether a rule of any group names a prefix list.
pub(super) fn mentions_list(world: &World, list: &str) -> bool {
    let peer = Peer::List(list.to_owned());
    let mut rules = world.ec2.groups.values().flat_map(|it| it.rules.values());
    rules.any(|it| it.permit.peer == peer)
}

/// As groups are shown where they are only mentioned.
pub(super) fn mention(world: &World, id: &str) -> Value {
    let name = world.ec2.groups.get(id).map(|it| it.name.as_str());
    json!({ "GroupId": id, "GroupName": name.unwrap_or_default() })
}

fn create_security_group(world: &mut World, input: &Input) -> Answer {
    let name = input.text("GroupName").trim_end();
    let description = input.text("Description");
    check_name(name)?;
    if !permission::is_plain(description) {
        return Err(invalid(format!(
            "Value ({description}) for parameter GroupDescription is invalid. Character sets \
             beyond ASCII are not supported."
        )));
    }
    let vpc = vpc::named(world, input)?;
    let tags = tag::on_create(input, "security-group")?;
    let is_same = |it: &Group| it.vpc == vpc && it.name.eq_ignore_ascii_case(name);
    if world.ec2.groups.values().any(is_same) {
        let words = format!("The security group '{name}' already exists for VPC '{vpc}'");
        return Err(Refusal::new("InvalidGroup.Duplicate", words));
    }
    let id = make(world, &vpc, name, description);
    world.ec2.put_tags(&id, tags);
    Ok(json!({
        "GroupId": id,
        "Tags": world.ec2.shown_tags(&id),
        "SecurityGroupArn": tag::arn(world, &id),
    }))
}

fn check_name(name: &str) -> Result<(), Refusal> {
    let wrong = |why: &str| {
        invalid(format!(
            "Value ({name}) for parameter GroupName is invalid. {why}"
        ))
    };
    match name {
        "" => Err(missing("GroupName")),
        _ if !permission::is_plain(name) => {
            Err(wrong("Character sets beyond ASCII are not supported."))
        }
        _ if name.starts_with("sg-") => Err(wrong("Group names may not be in the format sg-*.")),
        _ if name.eq_ignore_ascii_case("default") => {
            Err(invalid("Cannot use reserved security group name: default"))
        }
        _ => Ok(()),
    }
}

fn delete_security_group(world: &mut World, input: &Input) -> Answer {
    let id = named(world, input)?;
    let ec2 = &world.ec2;
    if ec2.groups[&id].name == "default" {
        let words =
            format!("the specified group: \"{id}\" name: \"default\" cannot be deleted by a user");
        return Err(Refusal::new("CannotDelete", words));
    }
    let mentions = |group: &Group| {
        let mut rules = group.rules.values();
        group.id != id && rules.any(|it| it.permit.peer == Peer::Group(id.clone()))
    };
    let is_used = ec2.interfaces.values().any(|it| it.groups.contains(&id))
        || interface::of_tasks(world).any(|it| it.groups.contains(&id));
    if is_used || ec2.groups.values().any(mentions) {
        let words = format!("resource {id} has a dependent object");
        return Err(needed(words));
    }
    let removed = world.ec2.groups.remove(&id);
    let rules = removed.into_iter().flat_map(|it| it.rules.into_keys());
    for it in rules.chain([id.clone()]) {
        world.ec2.tags.remove(&it);
    }
    Ok(json!({ "Return": true, "GroupId": id }))
}

fn show(world: &World, group: &Group) -> Value {
    let of = |egress: bool| {
        let rules = group.rules.values().filter(|it| it.egress == egress);
        permission::grouped(rules)
    };
    json!({
        "GroupId": group.id,
        "IpPermissionsEgress": of(true),
        "Tags": world.ec2.shown_tags(&group.id),
        "VpcId": group.vpc,
        "SecurityGroupArn": tag::arn(world, &group.id),
        "OwnerId": ACCOUNT,
        "GroupName": group.name,
        "Description": group.description,
        "IpPermissions": of(false),
    })
}

#[rustfmt::skip]
const FILTERS: Filters = &[
    ("description", "Description"), ("group-id", "GroupId"), ("group-name", "GroupName"),
    ("owner-id", "OwnerId"), ("tag", "Tags"), ("vpc-id", "VpcId"),
    ("ip-permission.cidr", "IpPermissions.IpRanges.CidrIp"),
    ("ip-permission.from-port", "IpPermissions.FromPort"),
    ("ip-permission.group-id", "IpPermissions.UserIdGroupPairs.GroupId"),
    ("ip-permission.group-name", "IpPermissions.UserIdGroupPairs.GroupName"),
    ("ip-permission.ipv6-cidr", "IpPermissions.Ipv6Ranges.CidrIpv6"),
    ("ip-permission.prefix-list-id", "IpPermissions.PrefixListIds.PrefixListId"),
    ("ip-permission.protocol", "IpPermissions.IpProtocol"),
    ("ip-permission.to-port", "IpPermissions.ToPort"),
    ("ip-permission.user-id", "IpPermissions.UserIdGroupPairs.UserId"),
    ("egress.ip-permission.cidr", "IpPermissionsEgress.IpRanges.CidrIp"),
    ("egress.ip-permission.from-port", "IpPermissionsEgress.FromPort"),
    ("egress.ip-permission.group-id", "IpPermissionsEgress.UserIdGroupPairs.GroupId"),
    ("egress.ip-permission.group-name", "IpPermissionsEgress.UserIdGroupPairs.GroupName"),
    ("egress.ip-permission.ipv6-cidr", "IpPermissionsEgress.Ipv6Ranges.CidrIpv6"),
    ("egress.ip-permission.prefix-list-id", "IpPermissionsEgress.PrefixListIds.PrefixListId"),
    ("egress.ip-permission.protocol", "IpPermissionsEgress.IpProtocol"),
    ("egress.ip-permission.to-port", "IpPermissionsEgress.ToPort"),
    ("egress.ip-permission.user-id", "IpPermissionsEgress.UserIdGroupPairs.UserId"),
];

fn describe_security_groups(world: &mut World, input: &Input) -> Answer {
    let names = input.texts("GroupNames");
    let mut ids = Vec::new();
    for name in &names {
        ids.push(by_name(world, name)?);
    }
    let is_asked = |it: &&Group| {
        let by_id = || input.texts("GroupIds").contains(&&*it.id);
        names.is_empty() || ids.contains(&it.id) || by_id()
    };
    let groups = world.ec2.groups.values().filter(is_asked);
    let listing = Listing {
        member: "SecurityGroups",
        // Groups named by their names come further to those by ids.
        ids: names.is_empty().then_some(("GroupIds", "sg", "GroupId")),
        filters: FILTERS,
    };
    listing.answer(input, groups.map(|it| show(world, it)).collect())
}

/// Groups are mentioned from other VPCs only over peerings, of which there are none.
fn describe_references(world: &mut World, input: &Input) -> Answer {
    for id in input.texts("GroupId") {
        find(world, id)?;
    }
    Ok(json!({ "SecurityGroupReferenceSet": [] }))
}

fn describe_stale(world: &mut World, input: &Input) -> Answer {
    vpc::named(world, input)?;
    Ok(json!({ "StaleSecurityGroupSet": [] }))
}

const VPC_FILTERS: Filters = &[
    ("group-id", "GroupId"),
    ("description", "Description"),
    ("group-name", "GroupName"),
    ("owner-id", "OwnerId"),
    ("primary-vpc-id", "PrimaryVpcId"),
    ("tag", "Tags"),
];

fn get_security_groups_for_vpc(world: &mut World, input: &Input) -> Answer {
    let vpc = vpc::named(world, input)?;
    let groups = world.ec2.groups.values().filter(|it| it.vpc == vpc);
    let show = |it: &Group| {
        json!({
            "Description": it.description,
            "GroupName": it.name,
            "OwnerId": ACCOUNT,
            "GroupId": it.id,
            "Tags": world.ec2.shown_tags(&it.id),
            "PrimaryVpcId": it.vpc,
        })
    };
    let listing = Listing {
        member: "SecurityGroupForVpcs",
        ids: None,
        filters: VPC_FILTERS,
    };
    listing.answer(input, groups.map(show).collect())
}

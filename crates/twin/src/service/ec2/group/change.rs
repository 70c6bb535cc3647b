//! Rules one by one: shown, described otherwise, changed.

use super::{
    super::{
        filter::Filters,
        listing::Listing,
        refusal::{absent_as, invalid, missing},
        tag,
    },
    Group, authorize, named, permission,
    rule::{self, Peer, Permit},
};
use crate::{Action, Answer, Grant, Input, Refusal, World};
use serde_json::{Value, json};

pub(super) fn actions() -> Vec<Action> {
    vec![
        Action::new("DescribeSecurityGroupRules", describe_security_group_rules),
        Action::on("ModifySecurityGroupRules", modify_rules, modifying),
        Action::on(
            "UpdateSecurityGroupRuleDescriptionsIngress",
            |world, input| redescribe(world, input, false),
            super::on_group,
        ),
        Action::on(
            "UpdateSecurityGroupRuleDescriptionsEgress",
            |world, input| redescribe(world, input, true),
            super::on_group,
        ),
    ]
}

fn modifying(world: &World, input: &Input) -> Vec<Grant> {
    let rules = input.list("SecurityGroupRules").iter();
    let ids = rules.filter_map(|it| it["SecurityGroupRuleId"].as_str());
    let mut grants = super::on_group(world, input);
    grants.extend(ids.map(|it| tag::grant(world, it)));
    grants
}

const FILTERS: Filters = &[
    ("group-id", "GroupId"),
    ("security-group-rule-id", "SecurityGroupRuleId"),
    ("tag", "Tags"),
];

fn describe_security_group_rules(world: &mut World, input: &Input) -> Answer {
    let shown = world.ec2.groups.values().flat_map(|group| {
        let rules = group.rules.iter();
        rules.map(|(id, it)| rule::show(world, &group.id, id, it))
    });
    let listing = Listing {
        member: "SecurityGroupRules",
        ids: Some(("SecurityGroupRuleIds", "sgr", "SecurityGroupRuleId")),
        filters: FILTERS,
    };
    listing.answer(input, shown.collect())
}

/// The ids of rules and their new descriptions.
type Redescribed = Vec<(String, Option<String>)>;

fn redescribe(world: &mut World, input: &Input, egress: bool) -> Answer {
    let id = named(world, input)?;
    let group = &world.ec2.groups[&id];
    let mut changes = by_permission(world, group, input, egress)?;
    changes.extend(by_id(group, input, egress)?);
    if changes.is_empty() {
        return Err(missing("ipPermissions or securityGroupRuleDescriptions"));
    }
    let group = world.ec2.groups.get_mut(&id);
    let group = group.ok_or_else(|| absent_as("sg", &id))?;
    for (rule, description) in changes {
        if let Some(rule) = group.rules.get_mut(&rule) {
            rule.description = description;
        }
    }
    Ok(json!({ "Return": true }))
}

fn by_permission(
    world: &World,
    group: &Group,
    input: &Input,
    egress: bool,
) -> Result<Redescribed, Refusal> {
    let asked = permission::read(world, group, input)?.into_iter();
    let found = asked.map(|(permit, description)| {
        let rule = authorize::place(group, egress, &permit).ok_or_else(authorize::absent)?;
        Ok((rule.to_owned(), description))
    });
    found.collect()
}

fn by_id(group: &Group, input: &Input, egress: bool) -> Result<Redescribed, Refusal> {
    let asked = input.list("SecurityGroupRuleDescriptions").iter();
    let found = asked.map(|it| {
        let id = it["SecurityGroupRuleId"].as_str().unwrap_or_default();
        let rule = group.rules.get(id).filter(|it| it.egress == egress);
        rule.ok_or_else(|| absent_as("sgr", id))?;
        let description = permission::description(it["Description"].as_str())?;
        Ok((id.to_owned(), description))
    });
    found.collect()
}

fn modify_rules(world: &mut World, input: &Input) -> Answer {
    let id = named(world, input)?;
    let mut changed = world.ec2.groups[&id].clone();
    for update in input.list("SecurityGroupRules") {
        let rule = update["SecurityGroupRuleId"].as_str().unwrap_or_default();
        let before = changed.rules.get(rule);
        let before = before.ok_or_else(|| absent_as("sgr", rule))?;
        let (egress, same) = (before.egress, before.permit.clone());
        let request = &update["SecurityGroupRule"];
        let permit = read_permit(world, &changed, request)?;
        if std::mem::discriminant(&permit.peer) != std::mem::discriminant(&same.peer) {
            return Err(invalid(
                "The type of a security group rule's source or destination cannot be changed.",
            ));
        }
        if authorize::place(&changed, egress, &permit).is_some_and(|it| it != rule) {
            let words = permit.words();
            let words = format!("the specified rule \"{words}\" already exists");
            return Err(Refusal::new("InvalidPermission.Duplicate", words));
        }
        let description = permission::description(request["Description"].as_str())?;
        if let Some(rule) = changed.rules.get_mut(rule) {
            rule.permit = permit;
            rule.description = description;
        }
    }
    world.ec2.groups.insert(id, changed);
    Ok(json!({ "Return": true }))
}

fn read_permit(world: &World, group: &Group, request: &Value) -> Result<Permit, Refusal> {
    let text = |name: &str| request[name].as_str();
    let protocol = permission::protocol(text("IpProtocol"))?;
    let (from, to) = (request["FromPort"].as_i64(), request["ToPort"].as_i64());
    let ports = permission::ports(&protocol, from, to)?;
    let peers = [
        text("CidrIpv4").map(permission::ipv4),
        text("CidrIpv6").map(permission::ipv6),
        text("PrefixListId").map(|it| permission::list(world, it)),
        text("ReferencedGroupId").map(|it| permission::group_beside(world, group, it)),
    ];
    let mut peers: Vec<Result<Peer, Refusal>> = peers.into_iter().flatten().collect();
    match (peers.pop(), peers.is_empty()) {
        (Some(peer), true) => Ok(Permit {
            protocol,
            ports,
            peer: peer?,
        }),
        _ => Err(invalid(
            "Exactly one of cidrIpv4, cidrIpv6, prefixListId or referencedGroupId must be \
             specified.",
        )),
    }
}

//! Adding rules to security groups, and taking them away.

use super::{
    super::{
        refusal::{absent_as, combined, formed, missing},
        tag, vpc,
    },
    Group, add, named,
    permission::{self, Asked},
    rule::{self, Permit, Rule},
};
use crate::{Action, Answer, Grant, Input, Refusal, World};
use serde_json::{Value, json};

/// How many rules a group has in one direction at most.
const MOST: usize = 60;

pub(super) fn actions() -> Vec<Action> {
    vec![
        Action::on(
            "AuthorizeSecurityGroupIngress",
            |world, input| authorize(world, input, false),
            authorizing,
        ),
        Action::on(
            "AuthorizeSecurityGroupEgress",
            |world, input| authorize(world, input, true),
            authorizing,
        ),
        Action::on(
            "RevokeSecurityGroupIngress",
            |world, input| revoke(world, input, false),
            super::on_group,
        ),
        Action::on(
            "RevokeSecurityGroupEgress",
            |world, input| revoke(world, input, true),
            super::on_group,
        ),
    ]
}

fn authorizing(world: &World, input: &Input) -> Vec<Grant> {
    let mut grants = super::on_group(world, input);
    if input.has("TagSpecifications") {
        grants.extend(tag::grants_new(world, input, "security-group-rule"));
    }
    grants
}

fn authorize(world: &mut World, input: &Input, egress: bool) -> Answer {
    let id = named(world, input)?;
    let group = &world.ec2.groups[&id];
    let asked = permission::read(world, group, input)?;
    let tags = tag::on_create(input, "security-group-rule")?;
    if asked.is_empty() {
        return Err(missing("ipPermissions"));
    }
    for (permit, _) in &asked {
        if place(group, egress, permit).is_some() {
            let words = permit.words();
            let words = format!("the specified rule \"{words}\" already exists");
            return Err(Refusal::new("InvalidPermission.Duplicate", words));
        }
    }
    check_room(world, group, egress, &asked)?;
    let mut shown = Vec::new();
    for (permit, description) in asked {
        let rule = add(world, &id, egress, permit, description);
        world.ec2.put_tags(&rule, tags.clone());
        let added = &world.ec2.groups[&id].rules[&rule];
        shown.push(rule::show(world, &id, &rule, added));
    }
    Ok(json!({ "Return": true, "SecurityGroupRules": shown }))
}

/// The id of the rule that permits just that.
pub(super) fn place<'a>(group: &'a Group, egress: bool, permit: &Permit) -> Option<&'a str> {
    let is_it = |it: &Rule| it.egress == egress && it.permit == *permit;
    let found = group.rules.iter().find(|(_, rule)| is_it(rule));
    found.map(|(id, _)| id.as_str())
}

/// Refuses more rules than a group has at most, which are counted apart for IPv4 and for IPv6.
fn check_room(world: &World, group: &Group, egress: bool, asked: &[Asked]) -> Result<(), Refusal> {
    let before = group.rules.values().filter(|it| it.egress == egress);
    let peers = before.map(|it| &it.permit.peer);
    let all = peers.chain(asked.iter().map(|(permit, _)| &permit.peer));
    let (ipv4, ipv6) = all.fold((0, 0), |(ipv4, ipv6), peer| {
        let (one, other) = peer.weight(world);
        (ipv4 + one, ipv6 + other)
    });
    match ipv4.max(ipv6) > MOST {
        true => Err(Refusal::new(
            "RulesPerSecurityGroupLimitExceeded",
            "The maximum number of rules per security group has been reached.",
        )),
        false => Ok(()),
    }
}

fn revoke(world: &mut World, input: &Input, egress: bool) -> Answer {
    let id = named(world, input)?;
    let by_id = input.texts("SecurityGroupRuleIds");
    let group = &world.ec2.groups[&id];
    let asked = permission::read(world, group, input)?;
    let (found, unknown) = match (by_id.is_empty(), asked.is_empty()) {
        (false, false) => {
            let words = "The parameters securityGroupRuleIds and ipPermissions may not be used \
                         together";
            return Err(combined(words));
        }
        (false, true) => (rules_by_id(group, egress, &by_id)?, Vec::new()),
        (true, false) => rules_by_permission(group, egress, asked),
        (true, true) => return Err(missing("ipPermissions or securityGroupRuleIds")),
    };
    // In the default VPC what is not there is only shown.
    if !unknown.is_empty() && vpc::default(world) != Some(&group.vpc) {
        return Err(absent());
    }
    let revoked: Vec<Value> = found
        .iter()
        .map(|it| rule::show_revoked(&id, it, &group.rules[it]))
        .collect();
    for rule in &found {
        if let Some(group) = world.ec2.groups.get_mut(&id) {
            group.rules.remove(rule);
        }
        world.ec2.tags.remove(rule);
    }
    Ok(json!({
        "Return": true,
        "UnknownIpPermissions": unknown,
        "RevokedSecurityGroupRules": revoked,
    }))
}

/// There is no such rule.
pub(super) fn absent() -> Refusal {
    let words = "The specified rule does not exist in this security group.";
    Refusal::new("InvalidPermission.NotFound", words)
}

fn rules_by_id(group: &Group, egress: bool, ids: &[&str]) -> Result<Vec<String>, Refusal> {
    for id in ids {
        formed("sgr", id)?;
        if group.rules.get(*id).is_none_or(|it| it.egress != egress) {
            return Err(absent_as("sgr", id));
        }
    }
    Ok(ids.iter().map(|it| (*it).to_owned()).collect())
}

fn rules_by_permission(
    group: &Group,
    egress: bool,
    asked: Vec<Asked>,
) -> (Vec<String>, Vec<Value>) {
    let (mut found, mut unknown) = (Vec::new(), Vec::new());
    for it in asked {
        match place(group, egress, &it.0) {
            Some(id) => found.push(id.to_owned()),
            None => unknown.push(permission::alone(it)),
        }
    }
    (found, unknown)
}

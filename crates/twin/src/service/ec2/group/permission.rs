//! Rules as `IpPermissions`: several peers under one protocol and ports.

use super::{
    super::{
        cidr::{self, Block},
        prefix_list,
        refusal::{absent_as, invalid, missing},
        vpc,
    },
    Group, by_name, find,
    rule::{Peer, Permit, Rule},
};
use crate::{Input, Refusal, World, call::object, habits::ACCOUNT};
use serde_json::{Map, Value, json};

/// A rule that is asked for: what it permits, and its description.
pub(super) type Asked = (Permit, Option<String>);

/// Whether a text has at most 255 characters, and only those that groups and rules may bear.
pub(super) fn is_plain(text: &str) -> bool {
    let is_known = |it: char| it.is_ascii_alphanumeric() || " ._-:/()#,@[]+=&;{}!$*".contains(it);
    text.len() <= 255 && text.chars().all(is_known)
}

/// The rules that an input asks for, by `IpPermissions` or by the members that were there before
/// those.
pub(super) fn read(world: &World, group: &Group, input: &Input) -> Result<Vec<Asked>, Refusal> {
    let mut asked = Vec::new();
    for permission in input.list("IpPermissions") {
        asked.extend(rules_of(world, group, permission)?);
    }
    for permission in simple(input)? {
        asked.extend(rules_of(world, group, &permission)?);
    }
    for (place, (permit, _)) in asked.iter().enumerate() {
        if asked[..place].iter().any(|(other, _)| other == permit) {
            return Err(invalid(
                "The same permission must not appear multiple times",
            ));
        }
    }
    Ok(asked)
}

/// The permissions that stand in the input itself.
fn simple(input: &Input) -> Result<Vec<Value>, Refusal> {
    if let Some(name) = input.maybe("SourceSecurityGroupName") {
        let pairs = json!([{ "GroupName": name }]);
        let all = |protocol: &str, from: i64, to: i64| {
            json!({
                "IpProtocol": protocol,
                "FromPort": from,
                "ToPort": to,
                "UserIdGroupPairs": pairs,
            })
        };
        return Ok(vec![
            all("tcp", 0, 65535),
            all("udp", 0, 65535),
            all("icmp", -1, -1),
        ]);
    }
    let Some(cidr) = input.maybe("CidrIp") else {
        return Ok(Vec::new());
    };
    let mut permission = Map::new();
    for name in ["IpProtocol", "FromPort", "ToPort"] {
        if let Some(value) = input.get(name) {
            permission.insert(name.to_owned(), value.clone());
        }
    }
    let ranges = match cidr.contains(':') {
        true => ("Ipv6Ranges", json!([{ "CidrIpv6": cidr }])),
        false => ("IpRanges", json!([{ "CidrIp": cidr }])),
    };
    permission.insert(ranges.0.to_owned(), ranges.1);
    Ok(vec![Value::Object(permission)])
}

fn rules_of(world: &World, group: &Group, permission: &Value) -> Result<Vec<Asked>, Refusal> {
    let protocol = protocol(permission["IpProtocol"].as_str())?;
    let port = |name: &str| permission[name].as_i64();
    let ports = ports(&protocol, port("FromPort"), port("ToPort"))?;
    let mut asked = Vec::new();
    let mut push = |peer: Peer, it: &Value| {
        let permit = Permit {
            protocol: protocol.clone(),
            ports,
            peer,
        };
        asked.push((permit, description(it["Description"].as_str())?));
        Ok::<(), Refusal>(())
    };
    for it in elements(permission, "IpRanges") {
        push(ipv4(it["CidrIp"].as_str().unwrap_or_default())?, it)?;
    }
    for it in elements(permission, "Ipv6Ranges") {
        push(ipv6(it["CidrIpv6"].as_str().unwrap_or_default())?, it)?;
    }
    for it in elements(permission, "PrefixListIds") {
        let id = it["PrefixListId"].as_str().unwrap_or_default();
        push(list(world, id)?, it)?;
    }
    for it in elements(permission, "UserIdGroupPairs") {
        push(member(world, group, it)?, it)?;
    }
    Ok(asked)
}

fn elements<'a>(permission: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    permission[name].as_array().into_iter().flatten()
}

/// A protocol by its name or its number.
pub(super) fn protocol(text: Option<&str>) -> Result<String, Refusal> {
    let text = text.ok_or_else(|| missing("ipProtocol"))?;
    let lower = text.to_ascii_lowercase();
    let known = match &*lower {
        "6" => "tcp",
        "17" => "udp",
        "1" => "icmp",
        "58" => "icmpv6",
        "all" => "-1",
        other => other,
    };
    let is_known = ["tcp", "udp", "icmp", "icmpv6", "-1"].contains(&known);
    match is_known || known.parse::<u8>().is_ok() {
        true => Ok(known.to_owned()),
        false => Err(invalid(format!(
            "Invalid value '{text}' for IP protocol. Unknown protocol."
        ))),
    }
}

/// The ports of a protocol, or its type and code. Of other protocols EC2 keeps no ports.
pub(super) fn ports(
    protocol: &str,
    from: Option<i64>,
    to: Option<i64>,
) -> Result<Option<(i64, i64)>, Refusal> {
    match protocol {
        "tcp" | "udp" => {
            let (Some(from), Some(to)) = (from, to) else {
                return Err(invalid(
                    "Invalid value 'Must specify both from and to ports with TCP/UDP.' for \
                     portRange.",
                ));
            };
            for port in [from, to] {
                if !(0..=65535).contains(&port) {
                    return Err(invalid(format!("TCP/UDP port ({port}) out of range")));
                }
            }
            match from <= to {
                true => Ok(Some((from, to))),
                false => Err(invalid(format!("Invalid TCP/UDP port range ({from}:{to})"))),
            }
        }
        "icmp" | "icmpv6" => {
            let (kind, code) = (from.unwrap_or(-1), to.unwrap_or(-1));
            for (name, it) in [("type", kind), ("code", code)] {
                if !(-1..=255).contains(&it) {
                    return Err(invalid(format!("ICMP {name} ({it}) out of range")));
                }
            }
            match kind == -1 && code != -1 {
                true => Err(invalid("ICMP code must be -1 where the type is -1")),
                false => Ok(Some((kind, code))),
            }
        }
        _ => Ok(None),
    }
}

/// A block of addresses, without host bits.
pub(super) fn ipv4(text: &str) -> Result<Peer, Refusal> {
    let block = Block::read(text).ok_or_else(|| malformed(text))?;
    Ok(Peer::Ipv4(block.to_string()))
}

/// A block of addresses, without host bits.
pub(super) fn ipv6(text: &str) -> Result<Peer, Refusal> {
    let block = cidr::ipv6(text).ok_or_else(|| malformed(text))?;
    Ok(Peer::Ipv6(block))
}

fn malformed(text: &str) -> Refusal {
    invalid(format!("CIDR block {text} is malformed"))
}

/// A prefix list that is there.
pub(super) fn list(world: &World, id: &str) -> Result<Peer, Refusal> {
    match prefix_list::exists(world, id) {
        true => Ok(Peer::List(id.to_owned())),
        false => Err(absent_as("pl", id)),
    }
}

/// A group of the same VPC, by its id.
pub(super) fn group_beside(world: &World, group: &Group, id: &str) -> Result<Peer, Refusal> {
    let found = find(world, id)?;
    match found.vpc == group.vpc {
        true => Ok(Peer::Group(found.id.clone())),
        false => Err(Refusal::new(
            "InvalidGroup.NotFound",
            "You have specified two resources that belong to different networks.",
        )),
    }
}

fn member(world: &World, group: &Group, pair: &Value) -> Result<Peer, Refusal> {
    let id = pair["GroupId"].as_str();
    let name = pair["GroupName"].as_str();
    // Groups of others are reached only over peerings, of which there are none.
    if let (Some(id), Some(owner)) = (id.or(name), pair["UserId"].as_str())
        && owner != ACCOUNT
    {
        return Err(absent_as("sg", id));
    }
    match (id, name) {
        (Some(id), _) => group_beside(world, group, id),
        (None, Some(name)) => {
            let id = by_name(world, name);
            let in_default = vpc::default(world) == Some(&group.vpc);
            match in_default {
                true => Ok(Peer::Group(id?)),
                false => Err(invalid(format!(
                    "Invalid value '{name}' for groupName. You may not reference Amazon VPC \
                     security groups by name. Please use the corresponding id for this operation."
                ))),
            }
        }
        (None, None) => Err(missing("groupId")),
    }
}

/// A rule's description, if it is one.
pub(super) fn description(text: Option<&str>) -> Result<Option<String>, Refusal> {
    let text = text.filter(|it| !it.is_empty());
    match text.is_none_or(is_plain) {
        true => Ok(text.map(str::to_owned)),
        false => Err(invalid(
            "Invalid rule description. Valid descriptions are strings less than 256 characters \
             from the following set:  a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*",
        )),
    }
}

/// Rules of one protocol and its ports.
type Set<'a> = (&'a str, Option<(i64, i64)>, Vec<&'a Rule>);

/// Rules as DescribeSecurityGroups shows them.
pub(super) fn grouped<'a>(rules: impl Iterator<Item = &'a Rule>) -> Value {
    let mut sets: Vec<Set> = Vec::new();
    for rule in rules {
        let (protocol, ports) = (rule.permit.protocol.as_str(), rule.permit.ports);
        let set = sets.iter_mut().find(|it| (it.0, it.1) == (protocol, ports));
        match set {
            Some((_, _, rules)) => rules.push(rule),
            None => sets.push((protocol, ports, vec![rule])),
        }
    }
    let sets = sets.iter();
    sets.map(|(protocol, ports, rules)| {
        object([
            ("IpProtocol", Some((*protocol).into())),
            ("FromPort", ports.map(|it| it.0.into())),
            ("ToPort", ports.map(|it| it.1.into())),
            ("UserIdGroupPairs", Some(peers(rules, pair))),
            ("IpRanges", Some(peers(rules, |it| named(it, "CidrIp")))),
            ("Ipv6Ranges", Some(peers(rules, |it| named(it, "CidrIpv6")))),
            (
                "PrefixListIds",
                Some(peers(rules, |it| named(it, "PrefixListId"))),
            ),
        ])
    })
    .collect()
}

/// One permission that was asked for, as the Revoke actions show what was not there.
pub(super) fn alone((permit, description): Asked) -> Value {
    let rule = Rule {
        egress: false,
        permit,
        description,
    };
    grouped([&rule].into_iter())[0].clone()
}

fn peers(rules: &[&Rule], show: impl Fn(&Rule) -> Option<Value>) -> Value {
    rules.iter().filter_map(|it| show(it)).collect()
}

fn pair(rule: &Rule) -> Option<Value> {
    let Peer::Group(id) = &rule.permit.peer else {
        return None;
    };
    Some(object([
        ("Description", rule.description.clone().map(Value::from)),
        ("UserId", Some(ACCOUNT.into())),
        ("GroupId", Some(id.as_str().into())),
    ]))
}

fn named(rule: &Rule, member: &str) -> Option<Value> {
    let name = match &rule.permit.peer {
        Peer::Ipv4(_) => "CidrIp",
        Peer::Ipv6(_) => "CidrIpv6",
        Peer::List(_) => "PrefixListId",
        Peer::Group(_) => return None,
    };
    (name == member).then(|| {
        object([
            ("Description", rule.description.clone().map(Value::from)),
            (member, Some(rule.permit.peer.name().into())),
        ])
    })
}

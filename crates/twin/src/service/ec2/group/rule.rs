//! The rules of a security group.

use super::super::{prefix_list, tag};
use crate::{World, call::object, habits::ACCOUNT};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in super::super) struct Rule {
    pub(super) egress: bool,
    pub(super) permit: Permit,
    pub(super) description: Option<String>,
}

/// What a rule permits; two rules of one direction never permit the same.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Permit {
    /// `tcp`, `udp`, `icmp`, `icmpv6`, `-1` for all, or a number.
    pub(super) protocol: String,
    /// The first and the last port, or the type and the code.
    pub(super) ports: Option<(i64, i64)>,
    pub(super) peer: Peer,
}

/// Whom a rule lets in or out to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Peer {
    /// Addresses.
    Ipv4(String),
    /// Addresses.
    Ipv6(String),
    /// A prefix list.
    List(String),
    /// The members of a group.
    Group(String),
}

impl Peer {
    /// As errors name it.
    pub(super) fn name(&self) -> &str {
        match self {
            Peer::Ipv4(it) | Peer::Ipv6(it) | Peer::List(it) | Peer::Group(it) => it,
        }
    }

    /// How many rules it counts for among those for IPv4, and among those for IPv6.
    pub(super) fn weight(&self, world: &World) -> (usize, usize) {
        match self {
            Peer::Ipv4(_) => (1, 0),
            Peer::Ipv6(_) => (0, 1),
            Peer::Group(_) => (1, 1),
            Peer::List(id) => prefix_list::weight(world, id),
        }
    }
}

impl Permit {
    /// As the error about a duplicate writes it.
    pub(super) fn words(&self) -> String {
        let peer = self.peer.name();
        match (&*self.protocol, self.ports) {
            ("-1", _) => format!("peer: {peer}, ALL, ALLOW"),
            (it @ ("icmp" | "icmpv6"), Some((kind, code))) => {
                let it = it.to_uppercase();
                format!("peer: {peer}, {it}, type: {kind}, code: {code}, ALLOW")
            }
            (it, Some((from, to))) => {
                let it = it.to_uppercase();
                format!("peer: {peer}, {it}, from port: {from}, to port: {to}, ALLOW")
            }
            (it, None) => format!("peer: {peer}, protocol: {it}, ALLOW"),
        }
    }
}

/// A rule as DescribeSecurityGroupRules and the Authorize actions show it.
pub(super) fn show(world: &World, group: &str, id: &str, rule: &Rule) -> Value {
    let Permit {
        protocol,
        ports,
        peer,
    } = &rule.permit;
    let (from, to) = ports.unwrap_or((-1, -1));
    let referenced = |id: &String| {
        object([
            ("GroupId", Some(id.as_str().into())),
            ("UserId", Some(ACCOUNT.into())),
        ])
    };
    let text = |it: &str| Some(Value::from(it));
    object([
        ("SecurityGroupRuleId", text(id)),
        ("GroupId", text(group)),
        ("GroupOwnerId", text(ACCOUNT)),
        ("IsEgress", Some(rule.egress.into())),
        ("IpProtocol", text(protocol)),
        ("FromPort", Some(from.into())),
        ("ToPort", Some(to.into())),
        ("CidrIpv4", matching(peer, |it| matches!(it, Peer::Ipv4(_)))),
        ("CidrIpv6", matching(peer, |it| matches!(it, Peer::Ipv6(_)))),
        (
            "PrefixListId",
            matching(peer, |it| matches!(it, Peer::List(_))),
        ),
        (
            "ReferencedGroupInfo",
            match peer {
                Peer::Group(id) => Some(referenced(id)),
                _ => None,
            },
        ),
        ("Description", rule.description.clone().map(Value::from)),
        ("Tags", Some(world.ec2.shown_tags(id))),
        ("SecurityGroupRuleArn", Some(tag::arn(world, id).into())),
    ])
}

/// A rule as the Revoke actions show it.
pub(super) fn show_revoked(group: &str, id: &str, rule: &Rule) -> Value {
    let Permit {
        protocol,
        ports,
        peer,
    } = &rule.permit;
    let (from, to) = ports.unwrap_or((-1, -1));
    object([
        ("SecurityGroupRuleId", Some(id.into())),
        ("GroupId", Some(group.into())),
        ("IsEgress", Some(rule.egress.into())),
        ("IpProtocol", Some(protocol.as_str().into())),
        ("FromPort", Some(from.into())),
        ("ToPort", Some(to.into())),
        ("CidrIpv4", matching(peer, |it| matches!(it, Peer::Ipv4(_)))),
        ("CidrIpv6", matching(peer, |it| matches!(it, Peer::Ipv6(_)))),
        (
            "PrefixListId",
            matching(peer, |it| matches!(it, Peer::List(_))),
        ),
        (
            "ReferencedGroupId",
            matching(peer, |it| matches!(it, Peer::Group(_))),
        ),
        ("Description", rule.description.clone().map(Value::from)),
    ])
}

fn matching(peer: &Peer, is_asked: impl Fn(&Peer) -> bool) -> Option<Value> {
    is_asked(peer).then(|| Value::from(peer.name()))
}

//! The rules of a security group, as the spec says them and as EC2 does.

use aws_sdk_ec2::types::{IpPermission, IpRange, Ipv6Range, PrefixListId, UserIdGroupPair};
use setpoint_core::Link;
use setpoint_spec::kind::{Peer, Rule};
use std::collections::BTreeSet;

/// What takes one set of rules to another.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Change {
    pub(crate) missing: Vec<Rule>,
    pub(crate) extra: Vec<Rule>,
    /// There, with another description. To EC2 a rule with the new one would be a duplicate.
    pub(crate) redescribed: Vec<Rule>,
}

pub(crate) fn change(desired: &BTreeSet<Rule>, now: &BTreeSet<Rule>) -> Change {
    let (mut missing, mut redescribed) = (Vec::new(), Vec::new());
    let mut extra: Vec<Rule> = now.difference(desired).cloned().collect();
    for rule in desired.difference(now) {
        match extra.iter().position(|it| permits_the_same(it, rule)) {
            Some(at) => {
                extra.remove(at);
                redescribed.push(rule.clone());
            }
            None => missing.push(rule.clone()),
        }
    }
    Change {
        missing,
        extra,
        redescribed,
    }
}

fn permits_the_same(one: &Rule, other: &Rule) -> bool {
    let description = other.description.clone();
    Rule {
        description,
        ..one.clone()
    } == *other
}

/// The rules of the group `own` in which EC2 shows its permissions, one for each peer.
pub(crate) fn read(permissions: &[IpPermission], own: &str) -> BTreeSet<Rule> {
    permissions
        .iter()
        .flat_map(|it| rules_of(it, own))
        .collect()
}

fn rules_of(permission: &IpPermission, own: &str) -> Vec<Rule> {
    let text = |it: Option<&str>| it.unwrap_or_default().to_owned();
    let rule = |peer, description: Option<&str>| Rule {
        protocol: protocol(permission.ip_protocol().unwrap_or("-1")),
        from_port: permission.from_port.unwrap_or(-1),
        to_port: permission.to_port.unwrap_or(-1),
        peer,
        description: text(description),
    };
    let group = |it: &UserIdGroupPair| match it.group_id() {
        Some(id) if id == own => Peer::Itself,
        id => Peer::Group(Link::is(text(id))),
    };
    let mut rules = Vec::new();
    for it in permission.ip_ranges() {
        rules.push(rule(Peer::Cidr(text(it.cidr_ip())), it.description()));
    }
    for it in permission.ipv6_ranges() {
        rules.push(rule(Peer::Cidr(text(it.cidr_ipv6())), it.description()));
    }
    for it in permission.prefix_list_ids() {
        let peer = Peer::PrefixList(text(it.prefix_list_id()));
        rules.push(rule(peer, it.description()));
    }
    for it in permission.user_id_group_pairs() {
        rules.push(rule(group(it), it.description()));
    }
    rules
}

fn protocol(text: &str) -> String {
    match text {
        "6" => "tcp",
        "17" => "udp",
        "1" => "icmp",
        "58" => "icmpv6",
        other => other,
    }
    .to_owned()
}

/// The rules of the group `own` as EC2 takes them.
pub(crate) fn written<'a>(
    rules: impl IntoIterator<Item = &'a Rule>,
    own: &str,
) -> Vec<IpPermission> {
    rules.into_iter().map(|it| permission(it, own)).collect()
}

fn permission(rule: &Rule, own: &str) -> IpPermission {
    let description = Some(rule.description.clone()).filter(|it| !it.is_empty());
    // Of other protocols EC2 keeps no ports, whatever it is sent.
    let has_ports = ["tcp", "udp", "icmp", "icmpv6"].contains(&&*rule.protocol);
    let permission = IpPermission::builder()
        .ip_protocol(&rule.protocol)
        .set_from_port(has_ports.then_some(rule.from_port))
        .set_to_port(has_ports.then_some(rule.to_port));
    let members_of = |id: &str| {
        let pair = UserIdGroupPair::builder().group_id(id);
        pair.set_description(description.clone()).build()
    };
    match &rule.peer {
        Peer::Cidr(cidr) if cidr.contains(':') => {
            let range = Ipv6Range::builder().cidr_ipv6(cidr);
            permission.ipv6_ranges(range.set_description(description).build())
        }
        Peer::Cidr(cidr) => {
            let range = IpRange::builder().cidr_ip(cidr);
            permission.ip_ranges(range.set_description(description).build())
        }
        Peer::PrefixList(id) => {
            let list = PrefixListId::builder().prefix_list_id(id);
            permission.prefix_list_ids(list.set_description(description).build())
        }
        Peer::Itself => permission.user_id_group_pairs(members_of(own)),
        Peer::Group(group) => {
            let id = group.handle().expect("links are filled before a write");
            permission.user_id_group_pairs(members_of(id))
        }
    }
    .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(port: i32, peer: Peer, description: &str) -> Rule {
        Rule {
            protocol: "tcp".into(),
            from_port: port,
            to_port: port,
            peer,
            description: description.into(),
        }
    }

    fn anywhere() -> Peer {
        Peer::Cidr("0.0.0.0/0".into())
    }

    #[test]
    fn a_rule_that_only_reads_otherwise_is_neither_missing_nor_too_much() {
        let now = [rule(80, anywhere(), ""), rule(22, anywhere(), "old")].into();
        let desired = [rule(80, anywhere(), "web"), rule(443, anywhere(), "web")].into();
        let expected = Change {
            missing: vec![rule(443, anywhere(), "web")],
            extra: vec![rule(22, anywhere(), "old")],
            redescribed: vec![rule(80, anywhere(), "web")],
        };
        assert_eq!(change(&desired, &now), expected);
        assert_eq!(change(&desired, &desired), Change::default());
    }

    #[test]
    fn what_is_written_reads_back_the_same() {
        let icmp = Rule {
            protocol: "icmpv6".into(),
            ..rule(-1, Peer::Cidr("2001:db8::/32".into()), "")
        };
        let rules = BTreeSet::from([
            Rule::everything_out(),
            icmp,
            rule(80, Peer::Itself, "among us"),
            rule(80, Peer::Group(Link::is("sg-2")), ""),
            rule(443, Peer::PrefixList("pl-1".into()), "s3"),
        ]);
        assert_eq!(read(&written(&rules, "sg-1"), "sg-1"), rules);
    }
}

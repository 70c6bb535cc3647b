use super::{Tags, Vpc};
use serde::{Serialize, Serializer};
use setpoint_core::{AnyLink, Kind, Link, Resource};
use std::{collections::BTreeSet, fmt};

/// An EC2 security group. Its handle is its id; its name is unique within its VPC.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SecurityGroup {
    /// The VPC it is in. Cannot be changed.
    pub vpc: Link<Vpc>,
    /// What it is for; nothing takes what is there. Cannot be changed.
    pub description: Option<String>,
    /// What may come in.
    pub ingress: BTreeSet<Rule>,
    /// What may go out.
    pub egress: BTreeSet<Rule>,
    /// Its tags.
    pub tags: Tags,
}

/// One permission: a protocol, its ports, and one peer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rule {
    /// `tcp`, `udp`, `icmp`, `icmpv6`, a number, or `-1` for all.
    pub protocol: String,
    /// The first port, or the ICMP type; -1 for all.
    pub from_port: i32,
    /// The last port, or the ICMP code; -1 for all.
    pub to_port: i32,
    /// Who.
    pub peer: Peer,
    /// Why; empty for no description.
    pub description: String,
}

/// Who a rule lets in or out to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Peer {
    /// Addresses, IPv4 or IPv6, in canonical form: `10.0.0.0/16`.
    Cidr(String),
    /// A managed prefix list, by id.
    PrefixList(String),
    /// The members of this very group.
    Itself,
    /// The members of another group.
    Group(Link<SecurityGroup>),
}

impl Rule {
    /// The rule that a new group has for what goes out: everything, to everywhere over IPv4.
    pub fn everything_out() -> Rule {
        Rule {
            protocol: "-1".into(),
            from_port: -1,
            to_port: -1,
            peer: Peer::Cidr("0.0.0.0/0".into()),
            description: String::new(),
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Rule {
            protocol,
            from_port,
            to_port,
            ..
        } = self;
        match protocol.as_str() {
            "-1" => f.write_str("all")?,
            _ if from_port == to_port => write!(f, "{protocol} {from_port}")?,
            _ => write!(f, "{protocol} {from_port}-{to_port}")?,
        }
        match &self.peer {
            Peer::Cidr(cidr) => write!(f, " {cidr}")?,
            Peer::PrefixList(id) => write!(f, " {id}")?,
            Peer::Itself => f.write_str(" itself")?,
            Peer::Group(group) => write!(f, " {group}")?,
        }
        match self.description.as_str() {
            "" => Ok(()),
            text => write!(f, " ({text})"),
        }
    }
}

impl Serialize for Rule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Resource for SecurityGroup {
    const KIND: Kind = Kind("securityGroup");

    fn links(&mut self, visit: &mut dyn FnMut(&mut dyn AnyLink)) {
        visit(&mut self.vpc);
        for rules in [&mut self.ingress, &mut self.egress] {
            *rules = std::mem::take(rules)
                .into_iter()
                .map(|mut rule| {
                    if let Peer::Group(group) = &mut rule.peer {
                        visit(group);
                    }
                    rule
                })
                .collect();
        }
    }

    fn inherit(&mut self, observed: &Self) {
        self.description = self.description.take().or(observed.description.clone());
    }

    fn fixed(&self, observed: &Self) -> Option<&'static str> {
        match () {
            () if self.vpc != observed.vpc => Some("vpc"),
            () if self.description != observed.description => Some("description"),
            () => None,
        }
    }
}

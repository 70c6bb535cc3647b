//! Where things are and what may reach them; and the two kinds that are written as they are.

use super::{Around, Written, Wrong};
use crate::kind::{LogGroup, Peer, RETENTION_DAYS, Repository, Rule, SecurityGroup, Tags};
use schemars::JsonSchema;
use serde::Deserialize;
use setpoint_core::Link;
use std::collections::BTreeSet;

/// Which VPC and subnets are used where nothing else is said.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct Network {
    /// The VPC: `default`, an id, or `tag:<key>=<value>`.
    pub(super) vpc: String,
    /// The subnets: `default`, ids with commas between them, or `tag:<key>=<value>`.
    pub(super) subnets: String,
}

impl Default for Network {
    fn default() -> Self {
        Network {
            vpc: "default".into(),
            subnets: "default".into(),
        }
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(transparent)]
pub(super) struct WrittenRepository(Repository);

impl Written for WrittenRepository {
    type Resource = Repository;

    fn resource(mut self, name: &str, around: &Around<'_>) -> Result<Repository, Vec<Wrong>> {
        let inner = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit();
        let is_part = |it: &str| {
            it.starts_with(inner)
                && it.ends_with(inner)
                && it.chars().all(|it| inner(it) || "._-".contains(it))
        };
        if !(2..=256).contains(&name.len()) || !name.split('/').all(is_part) {
            let message = format!("`{name}` is no name for a repository");
            let wrong = Wrong::new([], message)
                .hint("lower-case letters, digits, `-`, `_`, `.` and `/`, 2 to 256 of them");
            return Err(vec![wrong]);
        }
        self.0.tags = around.tagged(self.0.tags);
        Ok(self.0)
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(transparent)]
pub(super) struct WrittenLogGroup(LogGroup);

impl Written for WrittenLogGroup {
    type Resource = LogGroup;

    fn resource(mut self, _: &str, around: &Around<'_>) -> Result<LogGroup, Vec<Wrong>> {
        if let Some(days) = self.0.retention_in_days
            && !RETENTION_DAYS.contains(&days)
        {
            let near = RETENTION_DAYS.iter().min_by_key(|it| (**it - days).abs());
            let message = format!("CloudWatch Logs keeps no events for {days} days");
            let wrong = Wrong::new(["retentionInDays".into()], message)
                .hint(format!("the nearest it takes is {}", near.unwrap_or(&30)));
            return Err(vec![wrong]);
        }
        self.0.tags = around.tagged(self.0.tags);
        Ok(self.0)
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct WrittenGroup {
    /// The VPC it is in: `default`, an id, or `tag:<key>=<value>`.
    #[serde(default)]
    vpc: Option<String>,
    /// What it is for. It cannot be changed.
    #[serde(default)]
    #[schemars(length(max = 255))]
    description: Option<String>,
    /// Who may come in.
    #[serde(default)]
    ingress: Vec<WrittenRule>,
    /// Where its members may go; anywhere, where nothing is said.
    #[serde(default)]
    egress: Option<Vec<WrittenRule>>,
    /// Its tags, beside those of the whole stack.
    #[serde(default)]
    tags: Tags,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WrittenRule {
    /// The protocol: tcp where nothing is said; or udp, icmp, icmpv6, all, or a number.
    #[serde(default)]
    #[schemars(example = &"tcp")]
    protocol: Option<String>,
    /// A port, a range of ports, or `all`.
    #[serde(default)]
    #[schemars(example = &"32768-60999")]
    ports: Option<Ports>,
    /// Who may come in: `anywhere`, address ranges, security groups by name or id, prefix lists, or `itself`.
    #[serde(default)]
    #[schemars(example = &"anywhere")]
    from: Option<OneOrMany>,
    /// Where to, in the same words.
    #[serde(default)]
    #[schemars(example = &"anywhere")]
    to: Option<OneOrMany>,
    /// What it is for.
    #[serde(default)]
    #[schemars(length(max = 255))]
    description: String,
}

#[derive(Deserialize, JsonSchema)]
#[serde(untagged, expecting = "a port, a range such as 32768-60999, or `all`")]
enum Ports {
    One(i32),
    Text(String),
}

#[derive(Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "an address range, `anywhere`, a security group, or a list of such"
)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl Written for WrittenGroup {
    type Resource = SecurityGroup;

    fn resource(self, name: &str, around: &Around<'_>) -> Result<SecurityGroup, Vec<Wrong>> {
        let mut wrongs = Vec::new();
        if name.starts_with("sg-") || name.len() > 255 {
            wrongs.push(
                Wrong::new([], format!("`{name}` is no name for a security group"))
                    .hint("255 characters at most, and not beginning with `sg-`, which ids do"),
            );
        }
        let mut read = |direction: &str, rules: Vec<WrittenRule>| {
            let mut read = BTreeSet::new();
            for (index, rule) in rules.into_iter().enumerate() {
                match rule.rules(name, direction) {
                    Ok(rules) => read.extend(rules),
                    Err(mut wrong) => {
                        wrong.path.splice(0..0, [direction.into(), index.into()]);
                        wrongs.push(wrong);
                    }
                }
            }
            read
        };
        let group = SecurityGroup {
            vpc: Link::to(self.vpc.as_deref().unwrap_or(around.vpc)),
            description: self.description,
            ingress: read("ingress", self.ingress),
            egress: match self.egress {
                Some(rules) => read("egress", rules),
                None => [Rule::everything_out()].into(),
            },
            tags: around.tagged(self.tags),
        };
        match wrongs.is_empty() {
            true => Ok(group),
            false => Err(wrongs),
        }
    }
}

impl WrittenRule {
    /// One rule for each peer.
    fn rules(self, group: &str, direction: &str) -> Result<Vec<Rule>, Wrong> {
        let (own, other, key) = match direction {
            "ingress" => (self.from, self.to, "from"),
            _ => (self.to, self.from, "to"),
        };
        if other.is_some() {
            let message = format!("an {direction} rule says `{key}`");
            return Err(Wrong::new([], message));
        }
        let peers = match own {
            Some(OneOrMany::One(peer)) => vec![peer],
            Some(OneOrMany::Many(peers)) if !peers.is_empty() => peers,
            _ => {
                let wrong = Wrong::new([], format!("the rule does not say `{key}` whom"));
                return Err(wrong.hint(format!("{key}: anywhere")));
            }
        };
        let protocol = match self.protocol.as_deref() {
            Some("all" | "-1") => "-1",
            Some(it @ ("tcp" | "udp" | "icmp" | "icmpv6")) => it,
            Some(it) if it.parse::<u8>().is_ok() => it,
            Some(it) => {
                let message = format!("unknown protocol `{it}`");
                return Err(Wrong::new(["protocol".into()], message)
                    .hint("`tcp`, `udp`, `icmp`, `icmpv6`, `all`, or a protocol's number"));
            }
            None if matches!(&self.ports, Some(Ports::Text(it)) if it == "all") => "-1",
            None => "tcp",
        };
        let (from_port, to_port) =
            ports(self.ports, protocol).map_err(|message| Wrong::new(["ports".into()], message))?;
        let rule = |peer: &String| {
            let peer = peer_of(peer, group).map_err(|text| Wrong::new([key.into()], text))?;
            Ok(Rule {
                protocol: protocol.to_owned(),
                from_port,
                to_port,
                peer,
                description: self.description.clone(),
            })
        };
        peers.iter().map(rule).collect()
    }
}

fn ports(ports: Option<Ports>, protocol: &str) -> Result<(i32, i32), String> {
    let has_ports = matches!(protocol, "tcp" | "udp");
    let port = |text: &str| match text.trim().parse::<u16>() {
        Ok(port) => Ok(i32::from(port)),
        Err(_) => Err(format!("`{text}` is no port: 0 to 65535")),
    };
    match ports {
        None if has_ports => Err("the rule does not say which `ports`".into()),
        None => Ok((-1, -1)),
        Some(Ports::Text(text)) if text == "all" => Ok(match has_ports {
            true => (0, 65535),
            false => (-1, -1),
        }),
        Some(Ports::One(one)) => port(&one.to_string()).map(|it| (it, it)),
        Some(Ports::Text(text)) => match text.split_once('-') {
            None => port(&text).map(|it| (it, it)),
            Some((from, to)) => match (port(from)?, port(to)?) {
                (from, to) if from <= to => Ok((from, to)),
                (from, to) => Err(format!("the range {from}-{to} ends before it begins")),
            },
        },
    }
}

fn peer_of(text: &str, group: &str) -> Result<Peer, String> {
    if text == "anywhere" {
        return Ok(Peer::Cidr("0.0.0.0/0".into()));
    }
    if text == "itself" || text == group {
        return Ok(Peer::Itself);
    }
    if text.starts_with("pl-") {
        return Ok(Peer::PrefixList(text.into()));
    }
    if text.starts_with("sg-") {
        return Ok(Peer::Group(Link::is(text)));
    }
    let looks_like_addresses = text.contains('/') || text.parse::<std::net::IpAddr>().is_ok();
    match looks_like_addresses {
        true => cidr(text).map(Peer::Cidr),
        false => Ok(Peer::Group(Link::to(text))),
    }
}

/// The canonical form of an address range, as EC2 shows it: `100.68.0.18/18` is `100.68.0.0/18`.
fn cidr(text: &str) -> Result<String, String> {
    let bad = || format!("`{text}` is no address range, such as 10.0.0.0/16");
    let (address, length) = match text.split_once('/') {
        Some((address, length)) => (address, Some(length.parse::<u32>().map_err(|_| bad())?)),
        None => (text, None),
    };
    match address.parse().map_err(|_| bad())? {
        std::net::IpAddr::V4(address) => {
            let length = length.unwrap_or(32);
            let mask = u32::MAX.checked_shl(32 - length.min(32)).unwrap_or(0);
            let network = std::net::Ipv4Addr::from(u32::from(address) & mask);
            (length <= 32)
                .then(|| format!("{network}/{length}"))
                .ok_or_else(bad)
        }
        std::net::IpAddr::V6(address) => {
            let length = length.unwrap_or(128);
            let mask = u128::MAX.checked_shl(128 - length.min(128)).unwrap_or(0);
            let network = std::net::Ipv6Addr::from(u128::from(address) & mask);
            (length <= 128)
                .then(|| format!("{network}/{length}"))
                .ok_or_else(bad)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_canonical() {
        assert_eq!(cidr("100.68.0.18/18").unwrap(), "100.68.0.0/18");
        assert_eq!(cidr("0.0.0.0/0").unwrap(), "0.0.0.0/0");
        assert_eq!(cidr("10.1.2.3").unwrap(), "10.1.2.3/32");
        assert_eq!(cidr("2001:db8::1/32").unwrap(), "2001:db8::/32");
        assert!(cidr("10.0.0.0/33").is_err() && cidr("10.0.0/8").is_err());
    }
}

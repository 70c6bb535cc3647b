//! What leads to tasks: security groups, interfaces, load balancers.

use serde::Serialize;

/// A security group.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SecurityGroup {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What may come in.
    pub ingress: Vec<Rule>,
}

/// A rule of a security group.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Rule {
    /// `tcp`, `udp`, `icmp`, a number, or `-1` for all.
    pub protocol: String,
    /// The first port; none is all.
    pub from: Option<i32>,
    /// The last port.
    pub to: Option<i32>,
    /// From which blocks of addresses, of either version.
    pub cidrs: Vec<String>,
    /// From which other groups, by id.
    pub groups: Vec<String>,
    /// From which prefix lists, by id.
    pub prefix_lists: Vec<String>,
}

impl Rule {
    /// Whether it lets TCP in at a port, from somewhere.
    pub fn opens(&self, port: u16) -> bool {
        let port = i32::from(port);
        let in_range = self.from.is_none_or(|it| it <= port) && self.to.is_none_or(|it| it >= port);
        match self.protocol.as_str() {
            "-1" => true,
            "tcp" | "6" => in_range,
            _ => false,
        }
    }

    /// Whether it lets in from every address of IPv4.
    pub fn is_for_everyone(&self) -> bool {
        self.cidrs.iter().any(|it| it == "0.0.0.0/0")
    }
}

/// A network interface.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Interface {
    /// Its id.
    pub id: String,
    /// Its public address, if it has one.
    pub public_ip: Option<String>,
    /// Its private address.
    pub private_ip: Option<String>,
    /// The ids of its security groups.
    pub security_groups: Vec<String>,
    /// Its subnet.
    pub subnet: Option<String>,
}

/// A target group.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TargetGroup {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// The ARNs of the load balancers that use it.
    pub balancers: Vec<String>,
    /// How its targets do.
    pub health: Vec<TargetHealth>,
}

/// How a target does.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TargetHealth {
    /// The instance's id, or the address.
    pub target: String,
    /// The port.
    pub port: Option<i32>,
    /// `healthy`, `unhealthy`, `initial`, `unused`, `draining` or `unavailable`.
    pub state: String,
    /// Why, in words.
    pub description: Option<String>,
}

/// A load balancer.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Balancer {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// Its name in DNS.
    pub dns_name: String,
    /// `internet-facing` or `internal`.
    pub scheme: String,
    /// `active`, `provisioning`, `active_impaired` or `failed`.
    pub state: String,
    /// What it listens to.
    pub listeners: Vec<Listener>,
}

/// What a load balancer listens to.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Listener {
    /// The port.
    pub port: i32,
    /// `HTTP`, `HTTPS`, `TCP` and others.
    pub protocol: String,
    /// The ARNs of the target groups that it forwards to by default.
    pub target_groups: Vec<String>,
}

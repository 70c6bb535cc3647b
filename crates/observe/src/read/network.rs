//! Security groups and network interfaces.

use super::{Reader, batched, instances::FILTERED, next};
use crate::picture::{Interface, Rule, SecurityGroup};
use aws_sdk_ec2::types::{Filter, IpPermission, NetworkInterface, SecurityGroup as Shown};
use setpoint_core::Result;

impl Reader {
    /// Security groups by their ids; those that exist.
    pub(crate) async fn security_groups(&self, ids: &[String]) -> Result<Vec<SecurityGroup>> {
        batched(ids, FILTERED, |ids| async move {
            let filter = filter("group-id", ids);
            let mut groups = Vec::new();
            let mut token = None;
            loop {
                let page = self
                    .aws
                    .call("ec2:DescribeSecurityGroups", || {
                        let call = self.ec2.describe_security_groups().filters(filter.clone());
                        call.set_next_token(token.clone()).send()
                    })
                    .await?;
                groups.extend(page.security_groups().iter().map(group));
                token = next(page.next_token);
                if token.is_none() {
                    return Ok(groups);
                }
            }
        })
        .await
    }

    /// Interfaces by their ids; those that exist.
    pub(crate) async fn interfaces(&self, ids: &[String]) -> Result<Vec<Interface>> {
        batched(ids, FILTERED, |ids| async move {
            let filter = filter("network-interface-id", ids);
            let mut interfaces = Vec::new();
            let mut token = None;
            loop {
                let page = self
                    .aws
                    .call("ec2:DescribeNetworkInterfaces", || {
                        let call = self.ec2.describe_network_interfaces();
                        let call = call.filters(filter.clone());
                        call.set_next_token(token.clone()).send()
                    })
                    .await?;
                interfaces.extend(page.network_interfaces().iter().map(interface));
                token = next(page.next_token);
                if token.is_none() {
                    return Ok(interfaces);
                }
            }
        })
        .await
    }
}

fn filter(name: &str, ids: &[String]) -> Filter {
    let filter = Filter::builder().name(name);
    filter.set_values(Some(ids.to_vec())).build()
}

fn group(it: &Shown) -> SecurityGroup {
    SecurityGroup {
        id: it.group_id().unwrap_or_default().to_owned(),
        name: it.group_name().unwrap_or_default().to_owned(),
        ingress: it.ip_permissions().iter().map(rule).collect(),
    }
}

fn rule(it: &IpPermission) -> Rule {
    let v4 = it.ip_ranges().iter().filter_map(|it| it.cidr_ip());
    let v6 = it.ipv6_ranges().iter().filter_map(|it| it.cidr_ipv6());
    let groups = it.user_id_group_pairs().iter();
    let lists = it.prefix_list_ids().iter();
    // ICMP has its type and code there.
    let port = |port: Option<i32>| port.filter(|it| *it >= 0);
    Rule {
        protocol: it.ip_protocol().unwrap_or_default().to_owned(),
        from: port(it.from_port()),
        to: port(it.to_port()),
        cidrs: v4.chain(v6).map(str::to_owned).collect(),
        groups: groups
            .filter_map(|it| it.group_id().map(str::to_owned))
            .collect(),
        prefix_lists: lists
            .filter_map(|it| it.prefix_list_id().map(str::to_owned))
            .collect(),
    }
}

fn interface(it: &NetworkInterface) -> Interface {
    let groups = it.groups().iter();
    let public = it.association().and_then(|it| it.public_ip());
    Interface {
        id: it.network_interface_id().unwrap_or_default().to_owned(),
        public_ip: public.map(str::to_owned),
        private_ip: it.private_ip_address().map(str::to_owned),
        security_groups: groups
            .filter_map(|it| it.group_id().map(str::to_owned))
            .collect(),
        subnet: it.subnet_id().map(str::to_owned),
    }
}

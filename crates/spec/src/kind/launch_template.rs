use super::{Cluster, InstanceProfile, SecurityGroup, Tags};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use setpoint_core::{AnyLink, Kind, Link, Resource};
use std::collections::BTreeSet;

/// An EC2 launch template, shown by its latest version. Its handle is `<id>:<version>`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LaunchTemplate {
    /// An AMI id, or `resolve:ssm:<parameter>`, which AWS resolves at each launch.
    pub image_id: String,
    /// Such as `t2.small`.
    pub instance_type: String,
    /// The instance profile, and with it the role, of its instances.
    pub instance_profile: Option<Link<InstanceProfile>>,
    /// The security groups of its instances.
    pub security_groups: BTreeSet<Link<SecurityGroup>>,
    /// Whether instances get a public address; nothing leaves it to the subnet.
    pub public_ip: Option<bool>,
    /// The SSH key pair.
    pub key_name: Option<String>,
    /// The root volume; nothing leaves it to the AMI.
    pub root_volume: Option<RootVolume>,
    /// Whether the metadata service answers only requests with a token (IMDSv2).
    pub imdsv2_required: bool,
    /// How many hops a metadata answer may take, 1 to 64.
    pub metadata_hop_limit: i32,
    /// Whether CloudWatch gets metrics of its instances each minute rather than every five.
    pub detailed_monitoring: bool,
    /// `unlimited` or `standard`: what a burstable instance does once its CPU credits are used up.
    /// Nothing leaves it to the type: T2 is throttled, later ones are charged.
    pub cpu_credits: Option<String>,
    /// What instances run when they start, as text.
    pub user_data: Option<String>,
    /// The cluster that the user data joins.
    pub cluster: Option<Link<Cluster>>,
    /// Tags of the template itself.
    pub tags: Tags,
    /// Tags of the instances and volumes that it makes. The spec asks for the same ones.
    pub instance_tags: Tags,
    /// What else is set in it, by AWS's names. The spec asks for nothing else, and every new
    /// version is without.
    pub unmanaged: BTreeSet<String>,
}

impl LaunchTemplate {
    /// The name of the cluster that user data joins: the last `ECS_CLUSTER=` in it, as the ECS
    /// agent's configuration file is appended to.
    pub fn cluster_in(user_data: &str) -> Option<&str> {
        let (_, rest) = user_data.rsplit_once("ECS_CLUSTER=")?;
        let rest = rest.trim_start_matches(['"', '\'']);
        let is_in_name = |it: char| it.is_ascii_alphanumeric() || it == '-' || it == '_';
        let name = rest.split(|it| !is_in_name(it)).next()?;
        (!name.is_empty()).then_some(name)
    }
}

/// The volume that an instance starts from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RootVolume {
    /// GiB.
    #[schemars(range(min = 1, max = 65536))]
    pub size: i32,
    /// Its type.
    #[serde(default = "gp3")]
    #[schemars(extend("enum" = ["gp3", "gp2", "io1", "io2", "st1", "sc1", "standard"]))]
    pub volume_type: String,
    /// Whether it is encrypted.
    #[serde(default)]
    pub encrypted: bool,
    /// What the AMI calls it. `/dev/xvda` on Amazon Linux.
    #[serde(default = "xvda")]
    pub device_name: String,
}

fn gp3() -> String {
    "gp3".into()
}

fn xvda() -> String {
    "/dev/xvda".into()
}

impl Resource for LaunchTemplate {
    const KIND: Kind = Kind("launchTemplate");

    fn republishes(&self, observed: &Self) -> bool {
        // The tags are the template's, not a version's.
        let tags = observed.tags.clone();
        LaunchTemplate {
            tags,
            ..self.clone()
        } != *observed
    }

    fn links(&mut self, visit: &mut dyn FnMut(&mut dyn AnyLink)) {
        if let Some(profile) = &mut self.instance_profile {
            visit(profile);
        }
        if let Some(cluster) = &mut self.cluster {
            visit(cluster);
        }
        self.security_groups = std::mem::take(&mut self.security_groups)
            .into_iter()
            .map(|mut group| {
                visit(&mut group);
                group
            })
            .collect();
    }

    fn effect(&self, before: Option<(&Self, u64)>) -> Option<String> {
        before.map(|_| "new instances only".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cluster_is_found_however_user_data_is_quoted() {
        let found = |text| LaunchTemplate::cluster_in(text);
        assert_eq!(
            found("#!/bin/bash\necho ECS_CLUSTER=shop >> /etc/ecs/ecs.config;"),
            Some("shop")
        );
        assert_eq!(
            found("echo \"ECS_CLUSTER=sale-1\" >> /etc/ecs/ecs.config"),
            Some("sale-1")
        );
        assert_eq!(found("ECS_CLUSTER='old'\nECS_CLUSTER='new'\n"), Some("new"));
        assert_eq!(found("ECS_CLUSTER=${NAME}"), None);
        assert_eq!(found("dnf install -y htop"), None);
    }
}

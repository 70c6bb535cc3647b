//! What instances are made from.

use super::{Around, Written, Wrong};
use crate::kind::{Cluster, InstanceProfile, LaunchTemplate, RootVolume, SecurityGroup, Tags};
use schemars::JsonSchema;
use serde::Deserialize;
use setpoint_core::{Link, Resource};
use std::collections::BTreeSet;

fn yes() -> bool {
    true
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct WrittenTemplate {
    /// The AMI: an id, `resolve:ssm:<parameter>`, or one of AWS's ECS-optimised ones by name.
    #[schemars(example = &"ecs-optimized:amazon-linux-2023")]
    image_id: String,
    /// The instance type.
    #[schemars(example = &"t3.small")]
    instance_type: String,
    /// The instance profile, and with it the role, of its instances.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    instance_profile: Option<Link<InstanceProfile>>,
    /// The security groups of its instances, by name or id.
    #[serde(default)]
    security_groups: Vec<String>,
    /// Whether instances get a public address; the subnet decides where nothing is said.
    #[serde(default)]
    public_ip: Option<bool>,
    /// The SSH key pair.
    #[serde(default)]
    key_name: Option<String>,
    /// The root volume; the AMI's own where nothing is said.
    #[serde(default)]
    root_volume: Option<RootVolume>,
    /// Whether the metadata service answers only requests with a token.
    #[serde(default = "yes")]
    imdsv2_required: bool,
    /// How many hops a metadata answer may take; 1 keeps it from containers in bridge mode.
    #[serde(default = "one_hop")]
    #[schemars(range(min = 1, max = 64))]
    metadata_hop_limit: i32,
    /// Whether CloudWatch gets its metrics each minute rather than every five.
    #[serde(default)]
    detailed_monitoring: bool,
    /// What a burstable instance does once its CPU credits are used up.
    #[serde(default)]
    #[schemars(extend("enum" = ["standard", "unlimited", null]))]
    cpu_credits: Option<String>,
    /// The cluster that instances join.
    #[serde(default)]
    cluster: Option<String>,
    /// What instances run when they start, after they were told their cluster.
    #[serde(default)]
    user_data: Option<String>,
    /// Tags of the template, its instances and their volumes.
    #[serde(default)]
    tags: Tags,
}

fn one_hop() -> i32 {
    1
}

impl Written for WrittenTemplate {
    type Resource = LaunchTemplate;

    fn resource(self, _: &str, around: &Around<'_>) -> Result<LaunchTemplate, Vec<Wrong>> {
        let mut wrongs = Vec::new();
        let image_id = match image(&self.image_id) {
            Some(image) => image,
            None => {
                let message = format!("`{}` is no image", self.image_id);
                let wrong = Wrong::new(["imageId".into()], message);
                wrongs.push(wrong.hint(
                    "an id (ami-…), `resolve:ssm:<parameter>`, or one of AWS's ECS-optimised \
                     images: `ecs-optimized:amazon-linux-2023`, `…/arm64`, `…/neuron`",
                ));
                String::new()
            }
        };
        if !(1..=64).contains(&self.metadata_hop_limit) {
            let message = "a metadata answer takes 1 to 64 hops";
            wrongs.push(Wrong::new(["metadataHopLimit".into()], message));
        }
        if let Some(credits) = &self.cpu_credits
            && !["standard", "unlimited"].contains(&credits.as_str())
        {
            let message = format!("unknown value `{credits}`");
            let wrong = Wrong::new(["cpuCredits".into()], message);
            wrongs.push(wrong.hint("`standard` or `unlimited`"));
        }
        let user_data = user_data(self.cluster.as_deref(), self.user_data.as_deref());
        if user_data.as_ref().is_some_and(|it| it.len() > 16 * 1024) {
            let message = "user data is 16 KiB at most";
            wrongs.push(Wrong::new(["userData".into()], message));
        }
        if !wrongs.is_empty() {
            return Err(wrongs);
        }
        let group = |it: &String| match it.starts_with("sg-") {
            true => Link::is(it.as_str()),
            false => Link::<SecurityGroup>::to(it),
        };
        // AWS shows user data and not what it means, so both sides read the cluster out of it.
        let joined = user_data.as_deref().and_then(LaunchTemplate::cluster_in);
        let cluster = joined.map(|it| {
            let is_ours = self.cluster.as_deref() == Some(it) || around.has(Cluster::KIND, it);
            if is_ours { Link::to(it) } else { Link::is(it) }
        });
        let tags = around.tagged(self.tags);
        Ok(LaunchTemplate {
            image_id,
            instance_type: self.instance_type,
            instance_profile: self.instance_profile,
            security_groups: self.security_groups.iter().map(group).collect(),
            public_ip: self.public_ip,
            key_name: self.key_name,
            root_volume: self.root_volume,
            imdsv2_required: self.imdsv2_required,
            metadata_hop_limit: self.metadata_hop_limit,
            detailed_monitoring: self.detailed_monitoring,
            cpu_credits: self.cpu_credits,
            user_data,
            cluster,
            instance_tags: tags.clone(),
            tags,
            unmanaged: BTreeSet::new(),
        })
    }
}

/// The image as EC2 takes it. Through its parameter, a new AMI is a choice and not drift.
fn image(text: &str) -> Option<String> {
    const PARAMETERS: &str = "/aws/service/ecs/optimized-ami";
    if text.starts_with("ami-") || text.starts_with("resolve:ssm:") {
        return Some(text.to_owned());
    }
    let variant = text.strip_prefix("ecs-optimized:")?;
    let known = [
        "amazon-linux-2023",
        "amazon-linux-2",
        "bottlerocket",
        "windows",
    ];
    let is_known = known.iter().any(|it| variant.starts_with(it));
    is_known.then(|| format!("resolve:ssm:{PARAMETERS}/{variant}/recommended/image_id"))
}

/// A script that joins the cluster, and then does what else is asked.
///
/// The agent reads the cluster's name from this file, and joins `default` where there is none.
fn user_data(cluster: Option<&str>, more: Option<&str>) -> Option<String> {
    let join = cluster.map(|it| format!("echo ECS_CLUSTER={it} >> /etc/ecs/ecs.config\n"));
    match (join, more) {
        (None, more) => more.map(str::to_owned),
        (Some(join), None) => Some(format!("#!/bin/bash\n{join}")),
        (Some(join), Some(more)) => {
            let (first, rest) = match more.split_once('\n') {
                Some((first, rest)) if first.starts_with("#!") => (first, rest),
                _ => ("#!/bin/bash", more),
            };
            Some(format!("{first}\n{join}{rest}"))
        }
    }
}

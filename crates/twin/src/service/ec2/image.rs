//! Amazon's machine images: the ECS-optimised ones, and plain Amazon Linux 2023.

use super::{
    filter::Filters,
    listing::{self, Listing},
    refusal::{absent_as, formed},
};
use crate::{Action, Answer, Input, Refusal, World, habits::ACCOUNT, ids::Ids};
use serde_json::{Value, json};

pub(super) fn actions() -> Vec<Action> {
    vec![Action::new("DescribeImages", describe_images)]
}

/// The agent that the ECS-optimised images bring along.
const AGENT: &str = "1.105.1";
const RUNTIME: &str = "Docker version 25.0.14";

/// An image.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Image {
    /// `ami-…`, another one in each region.
    pub(crate) id: String,
    /// Its name, with the date of its making.
    pub(crate) name: String,
    /// What the public parameters under it begin with.
    pub(crate) parameter: &'static str,
    /// `x86_64` or `arm64`.
    pub(crate) architecture: &'static str,
    system: System,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum System {
    /// Amazon Linux 2023 with the agent.
    Ecs2023,
    /// Amazon Linux 2 with the agent.
    Ecs2,
    /// Amazon Linux 2023 without.
    Plain2023,
}

/// What there is: the parameter, the name, the architecture, the system.
type Made = (&'static str, &'static str, &'static str, System);

#[rustfmt::skip]
const IMAGES: [Made; 12] = [
    ("/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended", "al2023-ami-ecs-hvm-2023.0.20261113-kernel-6.1-x86_64", "x86_64", System::Ecs2023),
    ("/aws/service/ecs/optimized-ami/amazon-linux-2023/arm64/recommended", "al2023-ami-ecs-hvm-2023.0.20261113-kernel-6.1-arm64", "arm64", System::Ecs2023),
    ("/aws/service/ecs/optimized-ami/amazon-linux-2023/gpu/recommended", "al2023-ami-ecs-gpu-hvm-2023.0.20261113-kernel-6.1-x86_64-ebs", "x86_64", System::Ecs2023),
    ("/aws/service/ecs/optimized-ami/amazon-linux-2023/neuron/recommended", "al2023-ami-ecs-neuron-hvm-2023.0.20261113-kernel-6.1-x86_64", "x86_64", System::Ecs2023),
    ("/aws/service/ecs/optimized-ami/amazon-linux-2/recommended", "amzn2-ami-ecs-hvm-2.0.20260618-x86_64-ebs", "x86_64", System::Ecs2),
    ("/aws/service/ecs/optimized-ami/amazon-linux-2/arm64/recommended", "amzn2-ami-ecs-hvm-2.0.20260618-arm64-ebs", "arm64", System::Ecs2),
    ("/aws/service/ecs/optimized-ami/amazon-linux-2/gpu/recommended", "amzn2-ami-ecs-gpu-hvm-2.0.20260618-x86_64-ebs", "x86_64", System::Ecs2),
    ("/aws/service/ecs/optimized-ami/amazon-linux-2/inf/recommended", "amzn2-ami-ecs-inf-hvm-2.0.20260618-x86_64-ebs", "x86_64", System::Ecs2),
    ("/aws/service/ecs/optimized-ami/amazon-linux-2/kernel-5.10/recommended", "amzn2-ami-ecs-kernel-5.10-hvm-2.0.20260618-x86_64-ebs", "x86_64", System::Ecs2),
    ("/aws/service/ecs/optimized-ami/amazon-linux-2/kernel-5.10/arm64/recommended", "amzn2-ami-ecs-kernel-5.10-hvm-2.0.20260618-arm64-ebs", "arm64", System::Ecs2),
    ("/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64", "al2023-ami-2023.9.20261109.0-kernel-6.1-x86_64", "x86_64", System::Plain2023),
    ("/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64", "al2023-ami-2023.9.20261109.0-kernel-6.1-arm64", "arm64", System::Plain2023),
];

/// When the images were made.
const MADE_AT: &str = "2026-11-14T01:12:47.000Z";

/// Every image of a region.
pub(crate) fn images(region: &str) -> Vec<Image> {
    let image = |(parameter, name, architecture, system): Made| Image {
        id: id_of(region, name),
        name: name.to_owned(),
        parameter,
        architecture,
        system,
    };
    IMAGES.map(image).into()
}

/// An id that an image has in its region in every world.
fn id_of(region: &str, name: &str) -> String {
    let mut seed = 0xcbf2_9ce4_8422_2325_u64;
    for byte in region.bytes().chain(name.bytes()) {
        seed = (seed ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    Ids::new(seed).ec2("ami")
}

/// An image by its id.
pub(super) fn find(world: &World, id: &str) -> Result<Image, Refusal> {
    formed("ami", id)?;
    let mut images = images(&world.region).into_iter();
    images
        .find(|it| it.id == id)
        .ok_or_else(|| absent_as("ami", id))
}

impl Image {
    /// What its public parameters say: the end of their names after [`Image::parameter`], and the
    /// value.
    pub(crate) fn parameters(&self) -> Vec<(String, String)> {
        if self.system == System::Plain2023 {
            return vec![(String::new(), self.id.clone())];
        }
        let (os, version) = match self.system {
            System::Ecs2 => ("Amazon Linux 2", "2.0.20260618"),
            _ => ("Amazon Linux 2023", "2023.0.20261113"),
        };
        let members = [
            ("ecs_agent_version", AGENT),
            ("ecs_runtime_version", RUNTIME),
            ("image_id", &self.id),
            ("image_name", &self.name),
            ("image_version", version),
            ("os", os),
            ("schema_version", "1"),
            ("source_image_name", self.source()),
        ];
        let mut whole: serde_json::Map<String, Value> = members
            .iter()
            .map(|(name, value)| ((*name).to_owned(), Value::from(*value)))
            .collect();
        whole.insert("schema_version".to_owned(), 1.into());
        let ends = members.map(|(name, value)| (format!("/{name}"), value.to_owned()));
        let whole = (String::new(), Value::Object(whole).to_string());
        [whole].into_iter().chain(ends).collect()
    }

    fn source(&self) -> &'static str {
        match (self.system, self.architecture) {
            (System::Ecs2, "arm64") => "amzn2-ami-minimal-hvm-2.0.20260615.0-arm64-ebs",
            (System::Ecs2, _) => "amzn2-ami-minimal-hvm-2.0.20260615.0-x86_64-ebs",
            (_, "arm64") => "al2023-ami-minimal-2023.9.20261109.0-kernel-6.1-arm64",
            _ => "al2023-ami-minimal-2023.9.20261109.0-kernel-6.1-x86_64",
        }
    }

    /// Whether an agent of ECS starts with it.
    pub(super) fn has_agent(&self) -> bool {
        self.system != System::Plain2023
    }

    /// Whether its instances ask for tokens where nothing else is said.
    pub(super) fn wants_tokens(&self) -> bool {
        self.system != System::Ecs2
    }

    /// GiB of its root volume.
    pub(super) fn root_size(&self) -> i64 {
        if self.has_agent() { 30 } else { 8 }
    }

    /// The type of its root volume.
    pub(super) fn root_type(&self) -> &'static str {
        if self.wants_tokens() { "gp3" } else { "gp2" }
    }

    /// The snapshot that its root volume is made of.
    pub(super) fn snapshot(&self) -> String {
        self.id.replacen("ami-", "snap-", 1)
    }

    fn owner(&self) -> &'static str {
        match self.has_agent() {
            true => "591542846629",
            false => "137112412989",
        }
    }

    fn show(&self) -> Value {
        let description = match self.system {
            System::Ecs2 => format!(
                "Amazon Linux AMI 2.0.20260618 {} ECS HVM GP2",
                self.architecture
            ),
            System::Ecs2023 => {
                format!(
                    "Amazon Linux AMI 2023.0.20261113 {} ECS HVM EBS",
                    self.architecture
                )
            }
            System::Plain2023 => format!(
                "Amazon Linux 2023 AMI 2023.9.20261109.0 {} HVM kernel-6.1",
                self.architecture
            ),
        };
        let mut ebs = json!({
            "DeleteOnTermination": true,
            "SnapshotId": self.snapshot(),
            "VolumeSize": self.root_size(),
            "VolumeType": self.root_type(),
            "Encrypted": false,
        });
        if self.root_type() == "gp3" {
            ebs["Iops"] = 3000.into();
            ebs["Throughput"] = 125.into();
        }
        let mut shown = json!({
            "PlatformDetails": "Linux/UNIX",
            "UsageOperation": "RunInstances",
            "BlockDeviceMappings": [{ "DeviceName": "/dev/xvda", "Ebs": ebs }],
            "Description": description,
            "EnaSupport": true,
            "Hypervisor": "xen",
            "ImageOwnerAlias": "amazon",
            "Name": self.name,
            "RootDeviceName": "/dev/xvda",
            "RootDeviceType": "ebs",
            "SriovNetSupport": "simple",
            "Tags": [],
            "VirtualizationType": "hvm",
            "DeregistrationProtection": "disabled",
            "ImageAllowed": true,
            "ImageId": self.id,
            "ImageLocation": format!("amazon/{}", self.name),
            "State": "available",
            "OwnerId": self.owner(),
            "CreationDate": MADE_AT,
            "Public": true,
            "ProductCodes": [],
            "Architecture": self.architecture,
            "ImageType": "machine",
        });
        if self.wants_tokens() {
            shown["BootMode"] = match self.architecture {
                "arm64" => "uefi".into(),
                _ => "uefi-preferred".into(),
            };
            shown["ImdsSupport"] = "v2.0".into();
        }
        shown
    }
}

#[rustfmt::skip]
const FILTERS: Filters = &[
    ("architecture", "Architecture"), ("creation-date", "CreationDate"), ("description", "Description"),
    ("block-device-mapping.delete-on-termination", "BlockDeviceMappings.Ebs.DeleteOnTermination"),
    ("block-device-mapping.device-name", "BlockDeviceMappings.DeviceName"),
    ("block-device-mapping.snapshot-id", "BlockDeviceMappings.Ebs.SnapshotId"),
    ("block-device-mapping.volume-size", "BlockDeviceMappings.Ebs.VolumeSize"),
    ("block-device-mapping.volume-type", "BlockDeviceMappings.Ebs.VolumeType"),
    ("block-device-mapping.encrypted", "BlockDeviceMappings.Ebs.Encrypted"),
    ("ena-support", "EnaSupport"), ("free-tier-eligible", "FreeTierEligible"),
    ("hypervisor", "Hypervisor"), ("image-allowed", "ImageAllowed"), ("image-id", "ImageId"),
    ("image-type", "ImageType"), ("is-public", "Public"), ("kernel-id", "KernelId"),
    ("manifest-location", "ImageLocation"), ("name", "Name"), ("owner-alias", "ImageOwnerAlias"),
    ("owner-id", "OwnerId"), ("platform", "Platform"), ("product-code", "ProductCodes.ProductCodeId"),
    ("product-code.type", "ProductCodes.ProductCodeType"),
    ("public-ssm-parameter-name", "PublicSsmParameterName"), ("ramdisk-id", "RamdiskId"),
    ("root-device-name", "RootDeviceName"), ("root-device-type", "RootDeviceType"),
    ("source-image-id", "SourceImageId"), ("source-image-region", "SourceImageRegion"),
    ("source-instance-id", "SourceInstanceId"), ("state", "State"),
    ("state-reason-code", "StateReason.Code"), ("state-reason-message", "StateReason.Message"),
    ("sriov-net-support", "SriovNetSupport"), ("tag", "Tags"),
    ("virtualization-type", "VirtualizationType"),
];

fn describe_images(world: &mut World, input: &Input) -> Answer {
    listing::ids_or_pages(input, "ImageIds")?;
    let owners = input.texts("Owners");
    let is_owned = |it: &Image| {
        let is_owner = |owner: &&str| match *owner {
            "amazon" => true,
            "self" => it.owner() == ACCOUNT,
            other => it.owner() == other,
        };
        owners.is_empty() || owners.iter().any(is_owner)
    };
    // Every image here is for everybody.
    let users = input.texts("ExecutableUsers");
    let is_shown = users.is_empty() || users.contains(&"all");
    let images = images(&world.region).into_iter();
    let shown = images.filter(|it| is_shown && is_owned(it));
    let listing = Listing {
        member: "Images",
        ids: Some(("ImageIds", "ami", "ImageId")),
        filters: FILTERS,
    };
    listing.answer(input, shown.map(|it| it.show()).collect())
}

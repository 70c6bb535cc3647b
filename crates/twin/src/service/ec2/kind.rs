//! Types of instances.

mod table;

use super::{
    filter::Filters,
    listing::{self, Listing},
    refusal::invalid,
    zone,
};
use crate::{Action, Answer, Input, Refusal, World};
use serde_json::{Value, json};
use table::TYPES;

/// A type of instance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InstanceType {
    /// Such as `t2.small`.
    pub name: &'static str,
    /// vCPUs.
    pub vcpus: u32,
    /// MiB.
    pub memory: u32,
    /// The architecture: `x86_64` or `arm64`.
    pub architecture: &'static str,
    /// For burstable types: the baseline of one vCPU in percent, and the CPU credits that the
    /// instance earns in an hour; it begins with the launch credits and keeps at most a day's.
    pub burst: Option<Burst>,
    /// How many network interfaces it can have.
    pub interfaces: u32,
    /// How many IPv4 addresses each interface can have.
    pub addresses: u32,
}

/// How a burstable type earns CPU credits. One credit is one vCPU for one minute.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Burst {
    /// Earned in an hour.
    pub credits_per_hour: f64,
    /// Given at launch (T2); T3 is launched unlimited.
    pub launch_credits: f64,
    /// Kept at most.
    pub most_credits: f64,
    /// Whether it may use more than it has earned, for money.
    pub unlimited: bool,
}

/// What the free tier pays for.
const FREE: [&str; 5] = ["t2.micro", "t3.micro", "t3.small", "t4g.micro", "t4g.small"];

/// A type by its name.
pub fn instance_type(name: &str) -> Option<&'static InstanceType> {
    TYPES.iter().find(|it| it.name == name)
}

/// A type that there is.
pub(super) fn find(name: &str) -> Result<&'static InstanceType, Refusal> {
    instance_type(name).ok_or_else(|| invalid(format!("Invalid value '{name}' for InstanceType.")))
}

pub(super) fn actions() -> Vec<Action> {
    vec![
        Action::new("DescribeInstanceTypes", describe_instance_types),
        Action::new("DescribeInstanceTypeOfferings", describe_offerings),
    ]
}

impl InstanceType {
    fn family(&self) -> &'static str {
        self.name.split('.').next().unwrap_or_default()
    }

    /// Whether it runs on Nitro, as all but the oldest do.
    pub(super) fn is_nitro(&self) -> bool {
        !matches!(self.family(), "t2" | "m1")
    }

    /// vCPUs to a core.
    pub(super) fn threads(&self) -> u32 {
        match (self.architecture, self.family()) {
            ("arm64", _) | (_, "t2" | "m1") => 1,
            _ => 2,
        }
    }

    fn gigahertz(&self) -> f64 {
        match self.family() {
            "t2" => 2.4,
            "t3a" => 2.2,
            "m5" | "r5" => 3.1,
            "c5" => 3.4,
            "m6i" | "c6i" | "r6i" => 3.5,
            "m7i" | "c7i" => 3.2,
            "m7g" | "c7g" => 2.6,
            "m1" => 2.0,
            _ => 2.5,
        }
    }

    fn manufacturer(&self) -> &'static str {
        match (self.architecture, self.family()) {
            ("arm64", _) => "AWS",
            (_, "t3a") => "AMD",
            _ => "Intel",
        }
    }

    fn network(&self) -> &'static str {
        match (self.family(), self.name) {
            (_, "t2.xlarge" | "t2.2xlarge") => "Moderate",
            ("t2", _) => "Low to Moderate",
            ("m1", _) => "Low",
            ("t3" | "t3a" | "t4g", _) => "Up to 5 Gigabit",
            ("m5" | "c5" | "r5" | "m6g" | "c6g", _) => "Up to 10 Gigabit",
            _ => "Up to 12.5 Gigabit",
        }
    }

    fn show(&self) -> Value {
        let is_nitro = self.is_nitro();
        let supported = if is_nitro { "supported" } else { "unsupported" };
        let boots: &[&str] = match (self.architecture, is_nitro) {
            ("arm64", _) => &["uefi"],
            (_, true) => &["legacy-bios", "uefi"],
            _ => &["legacy-bios"],
        };
        let cores = self.vcpus / self.threads();
        json!({
            "InstanceType": self.name,
            "CurrentGeneration": self.family() != "m1",
            "FreeTierEligible": FREE.contains(&self.name),
            "SupportedUsageClasses": ["on-demand", "spot"],
            "SupportedRootDeviceTypes": ["ebs"],
            "SupportedVirtualizationTypes": ["hvm"],
            "BareMetal": false,
            "Hypervisor": if is_nitro { "nitro" } else { "xen" },
            "ProcessorInfo": {
                "SupportedArchitectures": [self.architecture],
                "SustainedClockSpeedInGhz": self.gigahertz(),
                "Manufacturer": self.manufacturer(),
            },
            "VCpuInfo": {
                "DefaultVCpus": self.vcpus,
                "DefaultCores": cores,
                "DefaultThreadsPerCore": self.threads(),
            },
            "MemoryInfo": { "SizeInMiB": self.memory },
            "InstanceStorageSupported": false,
            "EbsInfo": {
                "EbsOptimizedSupport": if is_nitro { "default" } else { "unsupported" },
                "EncryptionSupport": "supported",
                "NvmeSupport": if is_nitro { "required" } else { "unsupported" },
            },
            "NetworkInfo": {
                "NetworkPerformance": self.network(),
                "MaximumNetworkInterfaces": self.interfaces,
                "MaximumNetworkCards": 1,
                "DefaultNetworkCardIndex": 0,
                "NetworkCards": [{
                    "NetworkCardIndex": 0,
                    "NetworkPerformance": self.network(),
                    "MaximumNetworkInterfaces": self.interfaces,
                }],
                "Ipv4AddressesPerInterface": self.addresses,
                "Ipv6AddressesPerInterface": self.addresses,
                "Ipv6Supported": true,
                "EnaSupport": if is_nitro { "required" } else { "unsupported" },
                "EfaSupported": false,
                "EncryptionInTransitSupported": false,
                "EnaSrdSupported": false,
            },
            "PlacementGroupInfo": { "SupportedStrategies": ["partition", "spread"] },
            "HibernationSupported": self.architecture == "x86_64",
            "BurstablePerformanceSupported": self.burst.is_some(),
            "DedicatedHostsSupported": self.burst.is_none(),
            "AutoRecoverySupported": true,
            "SupportedBootModes": boots,
            "NitroEnclavesSupport": if self.burst.is_none() { supported } else { "unsupported" },
            "NitroTpmSupport": supported,
            "PhcSupport": "unsupported",
        })
    }
}

#[rustfmt::skip]
const FILTERS: Filters = &[
    ("auto-recovery-supported", "AutoRecoverySupported"), ("bare-metal", "BareMetal"),
    ("burstable-performance-supported", "BurstablePerformanceSupported"),
    ("current-generation", "CurrentGeneration"), ("dedicated-hosts-supported", "DedicatedHostsSupported"),
    ("ebs-info.attachment-limit-type", "EbsInfo.AttachmentLimitType"),
    ("ebs-info.maximum-ebs-attachments", "EbsInfo.MaximumEbsAttachments"),
    ("ebs-info.ebs-optimized-info.baseline-bandwidth-in-mbps", "EbsInfo.EbsOptimizedInfo.BaselineBandwidthInMbps"),
    ("ebs-info.ebs-optimized-info.baseline-iops", "EbsInfo.EbsOptimizedInfo.BaselineIops"),
    ("ebs-info.ebs-optimized-info.baseline-throughput-in-mbps", "EbsInfo.EbsOptimizedInfo.BaselineThroughputInMBps"),
    ("ebs-info.ebs-optimized-info.maximum-bandwidth-in-mbps", "EbsInfo.EbsOptimizedInfo.MaximumBandwidthInMbps"),
    ("ebs-info.ebs-optimized-info.maximum-iops", "EbsInfo.EbsOptimizedInfo.MaximumIops"),
    ("ebs-info.ebs-optimized-info.maximum-throughput-in-mbps", "EbsInfo.EbsOptimizedInfo.MaximumThroughputInMBps"),
    ("ebs-info.ebs-optimized-support", "EbsInfo.EbsOptimizedSupport"),
    ("ebs-info.encryption-support", "EbsInfo.EncryptionSupport"),
    ("ebs-info.nvme-support", "EbsInfo.NvmeSupport"), ("free-tier-eligible", "FreeTierEligible"),
    ("hibernation-supported", "HibernationSupported"), ("hypervisor", "Hypervisor"),
    ("instance-storage-info.disk.count", "InstanceStorageInfo.Disks.Count"),
    ("instance-storage-info.disk.size-in-gb", "InstanceStorageInfo.Disks.SizeInGB"),
    ("instance-storage-info.disk.type", "InstanceStorageInfo.Disks.Type"),
    ("instance-storage-info.encryption-support", "InstanceStorageInfo.EncryptionSupport"),
    ("instance-storage-info.nvme-support", "InstanceStorageInfo.NvmeSupport"),
    ("instance-storage-info.total-size-in-gb", "InstanceStorageInfo.TotalSizeInGB"),
    ("instance-storage-supported", "InstanceStorageSupported"), ("instance-type", "InstanceType"),
    ("memory-info.size-in-mib", "MemoryInfo.SizeInMiB"),
    ("network-info.bandwidth-weightings", "NetworkInfo.BandwidthWeightings"),
    ("network-info.efa-info.maximum-efa-interfaces", "NetworkInfo.EfaInfo.MaximumEfaInterfaces"),
    ("network-info.efa-supported", "NetworkInfo.EfaSupported"),
    ("network-info.ena-support", "NetworkInfo.EnaSupport"),
    ("network-info.flexible-ena-queues-support", "NetworkInfo.FlexibleEnaQueuesSupport"),
    ("network-info.encryption-in-transit-supported", "NetworkInfo.EncryptionInTransitSupported"),
    ("network-info.ipv4-addresses-per-interface", "NetworkInfo.Ipv4AddressesPerInterface"),
    ("network-info.ipv6-addresses-per-interface", "NetworkInfo.Ipv6AddressesPerInterface"),
    ("network-info.ipv6-supported", "NetworkInfo.Ipv6Supported"),
    ("network-info.maximum-network-cards", "NetworkInfo.MaximumNetworkCards"),
    ("network-info.maximum-network-interfaces", "NetworkInfo.MaximumNetworkInterfaces"),
    ("network-info.network-performance", "NetworkInfo.NetworkPerformance"),
    ("nitro-enclaves-support", "NitroEnclavesSupport"), ("nitro-tpm-support", "NitroTpmSupport"),
    ("nitro-tpm-info.supported-versions", "NitroTpmInfo.SupportedVersions"),
    ("processor-info.supported-architecture", "ProcessorInfo.SupportedArchitectures"),
    ("processor-info.sustained-clock-speed-in-ghz", "ProcessorInfo.SustainedClockSpeedInGhz"),
    ("processor-info.supported-features", "ProcessorInfo.SupportedFeatures"),
    ("reboot-migration-support", "RebootMigrationSupport"),
    ("supported-boot-mode", "SupportedBootModes"),
    ("supported-root-device-type", "SupportedRootDeviceTypes"),
    ("supported-usage-class", "SupportedUsageClasses"),
    ("supported-virtualization-type", "SupportedVirtualizationTypes"),
    ("vcpu-info.default-cores", "VCpuInfo.DefaultCores"),
    ("vcpu-info.default-threads-per-core", "VCpuInfo.DefaultThreadsPerCore"),
    ("vcpu-info.default-vcpus", "VCpuInfo.DefaultVCpus"),
    ("vcpu-info.valid-cores", "VCpuInfo.ValidCores"),
    ("vcpu-info.valid-threads-per-core", "VCpuInfo.ValidThreadsPerCore"),
];

/// How many types a page shows at most.
const PAGE: usize = 100;

fn describe_instance_types(_: &mut World, input: &Input) -> Answer {
    listing::ids_or_pages(input, "InstanceTypes")?;
    let asked = input.texts("InstanceTypes");
    let unknown: Vec<&str> = asked
        .iter()
        .filter(|it| instance_type(it).is_none())
        .copied()
        .collect();
    if !unknown.is_empty() {
        let words = format!(
            "The following supplied instance types do not exist: [{}]",
            unknown.join(", ")
        );
        return Err(Refusal::new("InvalidInstanceType", words));
    }
    let is_asked = |it: &&InstanceType| asked.is_empty() || asked.contains(&it.name);
    let listing = Listing {
        member: "InstanceTypes",
        ids: None,
        filters: FILTERS,
    };
    let shown = TYPES.iter().filter(is_asked).map(InstanceType::show);
    let shown = listing.select(input, shown.collect())?;
    listing::pages(input, "InstanceTypes", &shown, PAGE)
}

const OFFERING_FILTERS: Filters = &[("instance-type", "InstanceType"), ("location", "Location")];

/// Every type is offered in every zone.
fn describe_offerings(world: &mut World, input: &Input) -> Answer {
    let zones = zone::zones(&world.region);
    let kind = input.maybe("LocationType").unwrap_or("region");
    let locations: Vec<String> = match kind {
        "region" => vec![world.region.clone()],
        "availability-zone" => zones,
        "availability-zone-id" => zones.iter().map(|it| zone::zone_id(it)).collect(),
        _ => Vec::new(),
    };
    let offers = TYPES.iter().flat_map(|it| {
        let offer = move |location: &String| {
            json!({ "InstanceType": it.name, "LocationType": kind, "Location": location })
        };
        locations.iter().map(offer)
    });
    let listing = Listing {
        member: "InstanceTypeOfferings",
        ids: None,
        filters: OFFERING_FILTERS,
    };
    listing.answer(input, offers.collect())
}

//! The types that there are.

use super::{Burst, InstanceType};

const X86: &str = "x86_64";
const ARM: &str = "arm64";

const fn steady(
    name: &'static str,
    vcpus: u32,
    memory: u32,
    architecture: &'static str,
    interfaces: u32,
    addresses: u32,
) -> InstanceType {
    InstanceType {
        name,
        vcpus,
        memory,
        architecture,
        burst: None,
        interfaces,
        addresses,
    }
}

/// A type that earns credits, and keeps those of a day. T2 begins with 30 for each vCPU.
const fn burst(
    name: &'static str,
    vcpus: u32,
    memory: u32,
    architecture: &'static str,
    interfaces: u32,
    addresses: u32,
    credits_per_hour: f64,
) -> InstanceType {
    let is_t2 = name.as_bytes()[1] == b'2';
    let burst = Burst {
        credits_per_hour,
        launch_credits: if is_t2 { 30.0 * vcpus as f64 } else { 0.0 },
        most_credits: 24.0 * credits_per_hour,
        unlimited: !is_t2,
    };
    InstanceType {
        burst: Some(burst),
        ..steady(name, vcpus, memory, architecture, interfaces, addresses)
    }
}

/// The name, vCPUs, MiB, architecture, network interfaces, addresses of each, and credits.
#[rustfmt::skip]
pub(super) static TYPES: [InstanceType; 81] = [
    steady("m1.small", 1, 1740, X86, 2, 4),
    burst("t2.nano", 1, 512, X86, 2, 2, 3.0),
    burst("t2.micro", 1, 1024, X86, 2, 2, 6.0),
    burst("t2.small", 1, 2048, X86, 3, 4, 12.0),
    burst("t2.medium", 2, 4096, X86, 3, 6, 24.0),
    burst("t2.large", 2, 8192, X86, 3, 12, 36.0),
    burst("t2.xlarge", 4, 16384, X86, 3, 15, 54.0),
    burst("t2.2xlarge", 8, 32768, X86, 3, 15, 81.6),
    burst("t3.nano", 2, 512, X86, 2, 2, 6.0),
    burst("t3.micro", 2, 1024, X86, 2, 2, 12.0),
    burst("t3.small", 2, 2048, X86, 3, 4, 24.0),
    burst("t3.medium", 2, 4096, X86, 3, 6, 24.0),
    burst("t3.large", 2, 8192, X86, 3, 12, 36.0),
    burst("t3.xlarge", 4, 16384, X86, 4, 15, 96.0),
    burst("t3.2xlarge", 8, 32768, X86, 4, 15, 192.0),
    burst("t3a.nano", 2, 512, X86, 2, 2, 6.0),
    burst("t3a.micro", 2, 1024, X86, 2, 2, 12.0),
    burst("t3a.small", 2, 2048, X86, 2, 4, 24.0),
    burst("t3a.medium", 2, 4096, X86, 3, 6, 24.0),
    burst("t3a.large", 2, 8192, X86, 3, 12, 36.0),
    burst("t3a.xlarge", 4, 16384, X86, 4, 15, 96.0),
    burst("t3a.2xlarge", 8, 32768, X86, 4, 15, 192.0),
    burst("t4g.nano", 2, 512, ARM, 2, 2, 6.0),
    burst("t4g.micro", 2, 1024, ARM, 2, 2, 12.0),
    burst("t4g.small", 2, 2048, ARM, 3, 4, 24.0),
    burst("t4g.medium", 2, 4096, ARM, 3, 6, 24.0),
    burst("t4g.large", 2, 8192, ARM, 3, 12, 36.0),
    burst("t4g.xlarge", 4, 16384, ARM, 4, 15, 96.0),
    burst("t4g.2xlarge", 8, 32768, ARM, 4, 15, 192.0),
    steady("m5.large", 2, 8192, X86, 3, 10),
    steady("m5.xlarge", 4, 16384, X86, 4, 15),
    steady("m5.2xlarge", 8, 32768, X86, 4, 15),
    steady("m5.4xlarge", 16, 65536, X86, 8, 30),
    steady("m6i.large", 2, 8192, X86, 3, 10),
    steady("m6i.xlarge", 4, 16384, X86, 4, 15),
    steady("m6i.2xlarge", 8, 32768, X86, 4, 15),
    steady("m6i.4xlarge", 16, 65536, X86, 8, 30),
    steady("m7i.large", 2, 8192, X86, 3, 10),
    steady("m7i.xlarge", 4, 16384, X86, 4, 15),
    steady("m7i.2xlarge", 8, 32768, X86, 4, 15),
    steady("m7i.4xlarge", 16, 65536, X86, 8, 30),
    steady("m6g.medium", 1, 4096, ARM, 2, 4),
    steady("m6g.large", 2, 8192, ARM, 3, 10),
    steady("m6g.xlarge", 4, 16384, ARM, 4, 15),
    steady("m6g.2xlarge", 8, 32768, ARM, 4, 15),
    steady("m6g.4xlarge", 16, 65536, ARM, 8, 30),
    steady("m7g.medium", 1, 4096, ARM, 2, 4),
    steady("m7g.large", 2, 8192, ARM, 3, 10),
    steady("m7g.xlarge", 4, 16384, ARM, 4, 15),
    steady("m7g.2xlarge", 8, 32768, ARM, 4, 15),
    steady("m7g.4xlarge", 16, 65536, ARM, 8, 30),
    steady("c5.large", 2, 4096, X86, 3, 10),
    steady("c5.xlarge", 4, 8192, X86, 4, 15),
    steady("c5.2xlarge", 8, 16384, X86, 4, 15),
    steady("c5.4xlarge", 16, 32768, X86, 8, 30),
    steady("c6i.large", 2, 4096, X86, 3, 10),
    steady("c6i.xlarge", 4, 8192, X86, 4, 15),
    steady("c6i.2xlarge", 8, 16384, X86, 4, 15),
    steady("c6i.4xlarge", 16, 32768, X86, 8, 30),
    steady("c7i.large", 2, 4096, X86, 3, 10),
    steady("c7i.xlarge", 4, 8192, X86, 4, 15),
    steady("c7i.2xlarge", 8, 16384, X86, 4, 15),
    steady("c7i.4xlarge", 16, 32768, X86, 8, 30),
    steady("c6g.medium", 1, 2048, ARM, 2, 4),
    steady("c6g.large", 2, 4096, ARM, 3, 10),
    steady("c6g.xlarge", 4, 8192, ARM, 4, 15),
    steady("c6g.2xlarge", 8, 16384, ARM, 4, 15),
    steady("c6g.4xlarge", 16, 32768, ARM, 8, 30),
    steady("c7g.medium", 1, 2048, ARM, 2, 4),
    steady("c7g.large", 2, 4096, ARM, 3, 10),
    steady("c7g.xlarge", 4, 8192, ARM, 4, 15),
    steady("c7g.2xlarge", 8, 16384, ARM, 4, 15),
    steady("c7g.4xlarge", 16, 32768, ARM, 8, 30),
    steady("r5.large", 2, 16384, X86, 3, 10),
    steady("r5.xlarge", 4, 32768, X86, 4, 15),
    steady("r5.2xlarge", 8, 65536, X86, 4, 15),
    steady("r5.4xlarge", 16, 131072, X86, 8, 30),
    steady("r6i.large", 2, 16384, X86, 3, 10),
    steady("r6i.xlarge", 4, 32768, X86, 4, 15),
    steady("r6i.2xlarge", 8, 65536, X86, 4, 15),
    steady("r6i.4xlarge", 16, 131072, X86, 8, 30),
];

//! What AWS does with the shapes that its model does not say.
//!
//! One row for each fact, named by the model's shape and member. Where no other
//! source is given, the fact is in the documentation of that member. A row for a
//! shape or member that the model no longer has fails the tests.

mod defaults;
mod lists;

pub(super) use defaults::{DEFAULTS, SWITCHES, WhenAbsent};
pub(super) use lists::{SETS, UNIQUE};

/// Another way to write a text, which AWS turns into its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spelling {
    /// `1 vCPU` is `1024`.
    Cpu,
    /// `1 GB` is `1024`.
    Memory,
    /// `host` is `instanceId`; `cpu` and `memory` are shown in capitals.
    PlacementField,
    /// A text that YAML may have read as true or false.
    Anything,
}

/// The texts with more than one spelling.
pub(super) const SPELLINGS: &[(&str, &str, Spelling)] = &[
    ("RegisterTaskDefinitionRequest", "cpu", Spelling::Cpu),
    ("RegisterTaskDefinitionRequest", "memory", Spelling::Memory),
    ("PlacementStrategy", "field", Spelling::PlacementField),
    ("KeyValuePair", "value", Spelling::Anything),
    ("SystemControl", "value", Spelling::Anything),
    ("Tag", "value", Spelling::Anything),
];

/// What AWS requires and the model calls optional.
pub(super) const REQUIRED: &[(&str, &str)] = &[
    ("ContainerDefinition", "name"),
    ("ContainerDefinition", "image"),
    ("KeyValuePair", "name"),
    ("Tag", "key"),
    ("Volume", "name"),
];

/// Names of letters, digits, hyphens and underscores, 1 to 255 of them.
pub(super) const NAMES: &[(&str, &str)] = &[
    ("RegisterTaskDefinitionRequest", "family"),
    ("ContainerDefinition", "name"),
    ("Volume", "name"),
    ("CreateServiceRequest", "serviceName"),
];

const ANY: i64 = i64::MAX;
const PORT: i64 = 65535;

/// The least and the most of a number, or of a list's length.
pub(super) const BOUNDS: &[(&str, &str, i64, i64)] = &[
    (
        "RegisterTaskDefinitionRequest",
        "containerDefinitions",
        1,
        10,
    ),
    (
        "RegisterTaskDefinitionRequest",
        "placementConstraints",
        0,
        10,
    ),
    // 128 units to 192 vCPU.
    ("RegisterTaskDefinitionRequest", "cpu", 128, 196_608),
    ("EphemeralStorage", "sizeInGiB", 21, 200),
    ("ContainerDefinition", "cpu", 0, ANY),
    ("ContainerDefinition", "memory", 6, ANY),
    ("ContainerDefinition", "memoryReservation", 6, ANY),
    ("ContainerDefinition", "environmentFiles", 0, 10),
    ("ContainerDefinition", "credentialSpecs", 0, 1),
    ("LinuxParameters", "swappiness", 0, 100),
    ("PortMapping", "containerPort", 0, PORT),
    ("PortMapping", "hostPort", 0, PORT),
    ("ContainerRestartPolicy", "ignoredExitCodes", 0, 50),
    ("ContainerRestartPolicy", "restartAttemptPeriod", 60, 1800),
    ("HealthCheck", "interval", 5, 300),
    ("HealthCheck", "timeout", 2, 60),
    ("HealthCheck", "retries", 1, 10),
    ("HealthCheck", "startPeriod", 0, 300),
    ("CreateServiceRequest", "capacityProviderStrategy", 0, 20),
    ("CreateServiceRequest", "desiredCount", 0, ANY),
    (
        "CreateServiceRequest",
        "healthCheckGracePeriodSeconds",
        0,
        i32::MAX as i64,
    ),
    ("CreateServiceRequest", "placementConstraints", 0, 10),
    ("CreateServiceRequest", "placementStrategy", 0, 5),
    ("DeploymentConfiguration", "maximumPercent", 0, ANY),
    ("DeploymentConfiguration", "minimumHealthyPercent", 0, ANY),
    ("DeploymentConfiguration", "bakeTimeInMinutes", 0, ANY),
    ("LoadBalancer", "containerPort", 0, PORT),
    ("ServiceRegistry", "port", 0, PORT),
    ("ServiceRegistry", "containerPort", 0, PORT),
];

/// The members of a service that `DescribeServices` shows only in its deployments.
///
/// Source: the members of `Service` beside those of `Deployment`.
pub(super) const SHOWN_BY_DEPLOYMENT: &[&str] = &[
    "serviceConnectConfiguration",
    "volumeConfigurations",
    "vpcLatticeConfigurations",
];

/// The members of a service that are written and never shown under that name.
///
/// Source: the members of `CreateServiceRequest` beside those of `Service`.
pub(super) const NEVER_SHOWN: &[&str] = &["clientToken", "cluster", "role"];

/// What a service has from AWS or from another controller when its spec is silent.
///
/// Auto scaling sets the count; AWS turned rebalancing on for the services that
/// were eligible, and leaves it as it is on every update.
pub(super) const LEFT_TO_OTHERS: &[&str] = &["availabilityZoneRebalancing", "desiredCount"];

/// The members of a service whose change replaces its tasks.
///
/// Source: `UpdateServiceRequest`. Two members it is silent or wrong about are
/// here as well: `monitoring` makes a new service revision, and a change of
/// `capacityProviderStrategy` is refused without `forceNewDeployment`.
/// `gatewayConnectors` is part of a service revision, so it is taken to do the same.
pub(super) const STARTS_DEPLOYMENT: &[&str] = &[
    "capacityProviderStrategy",
    "forceNewDeployment",
    "gatewayConnectors",
    "loadBalancers",
    "monitoring",
    "networkConfiguration",
    "platformVersion",
    "serviceConnectConfiguration",
    "serviceRegistries",
    "taskDefinition",
    "volumeConfigurations",
    "vpcLatticeConfigurations",
];

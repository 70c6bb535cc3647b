//! What a member is when it is absent.

/// The value AWS takes a member to have when it is absent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::document) enum WhenAbsent {
    Text(&'static str),
    Number(i64),
    Flag(bool),
    /// A list without elements, in a member that must be written.
    EmptyList,
    /// `bridge` where the task runs on Linux instances; on Fargate there is no
    /// choice but `awsvpc`, which must be written.
    NetworkMode,
    /// 0 with the network mode `bridge`; with `awsvpc` and `host` also the container's port.
    HostPort,
    /// What Fargate runs; on instances absence means whatever the instance is.
    OnFargate(&'static str),
    /// The first number for a `REPLICA` service, the second for a `DAEMON`.
    Scheduled(i64, i64),
}

use WhenAbsent::{EmptyList, Flag, Number, OnFargate, Scheduled, Text};

/// The members that AWS fills in, or that say nothing at this value.
pub(in crate::document) const DEFAULTS: &[(&str, &str, WhenAbsent)] = &[
    (
        "RegisterTaskDefinitionRequest",
        "networkMode",
        WhenAbsent::NetworkMode,
    ),
    (
        "RegisterTaskDefinitionRequest",
        "enableFaultInjection",
        Flag(false),
    ),
    ("RuntimePlatform", "cpuArchitecture", OnFargate("X86_64")),
    (
        "RuntimePlatform",
        "operatingSystemFamily",
        OnFargate("LINUX"),
    ),
    (
        "TrustedExecutionConfiguration",
        "isolationMode",
        Text("SHARED"),
    ),
    // Shown as 0 where it was left out.
    ("ContainerDefinition", "cpu", Number(0)),
    ("ContainerDefinition", "essential", Flag(true)),
    ("ContainerDefinition", "versionConsistency", Text("enabled")),
    // Docker's own defaults; the console writes them out.
    ("ContainerDefinition", "disableNetworking", Flag(false)),
    ("ContainerDefinition", "interactive", Flag(false)),
    ("ContainerDefinition", "privileged", Flag(false)),
    ("ContainerDefinition", "pseudoTerminal", Flag(false)),
    ("ContainerDefinition", "readonlyRootFilesystem", Flag(false)),
    ("LinuxParameters", "initProcessEnabled", Flag(false)),
    ("LinuxParameters", "swappiness", Number(60)),
    ("PortMapping", "protocol", Text("tcp")),
    ("PortMapping", "hostPort", WhenAbsent::HostPort),
    ("MountPoint", "readOnly", Flag(false)),
    ("VolumeFrom", "readOnly", Flag(false)),
    ("ContainerRestartPolicy", "enabled", Flag(false)),
    (
        "ContainerRestartPolicy",
        "restartAttemptPeriod",
        Number(300),
    ),
    ("HealthCheck", "interval", Number(30)),
    ("HealthCheck", "timeout", Number(5)),
    ("HealthCheck", "retries", Number(3)),
    ("HealthCheck", "startPeriod", Number(0)),
    ("EFSVolumeConfiguration", "rootDirectory", Text("/")),
    (
        "EFSVolumeConfiguration",
        "transitEncryption",
        Text("DISABLED"),
    ),
    ("EFSAuthorizationConfig", "iam", Text("DISABLED")),
    ("S3FilesVolumeConfiguration", "rootDirectory", Text("/")),
    ("CreateServiceRequest", "platformVersion", Text("LATEST")),
    (
        "CreateServiceRequest",
        "schedulingStrategy",
        Text("REPLICA"),
    ),
    (
        "CreateServiceRequest",
        "healthCheckGracePeriodSeconds",
        Number(0),
    ),
    ("CreateServiceRequest", "enableECSManagedTags", Flag(false)),
    ("CreateServiceRequest", "enableExecuteCommand", Flag(false)),
    ("CreateServiceRequest", "propagateTags", Text("NONE")),
    ("DeploymentController", "type", Text("ECS")),
    ("AwsVpcConfiguration", "assignPublicIp", Text("DISABLED")),
    ("CapacityProviderStrategyItem", "weight", Number(0)),
    ("CapacityProviderStrategyItem", "base", Number(0)),
    (
        "DeploymentConfiguration",
        "maximumPercent",
        Scheduled(200, 100),
    ),
    (
        "DeploymentConfiguration",
        "minimumHealthyPercent",
        Scheduled(100, 0),
    ),
    ("DeploymentConfiguration", "strategy", Text("ROLLING")),
    ("DeploymentConfiguration", "bakeTimeInMinutes", Number(0)),
    ("DeploymentCircuitBreaker", "enable", Flag(false)),
    ("DeploymentCircuitBreaker", "rollback", Flag(false)),
    ("DeploymentCircuitBreaker", "resetOnHealthyTask", Flag(true)),
    ("ThresholdConfiguration", "type", Text("BOUNDED_PERCENT")),
    ("ThresholdConfiguration", "value", Number(50)),
    ("DeploymentAlarms", "alarmNames", EmptyList),
    ("DeploymentAlarms", "enable", Flag(false)),
    ("DeploymentAlarms", "rollback", Flag(false)),
    ("DeploymentEarlySuccessCriteria", "enable", Flag(false)),
    ("DeploymentLifecycleHook", "targetType", Text("AWS_LAMBDA")),
    (
        "DeploymentLifecycleHookTimeoutConfiguration",
        "timeoutInMinutes",
        Number(1440),
    ),
    (
        "DeploymentLifecycleHookTimeoutConfiguration",
        "action",
        Text("ROLLBACK"),
    ),
    // At these values the whole object goes. That AWS then takes its strategy
    // without the object follows from its documentation; nobody has seen it.
    ("LinearConfiguration", "stepPercent", Number(10)),
    ("LinearConfiguration", "stepBakeTimeInMinutes", Number(6)),
    ("CanaryConfiguration", "canaryPercent", Number(5)),
    ("CanaryConfiguration", "canaryBakeTimeInMinutes", Number(10)),
    ("ServiceConnectConfiguration", "enabled", Flag(false)),
    (
        "ServiceConnectAccessLogConfiguration",
        "includeQueryParameters",
        Text("DISABLED"),
    ),
    (
        "ServiceConnectContainerConfiguration",
        "logLevel",
        Text("info"),
    ),
    (
        "ServiceManagedEBSVolumeConfiguration",
        "filesystemType",
        Text("xfs"),
    ),
    ("EBSTagSpecification", "propagateTags", Text("NONE")),
    (
        "GatewayConnectorDeregistrationDelay",
        "timeoutSeconds",
        Number(300),
    ),
];

/// The members that switch their object off: off, it says nothing else.
pub(in crate::document) const SWITCHES: &[(&str, &str)] = &[
    ("ContainerRestartPolicy", "enabled"),
    ("DeploymentAlarms", "enable"),
    ("DeploymentCircuitBreaker", "enable"),
    ("DeploymentEarlySuccessCriteria", "enable"),
    ("ServiceConnectConfiguration", "enabled"),
];

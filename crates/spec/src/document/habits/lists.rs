//! What the order of a list says, and what no two of its elements share.

/// The lists whose order says nothing, and the members that sort their elements.
///
/// Every other list keeps its order: commands, name servers, search domains,
/// environment files, mount options, placement strategies and hooks.
pub(in crate::document) const SETS: &[(&str, &str, &[&str])] = &[
    (
        "RegisterTaskDefinitionRequest",
        "containerDefinitions",
        &["name"],
    ),
    (
        "RegisterTaskDefinitionRequest",
        "inferenceAccelerators",
        &["deviceName"],
    ),
    (
        "RegisterTaskDefinitionRequest",
        "placementConstraints",
        &["type", "expression"],
    ),
    (
        "RegisterTaskDefinitionRequest",
        "requiresCompatibilities",
        &[],
    ),
    ("RegisterTaskDefinitionRequest", "tags", &["key"]),
    ("RegisterTaskDefinitionRequest", "volumes", &["name"]),
    ("ContainerDefinition", "dependsOn", &["containerName"]),
    ("ContainerDefinition", "dockerSecurityOptions", &[]),
    ("ContainerDefinition", "environment", &["name"]),
    ("ContainerDefinition", "extraHosts", &["hostname"]),
    ("ContainerDefinition", "links", &[]),
    (
        "ContainerDefinition",
        "mountPoints",
        &["containerPath", "sourceVolume"],
    ),
    (
        "ContainerDefinition",
        "portMappings",
        &["containerPort", "protocol", "containerPortRange"],
    ),
    (
        "ContainerDefinition",
        "resourceRequirements",
        &["type", "value"],
    ),
    ("ContainerDefinition", "secrets", &["name"]),
    ("ContainerDefinition", "systemControls", &["namespace"]),
    ("ContainerDefinition", "ulimits", &["name"]),
    ("ContainerDefinition", "volumesFrom", &["sourceContainer"]),
    ("ContainerRestartPolicy", "ignoredExitCodes", &[]),
    ("KernelCapabilities", "add", &[]),
    ("KernelCapabilities", "drop", &[]),
    ("LinuxParameters", "devices", &["hostPath"]),
    ("LinuxParameters", "tmpfs", &["containerPath"]),
    ("Device", "permissions", &[]),
    ("LogConfiguration", "secretOptions", &["name"]),
    ("ProxyConfiguration", "properties", &["name"]),
    (
        "CreateServiceRequest",
        "capacityProviderStrategy",
        &["capacityProvider"],
    ),
    (
        "CreateServiceRequest",
        "loadBalancers",
        &["targetGroupArn", "containerName", "containerPort"],
    ),
    (
        "CreateServiceRequest",
        "placementConstraints",
        &["type", "expression"],
    ),
    (
        "CreateServiceRequest",
        "serviceRegistries",
        &["registryArn"],
    ),
    ("CreateServiceRequest", "tags", &["key"]),
    ("CreateServiceRequest", "volumeConfigurations", &["name"]),
    (
        "CreateServiceRequest",
        "vpcLatticeConfigurations",
        &["targetGroupArn"],
    ),
    ("AwsVpcConfiguration", "subnets", &[]),
    ("AwsVpcConfiguration", "securityGroups", &[]),
    ("DeploymentAlarms", "alarmNames", &[]),
    ("DeploymentLifecycleHook", "lifecycleStages", &[]),
    ("ServiceConnectConfiguration", "services", &["portName"]),
    (
        "ServiceConnectService",
        "clientAliases",
        &["port", "dnsName"],
    ),
    (
        "ServiceManagedEBSVolumeConfiguration",
        "tagSpecifications",
        &["resourceType"],
    ),
    ("EBSTagSpecification", "tags", &["key"]),
    ("GatewayConnectorFilters", "accessTypes", &[]),
    (
        "MonitoringConfiguration",
        "metricConfigurations",
        &["resolutionSeconds"],
    ),
    ("MetricConfiguration", "metricNames", &[]),
];

/// The lists in which no two elements may have the same value of a member.
pub(in crate::document) const UNIQUE: &[(&str, &str, &str)] = &[
    (
        "RegisterTaskDefinitionRequest",
        "containerDefinitions",
        "name",
    ),
    ("RegisterTaskDefinitionRequest", "tags", "key"),
    ("RegisterTaskDefinitionRequest", "volumes", "name"),
    ("ContainerDefinition", "environment", "name"),
    ("ContainerDefinition", "secrets", "name"),
    ("ContainerDefinition", "ulimits", "name"),
    (
        "CreateServiceRequest",
        "capacityProviderStrategy",
        "capacityProvider",
    ),
    ("CreateServiceRequest", "tags", "key"),
];

//! What a version of a launch template holds, as the spec says it and as EC2 does.

use crate::tags;
use aws_sdk_ec2::types::{
    CreditSpecificationRequest, InstanceType, LaunchTemplateBlockDeviceMapping as BlockDevice,
    LaunchTemplateBlockDeviceMappingRequest, LaunchTemplateEbsBlockDevice as Ebs,
    LaunchTemplateEbsBlockDeviceRequest, LaunchTemplateHttpTokensState as Tokens,
    LaunchTemplateIamInstanceProfileSpecificationRequest,
    LaunchTemplateInstanceMetadataEndpointState as Endpoint,
    LaunchTemplateInstanceMetadataOptions as MetadataOptions,
    LaunchTemplateInstanceMetadataOptionsRequest,
    LaunchTemplateInstanceMetadataProtocolIpv6 as ProtocolIpv6,
    LaunchTemplateInstanceMetadataTagsState as MetadataTags,
    LaunchTemplateInstanceNetworkInterfaceSpecification as NetworkInterface,
    LaunchTemplateInstanceNetworkInterfaceSpecificationRequest,
    LaunchTemplateTagSpecificationRequest, LaunchTemplatesMonitoringRequest,
    RequestLaunchTemplateData, ResourceType, ResponseLaunchTemplateData, VolumeType,
};
use aws_smithy_types::base64;
use setpoint_aws::Aws;
use setpoint_core::Link;
use setpoint_spec::kind::{LaunchTemplate, RootVolume, Tags};
use std::collections::BTreeSet;

/// What the spec tags of what a launch makes.
const TAGGED: [ResourceType; 2] = [ResourceType::Instance, ResourceType::Volume];

/// What else a version can have tags for.
const OTHERS_TAGGED: [ResourceType; 2] = [
    ResourceType::NetworkInterface,
    ResourceType::SpotInstancesRequest,
];

/// What a version holds, but for the tags of the template itself.
pub(crate) fn read(data: &ResponseLaunchTemplateData, aws: &Aws) -> LaunchTemplate {
    let text = |it: Option<&str>| it.unwrap_or_default().to_owned();
    let mut unmanaged = unmanaged(data);
    let (public_ip, groups) = interface(data, &mut unmanaged);
    let (imdsv2_required, metadata_hop_limit) = metadata(data, &mut unmanaged);
    let user_data = data.user_data().map(decoded);
    let cluster = user_data.as_deref().and_then(LaunchTemplate::cluster_in);
    LaunchTemplate {
        image_id: text(data.image_id()),
        instance_type: text(data.instance_type().map(InstanceType::as_str)),
        instance_profile: data
            .iam_instance_profile()
            .and_then(|it| it.arn().or(it.name()))
            .map(Link::is),
        security_groups: groups.iter().map(Link::is).collect(),
        public_ip,
        key_name: data.key_name.clone(),
        root_volume: root_volume(data, &mut unmanaged),
        imdsv2_required,
        metadata_hop_limit,
        detailed_monitoring: data.monitoring().and_then(|it| it.enabled).unwrap_or(false),
        cpu_credits: data
            .credit_specification()
            .and_then(|it| it.cpu_credits.clone()),
        cluster: cluster.map(Link::is),
        user_data,
        tags: Tags::new(),
        instance_tags: instance_tags(data, aws, &mut unmanaged),
        unmanaged,
    }
}

/// The whole content of a new version.
pub(crate) fn written(template: &LaunchTemplate, aws: &Aws) -> RequestLaunchTemplateData {
    const FILLED: &str = "links are filled before a write";
    let groups = template.security_groups.iter();
    let groups: Vec<String> = groups
        .map(|it| it.handle().expect(FILLED).to_owned())
        .collect();
    let groups = Some(groups).filter(|it| !it.is_empty());
    let metadata = LaunchTemplateInstanceMetadataOptionsRequest::builder()
        .http_tokens(match template.imdsv2_required {
            true => Tokens::Required,
            false => Tokens::Optional,
        })
        .http_put_response_hop_limit(template.metadata_hop_limit)
        .build();
    let mut data = RequestLaunchTemplateData::builder()
        .image_id(&template.image_id)
        .instance_type(InstanceType::from(&*template.instance_type))
        .metadata_options(metadata)
        .set_key_name(template.key_name.clone())
        .set_user_data(template.user_data.as_ref().map(base64::encode));
    if let Some(profile) = &template.instance_profile {
        let profile = profile.handle().expect(FILLED);
        let it = LaunchTemplateIamInstanceProfileSpecificationRequest::builder();
        data = data.iam_instance_profile(it.arn(profile).build());
    }
    // With an interface of its own, EC2 takes the groups only there.
    data = match template.public_ip {
        None => data.set_security_group_ids(groups),
        Some(public) => data.network_interfaces(
            LaunchTemplateInstanceNetworkInterfaceSpecificationRequest::builder()
                .device_index(0)
                .associate_public_ip_address(public)
                .set_groups(groups)
                .build(),
        ),
    };
    if let Some(volume) = &template.root_volume {
        data = data.block_device_mappings(written_volume(volume));
    }
    if template.detailed_monitoring {
        let monitoring = LaunchTemplatesMonitoringRequest::builder().enabled(true);
        data = data.monitoring(monitoring.build());
    }
    if let Some(credits) = &template.cpu_credits {
        let specification = CreditSpecificationRequest::builder().cpu_credits(credits);
        data = data.credit_specification(specification.build());
    }
    let marked = aws.marked(&template.instance_tags);
    for kind in TAGGED {
        let it = LaunchTemplateTagSpecificationRequest::builder().resource_type(kind);
        data = data.tag_specifications(it.set_tags(Some(tags::written(&marked))).build());
    }
    data.build()
}

fn written_volume(volume: &RootVolume) -> LaunchTemplateBlockDeviceMappingRequest {
    let ebs = LaunchTemplateEbsBlockDeviceRequest::builder()
        .volume_size(volume.size)
        .volume_type(VolumeType::from(&*volume.volume_type))
        // To say `false` of an encrypted image is an error.
        .set_encrypted(volume.encrypted.then_some(true))
        .delete_on_termination(true);
    LaunchTemplateBlockDeviceMappingRequest::builder()
        .device_name(&volume.device_name)
        .ebs(ebs.build())
        .build()
}

/// Whether instances get a public address, and the security groups they are in.
fn interface<'a>(
    data: &'a ResponseLaunchTemplateData,
    unmanaged: &mut BTreeSet<String>,
) -> (Option<bool>, &'a [String]) {
    match data.network_interfaces() {
        [] => (None, data.security_group_ids()),
        [first, more @ ..] => {
            if !more.is_empty() || !is_plain_interface(first) {
                unmanaged.insert("NetworkInterfaces".into());
            }
            (first.associate_public_ip_address, first.groups())
        }
    }
}

/// Whether an interface says nothing beside a public address and groups.
fn is_plain_interface(interface: &NetworkInterface) -> bool {
    let mut rest = interface.clone();
    (rest.associate_public_ip_address, rest.groups) = (None, None);
    rest.device_index = rest.device_index.filter(|it| *it != 0);
    rest.network_card_index = rest.network_card_index.filter(|it| *it != 0);
    rest.delete_on_termination = rest.delete_on_termination.filter(|it| !it);
    rest.description = rest.description.filter(|it| !it.is_empty());
    rest.interface_type = rest.interface_type.filter(|it| it != "interface");
    rest.private_ip_addresses = rest.private_ip_addresses.filter(|it| !it.is_empty());
    rest.ipv4_prefixes = rest.ipv4_prefixes.filter(|it| !it.is_empty());
    rest.ipv6_addresses = rest.ipv6_addresses.filter(|it| !it.is_empty());
    rest.ipv6_prefixes = rest.ipv6_prefixes.filter(|it| !it.is_empty());
    rest == NetworkInterface::builder().build()
}

fn root_volume(
    data: &ResponseLaunchTemplateData,
    unmanaged: &mut BTreeSet<String>,
) -> Option<RootVolume> {
    let (first, more) = data.block_device_mappings().split_first()?;
    if !more.is_empty() || !is_plain_volume(first) {
        unmanaged.insert("BlockDeviceMappings".into());
    }
    let ebs = first.ebs()?;
    let volume_type = ebs.volume_type().map(VolumeType::as_str);
    Some(RootVolume {
        size: ebs.volume_size.unwrap_or_default(),
        volume_type: volume_type.unwrap_or_default().to_owned(),
        encrypted: ebs.encrypted.unwrap_or(false),
        device_name: first.device_name().unwrap_or_default().to_owned(),
    })
}

/// Whether a volume says nothing beside what the spec can say, and goes with its instance.
fn is_plain_volume(device: &BlockDevice) -> bool {
    let mut rest = device.ebs.clone().unwrap_or_else(|| Ebs::builder().build());
    (rest.volume_size, rest.volume_type, rest.encrypted) = (None, None, None);
    rest.delete_on_termination = rest.delete_on_termination.filter(|it| !it);
    let is_plain = rest == Ebs::builder().build();
    is_plain && device.ebs.is_some() && device.virtual_name.is_none() && device.no_device.is_none()
}

/// Whether the metadata service asks for tokens, and its hop limit.
///
/// What a template leaves open, the AMI or the account decides. The spec leaves neither open, so
/// such a template reads as one with a limit of 0, which no spec asks for.
fn metadata(data: &ResponseLaunchTemplateData, unmanaged: &mut BTreeSet<String>) -> (bool, i32) {
    let Some(options) = data.metadata_options() else {
        return (false, 0);
    };
    let mut rest = options.clone();
    (
        rest.http_tokens,
        rest.http_put_response_hop_limit,
        rest.state,
    ) = (None, None, None);
    rest.http_endpoint = rest.http_endpoint.filter(|it| *it != Endpoint::Enabled);
    rest.http_protocol_ipv6 = rest
        .http_protocol_ipv6
        .filter(|it| *it != ProtocolIpv6::Disabled);
    rest.instance_metadata_tags = rest
        .instance_metadata_tags
        .filter(|it| *it != MetadataTags::Disabled);
    if rest != MetadataOptions::builder().build() {
        unmanaged.insert("MetadataOptions".into());
    }
    match (options.http_tokens(), options.http_put_response_hop_limit) {
        (Some(tokens), Some(limit)) => (*tokens == Tokens::Required, limit),
        _ => (false, 0),
    }
}

fn instance_tags(
    data: &ResponseLaunchTemplateData,
    aws: &Aws,
    unmanaged: &mut BTreeSet<String>,
) -> Tags {
    let tags_for = |kind: ResourceType| {
        let all = data.tag_specifications().iter();
        let of_kind = all.filter(|it| it.resource_type() == Some(&kind));
        aws.tags_of(of_kind.flat_map(|it| tags::read(it.tags()))).0
    };
    let [instances, volumes] = TAGGED.map(tags_for);
    let others = OTHERS_TAGGED.map(tags_for);
    if instances != volumes || others.iter().any(|it| !it.is_empty()) {
        unmanaged.insert("TagSpecifications".into());
    }
    instances
}

/// The text of user data; what is no text stays as EC2 shows it.
fn decoded(user_data: &str) -> String {
    let bytes = base64::decode(user_data).ok();
    let text = bytes.and_then(|it| String::from_utf8(it).ok());
    text.unwrap_or_else(|| user_data.to_owned())
}

/// The members that the spec has no words for, and that say something else than their default.
fn unmanaged(data: &ResponseLaunchTemplateData) -> BTreeSet<String> {
    let is = |it: Option<bool>| it == Some(true);
    let shutdown = data.instance_initiated_shutdown_behavior();
    let recovery = data.maintenance_options().and_then(|it| it.auto_recovery());
    let bandwidth = data
        .network_performance_options()
        .and_then(|it| it.bandwidth_weighting());
    let set = [
        ("KernelId", data.kernel_id.is_some()),
        ("EbsOptimized", is(data.ebs_optimized)),
        ("Placement", data.placement.is_some()),
        ("RamDiskId", data.ram_disk_id.is_some()),
        ("DisableApiTermination", is(data.disable_api_termination)),
        ("DisableApiStop", is(data.disable_api_stop)),
        (
            "InstanceInitiatedShutdownBehavior",
            shutdown.is_some_and(|it| it.as_str() != "stop"),
        ),
        (
            "ElasticGpuSpecifications",
            !data.elastic_gpu_specifications().is_empty(),
        ),
        (
            "ElasticInferenceAccelerators",
            !data.elastic_inference_accelerators().is_empty(),
        ),
        ("SecurityGroups", !data.security_groups().is_empty()),
        (
            "InstanceMarketOptions",
            data.instance_market_options.is_some(),
        ),
        ("CpuOptions", data.cpu_options.is_some()),
        (
            "CapacityReservationSpecification",
            data.capacity_reservation_specification.is_some(),
        ),
        (
            "LicenseSpecifications",
            !data.license_specifications().is_empty(),
        ),
        (
            "HibernationOptions",
            is(data.hibernation_options().and_then(|it| it.configured)),
        ),
        (
            "EnclaveOptions",
            is(data.enclave_options().and_then(|it| it.enabled)),
        ),
        ("InstanceRequirements", data.instance_requirements.is_some()),
        (
            "PrivateDnsNameOptions",
            data.private_dns_name_options.is_some(),
        ),
        (
            "MaintenanceOptions",
            recovery.is_some_and(|it| it.as_str() != "default"),
        ),
        ("Operator", is(data.operator().and_then(|it| it.managed))),
        (
            "NetworkPerformanceOptions",
            bandwidth.is_some_and(|it| it.as_str() != "default"),
        ),
        (
            "SecondaryInterfaces",
            !data.secondary_interfaces().is_empty(),
        ),
    ];
    let set = set.into_iter().filter(|(_, is_set)| *is_set);
    set.map(|(name, _)| name.to_owned()).collect()
}

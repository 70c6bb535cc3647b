//! Instances as DescribeInstances shows them.

use super::{
    super::{
        filter::{self, Filters},
        group, interface, listing, zone,
    },
    Instance, check_ids,
    plan::Plan,
    shown_state,
};
use crate::{Action, Answer, Input, World, habits::ACCOUNT, service::tags};
use serde_json::{Map, Value, json};

pub(super) fn actions() -> Vec<Action> {
    vec![Action::new("DescribeInstances", describe_instances)]
}

/// What is shown of an instance and never changes.
pub(super) fn lasting(world: &World, plan: &Plan, zone: &str, number: i64) -> Map<String, Value> {
    let text = |name: &str| plan.data.get(name).cloned();
    let member =
        |name: &str, inner: &str| plan.data.get(name).and_then(|it| it.get(inner)).cloned();
    let option =
        |name: &str, other: &str| member("MetadataOptions", name).unwrap_or_else(|| other.into());
    let is_new = plan.image.wants_tokens();
    let hops = member("MetadataOptions", "HttpPutResponseHopLimit");
    let monitored = member("Monitoring", "Enabled") == Some(true.into());
    let threads = plan.kind.threads();
    let shown = json!({
        "AmiLaunchIndex": number,
        "Architecture": plan.image.architecture,
        "CpuOptions": { "CoreCount": plan.kind.vcpus / threads, "ThreadsPerCore": threads },
        "CapacityReservationSpecification": { "CapacityReservationPreference": "open" },
        "EbsOptimized": plan.data.get("EbsOptimized").cloned().unwrap_or(false.into()),
        "EnaSupport": true,
        "EnclaveOptions": { "Enabled": false },
        "HibernationOptions": { "Configured": false },
        "Hypervisor": "xen",
        "MaintenanceOptions": { "AutoRecovery": "default" },
        "MetadataOptions": {
            "State": "applied",
            "HttpTokens": option("HttpTokens", if is_new { "required" } else { "optional" }),
            "HttpPutResponseHopLimit": hops.unwrap_or_else(|| (if is_new { 2 } else { 1 }).into()),
            "HttpEndpoint": option("HttpEndpoint", "enabled"),
            "HttpProtocolIpv6": option("HttpProtocolIpv6", "disabled"),
            "InstanceMetadataTags": option("InstanceMetadataTags", "disabled"),
        },
        "Monitoring": { "State": if monitored { "enabled" } else { "disabled" } },
        "NetworkPerformanceOptions": { "BandwidthWeighting": "default" },
        "Operator": { "Managed": false },
        "Placement": {
            "AvailabilityZone": zone,
            "AvailabilityZoneId": zone::zone_id(zone),
            "GroupName": member("Placement", "GroupName").unwrap_or_else(|| "".into()),
            "Tenancy": member("Placement", "Tenancy").unwrap_or_else(|| "default".into()),
        },
        "PlatformDetails": "Linux/UNIX",
        "PrivateDnsNameOptions": {
            "HostnameType": "ip-name",
            "EnableResourceNameDnsARecord": false,
            "EnableResourceNameDnsAAAARecord": false,
        },
        "ProductCodes": [],
        "RootDeviceName": "/dev/xvda",
        "RootDeviceType": "ebs",
        "SourceDestCheck": true,
        "UsageOperation": "RunInstances",
        "UsageOperationUpdateTime": world.now.value(),
        "VirtualizationType": "hvm",
    });
    let mut shown = match shown {
        Value::Object(members) => members,
        _ => Map::new(),
    };
    let market = member("InstanceMarketOptions", "MarketType").filter(|it| *it == "spot");
    let others = [
        ("KeyName", text("KeyName")),
        ("ClientToken", text("ClientToken").or(Some("".into()))),
        ("InstanceLifecycle", market),
    ];
    for (name, value) in others {
        if let Some(value) = value {
            shown.insert(name.to_owned(), value);
        }
    }
    shown
}

impl Instance {
    pub(super) fn show(&self, world: &World) -> Value {
        let mut shown = self.more.as_object().cloned().unwrap_or_default();
        let mut put = |name: &str, value: Value| shown.insert(name.to_owned(), value);
        put("InstanceId", self.id.as_str().into());
        put("ImageId", self.image.as_str().into());
        put("InstanceType", self.instance_type.as_str().into());
        put("LaunchTime", self.launched_at.value());
        put("State", shown_state(&self.state));
        put("Tags", tags::upper(&self.tags));
        put("StateTransitionReason", "".into());
        if let Some(arn) = &self.profile {
            put("IamInstanceProfile", json!({ "Arn": arn }));
        }
        if let Some(ended) = self.ended_at {
            let at = ended.to_string();
            let at = at.get(..19).unwrap_or_default().replace('T', " ");
            put(
                "StateTransitionReason",
                format!("User initiated ({at} GMT)").into(),
            );
            let words = "Client.UserInitiatedShutdown: User initiated shutdown";
            let code = "Client.UserInitiatedShutdown";
            put("StateReason", json!({ "Code": code, "Message": words }));
        }
        for (name, value) in self.network(world) {
            put(name, value);
        }
        Value::Object(shown)
    }

    /// What an instance has while it has interfaces and volumes.
    fn network(&self, world: &World) -> Vec<(&'static str, Value)> {
        let inside = world
            .ec2
            .interfaces
            .values()
            .filter(|it| it.instance == self.id);
        let mut interfaces: Vec<_> = inside.collect();
        interfaces.sort_by_key(|it| it.device);
        let volumes = world.ec2.volumes.values();
        let volumes = volumes.filter(|it| it.instance.as_ref() == Some(&self.id));
        let mut volumes: Vec<Value> = volumes.map(|it| it.show_inside()).collect();
        volumes.sort_by_key(|it| it["DeviceName"].to_string());
        let cards = interfaces.iter().map(|it| it.show_inside(world));
        let mut shown = vec![
            ("NetworkInterfaces", cards.collect()),
            ("BlockDeviceMappings", volumes.into()),
            ("SecurityGroups", json!([])),
            ("PrivateDnsName", "".into()),
            ("PublicDnsName", "".into()),
        ];
        if interfaces.is_empty() {
            return shown;
        }
        let groups = self.security_groups.iter();
        let groups = groups.map(|it| group::mention(world, it)).collect();
        let vpc = world
            .ec2
            .subnets
            .get(&self.subnet)
            .map(|it| it.vpc.as_str());
        let name = interface::private_name(world, &self.private_ip);
        shown.extend([
            ("SecurityGroups", groups),
            ("PrivateDnsName", name.into()),
            ("PrivateIpAddress", self.private_ip.as_str().into()),
            ("SubnetId", self.subnet.as_str().into()),
            ("VpcId", vpc.unwrap_or_default().into()),
        ]);
        // The public address comes with running.
        if let Some(public) = self.public_ip.as_ref().filter(|_| self.state != "pending") {
            let name = interface::public_name(world, &self.subnet, public);
            shown.push(("PublicIpAddress", public.as_str().into()));
            shown.push(("PublicDnsName", name.into()));
        }
        shown
    }
}

fn reserved(reservation: &str, instances: Vec<Value>) -> Value {
    json!({
        "ReservationId": reservation,
        "OwnerId": ACCOUNT,
        "Groups": [],
        "Instances": instances,
    })
}

/// What was launched together, as RunInstances shows it.
pub(super) fn reservation(world: &World, reservation: &str) -> Value {
    let inside = world.ec2.instances.values();
    let inside = inside.filter(|it| it.reservation == reservation);
    let mut instances: Vec<Value> = inside.map(|it| it.show(world)).collect();
    instances.sort_by_key(|it| it["AmiLaunchIndex"].as_i64());
    reserved(reservation, instances)
}

#[rustfmt::skip]
const FILTERS: Filters = &[
    ("affinity", "Placement.Affinity"), ("architecture", "Architecture"),
    ("availability-zone", "Placement.AvailabilityZone"),
    ("availability-zone-id", "Placement.AvailabilityZoneId"),
    ("block-device-mapping.attach-time", "BlockDeviceMappings.Ebs.AttachTime"),
    ("block-device-mapping.delete-on-termination", "BlockDeviceMappings.Ebs.DeleteOnTermination"),
    ("block-device-mapping.device-name", "BlockDeviceMappings.DeviceName"),
    ("block-device-mapping.status", "BlockDeviceMappings.Ebs.Status"),
    ("block-device-mapping.volume-id", "BlockDeviceMappings.Ebs.VolumeId"),
    ("boot-mode", "BootMode"), ("capacity-reservation-id", "CapacityReservationId"),
    ("capacity-reservation-specification.capacity-reservation-preference", "CapacityReservationSpecification.CapacityReservationPreference"),
    ("client-token", "ClientToken"), ("current-instance-boot-mode", "CurrentInstanceBootMode"),
    ("dns-name", "PublicDnsName"), ("ebs-optimized", "EbsOptimized"), ("ena-support", "EnaSupport"),
    ("enclave-options.enabled", "EnclaveOptions.Enabled"),
    ("hibernation-options.configured", "HibernationOptions.Configured"),
    ("host-id", "Placement.HostId"), ("hypervisor", "Hypervisor"),
    ("iam-instance-profile.arn", "IamInstanceProfile.Arn"),
    ("iam-instance-profile.id", "IamInstanceProfile.Id"), ("image-id", "ImageId"),
    ("instance-id", "InstanceId"), ("instance-lifecycle", "InstanceLifecycle"),
    ("instance-state-code", "State.Code"), ("instance-state-name", "State.Name"),
    ("instance-type", "InstanceType"), ("instance.group-id", "SecurityGroups.GroupId"),
    ("instance.group-name", "SecurityGroups.GroupName"), ("group-id", "SecurityGroups.GroupId"),
    ("group-name", "SecurityGroups.GroupName"), ("ip-address", "PublicIpAddress"),
    ("ipv6-address", "Ipv6Address"), ("kernel-id", "KernelId"), ("key-name", "KeyName"),
    ("launch-index", "AmiLaunchIndex"), ("launch-time", "LaunchTime"),
    ("maintenance-options.auto-recovery", "MaintenanceOptions.AutoRecovery"),
    ("metadata-options.http-endpoint", "MetadataOptions.HttpEndpoint"),
    ("metadata-options.http-protocol-ipv6", "MetadataOptions.HttpProtocolIpv6"),
    ("metadata-options.http-put-response-hop-limit", "MetadataOptions.HttpPutResponseHopLimit"),
    ("metadata-options.http-tokens", "MetadataOptions.HttpTokens"),
    ("metadata-options.instance-metadata-tags", "MetadataOptions.InstanceMetadataTags"),
    ("metadata-options.state", "MetadataOptions.State"), ("monitoring-state", "Monitoring.State"),
    ("network-interface.addresses.association.ip-owner-id", "NetworkInterfaces.PrivateIpAddresses.Association.IpOwnerId"),
    ("network-interface.addresses.association.public-dns-name", "NetworkInterfaces.PrivateIpAddresses.Association.PublicDnsName"),
    ("network-interface.addresses.association.public-ip", "NetworkInterfaces.PrivateIpAddresses.Association.PublicIp"),
    ("network-interface.addresses.primary", "NetworkInterfaces.PrivateIpAddresses.Primary"),
    ("network-interface.addresses.private-dns-name", "NetworkInterfaces.PrivateIpAddresses.PrivateDnsName"),
    ("network-interface.addresses.private-ip-address", "NetworkInterfaces.PrivateIpAddresses.PrivateIpAddress"),
    ("network-interface.association.ip-owner-id", "NetworkInterfaces.Association.IpOwnerId"),
    ("network-interface.association.public-dns-name", "NetworkInterfaces.Association.PublicDnsName"),
    ("network-interface.association.public-ip", "NetworkInterfaces.Association.PublicIp"),
    ("network-interface.attachment.attach-time", "NetworkInterfaces.Attachment.AttachTime"),
    ("network-interface.attachment.attachment-id", "NetworkInterfaces.Attachment.AttachmentId"),
    ("network-interface.attachment.delete-on-termination", "NetworkInterfaces.Attachment.DeleteOnTermination"),
    ("network-interface.attachment.device-index", "NetworkInterfaces.Attachment.DeviceIndex"),
    ("network-interface.attachment.instance-id", "InstanceId"),
    ("network-interface.attachment.instance-owner-id", "NetworkInterfaces.OwnerId"),
    ("network-interface.attachment.network-card-index", "NetworkInterfaces.Attachment.NetworkCardIndex"),
    ("network-interface.attachment.status", "NetworkInterfaces.Attachment.Status"),
    ("network-interface.availability-zone", "Placement.AvailabilityZone"),
    ("network-interface.description", "NetworkInterfaces.Description"),
    ("network-interface.group-id", "NetworkInterfaces.Groups.GroupId"),
    ("network-interface.group-name", "NetworkInterfaces.Groups.GroupName"),
    ("network-interface.ipv6-addresses.ipv6-address", "NetworkInterfaces.Ipv6Addresses.Ipv6Address"),
    ("network-interface.mac-address", "NetworkInterfaces.MacAddress"),
    ("network-interface.network-interface-id", "NetworkInterfaces.NetworkInterfaceId"),
    ("network-interface.operator.managed", "NetworkInterfaces.Operator.Managed"),
    ("network-interface.owner-id", "NetworkInterfaces.OwnerId"),
    ("network-interface.private-dns-name", "NetworkInterfaces.PrivateDnsName"),
    ("network-interface.private-ip-address", "NetworkInterfaces.PrivateIpAddress"),
    ("network-interface.public-dns-name", "NetworkInterfaces.Association.PublicDnsName"),
    ("network-interface.status", "NetworkInterfaces.Status"),
    ("network-interface.source-dest-check", "NetworkInterfaces.SourceDestCheck"),
    ("network-interface.subnet-id", "NetworkInterfaces.SubnetId"),
    ("network-interface.vpc-id", "NetworkInterfaces.VpcId"),
    ("network-performance-options.bandwidth-weighting", "NetworkPerformanceOptions.BandwidthWeighting"),
    ("operator.managed", "Operator.Managed"), ("operator.principal", "Operator.Principal"),
    ("outpost-arn", "OutpostArn"), ("owner-id", "OwnerId"),
    ("placement-group-name", "Placement.GroupName"),
    ("placement-partition-number", "Placement.PartitionNumber"), ("platform", "Platform"),
    ("platform-details", "PlatformDetails"), ("private-dns-name", "PrivateDnsName"),
    ("private-dns-name-options.enable-resource-name-dns-a-record", "PrivateDnsNameOptions.EnableResourceNameDnsARecord"),
    ("private-dns-name-options.enable-resource-name-dns-aaaa-record", "PrivateDnsNameOptions.EnableResourceNameDnsAAAARecord"),
    ("private-dns-name-options.hostname-type", "PrivateDnsNameOptions.HostnameType"),
    ("private-ip-address", "PrivateIpAddress"), ("product-code", "ProductCodes.ProductCodeId"),
    ("product-code.type", "ProductCodes.ProductCodeType"), ("ramdisk-id", "RamdiskId"),
    ("reason", "StateTransitionReason"), ("requester-id", "RequesterId"),
    ("reservation-id", "ReservationId"), ("root-device-name", "RootDeviceName"),
    ("root-device-type", "RootDeviceType"), ("source-dest-check", "SourceDestCheck"),
    ("spot-instance-request-id", "SpotInstanceRequestId"),
    ("state-reason-code", "StateReason.Code"), ("state-reason-message", "StateReason.Message"),
    ("subnet-id", "SubnetId"), ("tag", "Tags"), ("tenancy", "Placement.Tenancy"),
    ("tpm-support", "TpmSupport"), ("usage-operation", "UsageOperation"),
    ("usage-operation-update-time", "UsageOperationUpdateTime"),
    ("virtualization-type", "VirtualizationType"), ("vpc-id", "VpcId"),
];

/// Instances that fit the filters, in the order of their reservations.
fn describe_instances(world: &mut World, input: &Input) -> Answer {
    listing::ids_or_pages(input, "InstanceIds")?;
    let ids = input.texts("InstanceIds");
    check_ids(world, &ids)?;
    let is_asked = |it: &&Instance| ids.is_empty() || ids.contains(&&*it.id);
    let mut instances: Vec<&Instance> = world.ec2.instances.values().filter(is_asked).collect();
    instances.sort_by_key(|it| (it.launched_at, &it.reservation));
    let show = |it: &Instance| {
        let mut shown = it.show(world);
        // Filters look at the reservation, too.
        shown["ReservationId"] = it.reservation.as_str().into();
        shown["OwnerId"] = ACCOUNT.into();
        shown
    };
    let shown = instances.into_iter().map(show).collect();
    let kept = filter::keep(input, FILTERS, shown)?;
    let mut answer = listing::paged(input, "Reservations", &kept)?;
    if let Some(instances) = answer["Reservations"].as_array_mut() {
        let grouped = grouped(std::mem::take(instances));
        answer["Reservations"] = grouped.into();
    }
    Ok(answer)
}

/// Instances under their reservations.
fn grouped(instances: Vec<Value>) -> Vec<Value> {
    let mut groups: Vec<(String, Vec<Value>)> = Vec::new();
    for mut it in instances {
        let mut id = String::new();
        if let Some(members) = it.as_object_mut() {
            members.remove("OwnerId");
            let found = members.remove("ReservationId");
            id = found
                .and_then(|it| it.as_str().map(str::to_owned))
                .unwrap_or_default();
        }
        match groups.last_mut().filter(|(last, _)| *last == id) {
            Some((_, inside)) => inside.push(it),
            None => groups.push((id, vec![it])),
        }
    }
    groups
        .into_iter()
        .map(|(id, instances)| reserved(&id, instances))
        .collect()
}

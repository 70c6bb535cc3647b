//! Volumes.

use super::{
    filter::Filters,
    instance::Disk,
    listing::{self, Listing},
    zone,
};
use crate::{Action, Answer, Input, Time, World, call::object};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A volume.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Volume {
    id: String,
    /// The instance that it is attached to.
    pub(super) instance: Option<String>,
    pub(super) device: String,
    zone: String,
    size: i64,
    kind: String,
    iops: Option<i64>,
    throughput: Option<i64>,
    encrypted: bool,
    pub(super) goes_with_it: bool,
    snapshot: Option<String>,
    created_at: Time,
}

pub(super) fn actions() -> Vec<Action> {
    vec![Action::new("DescribeVolumes", describe_volumes)]
}

/// Makes a volume for an instance; answers its id.
pub(super) fn make(world: &mut World, disk: &Disk, instance: &str, zone: &str) -> String {
    let id = world.ids.ec2("vol");
    let volume = Volume {
        id: id.clone(),
        instance: Some(instance.to_owned()),
        device: disk.device.clone(),
        zone: zone.to_owned(),
        size: disk.size,
        kind: disk.kind.clone(),
        iops: disk.iops,
        throughput: disk.throughput,
        encrypted: disk.encrypted,
        goes_with_it: disk.goes_with_it,
        snapshot: disk.snapshot.clone(),
        created_at: world.now,
    };
    world.ec2.volumes.insert(id.clone(), volume);
    id
}

impl Volume {
    /// What a launch template says that makes such a volume.
    pub(super) fn like(&self) -> Value {
        let ebs = object([
            ("DeleteOnTermination", Some(self.goes_with_it.into())),
            ("Encrypted", Some(self.encrypted.into())),
            ("Iops", self.iops.map(Value::from)),
            ("SnapshotId", self.snapshot.clone().map(Value::from)),
            ("Throughput", self.throughput.map(Value::from)),
            ("VolumeSize", Some(self.size.into())),
            ("VolumeType", Some(self.kind.as_str().into())),
        ]);
        json!({ "DeviceName": self.device, "Ebs": ebs })
    }

    /// As DescribeInstances shows it.
    pub(super) fn show_inside(&self) -> Value {
        json!({
            "DeviceName": self.device,
            "Ebs": {
                "AttachTime": self.created_at.value(),
                "DeleteOnTermination": self.goes_with_it,
                "Status": "attached",
                "VolumeId": self.id,
            },
        })
    }

    fn show(&self, world: &World) -> Value {
        let attached = self.instance.iter().map(|it| {
            json!({
                "DeleteOnTermination": self.goes_with_it,
                "VolumeId": self.id,
                "InstanceId": it,
                "Device": self.device,
                "State": "attached",
                "AttachTime": self.created_at.value(),
            })
        });
        let state = if self.instance.is_some() {
            "in-use"
        } else {
            "available"
        };
        object([
            ("AvailabilityZoneId", Some(zone::zone_id(&self.zone).into())),
            ("Iops", self.iops.map(Value::from)),
            ("Tags", Some(world.ec2.shown_tags(&self.id))),
            ("VolumeType", Some(self.kind.as_str().into())),
            ("MultiAttachEnabled", Some(false.into())),
            ("Throughput", self.throughput.map(Value::from)),
            ("Operator", Some(json!({ "Managed": false }))),
            ("VolumeId", Some(self.id.as_str().into())),
            ("Size", Some(self.size.into())),
            (
                "SnapshotId",
                Some(self.snapshot.as_deref().unwrap_or_default().into()),
            ),
            ("AvailabilityZone", Some(self.zone.as_str().into())),
            ("State", Some(state.into())),
            ("CreateTime", Some(self.created_at.value())),
            ("Attachments", Some(attached.collect())),
            ("Encrypted", Some(self.encrypted.into())),
        ])
    }
}

#[rustfmt::skip]
const FILTERS: Filters = &[
    ("attachment.attach-time", "Attachments.AttachTime"),
    ("attachment.delete-on-termination", "Attachments.DeleteOnTermination"),
    ("attachment.device", "Attachments.Device"), ("attachment.instance-id", "Attachments.InstanceId"),
    ("attachment.status", "Attachments.State"), ("availability-zone", "AvailabilityZone"),
    ("availability-zone-id", "AvailabilityZoneId"), ("create-time", "CreateTime"),
    ("encrypted", "Encrypted"), ("fast-restored", "FastRestored"),
    ("multi-attach-enabled", "MultiAttachEnabled"), ("operator.managed", "Operator.Managed"),
    ("operator.principal", "Operator.Principal"), ("size", "Size"), ("snapshot-id", "SnapshotId"),
    ("status", "State"), ("tag", "Tags"), ("volume-id", "VolumeId"), ("volume-type", "VolumeType"),
];

fn describe_volumes(world: &mut World, input: &Input) -> Answer {
    listing::ids_or_pages(input, "VolumeIds")?;
    let listing = Listing {
        member: "Volumes",
        ids: Some(("VolumeIds", "vol", "VolumeId")),
        filters: FILTERS,
    };
    let shown = world.ec2.volumes.values().map(|it| it.show(world));
    listing.answer(input, shown.collect())
}

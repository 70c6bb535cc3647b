//! The volumes that an instance is launched with.

use super::super::{image::Image, refusal::missing};
use crate::Refusal;
use serde_json::Value;

/// A volume that is to be made.
#[derive(Clone, Debug)]
pub(in super::super) struct Disk {
    pub(in super::super) device: String,
    pub(in super::super) size: i64,
    pub(in super::super) kind: String,
    pub(in super::super) iops: Option<i64>,
    pub(in super::super) throughput: Option<i64>,
    pub(in super::super) encrypted: bool,
    pub(in super::super) goes_with_it: bool,
    pub(in super::super) snapshot: Option<String>,
}

/// The image's root volume as it is asked for, and further volumes.
pub(super) fn read(asked: Option<&Vec<Value>>, image: &Image) -> Result<Vec<Disk>, Refusal> {
    let mut disks = vec![Disk {
        device: "/dev/xvda".to_owned(),
        size: image.root_size(),
        kind: image.root_type().to_owned(),
        iops: None,
        throughput: None,
        encrypted: false,
        goes_with_it: true,
        snapshot: Some(image.snapshot()),
    }];
    for it in asked.into_iter().flatten() {
        let device = it["DeviceName"]
            .as_str()
            .ok_or_else(|| missing("deviceName"))?;
        if it["NoDevice"].is_string() {
            disks.retain(|it| it.device != device);
            continue;
        }
        let Some(ebs) = it.get("Ebs") else {
            continue;
        };
        match disks.iter_mut().find(|it| it.device == device) {
            Some(disk) => disk.take(ebs)?,
            None => disks.push(further(device, ebs)?),
        }
    }
    for disk in &mut disks {
        disk.fill();
    }
    Ok(disks)
}

fn further(device: &str, ebs: &Value) -> Result<Disk, Refusal> {
    let snapshot = ebs["SnapshotId"].as_str();
    if snapshot.is_none() && ebs["VolumeSize"].is_null() {
        return Err(missing("size or snapshotId"));
    }
    let mut disk = Disk {
        device: device.to_owned(),
        size: 1,
        kind: "gp2".to_owned(),
        iops: None,
        throughput: None,
        encrypted: false,
        goes_with_it: true,
        snapshot: snapshot.map(str::to_owned),
    };
    disk.take(ebs)?;
    Ok(disk)
}

impl Disk {
    fn take(&mut self, ebs: &Value) -> Result<(), Refusal> {
        if let Some(size) = ebs["VolumeSize"].as_i64() {
            if let Some(snapshot) = self.snapshot.as_ref().filter(|_| size < self.size) {
                let words = format!(
                    "Volume of size {size}GB is smaller than snapshot '{snapshot}', expect size \
                     >= {}GB",
                    self.size
                );
                return Err(Refusal::new("InvalidBlockDeviceMapping", words));
            }
            self.size = size;
        }
        if let Some(kind) = ebs["VolumeType"].as_str() {
            self.kind = kind.to_owned();
        }
        self.iops = ebs["Iops"].as_i64().or(self.iops);
        self.throughput = ebs["Throughput"].as_i64().or(self.throughput);
        self.encrypted = ebs["Encrypted"].as_bool().unwrap_or(self.encrypted);
        self.goes_with_it = ebs["DeleteOnTermination"]
            .as_bool()
            .unwrap_or(self.goes_with_it);
        Ok(())
    }

    fn fill(&mut self) {
        match &*self.kind {
            "gp3" => {
                self.iops = self.iops.or(Some(3000));
                self.throughput = self.throughput.or(Some(125));
            }
            "gp2" => self.iops = Some((3 * self.size).clamp(100, 16_000)),
            _ => {}
        }
    }
}

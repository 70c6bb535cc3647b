//! Security groups and launch templates; and the VPCs and subnets that a stack only uses.
//!
//! Absent here: VPCs, subnets and routes of one's own, instances (they belong to their Auto Scaling
//! group), and the resolution of an image's parameter, which AWS does at each launch.

mod launch_templates;
mod network;
mod rules;
mod security_groups;
mod tags;
mod template_data;
mod users;

pub use launch_templates::LaunchTemplates;
pub use network::{Network, SubnetGroups, Vpcs};
pub use security_groups::SecurityGroups;

use aws_sdk_ec2::types::Filter;
use setpoint_core::{AdapterError, ErrorKind};

/// How many values EC2 takes in one filter.
const VALUES: usize = 200;

fn filter(name: impl Into<String>, values: impl IntoIterator<Item = String>) -> Filter {
    let values = values.into_iter().collect();
    Filter::builder()
        .name(name)
        .set_values(Some(values))
        .build()
}

fn refused(operation: &str, why: impl Into<String>) -> AdapterError {
    AdapterError {
        operation: operation.to_owned(),
        kind: ErrorKind::Refused,
        source: why.into().into(),
    }
}

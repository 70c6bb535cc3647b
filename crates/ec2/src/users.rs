//! What keeps a security group from being deleted for as long as it runs.

use crate::filter;
use aws_sdk_ec2::{Client, types::Instance};
use setpoint_aws::Aws;
use setpoint_core::{AdapterError, ErrorKind, Result};

/// The states of instances that will not go away by themselves.
const STAYS: [&str; 4] = ["pending", "running", "stopping", "stopped"];

/// An instance keeps the security groups it was launched with, whatever its launch template says
/// since. If `err` says that a group is in use, and instances that stay use it, no wait ends that.
pub(crate) async fn explained(
    aws: &Aws,
    ec2: &Client,
    group: &str,
    err: AdapterError,
) -> AdapterError {
    if !matches!(err.kind, ErrorKind::NotYet(_)) {
        return err;
    }
    match instances(aws, ec2, group).await {
        Ok(instances) if !instances.is_empty() => AdapterError {
            kind: ErrorKind::Refused,
            source: words(&instances).into(),
            ..err
        },
        // Not to know more is no reason to say less.
        _ => err,
    }
}

/// Instances that use a group and stay: as many as one page names.
async fn instances(aws: &Aws, ec2: &Client, group: &str) -> Result<Vec<Instance>> {
    let page = aws
        .call("ec2:DescribeInstances", || {
            ec2.describe_instances()
                .filters(filter("instance.group-id", [group.to_owned()]))
                .filters(filter("instance-state-name", STAYS.map(str::to_owned)))
                .send()
        })
        .await?;
    let reservations = page.reservations.unwrap_or_default().into_iter();
    Ok(reservations
        .flat_map(|it| it.instances.unwrap_or_default())
        .collect())
}

fn words(instances: &[Instance]) -> String {
    let id = |it: &Instance| it.instance_id().unwrap_or_default().to_owned();
    let mut ids: Vec<String> = instances.iter().map(id).collect();
    ids.sort();
    let many = ids.len();
    ids.truncate(3);
    let rest = match many - ids.len() {
        0 => String::new(),
        rest => format!(" and {rest} more"),
    };
    let tag = |it: &Instance| {
        let mut tags = it.tags().iter();
        let tag = tags.find(|it| it.key() == Some("aws:autoscaling:groupName"))?;
        tag.value().map(str::to_owned)
    };
    let way = match instances.iter().find_map(tag) {
        Some(group) => format!(
            "replace them with `aws autoscaling start-instance-refresh --auto-scaling-group-name \
             {group}`, and apply again"
        ),
        None => "stop using it there, and apply again".into(),
    };
    format!(
        "it is still used by {}{rest}: an instance keeps the security groups it was launched with; \
         {way}",
        ids.join(", ")
    )
}

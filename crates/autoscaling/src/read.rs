//! A group as AWS shows it, in the spec's words.

use aws_sdk_autoscaling::types::{AutoScalingGroup as Group, Instance, LifecycleState};
use setpoint_aws::Aws;
use setpoint_core::{Link, Observed, Status};
use setpoint_spec::kind::{AutoScalingGroup, LaunchTemplate};
use std::collections::BTreeSet;

pub(crate) fn observed(group: &Group, aws: &Aws) -> Observed<AutoScalingGroup> {
    let tags = group.tags().iter().map(|it| {
        let text = |it: Option<&str>| it.unwrap_or_default().to_owned();
        (text(it.key()), text(it.value()))
    });
    let (tags, owner) = aws.tags_of(tags);
    let resource = AutoScalingGroup {
        launch_template: Link::is(made_from(group)),
        subnets: Link::is(subnets(group)),
        min_size: group.min_size.unwrap_or_default(),
        max_size: group.max_size.unwrap_or_default(),
        desired_capacity: Some(group.desired_capacity.unwrap_or_default()),
        protect_from_scale_in: group.new_instances_protected_from_scale_in.unwrap_or(false),
        health_check_type: group.health_check_type().unwrap_or("EC2").to_owned(),
        health_check_grace_period: group.health_check_grace_period.unwrap_or(0),
        default_cooldown: group.default_cooldown.unwrap_or(300),
        default_instance_warmup: group.default_instance_warmup,
        termination_policies: match group.termination_policies() {
            [] => vec!["Default".into()],
            policies => policies.to_vec(),
        },
        max_instance_lifetime: group.max_instance_lifetime.unwrap_or(0),
        capacity_rebalance: group.capacity_rebalance.unwrap_or(false),
        tags,
    };
    let name = group.auto_scaling_group_name().unwrap_or_default();
    let mut observed = Observed::new(resource, name, owner);
    observed.running = group.instances().iter().filter(|it| is_running(it)).count() as u64;
    if is_leaving(group) {
        observed.status = Status::Leaving(match group.instances().len() {
            0 => "AWS to delete it".into(),
            1 => "its last instance to end".into(),
            count => format!("its {count} instances to end"),
        });
    }
    observed
}

/// AWS shows a status only of a group that is being deleted.
pub(crate) fn is_leaving(group: &Group) -> bool {
    group.status().is_some_and(|it| !it.is_empty())
}

fn is_running(instance: &Instance) -> bool {
    matches!(
        instance.lifecycle_state(),
        Some(
            LifecycleState::InService
                | LifecycleState::Pending
                | LifecycleState::PendingWait
                | LifecycleState::PendingProceed
        )
    )
}

/// What instances are made from. Only a launch template at one version is ever what the spec asks.
fn made_from(group: &Group) -> String {
    if group.mixed_instances_policy.is_some() {
        return "a mixed instances policy".into();
    }
    match (group.launch_template(), group.launch_configuration_name()) {
        (Some(template), _) => {
            let id = template
                .launch_template_id()
                .or(template.launch_template_name());
            // AWS: "If the value is not specified, the default version is used".
            let version = template.version().unwrap_or("$Default");
            format!("{}:{version}", id.unwrap_or_default())
        }
        (None, Some(name)) => format!("the launch configuration {name}"),
        (None, None) => "nothing".into(),
    }
}

/// The subnets' ids in order, joined by commas.
fn subnets(group: &Group) -> String {
    let ids = group.vpc_zone_identifier().unwrap_or_default().split(',');
    let ids: BTreeSet<&str> = ids.map(str::trim).collect();
    ids.into_iter().collect::<Vec<_>>().join(",")
}

/// The id and the version that a link to a launch template holds.
pub(crate) fn template(link: &Link<LaunchTemplate>) -> (&str, &str) {
    let handle = link.handle().expect("links are filled before a write");
    handle
        .split_once(':')
        .expect("the handle of a launch template is its id and a version")
}

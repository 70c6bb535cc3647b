//! What callers of IAM must be allowed.

use super::{
    context::{asking, bearing},
    linked, policy, profile, role,
};
use crate::{Grant, Input, World, habits::ACCOUNT, service::tags};

type Grants = Vec<Grant>;

/// A role, by name.
fn on_role(world: &World, name: &str) -> Grant {
    match role::by_name(world, name) {
        Some(role) => bearing(Grant::on(role.arn.as_str()), &role.tags),
        None => Grant::on(role::arn("/", name)),
    }
}

/// A role with the boundary that it has.
fn on_bounded(world: &World, name: &str) -> Grant {
    let grant = on_role(world, name);
    let boundary = role::by_name(world, name).and_then(|it| it.boundary.as_deref());
    match boundary {
        Some(boundary) => grant.with("iam:PermissionsBoundary", boundary),
        None => grant,
    }
}

fn on_profile(world: &World, input: &Input) -> Grant {
    let name = input.text("InstanceProfileName");
    match profile::by_name(world, name) {
        Some(profile) => bearing(Grant::on(profile.arn.as_str()), &profile.tags),
        None => Grant::on(profile::arn("/", name)),
    }
}

fn on_policy(world: &World, input: &Input) -> Grant {
    let arn = input.text("PolicyArn");
    let grant = Grant::on(arn);
    match policy::by_arn(world, arn) {
        Some(policy) => bearing(grant, &policy.tags),
        None => grant,
    }
}

/// Something with tags that is made: both its making and its tagging must be allowed.
fn making(grant: Grant, input: &Input, tagging: &str) -> Grants {
    let tags = tags::from_list(input.list("Tags"));
    let grant = asking(grant, &tags);
    if tags.is_empty() {
        return vec![grant];
    }
    let tagging = Grant {
        action: tagging.to_owned(),
        ..grant.clone()
    };
    vec![grant, tagging]
}

fn tagging(grant: Grant, input: &Input) -> Grants {
    let grant = asking(grant, &tags::from_list(input.list("Tags")));
    let keys = input.texts("TagKeys").into_iter();
    vec![keys.fold(grant, |grant, key| grant.with("aws:TagKeys", key))]
}

pub(super) fn role(world: &World, input: &Input) -> Grants {
    vec![on_role(world, input.text("RoleName"))]
}

pub(super) fn bounded_role(world: &World, input: &Input) -> Grants {
    vec![on_bounded(world, input.text("RoleName"))]
}

pub(super) fn new_role(_: &World, input: &Input) -> Grants {
    let path = input.maybe("Path").unwrap_or("/");
    let grant = Grant::on(role::arn(path, input.text("RoleName")));
    let grant = match input.maybe("PermissionsBoundary") {
        Some(boundary) => grant.with("iam:PermissionsBoundary", boundary),
        None => grant,
    };
    making(grant, input, "iam:TagRole")
}

pub(super) fn new_boundary(world: &World, input: &Input) -> Grants {
    let boundary = input.text("PermissionsBoundary");
    let grant = on_role(world, input.text("RoleName"));
    vec![grant.with("iam:PermissionsBoundary", boundary)]
}

pub(super) fn attachment(world: &World, input: &Input) -> Grants {
    let grant = on_bounded(world, input.text("RoleName"));
    vec![grant.with("iam:PolicyARN", input.text("PolicyArn"))]
}

pub(super) fn tagged_role(world: &World, input: &Input) -> Grants {
    tagging(on_role(world, input.text("RoleName")), input)
}

pub(super) fn profile(world: &World, input: &Input) -> Grants {
    vec![on_profile(world, input)]
}

pub(super) fn new_profile(_: &World, input: &Input) -> Grants {
    let path = input.maybe("Path").unwrap_or("/");
    let grant = Grant::on(profile::arn(path, input.text("InstanceProfileName")));
    making(grant, input, "iam:TagInstanceProfile")
}

pub(super) fn tagged_profile(world: &World, input: &Input) -> Grants {
    tagging(on_profile(world, input), input)
}

pub(super) fn role_into_profile(world: &World, input: &Input) -> Grants {
    let passed = on_role(world, input.text("RoleName"));
    let passed = Grant {
        action: "iam:PassRole".to_owned(),
        ..passed
    };
    vec![
        on_profile(world, input),
        passed
            .with("iam:PassedToService", "ec2.amazonaws.com")
            .with(
                "iam:AssociatedResourceArn",
                format!("arn:aws:ec2:*:{ACCOUNT}:instance/*"),
            ),
    ]
}

pub(super) fn policy(world: &World, input: &Input) -> Grants {
    vec![on_policy(world, input)]
}

pub(super) fn new_policy(_: &World, input: &Input) -> Grants {
    let path = input.maybe("Path").unwrap_or("/");
    let grant = Grant::on(policy::arn(path, input.text("PolicyName")));
    making(grant, input, "iam:TagPolicy")
}

pub(super) fn tagged_policy(world: &World, input: &Input) -> Grants {
    tagging(on_policy(world, input), input)
}

pub(super) fn linked_role(_: &World, input: &Input) -> Grants {
    let service = input.text("AWSServiceName");
    let arn = linked::arn(service, input.maybe("CustomSuffix"));
    vec![Grant::on(arn).with("iam:AWSServiceName", service)]
}

pub(super) fn unlinked_role(world: &World, input: &Input) -> Grants {
    let name = input.text("RoleName");
    let service = role::by_name(world, name).and_then(|it| it.linked_to.as_deref());
    let grant = on_role(world, name);
    vec![match service {
        Some(service) => grant.with("iam:AWSServiceName", service),
        None => grant,
    }]
}

/// The role that a deletion task is about: `task/aws-service-role/<service>/<role>/<id>`.
pub(super) fn deletion(_: &World, input: &Input) -> Grants {
    let task = input.text("DeletionTaskId");
    let role = task.strip_prefix("task").and_then(|it| it.rsplit_once('/'));
    let resource = role.map_or("", |(role, _)| role);
    vec![Grant::on(format!("arn:aws:iam::{ACCOUNT}:role{resource}"))]
}

pub(super) fn simulated(_: &World, input: &Input) -> Grants {
    vec![Grant::on(input.text("PolicySourceArn"))]
}

/// The user that is looked at: the caller, unless another one is named.
pub(super) fn user(_: &World, input: &Input) -> Grants {
    let name = input.maybe("UserName").unwrap_or("admin");
    vec![Grant::on(format!("arn:aws:iam::{ACCOUNT}:user/{name}"))]
}

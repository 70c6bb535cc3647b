//! Service-linked roles.

use super::{
    refusal::{invalid, no_such},
    role::{self, Role},
};
use crate::{Answer, Input, Refusal, World, service::scaling};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// A service that has such a role.
struct Linked {
    service: &'static str,
    role: &'static str,
    policy: &'static str,
    description: &'static str,
}

const LINKED: [Linked; 5] = [
    Linked {
        service: "ecs.amazonaws.com",
        role: "AWSServiceRoleForECS",
        policy: "AmazonECSServiceRolePolicy",
        description: "Role to enable Amazon ECS to manage your cluster.",
    },
    Linked {
        service: "autoscaling.amazonaws.com",
        role: "AWSServiceRoleForAutoScaling",
        policy: "AutoScalingServiceRolePolicy",
        description: "Default Service-Linked Role enables access to AWS Services and Resources \
                      used or managed by Auto Scaling",
    },
    Linked {
        service: "ecs.application-autoscaling.amazonaws.com",
        role: "AWSServiceRoleForApplicationAutoScaling_ECSService",
        policy: "AWSApplicationAutoscalingECSServicePolicy",
        description: "",
    },
    Linked {
        service: "elasticloadbalancing.amazonaws.com",
        role: "AWSServiceRoleForElasticLoadBalancing",
        policy: "AWSElasticLoadBalancingServiceRolePolicy",
        description: "Allows ELB to call AWS services on your behalf.",
    },
    Linked {
        service: "spot.amazonaws.com",
        role: "AWSServiceRoleForEC2Spot",
        policy: "AWSEC2SpotServiceRolePolicy",
        description: "Default EC2 Spot Service Linked Role",
    },
];

/// How a deletion went.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Deletion {
    /// The name of the role.
    pub role: String,
    /// The ARNs for whose sake it was refused; empty if it was done.
    pub in_use: Vec<String>,
}

fn linked(service: &str) -> Option<&'static Linked> {
    LINKED.iter().find(|it| it.service == service)
}

/// The ARN of the role of a service, without or with a suffix.
pub(super) fn arn(service: &str, suffix: Option<&str>) -> String {
    role::arn(&path(service), &name(service, suffix))
}

fn path(service: &str) -> String {
    format!("/aws-service-role/{service}/")
}

fn name(service: &str, suffix: Option<&str>) -> String {
    let name = linked(service).map_or_else(
        || {
            format!(
                "AWSServiceRoleFor_{}",
                service.replace(".amazonaws.com", "")
            )
        },
        |it| it.role.to_owned(),
    );
    match suffix {
        Some(suffix) => format!("{name}_{suffix}"),
        None => name,
    }
}

/// Makes the role of a service, if there is none yet; answers its ARN.
pub(super) fn ensure(world: &mut World, service: &str) -> String {
    let name = name(service, None);
    match role::by_name(world, &name) {
        Some(role) => role.arn.clone(),
        None => make(world, service, None, None).arn,
    }
}

fn make(world: &mut World, service: &str, suffix: Option<&str>, about: Option<&str>) -> Role {
    let trust = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": { "Service": service },
            "Action": "sts:AssumeRole",
        }],
    });
    let known = linked(service);
    let policy = known.map(|it| format!("arn:aws:iam::aws:policy/aws-service-role/{}", it.policy));
    let own = known.map(|it| it.description).filter(|it| !it.is_empty());
    let role = Role {
        name: name(service, suffix),
        path: path(service),
        arn: arn(service, suffix),
        id: world.ids.iam("AROA"),
        created_at: world.now,
        description: about.or(own).map(str::to_owned),
        max_session: 3600,
        trust: trust.to_string(),
        principals: BTreeMap::new(),
        boundary: None,
        tags: BTreeMap::new(),
        attached: policy.into_iter().collect::<BTreeSet<String>>(),
        inline: BTreeMap::new(),
        linked_to: Some(service.to_owned()),
        last_used: None,
    };
    let key = role.name.to_lowercase();
    world.iam.roles.insert(key, role.clone());
    role
}

pub(super) fn create(world: &mut World, input: &Input) -> Answer {
    let service = input.text("AWSServiceName");
    let suffix = input.maybe("CustomSuffix");
    if linked(service).is_none() {
        let text = format!("Service principal {service} has no service-linked role.");
        return Err(invalid(text));
    }
    // Of these services, only Auto Scaling lets its role have a suffix.
    if suffix.is_some() && service != "autoscaling.amazonaws.com" {
        let text = format!("Custom suffix is not allowed for {service}");
        return Err(invalid(text));
    }
    let name = name(service, suffix);
    if role::by_name(world, &name).is_some() {
        return Err(invalid(format!(
            "Service role name {name} has been taken in this account, please try a different \
             suffix."
        )));
    }
    let role = make(world, service, suffix, input.maybe("Description"));
    let mut shown = role::brief(&role, world);
    if let Some(members) = shown.as_object_mut() {
        members.remove("MaxSessionDuration");
    }
    Ok(json!({ "Role": shown }))
}

/// Decides at once whether the role can go; AWS takes some seconds to find out.
pub(super) fn delete(world: &mut World, input: &Input) -> Answer {
    let role = role::named(world, input)?;
    let Some(service) = role.linked_to.clone() else {
        let text = format!(
            "The role with name {} is not a service-linked role.",
            role.name
        );
        return Err(no_such(text));
    };
    let (name, path) = (role.name.clone(), role.path.clone());
    let task = format!("task{path}{name}/{}", world.ids.uuid());
    let in_use = users(world, &service);
    if in_use.is_empty() {
        world.iam.roles.remove(&name.to_lowercase());
    }
    let deletion = Deletion { role: name, in_use };
    world.iam.deletions.insert(task.clone(), deletion);
    Ok(json!({ "DeletionTaskId": task }))
}

pub(super) fn deletion_status(world: &mut World, input: &Input) -> Answer {
    let task = input.text("DeletionTaskId");
    let found: Result<&Deletion, Refusal> = world
        .iam
        .deletions
        .get(task)
        .ok_or_else(|| no_such(format!("Deletion task {task} cannot be found.")));
    let deletion = found?;
    if deletion.in_use.is_empty() {
        return Ok(json!({ "Status": "SUCCEEDED" }));
    }
    Ok(json!({
        "Status": "FAILED",
        "Reason": {
            "Reason": "A service-linked role cannot be deleted while its service uses it.",
            "RoleUsageList": [{ "Region": world.region, "Resources": deletion.in_use }],
        },
    }))
}

/// What uses the role of a service.
fn users(world: &World, service: &str) -> Vec<String> {
    let services = world.ecs.services.values();
    match service {
        "ecs.amazonaws.com" => {
            let clusters = world.ecs.clusters.values();
            let active = clusters.filter(|it| it.status == "ACTIVE");
            active.map(|it| it.arn.clone()).collect()
        }
        "ecs.application-autoscaling.amazonaws.com" => services
            .filter(|it| scaling::bounds(world, &it.cluster, &it.name).is_some())
            .map(|it| it.arn.clone())
            .collect(),
        _ => Vec::new(),
    }
}

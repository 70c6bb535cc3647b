//! Groups and their members.

use super::{Hook, Policy, Refresh, Schedule, Wait};
use crate::{Time, World, service::tags::Tags};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// A group.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// How many instances it has at least.
    pub min: i64,
    /// At most.
    pub max: i64,
    /// And is to have now.
    pub desired: i64,
    /// Whether instances that it launches are protected from scale-in.
    pub protect_new: bool,
    /// Its instances by id.
    pub members: BTreeMap<String, Member>,
    /// Its tags.
    pub tags: Tags,
    /// The keys of the tags that instances get.
    pub propagated: Vec<String>,
    /// Everything else that DescribeAutoScalingGroups shows, by the names of the model.
    pub more: Value,
    /// When it was made.
    pub created_at: Time,
    /// The subnets that it launches into, in the order of the request.
    pub subnets: Vec<String>,
    /// Lifecycle hooks by name.
    pub hooks: BTreeMap<String, Hook>,
    /// Scaling policies by name.
    pub policies: BTreeMap<String, Policy>,
    /// Scheduled actions by name.
    pub schedules: BTreeMap<String, Schedule>,
    /// Instance refreshes, oldest first.
    pub refreshes: Vec<Refresh>,
    /// Suspended processes, and why.
    pub suspended: BTreeMap<String, String>,
    /// Metrics that are published.
    pub metrics: BTreeSet<String>,
    /// Whether it is being deleted.
    pub deleting: bool,
    /// Why the desired capacity changed, as the next activities tell it.
    pub causes: Vec<String>,
    /// How many launches failed in a row, and until when none is tried again.
    pub failures: u32,
    /// Until when no launch is tried again.
    pub retry_at: Option<Time>,
    /// How many instances more than desired a refresh or a rebalancing may hold for a while.
    pub surge: i64,
    /// Instances that were taken out for another reason than scale-in and are yet to be replaced:
    /// the words of the launch.
    pub replacing: Vec<String>,
    /// The cooldown that the last simple policy asked for, in seconds.
    pub cooldown: i64,
    /// Until when simple policies wait.
    pub cooling_until: Option<Time>,
}

/// An instance of a group.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Member {
    /// `Pending`, `InService`, `Terminating`, `Terminating:Wait`, …
    pub lifecycle: String,
    /// Whether it is protected from scale-in.
    pub protected: bool,
    /// `Healthy` or `Unhealthy`.
    pub health: String,
    /// Its zone.
    pub zone: String,
    /// When it was launched.
    pub launched_at: Time,
    /// The launch template's id, name and version, as shown.
    pub template: Value,
    /// Its subnet.
    pub subnet: String,
    /// Its type.
    pub instance_type: String,
    /// Since when it is in service.
    pub in_service_at: Option<Time>,
    /// What it waits for.
    pub waits: Vec<Wait>,
    /// The activity that tells of its launch or end.
    pub activity: String,
}

impl Member {
    /// Whether it counts towards the group's capacity.
    pub fn counts(&self) -> bool {
        self.lifecycle.starts_with("Pending") || self.in_service()
    }

    /// Whether it is in service.
    pub fn in_service(&self) -> bool {
        self.lifecycle == "InService"
    }

    /// Whether it is on its way out.
    pub fn ending(&self) -> bool {
        self.lifecycle.starts_with("Terminating")
    }
}

impl Group {
    /// The members that count towards its capacity.
    pub fn live(&self) -> impl Iterator<Item = (&String, &Member)> {
        self.members.iter().filter(|(_, it)| it.counts())
    }

    /// How many members count towards its capacity.
    pub fn size(&self) -> i64 {
        self.live().count() as i64
    }

    /// A text among what else is shown; empty if absent.
    pub fn text(&self, name: &str) -> &str {
        self.more[name].as_str().unwrap_or_default()
    }

    /// A number among what else is shown.
    pub fn number(&self, name: &str) -> Option<i64> {
        self.more[name].as_i64()
    }

    /// Whether a process is suspended.
    pub fn is_suspended(&self, process: &str) -> bool {
        self.suspended.contains_key(process)
    }

    /// The launch template and version that it launches from: while an instance refresh has a
    /// desired configuration, that one's.
    pub fn template(&self) -> Value {
        let refresh = self.refreshes.last().filter(|it| it.is_active());
        let asked = refresh.and_then(|it| it.configuration());
        template_in(asked.as_ref().unwrap_or(&self.more))
    }

    /// How long an instance is taken for warming up, in seconds.
    pub fn warmup(&self) -> i64 {
        let number = |name: &str| self.number(name);
        number("DefaultInstanceWarmup")
            .or_else(|| number("HealthCheckGracePeriod"))
            .unwrap_or(0)
    }
}

/// The launch template of a configuration, be it its own or its mixed instances policy's.
pub(super) fn template_in(configuration: &Value) -> Value {
    match configuration.get("LaunchTemplate") {
        Some(template) => template.clone(),
        None => {
            configuration["MixedInstancesPolicy"]["LaunchTemplate"]["LaunchTemplateSpecification"]
                .clone()
        }
    }
}

/// The name in a group's ARN, or what else is given.
pub(super) fn name_in(name_or_arn: &str) -> &str {
    let marker = ":autoScalingGroupName/";
    let name = name_or_arn.split_once(marker).map(|(_, name)| name);
    name.unwrap_or(name_or_arn)
}

/// A member of a group, to change.
pub(super) fn member_mut<'a>(
    world: &'a mut World,
    group: &str,
    instance: &str,
) -> Option<&'a mut Member> {
    let group = world.autoscaling.groups.get_mut(group)?;
    group.members.get_mut(instance)
}

/// A group as DescribeAutoScalingGroups shows it.
pub(super) fn shown(group: &Group, instances: bool) -> Value {
    let mut shown = group.more.as_object().cloned().unwrap_or_default();
    let mut put = |name: &str, value: Value| shown.insert(name.to_owned(), value);
    put("AutoScalingGroupName", json!(group.name));
    put("AutoScalingGroupARN", json!(group.arn));
    put("MinSize", json!(group.min));
    put("MaxSize", json!(group.max));
    put("DesiredCapacity", json!(group.desired));
    put("NewInstancesProtectedFromScaleIn", json!(group.protect_new));
    put("CreatedTime", group.created_at.value());
    put("Tags", super::tag::shown(group).into());
    put("Instances", Value::Array(Vec::new()));
    if instances {
        let members = group.members.iter();
        put(
            "Instances",
            members
                .map(|(id, it)| Value::Object(member(id, it)))
                .collect(),
        );
    }
    let suspended = group.suspended.iter();
    put(
        "SuspendedProcesses",
        suspended
            .map(|(name, why)| json!({ "ProcessName": name, "SuspensionReason": why }))
            .collect(),
    );
    let metrics = group.metrics.iter();
    put(
        "EnabledMetrics",
        metrics
            .map(|it| json!({ "Metric": it, "Granularity": "1Minute" }))
            .collect(),
    );
    if group.deleting {
        put("Status", json!("Delete in progress"));
    }
    Value::Object(shown)
}

/// A member as DescribeAutoScalingGroups shows it.
pub(super) fn member(id: &str, member: &Member) -> Map<String, Value> {
    let mut shown = Map::new();
    let mut put = |name: &str, value: Value| shown.insert(name.to_owned(), value);
    put("InstanceId", json!(id));
    put("InstanceType", json!(member.instance_type));
    put("AvailabilityZone", json!(member.zone));
    put("LifecycleState", json!(member.lifecycle));
    put("HealthStatus", json!(member.health));
    put("ProtectedFromScaleIn", json!(member.protected));
    if member.template.is_object() {
        put("LaunchTemplate", member.template.clone());
    }
    shown
}

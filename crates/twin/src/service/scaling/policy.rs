//! Scaling policies.

use super::{
    DIMENSION, describe, invalid, not_found, on_target, step, target_of,
    tracking::{self, Alarms},
};
use crate::{Action, Answer, Input, Refusal, Time, World, service::cloudwatch};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// How many policies a target has at most.
const MOST: usize = 50;

/// A policy of a target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Policy {
    pub(super) name: String,
    pub(super) arn: String,
    pub(super) resource: String,
    /// `TargetTrackingScaling`, `StepScaling`, `PredictiveScaling`.
    pub(super) kind: String,
    /// As it was written.
    pub(super) configuration: Value,
    /// The alarms that target tracking made for itself.
    pub(super) alarms: Option<Alarms>,
    created_at: Time,
}

impl Policy {
    fn shown(&self, world: &World) -> Value {
        let mut shown = json!({
            "PolicyARN": self.arn,
            "PolicyName": self.name,
            "ServiceNamespace": "ecs",
            "ResourceId": self.resource,
            "ScalableDimension": DIMENSION,
            "PolicyType": self.kind,
            "Alarms": self.shown_alarms(world),
            "CreationTime": self.created_at.value(),
        });
        shown[configuration_member(&self.kind)] = self.configuration.clone();
        shown
    }

    /// Its own alarms; or for a step policy, those that name it.
    fn shown_alarms(&self, world: &World) -> Value {
        let shown = |it: &cloudwatch::Alarm| json!({ "AlarmName": it.name, "AlarmARN": it.arn });
        match &self.alarms {
            Some(own) => own
                .names()
                .filter_map(|it| world.cloudwatch.alarm(it))
                .map(shown)
                .collect(),
            None => {
                let names_it =
                    |it: &&cloudwatch::Alarm| it.alarm_actions().contains(&self.arn.as_str());
                world
                    .cloudwatch
                    .alarms()
                    .filter(names_it)
                    .map(shown)
                    .collect()
            }
        }
    }
}

fn configuration_member(kind: &str) -> &'static str {
    match kind {
        "TargetTrackingScaling" => "TargetTrackingScalingPolicyConfiguration",
        "StepScaling" => "StepScalingPolicyConfiguration",
        _ => "PredictiveScalingPolicyConfiguration",
    }
}

pub(super) fn actions() -> Vec<Action> {
    vec![
        Action::on("PutScalingPolicy", put_scaling_policy, on_target),
        Action::on("DeleteScalingPolicy", delete_scaling_policy, on_target),
        Action::new("DescribeScalingPolicies", describe_scaling_policies),
    ]
}

fn put_scaling_policy(world: &mut World, input: &Input) -> Answer {
    let target = target_of(world, input)?.clone();
    let name = input.text("PolicyName");
    let old = target.policies.get(name);
    if old.is_none() && target.policies.len() >= MOST {
        let text = format!("There can be at most {MOST} scaling policies per scalable target.");
        return Err(Refusal::new("LimitExceededException", text));
    }
    let kind = kind(input, old)?;
    let configuration = match (input.get(configuration_member(kind)), old) {
        (Some(new), _) => new.clone(),
        (None, Some(old)) => old.configuration.clone(),
        (None, None) => {
            let member = configuration_member(kind);
            return Err(invalid(format!(
                "{member} is required for policy type {kind}."
            )));
        }
    };
    match kind {
        "TargetTrackingScaling" => tracking::check(world, &target, name, &configuration)?,
        "StepScaling" => step::check(&configuration)?,
        _ => (),
    }
    let mut policy = match old {
        Some(old) => Policy {
            configuration: configuration.clone(),
            ..old.clone()
        },
        None => new(world, &target.resource, name, kind, configuration.clone()),
    };
    if kind == "TargetTrackingScaling" {
        let kept = old.filter(|it| tracking::has_same_alarms(world, it, &configuration));
        if kept.is_none() {
            policy.alarms = Some(tracking::make_alarms(world, &policy)?);
            old.inspect(|it| delete_alarms(world, it));
        }
    }
    let answer = json!({ "PolicyARN": policy.arn, "Alarms": policy.shown_alarms(world) });
    target_of(world, input)?
        .policies
        .insert(name.to_owned(), policy);
    Ok(answer)
}

fn kind<'a>(input: &'a Input, old: Option<&'a Policy>) -> Result<&'a str, Refusal> {
    let kind = match (input.maybe("PolicyType"), old) {
        (Some(kind), Some(old)) if kind != old.kind => {
            return Err(invalid(format!(
                "The type of policy {} is {}. The type of a scaling policy cannot be changed.",
                old.name, old.kind
            )));
        }
        (Some(kind), _) => kind,
        (None, Some(old)) => &old.kind,
        (None, None) => return Err(invalid("PolicyType is required for a new scaling policy.")),
    };
    let kinds = ["TargetTrackingScaling", "StepScaling", "PredictiveScaling"];
    let given = kinds
        .into_iter()
        .filter(|it| input.has(configuration_member(it)));
    match given.into_iter().any(|it| it != kind) {
        true => Err(invalid(format!(
            "The configuration does not belong to a policy of type {kind}."
        ))),
        false => Ok(kind),
    }
}

fn new(world: &mut World, resource: &str, name: &str, kind: &str, configuration: Value) -> Policy {
    let id = world.ids.uuid();
    Policy {
        name: name.to_owned(),
        arn: world.arn(
            "autoscaling",
            &format!("scalingPolicy:{id}:resource/ecs/{resource}:policyName/{name}"),
        ),
        resource: resource.to_owned(),
        kind: kind.to_owned(),
        configuration,
        alarms: None,
        created_at: world.now,
    }
}

/// Deletes the alarms that target tracking made. Those of a step policy are its owner's.
pub(super) fn delete_alarms(world: &mut World, policy: &Policy) {
    for name in policy.alarms.iter().flat_map(Alarms::names) {
        cloudwatch::delete_alarm(world, name);
    }
}

fn delete_scaling_policy(world: &mut World, input: &Input) -> Answer {
    let missing = || not_found("scaling policy", input);
    let target = target_of(world, input).map_err(|_| missing())?;
    let policy = target.policies.remove(input.text("PolicyName"));
    delete_alarms(world, &policy.ok_or_else(missing)?);
    Ok(json!({}))
}

fn describe_scaling_policies(world: &mut World, input: &Input) -> Answer {
    let names = input.texts("PolicyNames");
    let targets = world.scaling.targets.values();
    let policies = targets.flat_map(|it| it.policies.values());
    let asked = policies.filter(|it| names.is_empty() || names.contains(&it.name.as_str()));
    let shown = asked.map(|it| it.shown(world)).collect();
    describe(input, "ScalingPolicies", shown, 10)
}

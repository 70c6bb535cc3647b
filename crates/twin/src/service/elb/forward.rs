//! What listeners and rules do with a request.

use super::{Balancer, refusal::invalid, target_group};
use crate::{Refusal, World};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The target groups that actions forward to.
pub(super) fn targets_of(actions: &[Value]) -> Vec<&str> {
    let mut found = Vec::new();
    for action in actions {
        found.extend(action["TargetGroupArn"].as_str());
        let listed = action["ForwardConfig"]["TargetGroups"].as_array();
        let listed = listed.into_iter().flatten();
        found.extend(listed.filter_map(|it| it["TargetGroupArn"].as_str()));
    }
    found
}

/// The load balancers that forward to a target group.
pub(super) fn balancers_of(world: &World, target_group: &str) -> Vec<String> {
    let elb = &world.elb;
    let mut found = BTreeSet::new();
    for listener in elb.listeners.values() {
        if targets_of(&listener.actions).contains(&target_group) {
            found.insert(listener.balancer.clone());
        }
    }
    for rule in elb.rules.values() {
        if targets_of(&rule.actions).contains(&target_group) {
            let listener = elb.listeners.get(&rule.listener);
            found.extend(listener.map(|it| it.balancer.clone()));
        }
    }
    found.into_iter().collect()
}

/// Checks actions, and fills in what AWS fills in.
pub(super) fn filled(
    world: &World,
    balancer: &Balancer,
    actions: &[Value],
) -> Result<Vec<Value>, Refusal> {
    if actions.is_empty() {
        return Err(invalid("At least one action must be specified"));
    }
    actions.iter().map(|it| fill(world, balancer, it)).collect()
}

fn fill(world: &World, balancer: &Balancer, action: &Value) -> Result<Value, Refusal> {
    let kind = action["Type"].as_str().unwrap_or_default();
    if balancer.kind == "network" && kind != "forward" {
        let text = format!("A Network Load Balancer does not support actions of type '{kind}'");
        return Err(Refusal::new("InvalidLoadBalancerAction", text));
    }
    if kind != "forward" {
        return Ok(action.clone());
    }
    let mut filled = action.clone();
    for arn in targets_of(std::slice::from_ref(action)) {
        check(world, balancer, arn)?;
    }
    let listed = action["ForwardConfig"]["TargetGroups"].as_array();
    match (action["TargetGroupArn"].as_str(), listed) {
        (None, None) => {
            return Err(invalid("A target group ARN must be specified"));
        }
        (Some(arn), None) => {
            filled["ForwardConfig"] = json!({
                "TargetGroups": [{ "TargetGroupArn": arn, "Weight": 1 }],
            });
        }
        (_, Some(listed)) if listed.len() == 1 => {
            filled["TargetGroupArn"] = listed[0]["TargetGroupArn"].clone();
        }
        _ => {}
    }
    let config = &mut filled["ForwardConfig"];
    for target in config["TargetGroups"].as_array_mut().into_iter().flatten() {
        if target.get("Weight").is_none() {
            target["Weight"] = json!(1);
        }
    }
    if config.get("TargetGroupStickinessConfig").is_none() {
        config["TargetGroupStickinessConfig"] = json!({ "Enabled": false });
    }
    Ok(filled)
}

/// Whether a load balancer can forward to a target group.
fn check(world: &World, balancer: &Balancer, arn: &str) -> Result<(), Refusal> {
    let group = target_group::named(world, arn)?;
    let protocol = group.document["Protocol"].as_str().unwrap_or_default();
    let http = ["HTTP", "HTTPS"].contains(&protocol);
    let lambda = group.document["TargetType"] == "lambda";
    let fits = match balancer.kind.as_str() {
        "application" => http || lambda,
        _ => !http && !lambda,
    };
    if !fits {
        let text = format!(
            "The protocol '{protocol}' of target group '{arn}' is not supported by load balancers \
             of type '{}'",
            balancer.kind
        );
        return Err(Refusal::new("IncompatibleProtocols", text));
    }
    let vpc = &group.document["VpcId"];
    if vpc.is_string() && *vpc != balancer.document["VpcId"] {
        let text = format!(
            "The target group '{arn}' and the load balancer '{}' are in different VPCs",
            balancer.arn
        );
        return Err(Refusal::new("InvalidConfigurationRequest", text));
    }
    let others = balancers_of(world, arn);
    if others.iter().any(|it| *it != balancer.arn) {
        let text = format!(
            "The following target groups cannot be associated with more than one load balancer: \
             {arn}"
        );
        return Err(Refusal::new("TargetGroupAssociationLimit", text));
    }
    Ok(())
}

//! Target groups.

use super::{
    Target, attribute, balancer, forward, placement,
    refusal::{check_name, invalid, missing, paged},
    tag,
};
use crate::{Action, Answer, Grant, Input, Refusal, World, service::tags::Tags};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A target group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TargetGroup {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// What DescribeTargetGroups shows of it, but for its load balancers.
    pub document: Value,
    /// Its attributes.
    pub attributes: BTreeMap<String, String>,
    /// Its targets, by id and port.
    pub targets: BTreeMap<String, Target>,
    /// Its tags.
    pub tags: Tags,
}

/// What can be changed of a target group: how it looks after its targets.
const CHECKS: [&str; 9] = [
    "HealthCheckProtocol",
    "HealthCheckPort",
    "HealthCheckPath",
    "HealthCheckEnabled",
    "HealthCheckIntervalSeconds",
    "HealthCheckTimeoutSeconds",
    "HealthyThresholdCount",
    "UnhealthyThresholdCount",
    "Matcher",
];

pub(super) fn actions() -> Vec<Action> {
    vec![
        Action::on("CreateTargetGroup", create, creates),
        Action::on("ModifyTargetGroup", modify, on_group),
        Action::on("DeleteTargetGroup", delete, on_group),
        Action::new("DescribeTargetGroups", describe),
    ]
}

fn creates(world: &World, input: &Input) -> Vec<Grant> {
    let rest = format!("targetgroup/{}/*", input.text("Name"));
    let arn = world.arn("elasticloadbalancing", &rest);
    vec![tag::requested(Grant::on(arn), input)]
}

/// The action on the target group that is named.
pub(super) fn on_group(world: &World, input: &Input) -> Vec<Grant> {
    vec![tag::grant(world, input.text("TargetGroupArn"))]
}

/// A target group by its ARN.
pub(super) fn named<'a>(world: &'a World, arn: &str) -> Result<&'a TargetGroup, Refusal> {
    let found = world.elb.target_groups.get(arn);
    found.ok_or_else(|| missing("TargetGroupNotFound", "Target group", arn))
}

/// Whether targets are spoken to by HTTP.
fn speaks_http(protocol: &str) -> bool {
    ["HTTP", "HTTPS"].contains(&protocol)
}

fn create(world: &mut World, input: &Input) -> Answer {
    let name = input.text("Name");
    check_name(name, "Target group")?;
    let kind = input.maybe("TargetType").unwrap_or("instance");
    let protocol = input.text("Protocol");
    if kind != "lambda" {
        for needed in ["Protocol", "Port", "VpcId"] {
            if !input.has(needed) {
                return Err(invalid(format!(
                    "A {} must be specified",
                    match needed {
                        "Protocol" => "protocol",
                        "Port" => "port",
                        _ => "VPC",
                    }
                )));
            }
        }
        check_vpc(world, input.text("VpcId"))?;
    }
    let tags = tag::given(input)?;
    let mut document = defaults(kind, protocol);
    for member in CHECKS.into_iter().chain([
        "Protocol",
        "ProtocolVersion",
        "Port",
        "VpcId",
        "IpAddressType",
        "TargetControlPort",
    ]) {
        if let Some(value) = input.get(member) {
            document[member] = value.clone();
        }
    }
    check_checks(&document, input)?;
    let mut groups = world.elb.target_groups.values();
    if let Some(old) = groups.find(|it| it.name == name) {
        // The same once more is no error.
        let members = document.as_object().into_iter().flatten();
        let same = members
            .into_iter()
            .all(|(key, value)| old.document[key] == *value);
        return match same && old.tags == tags {
            true => Ok(json!({ "TargetGroups": [shown(world, old)] })),
            false => {
                let text = format!(
                    "A target group with the same name '{name}' exists, but with different \
                     settings"
                );
                Err(Refusal::new("DuplicateTargetGroupName", text))
            }
        };
    }
    let id = world.ids.hex(16);
    let arn = world.arn("elasticloadbalancing", &format!("targetgroup/{name}/{id}"));
    document["TargetGroupArn"] = json!(arn);
    document["TargetGroupName"] = json!(name);
    let group = TargetGroup {
        arn: arn.clone(),
        name: name.to_owned(),
        attributes: attribute::of_target_group(kind, protocol),
        document,
        targets: BTreeMap::new(),
        tags,
    };
    let answer = json!({ "TargetGroups": [shown(world, &group)] });
    world.elb.target_groups.insert(arn, group);
    Ok(answer)
}

fn check_vpc(world: &mut World, vpc: &str) -> Result<(), Refusal> {
    let found = placement::ask(world, "DescribeVpcs", json!({ "VpcIds": [vpc] }));
    match found["Vpcs"].get(0).is_some() {
        true => Ok(()),
        false => Err(invalid(format!("The VPC ID '{vpc}' is not found"))),
    }
}

fn defaults(kind: &str, protocol: &str) -> Value {
    let http = speaks_http(protocol);
    let mut document = json!({
        "TargetType": kind,
        "IpAddressType": "ipv4",
        "HealthCheckEnabled": kind != "lambda",
        "HealthCheckPort": "traffic-port",
        "HealthCheckProtocol": if http { "HTTP" } else { "TCP" },
        "HealthCheckIntervalSeconds": 30,
        "HealthCheckTimeoutSeconds": if http { 5 } else { 10 },
        "HealthyThresholdCount": 5,
        "UnhealthyThresholdCount": 2,
    });
    if kind == "lambda" {
        document["HealthCheckIntervalSeconds"] = json!(35);
        document["HealthCheckTimeoutSeconds"] = json!(30);
        document["UnhealthyThresholdCount"] = json!(5);
    }
    if http {
        document["ProtocolVersion"] = json!("HTTP1");
    }
    if http || kind == "lambda" {
        document["HealthCheckPath"] = json!("/");
        document["Matcher"] = json!({ "HttpCode": "200" });
    }
    document
}

fn check_checks(document: &Value, input: &Input) -> Result<(), Refusal> {
    let number = |name: &str| document[name].as_i64().unwrap_or(0);
    let (timeout, interval) = (
        number("HealthCheckTimeoutSeconds"),
        number("HealthCheckIntervalSeconds"),
    );
    if timeout >= interval {
        return Err(invalid(format!(
            "Health check timeout '{timeout}' must be smaller than the interval '{interval}'"
        )));
    }
    let http = speaks_http(document["HealthCheckProtocol"].as_str().unwrap_or_default());
    let lambda = document["TargetType"] == "lambda";
    if !http && !lambda && (input.has("HealthCheckPath") || input.has("Matcher")) {
        return Err(invalid(
            "Health check path and matcher are supported only for HTTP and HTTPS health checks",
        ));
    }
    if document["HealthCheckEnabled"] == json!(false) && !lambda {
        return Err(invalid(
            "Health check enabled must be true for target groups with target type 'instance', \
             'ip' or 'alb'",
        ));
    }
    Ok(())
}

/// A target group as DescribeTargetGroups shows it.
fn shown(world: &World, group: &TargetGroup) -> Value {
    let mut shown = group.document.clone();
    shown["LoadBalancerArns"] = json!(forward::balancers_of(world, &group.arn));
    shown
}

fn modify(world: &mut World, input: &Input) -> Answer {
    let arn = input.text("TargetGroupArn");
    let mut document = named(world, arn)?.document.clone();
    for member in CHECKS {
        if let Some(value) = input.get(member) {
            document[member] = value.clone();
        }
    }
    let http = speaks_http(document["HealthCheckProtocol"].as_str().unwrap_or_default());
    if http && document.get("HealthCheckPath").is_none() {
        document["HealthCheckPath"] = json!("/");
        document["Matcher"] = json!({ "HttpCode": "200-399" });
    }
    check_checks(&document, input)?;
    if let Some(group) = world.elb.target_groups.get_mut(arn) {
        group.document = document;
    }
    let group = named(world, arn)?;
    Ok(json!({ "TargetGroups": [shown(world, group)] }))
}

fn delete(world: &mut World, input: &Input) -> Answer {
    let arn = input.text("TargetGroupArn");
    if super::is_attached(world, arn) == Some(true) {
        let text = format!("Target group '{arn}' is currently in use by a listener or a rule");
        return Err(Refusal::new("ResourceInUse", text));
    }
    world.elb.target_groups.remove(arn);
    Ok(json!({}))
}

fn describe(world: &mut World, input: &Input) -> Answer {
    let (arns, names) = (input.texts("TargetGroupArns"), input.texts("Names"));
    let of = input.maybe("LoadBalancerArn");
    let ways = [!arns.is_empty(), !names.is_empty(), of.is_some()];
    if ways.iter().filter(|it| **it).count() > 1 {
        return Err(invalid(
            "Only one of load balancer ARN, target group ARNs and target group names can be \
             specified",
        ));
    }
    for arn in &arns {
        named(world, arn)?;
    }
    let groups = &world.elb.target_groups;
    for name in &names {
        if !groups.values().any(|it| it.name == **name) {
            return Err(Refusal::new(
                "TargetGroupNotFound",
                "One or more target groups not found",
            ));
        }
    }
    if let Some(of) = of {
        balancer::named(world, of)?;
    }
    let found = groups.values().filter(|it| {
        let used = |of| {
            forward::balancers_of(world, &it.arn)
                .iter()
                .any(|it| it == of)
        };
        (arns.is_empty() || arns.contains(&it.arn.as_str()))
            && (names.is_empty() || names.contains(&it.name.as_str()))
            && of.is_none_or(used)
    });
    let shown: Vec<Value> = found.map(|it| shown(world, it)).collect();
    paged(&shown, input, "TargetGroups")
}

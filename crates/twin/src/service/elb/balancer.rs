//! Load balancers.

use super::{
    attribute, placement,
    refusal::{check_name, invalid, missing, paged},
    tag,
};
use crate::{Action, Answer, Grant, Input, Refusal, Time, World, service::tags::Tags};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::{collections::BTreeMap, time::Duration};

/// From a load balancer's creation to its being active.
const PROVISIONING: Duration = Duration::from_secs(120);

/// A load balancer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Balancer {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// `application` or `network`.
    pub kind: String,
    /// What DescribeLoadBalancers shows of it, but for its state.
    pub document: Value,
    /// Its attributes.
    pub attributes: BTreeMap<String, String>,
    /// Its tags.
    pub tags: Tags,
    /// When it was made.
    pub created_at: Time,
}

pub(super) fn actions() -> Vec<Action> {
    vec![
        Action::on("CreateLoadBalancer", create, creates),
        Action::on("DeleteLoadBalancer", delete, on_balancer),
        Action::new("DescribeLoadBalancers", describe),
    ]
}

/// The part of a load balancer's ARN that tells its type.
pub(super) fn short(kind: &str) -> &'static str {
    match kind {
        "network" => "net",
        "gateway" => "gwy",
        _ => "app",
    }
}

fn creates(world: &World, input: &Input) -> Vec<Grant> {
    let kind = short(input.text("Type"));
    let rest = format!("loadbalancer/{kind}/{}/*", input.text("Name"));
    let arn = world.arn("elasticloadbalancing", &rest);
    vec![tag::requested(Grant::on(arn), input)]
}

/// The action on the load balancer that is named.
pub(super) fn on_balancer(world: &World, input: &Input) -> Vec<Grant> {
    vec![tag::grant(world, input.text("LoadBalancerArn"))]
}

/// A load balancer by its ARN.
pub(super) fn named<'a>(world: &'a World, arn: &str) -> Result<&'a Balancer, Refusal> {
    let found = world.elb.balancers.get(arn);
    found.ok_or_else(|| missing("LoadBalancerNotFound", "Load balancer", arn))
}

fn create(world: &mut World, input: &Input) -> Answer {
    let name = input.text("Name");
    check_name(name, "Load balancer")?;
    if name.starts_with("internal-") {
        return Err(invalid(format!(
            "Load balancer name '{name}' cannot begin with 'internal-'"
        )));
    }
    let kind = input.maybe("Type").unwrap_or("application");
    if kind == "gateway" {
        return Err(invalid("Gateway Load Balancers are not available here"));
    }
    let tags = tag::given(input)?;
    let places = placement::given(world, input, kind)?;
    let scheme = input.maybe("Scheme").unwrap_or("internet-facing");
    let groups = placement::security_groups(world, input, kind, &places.vpc)?;
    let balancers = world.elb.balancers.values();
    if let Some(old) = balancers.into_iter().find(|it| it.name == name) {
        // The same once more is no error.
        let document = &old.document;
        let same = old.kind == kind
            && document["Scheme"] == scheme
            && document["AvailabilityZones"] == places.zones
            && (document["SecurityGroups"] == json!(groups) || kind != "application")
            && old.tags == tags;
        return match same {
            true => Ok(json!({ "LoadBalancers": [shown(world, old)] })),
            false => {
                let text = format!(
                    "A load balancer with the same name '{name}' exists, but with different \
                     settings"
                );
                Err(Refusal::new("DuplicateLoadBalancerName", text))
            }
        };
    }
    let id = world.ids.hex(16);
    let number = world.ids.below(1_900_000_000) + 100_000_000;
    let arn = world.arn(
        "elasticloadbalancing",
        &format!("loadbalancer/{}/{name}/{id}", short(kind)),
    );
    let prefix = match scheme {
        "internal" => "internal-",
        _ => "",
    };
    let region = &world.region;
    let dns = match kind {
        "network" => format!("{name}-{id}.elb.{region}.amazonaws.com"),
        _ => format!("{prefix}{name}-{number}.{region}.elb.amazonaws.com"),
    };
    let mut document = json!({
        "LoadBalancerArn": arn,
        "LoadBalancerName": name,
        "DNSName": dns,
        "CanonicalHostedZoneId": match kind {
            "network" => "Z26RNL4JYFTOTI",
            _ => "Z35SXDOTRQ7X7K",
        },
        "CreatedTime": world.now.value(),
        "Scheme": scheme,
        "VpcId": places.vpc,
        "Type": kind,
        "AvailabilityZones": places.zones,
        "IpAddressType": input.maybe("IpAddressType").unwrap_or("ipv4"),
    });
    if !groups.is_empty() {
        document["SecurityGroups"] = json!(groups);
    }
    let balancer = Balancer {
        arn: arn.clone(),
        name: name.to_owned(),
        kind: kind.to_owned(),
        document,
        attributes: attribute::of_balancer(kind),
        tags,
        created_at: world.now,
    };
    let answer = json!({ "LoadBalancers": [shown(world, &balancer)] });
    world.elb.balancers.insert(arn, balancer);
    Ok(answer)
}

/// A load balancer as DescribeLoadBalancers shows it.
fn shown(world: &World, balancer: &Balancer) -> Value {
    let mut shown = balancer.document.clone();
    let young = world.now.since(balancer.created_at) < PROVISIONING;
    shown["State"] = match young {
        true => json!({ "Code": "provisioning" }),
        false => json!({ "Code": "active" }),
    };
    shown
}

fn delete(world: &mut World, input: &Input) -> Answer {
    let arn = input.text("LoadBalancerArn");
    let Some(balancer) = world.elb.balancers.get(arn) else {
        // "If the load balancer does not exist or has already been deleted, the call succeeds."
        return Ok(json!({}));
    };
    let protection = balancer.attributes.get("deletion_protection.enabled");
    if protection.is_some_and(|it| it == "true") {
        let text = format!(
            "Load balancer '{arn}' cannot be deleted because deletion protection is enabled"
        );
        return Err(Refusal::new("OperationNotPermitted", text));
    }
    world.elb.balancers.remove(arn);
    let elb = &mut world.elb;
    elb.listeners.retain(|_, it| it.balancer != arn);
    let listeners = &elb.listeners;
    elb.rules
        .retain(|_, it| listeners.contains_key(&it.listener));
    Ok(json!({}))
}

fn describe(world: &mut World, input: &Input) -> Answer {
    let (arns, names) = (input.texts("LoadBalancerArns"), input.texts("Names"));
    if !arns.is_empty() && !names.is_empty() {
        return Err(invalid(
            "Load balancer names and load balancer ARNs cannot be specified at the same time",
        ));
    }
    let balancers = &world.elb.balancers;
    for arn in &arns {
        named(world, arn)?;
    }
    for name in &names {
        if !balancers.values().any(|it| it.name == **name) {
            return Err(missing("LoadBalancerNotFound", "Load balancer", name));
        }
    }
    let asked = |it: &&Balancer| {
        arns.contains(&it.arn.as_str())
            || names.contains(&it.name.as_str())
            || arns.is_empty() && names.is_empty()
    };
    let found = balancers.values().filter(asked);
    let shown: Vec<Value> = found.map(|it| shown(world, it)).collect();
    paged(&shown, input, "LoadBalancers")
}

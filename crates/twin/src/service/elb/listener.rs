//! Listeners.

use super::{
    Balancer, attribute,
    balancer::{self, on_balancer},
    forward,
    refusal::{invalid, missing, paged},
    tag,
};
use crate::{Action, Answer, Grant, Input, Refusal, World, service::tags::Tags};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A listener.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Listener {
    /// Its ARN.
    pub arn: String,
    /// Its load balancer's ARN.
    pub balancer: String,
    /// Its default actions.
    pub actions: Vec<Value>,
    /// What else DescribeListeners shows of it.
    pub document: Value,
    /// The ARN of its default rule.
    pub default_rule: String,
    /// Its attributes.
    pub attributes: BTreeMap<String, String>,
    /// Its tags.
    pub tags: Tags,
}

const MEMBERS: [&str; 6] = [
    "Port",
    "Protocol",
    "SslPolicy",
    "Certificates",
    "AlpnPolicy",
    "MutualAuthentication",
];

pub(super) fn actions() -> Vec<Action> {
    vec![
        Action::on("CreateListener", create, creates),
        Action::on("ModifyListener", modify, on_listener),
        Action::on("DeleteListener", delete, on_listener),
        Action::new("DescribeListeners", describe),
    ]
}

fn creates(world: &World, input: &Input) -> Vec<Grant> {
    let needs = on_balancer(world, input).into_iter();
    needs.map(|it| tag::requested(it, input)).collect()
}

/// The action on the listener that is named.
pub(super) fn on_listener(world: &World, input: &Input) -> Vec<Grant> {
    vec![tag::grant(world, input.text("ListenerArn"))]
}

/// A listener by its ARN.
pub(super) fn named<'a>(world: &'a World, arn: &str) -> Result<&'a Listener, Refusal> {
    let found = world.elb.listeners.get(arn);
    found.ok_or_else(|| missing("ListenerNotFound", "Listener", arn))
}

fn create(world: &mut World, input: &Input) -> Answer {
    let balancer = balancer::named(world, input.text("LoadBalancerArn"))?;
    let mut document = json!({});
    for member in MEMBERS {
        if let Some(value) = input.get(member) {
            document[member] = value.clone();
        }
    }
    check(world, balancer, &document, None)?;
    let actions = forward::filled(world, balancer, input.list("DefaultActions"))?;
    let tags = tag::given(input)?;
    let owner = balancer.arn.clone();
    let attributes = attribute::of_listener(&balancer.kind);
    let id = world.ids.hex(16);
    let arn = format!("{}/{id}", owner.replacen(":loadbalancer/", ":listener/", 1));
    let rule = world.ids.hex(16);
    let rule = format!(
        "{}/{rule}",
        arn.replacen(":listener/", ":listener-rule/", 1)
    );
    let listener = Listener {
        arn: arn.clone(),
        balancer: owner,
        actions,
        document,
        default_rule: rule,
        attributes,
        tags,
    };
    let answer = json!({ "Listeners": [shown(&listener)] });
    world.elb.listeners.insert(arn, listener);
    Ok(answer)
}

/// Checks a listener's protocol and port, and fills in a secure one's policy.
fn check(
    world: &World,
    balancer: &Balancer,
    document: &Value,
    own: Option<&str>,
) -> Result<(), Refusal> {
    let (Some(protocol), Some(port)) = (document["Protocol"].as_str(), document["Port"].as_i64())
    else {
        return Err(invalid("A listener protocol and port must be specified"));
    };
    let known: &[&str] = match balancer.kind.as_str() {
        "application" => &["HTTP", "HTTPS"],
        _ => &["TCP", "TLS", "UDP", "TCP_UDP", "QUIC", "TCP_QUIC"],
    };
    if !known.contains(&protocol) {
        return Err(invalid(format!(
            "Listener protocol '{protocol}' must be one of '{}'",
            known.join(", ")
        )));
    }
    let secure = ["HTTPS", "TLS"].contains(&protocol);
    let certificates = document["Certificates"].as_array().map_or(0, Vec::len);
    if secure && certificates == 0 {
        return Err(Refusal::new(
            "CertificateNotFound",
            format!("A certificate must be specified for {protocol} listeners"),
        ));
    }
    let mut listeners = world.elb.listeners.values();
    let taken = listeners.any(|it| {
        it.balancer == balancer.arn
            && it.document["Port"] == port
            && own.is_none_or(|own| it.arn != own)
    });
    match taken {
        false => Ok(()),
        true => Err(Refusal::new(
            "DuplicateListener",
            "A listener already exists on this port for this load balancer",
        )),
    }
}

fn shown(listener: &Listener) -> Value {
    let mut shown = listener.document.clone();
    shown["ListenerArn"] = json!(listener.arn);
    shown["LoadBalancerArn"] = json!(listener.balancer);
    shown["DefaultActions"] = json!(listener.actions);
    let protocol = shown["Protocol"].as_str().unwrap_or_default();
    let secure = ["HTTPS", "TLS"].contains(&protocol);
    let http = protocol == "HTTPS";
    if secure && shown.get("SslPolicy").is_none() {
        shown["SslPolicy"] = json!("ELBSecurityPolicy-2016-08");
    }
    if http && shown.get("MutualAuthentication").is_none() {
        shown["MutualAuthentication"] = json!({ "Mode": "off" });
    }
    shown
}

fn modify(world: &mut World, input: &Input) -> Answer {
    let arn = input.text("ListenerArn");
    let listener = named(world, arn)?;
    let balancer = balancer::named(world, &listener.balancer)?;
    let mut document = listener.document.clone();
    for member in MEMBERS {
        if let Some(value) = input.get(member) {
            document[member] = value.clone();
        }
    }
    check(world, balancer, &document, Some(arn))?;
    let actions = match input.has("DefaultActions") {
        true => Some(forward::filled(
            world,
            balancer,
            input.list("DefaultActions"),
        )?),
        false => None,
    };
    if let Some(listener) = world.elb.listeners.get_mut(arn) {
        listener.document = document;
        listener.actions = actions.unwrap_or_else(|| listener.actions.clone());
    }
    Ok(json!({ "Listeners": [shown(named(world, arn)?)] }))
}

fn delete(world: &mut World, input: &Input) -> Answer {
    let arn = input.text("ListenerArn");
    named(world, arn)?;
    world.elb.listeners.remove(arn);
    world.elb.rules.retain(|_, it| it.listener != arn);
    Ok(json!({}))
}

fn describe(world: &mut World, input: &Input) -> Answer {
    let arns = input.texts("ListenerArns");
    let of = input.maybe("LoadBalancerArn");
    if arns.is_empty() == of.is_none() {
        return Err(invalid(
            "You must specify either listener ARNs or a load balancer ARN",
        ));
    }
    for arn in &arns {
        named(world, arn)?;
    }
    if let Some(of) = of {
        balancer::named(world, of)?;
    }
    let listeners = world.elb.listeners.values();
    let found = listeners
        .filter(|it| arns.contains(&it.arn.as_str()) || of.is_some_and(|of| of == it.balancer));
    let shown: Vec<Value> = found.map(shown).collect();
    paged(&shown, input, "Listeners")
}

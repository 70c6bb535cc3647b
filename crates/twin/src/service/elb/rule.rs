//! Rules of listeners.

use super::{
    balancer, forward,
    listener::{self, Listener, on_listener},
    refusal::{invalid, missing, paged},
    tag,
};
use crate::{Action, Answer, Grant, Input, Refusal, World, service::tags::Tags};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// Its ARN.
    pub arn: String,
    /// Its listener's ARN.
    pub listener: String,
    /// Its priority; the lowest goes first.
    pub priority: i64,
    /// What it does.
    pub actions: Vec<Value>,
    /// When it does.
    pub conditions: Vec<Value>,
    /// How it rewrites requests.
    pub transforms: Vec<Value>,
    /// Its tags.
    pub tags: Tags,
}

pub(super) fn actions() -> Vec<Action> {
    vec![
        Action::on("CreateRule", create, creates),
        Action::on("ModifyRule", modify, on_rule),
        Action::on("DeleteRule", delete, on_rule),
        Action::on("SetRulePriorities", set_priorities, on_rules),
        Action::new("DescribeRules", describe),
    ]
}

fn creates(world: &World, input: &Input) -> Vec<Grant> {
    let needs = on_listener(world, input).into_iter();
    needs.map(|it| tag::requested(it, input)).collect()
}

fn on_rule(world: &World, input: &Input) -> Vec<Grant> {
    vec![tag::grant(world, input.text("RuleArn"))]
}

fn on_rules(world: &World, input: &Input) -> Vec<Grant> {
    let rules = input.list("RulePriorities").iter();
    let arns = rules.filter_map(|it| it["RuleArn"].as_str());
    arns.map(|it| tag::grant(world, it)).collect()
}

fn named<'a>(world: &'a World, arn: &str) -> Result<&'a Rule, Refusal> {
    let found = world.elb.rules.get(arn);
    found.ok_or_else(|| {
        let mut listeners = world.elb.listeners.values();
        match listeners.any(|it| it.default_rule == arn) {
            true => Refusal::new(
                "OperationNotPermitted",
                format!("Default rule '{arn}' cannot be modified or deleted"),
            ),
            false => missing("RuleNotFound", "Rule", arn),
        }
    })
}

fn check_priority(world: &World, listener: &str, priority: i64) -> Result<(), Refusal> {
    let mut rules = world.elb.rules.values();
    match rules.any(|it| it.listener == listener && it.priority == priority) {
        false => Ok(()),
        true => Err(Refusal::new(
            "PriorityInUse",
            format!("Priority '{priority}' is currently in use"),
        )),
    }
}

/// Conditions with the values in both places where AWS shows them.
fn conditions(given: &[Value]) -> Result<Vec<Value>, Refusal> {
    let known = [
        ("host-header", "HostHeaderConfig"),
        ("path-pattern", "PathPatternConfig"),
        ("http-header", "HttpHeaderConfig"),
        ("query-string", "QueryStringConfig"),
        ("http-request-method", "HttpRequestMethodConfig"),
        ("source-ip", "SourceIpConfig"),
    ];
    let fill = |condition: &Value| {
        let field = condition["Field"].as_str().unwrap_or_default();
        let Some((_, config)) = known.iter().find(|(it, _)| *it == field) else {
            return Err(invalid(format!("Condition field '{field}' is not valid")));
        };
        let mut filled = condition.clone();
        let plain = ["host-header", "path-pattern"].contains(&field);
        let (values, inner) = (condition.get("Values"), condition[config].get("Values"));
        match (values, inner) {
            (Some(values), None) => filled[config] = json!({ "Values": values }),
            (None, Some(inner)) if plain => filled["Values"] = inner.clone(),
            _ => {}
        }
        Ok(filled)
    };
    given.iter().map(fill).collect()
}

fn create(world: &mut World, input: &Input) -> Answer {
    let listener = listener::named(world, input.text("ListenerArn"))?;
    let balancer = balancer::named(world, &listener.balancer)?;
    if balancer.kind != "application" {
        return Err(Refusal::new(
            "OperationNotPermitted",
            "Rules are supported only for listeners of Application Load Balancers",
        ));
    }
    let priority = input.integer("Priority").unwrap_or(0);
    let owner = listener.arn.clone();
    check_priority(world, &owner, priority)?;
    let actions = forward::filled(world, balancer, input.list("Actions"))?;
    let conditions = conditions(input.list("Conditions"))?;
    let tags = tag::given(input)?;
    let id = world.ids.hex(16);
    let arn = owner.replacen(":listener/", ":listener-rule/", 1);
    let rule = Rule {
        arn: format!("{arn}/{id}"),
        listener: owner,
        priority,
        actions,
        conditions,
        transforms: input.list("Transforms").to_vec(),
        tags,
    };
    let answer = json!({ "Rules": [shown(&rule)] });
    world.elb.rules.insert(rule.arn.clone(), rule);
    Ok(answer)
}

fn shown(rule: &Rule) -> Value {
    json!({
        "RuleArn": rule.arn,
        "Priority": rule.priority.to_string(),
        "Conditions": rule.conditions,
        "Actions": rule.actions,
        "IsDefault": false,
        "Transforms": rule.transforms,
    })
}

fn default_of(listener: &Listener) -> Value {
    json!({
        "RuleArn": listener.default_rule,
        "Priority": "default",
        "Conditions": [],
        "Actions": listener.actions,
        "IsDefault": true,
        "Transforms": [],
    })
}

fn modify(world: &mut World, input: &Input) -> Answer {
    let arn = input.text("RuleArn");
    let mut rule = named(world, arn)?.clone();
    let listener = listener::named(world, &rule.listener)?;
    let balancer = balancer::named(world, &listener.balancer)?;
    if input.has("Actions") {
        rule.actions = forward::filled(world, balancer, input.list("Actions"))?;
    }
    if input.has("Conditions") {
        rule.conditions = conditions(input.list("Conditions"))?;
    }
    if input.has("Transforms") || input.flag("ResetTransforms") {
        rule.transforms = input.list("Transforms").to_vec();
    }
    let answer = json!({ "Rules": [shown(&rule)] });
    world.elb.rules.insert(arn.to_owned(), rule);
    Ok(answer)
}

fn delete(world: &mut World, input: &Input) -> Answer {
    let arn = input.text("RuleArn");
    named(world, arn)?;
    world.elb.rules.remove(arn);
    Ok(json!({}))
}

fn set_priorities(world: &mut World, input: &Input) -> Answer {
    let mut rules = world.elb.rules.clone();
    let mut changed = Vec::new();
    for pair in input.list("RulePriorities") {
        let arn = pair["RuleArn"].as_str().unwrap_or_default();
        named(world, arn)?;
        if let Some(rule) = rules.get_mut(arn) {
            rule.priority = pair["Priority"].as_i64().unwrap_or(rule.priority);
            changed.push(rule.clone());
        }
    }
    for rule in &changed {
        let mut others = rules.values().filter(|it| it.arn != rule.arn);
        if others.any(|it| it.listener == rule.listener && it.priority == rule.priority) {
            let text = format!("Priority '{}' is currently in use", rule.priority);
            return Err(Refusal::new("PriorityInUse", text));
        }
    }
    world.elb.rules = rules;
    Ok(json!({ "Rules": changed.iter().map(shown).collect::<Vec<_>>() }))
}

fn describe(world: &mut World, input: &Input) -> Answer {
    let arns = input.texts("RuleArns");
    let of = input.maybe("ListenerArn");
    if arns.is_empty() == of.is_none() {
        return Err(invalid(
            "You must specify either listener rule ARNs or a listener ARN",
        ));
    }
    let listeners = world.elb.listeners.values();
    let defaults = listeners.clone().map(|it| it.default_rule.as_str());
    let defaults: Vec<&str> = defaults.collect();
    for arn in arns.iter().filter(|it| !defaults.contains(it)) {
        named(world, arn)?;
    }
    if let Some(of) = of {
        listener::named(world, of)?;
    }
    let asked = |arn: &str, listener: &str| arns.contains(&arn) || of == Some(listener);
    let rules = world.elb.rules.values();
    let mut rules: Vec<&Rule> = rules.filter(|it| asked(&it.arn, &it.listener)).collect();
    rules.sort_by_key(|it| it.priority);
    let mut shown: Vec<Value> = rules.into_iter().map(shown).collect();
    let listeners = listeners.filter(|it| asked(&it.default_rule, &it.arn));
    shown.extend(listeners.map(default_of));
    paged(&shown, input, "Rules")
}

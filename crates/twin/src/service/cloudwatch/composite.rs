//! Alarms on other alarms.

use super::{
    alarm::{self, State, actions_for},
    history,
    query::invalid,
    write,
};
use crate::{
    Action, Answer, Input, Refusal, Time, World,
    service::tags::{self, Tags},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

const KIND: &str = "CompositeAlarm";

/// An alarm on other alarms.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Composite {
    pub(crate) name: String,
    pub(crate) arn: String,
    /// What was asked for, with defaults filled in, by the names of the model.
    pub(crate) document: Map<String, Value>,
    pub(crate) state: State,
    pub(crate) configured_at: Time,
    pub(crate) tags: Tags,
}

impl Composite {
    /// As DescribeAlarms shows it.
    pub(crate) fn shown(&self) -> Value {
        let mut shown = self.document.clone();
        shown.insert("AlarmArn".to_owned(), self.arn.as_str().into());
        shown.insert(
            "AlarmConfigurationUpdatedTimestamp".to_owned(),
            self.configured_at.value(),
        );
        self.state.show(&mut shown);
        shown.into()
    }

    fn rule(&self) -> Option<Rule> {
        parse(self.document.get("AlarmRule")?.as_str()?).ok()
    }
}

/// What is said of other alarms.
enum Rule {
    Constant(bool),
    /// A state, and the alarm that is in it.
    Is(&'static str, String),
    Not(Box<Rule>),
    And(Box<Rule>, Box<Rule>),
    Or(Box<Rule>, Box<Rule>),
}

pub(crate) fn actions() -> Vec<Action> {
    vec![Action::on(
        "PutCompositeAlarm",
        put_composite_alarm,
        alarm::on_alarm,
    )]
}

fn put_composite_alarm(world: &mut World, input: &Input) -> Answer {
    let name = input.text("AlarmName");
    if world.cloudwatch.alarms.contains_key(name) {
        return Err(invalid(format!("{name} is the name of a metric alarm.")));
    }
    let rule = parse(input.text("AlarmRule"))
        .map_err(|why| invalid(format!("AlarmRule is not valid: {why}")))?;
    let mut named = Vec::new();
    rule.names(&mut named);
    let is_there = |it: &String| {
        let cloudwatch = &world.cloudwatch;
        cloudwatch.alarms.contains_key(it) || cloudwatch.composites.contains_key(it)
    };
    if let Some(missing) = named.iter().find(|it| !is_there(it)) {
        return Err(invalid(format!(
            "Could not save the composite alarm as alarms [{missing}] in the alarm rule do not exist"
        )));
    }
    let tags = tags::from_list(input.list("Tags"));
    tags::check(&tags, "ValidationError")?;
    let mut document = input.members.clone();
    document.remove("Tags");
    write::fill(&mut document);
    write::check_actions(&document)?;
    let old = world.cloudwatch.composites.get(name);
    let before = old.map(|it| it.document.clone());
    let composite = Composite {
        name: name.to_owned(),
        arn: alarm::arn(world, name),
        document: document.clone(),
        state: old.map_or_else(|| State::new(world.now), |it| it.state.clone()),
        configured_at: world.now,
        tags: old.map_or(tags, |it| it.tags.clone()),
    };
    world
        .cloudwatch
        .composites
        .insert(name.to_owned(), composite);
    history::configured(world, name, KIND, before.as_ref(), &document);
    judge(world, name, "The alarm rule was evaluated".to_owned(), 0);
    Ok(json!({}))
}

/// An alarm changed its state: those that speak of it are looked at.
pub(crate) fn look(world: &mut World, changed: &str) {
    look_from(world, changed, 0);
}

fn look_from(world: &mut World, changed: &str, depth: usize) {
    // Rules can refer to each other in a circle.
    if depth > 10 {
        return;
    }
    let names: Vec<String> = world.cloudwatch.composites.keys().cloned().collect();
    for name in names {
        if !children(world, &name).iter().any(|it| it == changed) {
            continue;
        }
        let reason = format!(
            "{} transitioned to {} at {}",
            alarm::arn(world, changed),
            state(world, changed).unwrap_or_default(),
            world.now
        );
        judge(world, &name, reason, depth);
    }
}

fn judge(world: &mut World, name: &str, reason: String, depth: usize) {
    let Some(composite) = world.cloudwatch.composites.get(name) else {
        return;
    };
    let holds = composite.rule().is_some_and(|it| it.holds(world));
    let value = if holds { "ALARM" } else { "OK" };
    if composite.state.value != value {
        enter(world, name, value, reason, None);
        look_from(world, name, depth + 1);
    }
}

/// Gives a composite alarm a state. Its actions are only remembered: none of them scales.
pub(crate) fn enter(
    world: &mut World,
    name: &str,
    value: &str,
    reason: String,
    data: Option<String>,
) {
    let now = world.now;
    let Some(composite) = world.cloudwatch.composites.get_mut(name) else {
        return;
    };
    let before = composite.state.clone();
    let is_change = before.value != value;
    composite.state = State {
        value: value.to_owned(),
        reason,
        data,
        by_hand: false,
        updated_at: now,
        changed_at: if is_change { now } else { before.changed_at },
    };
    if !is_change {
        return;
    }
    let after = composite.state.clone();
    let is_enabled = composite.document.get("ActionsEnabled") != Some(&Value::Bool(false));
    let actions = actions_for(&composite.document, value);
    let actions: Vec<String> = actions.into_iter().map(str::to_owned).collect();
    history::changed(world, name, KIND, &before, &after);
    for action in actions.iter().filter(|_| is_enabled) {
        history::acted(world, name, KIND, action);
    }
}

/// Deletes a composite alarm; answers whether there was one.
pub(crate) fn remove(world: &mut World, name: &str) -> bool {
    let Some(composite) = world.cloudwatch.composites.remove(name) else {
        return false;
    };
    history::deleted(world, name, KIND, &composite.document);
    true
}

/// Refuses if another composite alarm speaks of this one.
pub(crate) fn check_unused(world: &World, name: &str) -> Result<(), Refusal> {
    let mut names = world.cloudwatch.composites.keys();
    let uses = |it: &&String| children(world, it).iter().any(|child| child == name);
    match names.find(uses) {
        None => Ok(()),
        Some(user) => Err(Refusal::new(
            "ResourceConflict",
            format!("{name} cannot be deleted: the composite alarm {user} depends on it"),
        )),
    }
}

/// The alarms that a composite alarm speaks of.
pub(crate) fn children(world: &World, name: &str) -> Vec<String> {
    let rule = world
        .cloudwatch
        .composites
        .get(name)
        .and_then(Composite::rule);
    let mut names = Vec::new();
    if let Some(rule) = rule {
        rule.names(&mut names);
    }
    names
}

fn state<'a>(world: &'a World, name: &str) -> Option<&'a str> {
    let metric = world.cloudwatch.alarms.get(name).map(|it| &it.state);
    let composite = world.cloudwatch.composites.get(name).map(|it| &it.state);
    metric.or(composite).map(|it| it.value.as_str())
}

impl Rule {
    fn holds(&self, world: &World) -> bool {
        match self {
            Rule::Constant(value) => *value,
            Rule::Is(value, name) => state(world, name) == Some(value),
            Rule::Not(inner) => !inner.holds(world),
            Rule::And(one, other) => one.holds(world) && other.holds(world),
            Rule::Or(one, other) => one.holds(world) || other.holds(world),
        }
    }

    fn names(&self, names: &mut Vec<String>) {
        match self {
            Rule::Constant(_) => (),
            Rule::Is(_, name) => names.push(name.clone()),
            Rule::Not(inner) => inner.names(names),
            Rule::And(one, other) | Rule::Or(one, other) => {
                one.names(names);
                other.names(names);
            }
        }
    }
}

fn parse(text: &str) -> Result<Rule, String> {
    let mut rest = text.trim();
    let rule = either(&mut rest, 0)?;
    match rest.is_empty() {
        true => Ok(rule),
        false => Err(format!("unexpected '{rest}'")),
    }
}

fn take(rest: &mut &str, word: &str) -> bool {
    let Some(after) = rest.strip_prefix(word) else {
        return false;
    };
    let runs_on = after.starts_with(|it: char| it.is_ascii_alphanumeric() || it == '_');
    if word.ends_with(|it: char| it.is_ascii_alphabetic()) && runs_on {
        return false;
    }
    *rest = after.trim_start();
    true
}

fn either(rest: &mut &str, depth: usize) -> Result<Rule, String> {
    let mut rule = both(rest, depth)?;
    while take(rest, "OR") {
        rule = Rule::Or(Box::new(rule), Box::new(both(rest, depth)?));
    }
    Ok(rule)
}

fn both(rest: &mut &str, depth: usize) -> Result<Rule, String> {
    let mut rule = single(rest, depth)?;
    while take(rest, "AND") {
        rule = Rule::And(Box::new(rule), Box::new(single(rest, depth)?));
    }
    Ok(rule)
}

fn single(rest: &mut &str, depth: usize) -> Result<Rule, String> {
    if depth > 64 {
        return Err("it is nested too deeply".to_owned());
    }
    if take(rest, "NOT") {
        return Ok(Rule::Not(Box::new(single(rest, depth + 1)?)));
    }
    if take(rest, "TRUE") {
        return Ok(Rule::Constant(true));
    }
    if take(rest, "FALSE") {
        return Ok(Rule::Constant(false));
    }
    if take(rest, "(") {
        let rule = either(rest, depth + 1)?;
        return match take(rest, ")") {
            true => Ok(rule),
            false => Err("a closing parenthesis is missing".to_owned()),
        };
    }
    for state in ["ALARM", "OK", "INSUFFICIENT_DATA"] {
        if take(rest, state) {
            return Ok(Rule::Is(state, named(rest)?));
        }
    }
    Err(format!("unexpected '{rest}'"))
}

/// An alarm's name or ARN in parentheses, with or without quotes.
fn named(rest: &mut &str) -> Result<String, String> {
    if !take(rest, "(") {
        return Err("the name of an alarm is missing".to_owned());
    }
    let quote = rest.chars().next().filter(|it| ['"', '\''].contains(it));
    let end = match quote {
        Some(quote) => rest[1..].find(quote).map(|it| it + 1),
        None => rest.find(')'),
    };
    let end = end.ok_or("the name of an alarm does not end")?;
    let (name, after) = match quote {
        Some(_) => (&rest[1..end], &rest[end + 1..]),
        None => (rest[..end].trim(), &rest[end..]),
    };
    let name = name
        .split_once(":alarm:")
        .map_or(name, |it| it.1)
        .to_owned();
    *rest = after.trim_start();
    match take(rest, ")") {
        true => Ok(name),
        false => Err("a closing parenthesis is missing".to_owned()),
    }
}

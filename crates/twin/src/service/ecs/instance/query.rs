//! The cluster query language, by which container instances are chosen.

use super::{ContainerInstance, show, tasks};
use crate::{Refusal, World, service::ecs::cluster::invalid};

/// Whether a container instance is among those that an expression means, such as
/// `attribute:ecs.instance-type =~ t2.* and agentConnected == true`.
pub fn matches(
    world: &World,
    instance: &ContainerInstance,
    expression: &str,
) -> Result<bool, Refusal> {
    let words = words(expression);
    let mut query = Query {
        world,
        instance,
        rest: &words,
    };
    match query.any() {
        Some(found) if query.rest.is_empty() => Ok(found),
        _ => Err(invalid(format!("Invalid expression: {expression}"))),
    }
}

/// What is left of an expression about a container instance.
struct Query<'a> {
    world: &'a World,
    instance: &'a ContainerInstance,
    rest: &'a [String],
}

impl Query<'_> {
    fn take(&mut self) -> Option<&str> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(first)
    }

    fn take_if(&mut self, words: &[&str]) -> bool {
        let next = self.rest.first();
        let is_next = next.is_some_and(|it| words.iter().any(|word| it.eq_ignore_ascii_case(word)));
        if is_next {
            self.take();
        }
        is_next
    }

    fn any(&mut self) -> Option<bool> {
        let mut found = self.all()?;
        while self.take_if(&["or", "||"]) {
            found |= self.all()?;
        }
        Some(found)
    }

    fn all(&mut self) -> Option<bool> {
        let mut found = self.one()?;
        while self.take_if(&["and", "&&"]) {
            found &= self.one()?;
        }
        Some(found)
    }

    fn one(&mut self) -> Option<bool> {
        if self.take_if(&["not", "!"]) {
            return self.one().map(|it| !it);
        }
        if self.take_if(&["("]) {
            let found = self.any()?;
            return self.take_if(&[")"]).then_some(found);
        }
        let subject = self.take()?.to_owned();
        let values = self.values(&subject)?;
        let operator = self.take()?.to_ascii_lowercase();
        match operator.as_str() {
            "exists" => Some(!values.is_empty()),
            "!exists" => Some(values.is_empty()),
            "in" | "not_in" | "!in" => {
                let listed = self.listed()?;
                let found = values.iter().any(|it| listed.contains(it));
                Some(found == (operator == "in"))
            }
            _ => {
                let asked = self.take()?.to_owned();
                compare(&values, &operator, &asked)
            }
        }
    }

    fn listed(&mut self) -> Option<Vec<String>> {
        if !self.take_if(&["["]) {
            return None;
        }
        let mut listed = Vec::new();
        while !self.take_if(&["]"]) {
            listed.push(self.take()?.to_owned());
            self.take_if(&[","]);
        }
        Some(listed)
    }

    /// What a subject is on this instance: several values, if several tasks have one.
    fn values(&self, subject: &str) -> Option<Vec<String>> {
        let (instance, counts) = (self.instance, show::counts(self.world, &self.instance.arn));
        if let Some(name) = subject.strip_prefix("attribute:") {
            return Some(instance.attributes.get(name).cloned().into_iter().collect());
        }
        let of_tasks = |member: &str| {
            let tasks = tasks(self.world, &instance.arn);
            let groups = tasks.filter_map(|it| match member {
                "group" => it.more["group"].as_str().map(str::to_owned),
                _ => it.task_definition.rsplit('/').next().map(str::to_owned),
            });
            groups.collect::<Vec<_>>()
        };
        match subject {
            "agentConnected" => Some(vec![instance.connected.to_string()]),
            "agentVersion" => {
                let version = super::agent::versions()["agentVersion"].clone();
                Some(vec![version.as_str()?.to_owned()])
            }
            "ec2InstanceId" => Some(vec![instance.ec2.clone()]),
            "registeredAt" => Some(vec![instance.registered_at.to_string()]),
            "runningTasksCount" => Some(vec![counts.0.to_string()]),
            "pendingTasksCount" => Some(vec![counts.1.to_string()]),
            "status" => Some(vec![instance.status.clone()]),
            "task:group" => Some(of_tasks("group")),
            "task:family" => {
                let names = of_tasks("family").into_iter();
                let family = |it: String| it.split(':').next().unwrap_or_default().to_owned();
                Some(names.map(family).collect())
            }
            _ => None,
        }
    }
}

fn compare(values: &[String], operator: &str, asked: &str) -> Option<bool> {
    let ordered = |value: &String| match (value.parse::<f64>(), asked.parse::<f64>()) {
        (Ok(value), Ok(asked)) => value.partial_cmp(&asked),
        _ => Some(value.as_str().cmp(asked)),
    };
    let is = |test: fn(std::cmp::Ordering) -> bool| {
        let mut values = values.iter().filter_map(ordered);
        values.any(test)
    };
    match operator {
        "==" | "equals" => Some(values.iter().any(|it| it == asked)),
        "!=" | "not_equals" => Some(!values.iter().any(|it| it == asked)),
        ">" | "greater_than" => Some(is(|it| it.is_gt())),
        ">=" | "greater_than_equal" => Some(is(|it| it.is_ge())),
        "<" | "less_than" => Some(is(|it| it.is_lt())),
        "<=" | "less_than_equal" => Some(is(|it| it.is_le())),
        "=~" | "matches" => Some(
            values
                .iter()
                .any(|it| like(asked.as_bytes(), it.as_bytes())),
        ),
        "!~" | "not_matches" => Some(
            !values
                .iter()
                .any(|it| like(asked.as_bytes(), it.as_bytes())),
        ),
        _ => None,
    }
}

/// Whether all of `text` is as a pattern of letters, `.` and `*` says.
fn like(pattern: &[u8], text: &[u8]) -> bool {
    let Some((first, rest)) = pattern.split_first() else {
        return text.is_empty();
    };
    let fits = |it: &u8| *first == b'.' || first == it;
    if let Some((b'*', after)) = rest.split_first() {
        let most = text.iter().take_while(|it| fits(it)).count();
        return (0..=most).any(|it| like(after, &text[it..]));
    }
    match text.split_first() {
        Some((next, others)) => fits(next) && like(rest, others),
        None => false,
    }
}

/// An expression's words: names and values, operators, brackets, commas.
fn words(expression: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut rest = expression.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '"' | '\'' => {
                let inner = &rest[1..];
                let end = inner.find(first).unwrap_or(inner.len());
                words.push(inner[..end].to_owned());
                rest = inner.get(end + 1..).unwrap_or_default().trim_start();
                continue;
            }
            '(' | ')' | '[' | ']' | ',' => 1,
            '!' if rest.starts_with("!in") || rest.starts_with("!exists") => word(rest, 1),
            '=' | '!' | '<' | '>' | '&' | '|' => {
                let is_operator = |it: char| "=!<>~&|".contains(it);
                rest.find(|it| !is_operator(it)).unwrap_or(rest.len())
            }
            _ => word(rest, 0),
        };
        words.push(rest[..length].to_owned());
        rest = rest[length..].trim_start();
    }
    words
}

/// How long the word is that a text begins with, its first letters left aside.
fn word(text: &str, from: usize) -> usize {
    let ends = |it: char| it.is_whitespace() || "()[],=!<>&|".contains(it);
    text[from..].find(ends).map_or(text.len(), |it| it + from)
}

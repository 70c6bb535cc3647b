//! The cluster query language, as far as placement constraints commonly use it.
//!
//! `attribute:ecs.instance-type == t3.small`, `attribute:zone in [a, b]`, `attribute:x =~ t3.*`,
//! `task:group == service:web`, `exists(attribute:x)`, with `and`, `or`, `not` and parentheses.

use super::super::instance::ContainerInstance;
use super::place;
use crate::World;

/// An expression that was understood.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::service::ecs) enum Expression {
    And(Box<Expression>, Box<Expression>),
    Or(Box<Expression>, Box<Expression>),
    Not(Box<Expression>),
    Exists(String),
    Is {
        subject: String,
        operator: String,
        values: Vec<String>,
    },
}

/// Reads an expression; `None` if it is none.
pub(in crate::service::ecs) fn parse(text: &str) -> Option<Expression> {
    let words = words(text);
    let (expression, rest) = either(&words)?;
    rest.is_empty().then_some(expression)
}

/// Whether an expression holds for an instance.
pub(super) fn holds(world: &World, instance: &ContainerInstance, text: &str) -> bool {
    parse(text).is_some_and(|it| judge(world, instance, &it))
}

fn words(text: &str) -> Vec<String> {
    let mut spaced = String::new();
    let mut rest = text.chars().peekable();
    while let Some(it) = rest.next() {
        match it {
            '(' | ')' | '[' | ']' => spaced.extend([' ', it, ' ']),
            ',' => spaced.push(' '),
            '&' | '|' if rest.next_if_eq(&it).is_some() => spaced.extend([' ', it, it, ' ']),
            '=' | '!' | '>' | '<' => {
                spaced.extend([' ', it]);
                let second = rest.next_if(|it| matches!(it, '=' | '~'));
                spaced.extend(second);
                spaced.push(' ');
            }
            _ => spaced.push(it),
        }
    }
    let quotes = ['"', '\''];
    let words = spaced.split_whitespace();
    words.map(|it| it.trim_matches(quotes).to_owned()).collect()
}

type Read<'a> = Option<(Expression, &'a [String])>;

fn either(words: &[String]) -> Read<'_> {
    let (mut left, mut rest) = both(words)?;
    while let [word, after @ ..] = rest
        && matches!(word.as_str(), "or" | "||")
    {
        let (right, next) = both(after)?;
        left = Expression::Or(Box::new(left), Box::new(right));
        rest = next;
    }
    Some((left, rest))
}

fn both(words: &[String]) -> Read<'_> {
    let (mut left, mut rest) = single(words)?;
    while let [word, after @ ..] = rest
        && matches!(word.as_str(), "and" | "&&")
    {
        let (right, next) = single(after)?;
        left = Expression::And(Box::new(left), Box::new(right));
        rest = next;
    }
    Some((left, rest))
}

fn single(words: &[String]) -> Read<'_> {
    let (word, rest) = words.split_first()?;
    match word.as_str() {
        "not" | "!" => {
            let (inner, rest) = single(rest)?;
            Some((Expression::Not(Box::new(inner)), rest))
        }
        "(" => {
            let (inner, rest) = either(rest)?;
            let (close, rest) = rest.split_first()?;
            (close == ")").then_some((inner, rest))
        }
        "exists" | "not_exists" => {
            let [open, subject, close, rest @ ..] = rest else {
                return None;
            };
            let exists = Expression::Exists(subject.clone());
            let read = match word.as_str() {
                "exists" => exists,
                _ => Expression::Not(Box::new(exists)),
            };
            (open == "(" && close == ")").then_some((read, rest))
        }
        subject => comparison(subject, rest),
    }
}

fn comparison<'a>(subject: &str, rest: &'a [String]) -> Read<'a> {
    let known = subject.starts_with("attribute:")
        || subject.starts_with("task:")
        || matches!(
            subject,
            "agentConnected"
                | "agentVersion"
                | "ec2InstanceId"
                | "registeredAt"
                | "runningTasksCount"
        );
    let (operator, rest) = rest.split_first()?;
    if !known {
        return None;
    }
    let operator = match operator.as_str() {
        "==" | "=" | "equals" => "==",
        "!=" | "not_equals" => "!=",
        "=~" | "matches" => "=~",
        "!~" | "not_matches" => "!~",
        ">" | "greater_than" => ">",
        ">=" | "greater_than_equal" => ">=",
        "<" | "less_than" => "<",
        "<=" | "less_than_equal" => "<=",
        "in" => "in",
        "not_in" => "not_in",
        "exists" => return Some((Expression::Exists(subject.to_owned()), rest)),
        "!" if rest.first().is_some_and(|it| it == "in") => {
            return comparison_of(subject, "not_in", &rest[1..]);
        }
        _ => return None,
    };
    comparison_of(subject, operator, rest)
}

fn comparison_of<'a>(subject: &str, operator: &str, rest: &'a [String]) -> Read<'a> {
    let (values, rest) = match operator {
        "in" | "not_in" => {
            let inner = rest.strip_prefix(&["[".to_owned()][..])?;
            let end = inner.iter().position(|it| it == "]")?;
            (inner[..end].to_vec(), &inner[end + 1..])
        }
        _ => {
            let (value, rest) = rest.split_first()?;
            (vec![value.clone()], rest)
        }
    };
    let read = Expression::Is {
        subject: subject.to_owned(),
        operator: operator.to_owned(),
        values,
    };
    Some((read, rest))
}

fn judge(world: &World, instance: &ContainerInstance, expression: &Expression) -> bool {
    match expression {
        Expression::And(one, other) => judge(world, instance, one) && judge(world, instance, other),
        Expression::Or(one, other) => judge(world, instance, one) || judge(world, instance, other),
        Expression::Not(inner) => !judge(world, instance, inner),
        Expression::Exists(subject) => !of(world, instance, subject).is_empty(),
        Expression::Is {
            subject,
            operator,
            values,
        } => {
            let own = of(world, instance, subject);
            let is = |test: &dyn Fn(&str, &str) -> bool| {
                own.iter().any(|own| values.iter().any(|it| test(own, it)))
            };
            let number = |text: &str| text.parse::<f64>().unwrap_or(f64::NAN);
            match operator.as_str() {
                "==" | "in" => is(&|own, it| own == it),
                "!=" | "not_in" => !is(&|own, it| own == it),
                "=~" => is(&matches_pattern),
                "!~" => !is(&matches_pattern),
                ">" => is(&|own, it| number(own) > number(it)),
                ">=" => is(&|own, it| number(own) >= number(it)),
                "<" => is(&|own, it| number(own) < number(it)),
                _ => is(&|own, it| number(own) <= number(it)),
            }
        }
    }
}

/// What a subject is on an instance: nothing, one value, or one for each of its tasks.
fn of(world: &World, instance: &ContainerInstance, subject: &str) -> Vec<String> {
    if let Some(name) = subject.strip_prefix("attribute:") {
        return instance.attributes.get(name).cloned().into_iter().collect();
    }
    match subject {
        "agentConnected" => vec![instance.connected.to_string()],
        "ec2InstanceId" => vec![instance.ec2.clone()],
        "runningTasksCount" => vec![place::on(world, instance).count().to_string()],
        "task:group" => place::on(world, instance)
            .filter_map(|it| it.more["group"].as_str())
            .map(str::to_owned)
            .collect(),
        _ => Vec::new(),
    }
}

/// A pattern of letters, `.` for any letter and `.*` for any text.
fn matches_pattern(text: &str, pattern: &str) -> bool {
    if let Some(rest) = pattern.strip_prefix(".*") {
        let mut starts = text.char_indices().map(|it| it.0).chain([text.len()]);
        return starts.any(|it| matches_pattern(&text[it..], rest));
    }
    let mut pattern = pattern.chars();
    let wanted = pattern.next();
    match (wanted, text.chars().next()) {
        (None, None) => true,
        (Some('\\'), Some(_)) => matches_pattern(text, pattern.as_str()),
        (Some(wanted), Some(it)) if wanted == '.' || wanted == it => {
            matches_pattern(&text[it.len_utf8()..], pattern.as_str())
        }
        _ => false,
    }
}

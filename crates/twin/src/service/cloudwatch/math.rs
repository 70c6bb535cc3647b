//! Computes expressions of metrics.

use super::expression::Expression;
use crate::Time;
use std::{collections::BTreeMap, time::Duration};

/// Values by the start of their period.
pub(crate) type Series = BTreeMap<Time, f64>;

/// What an expression comes to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Outcome {
    Number(f64),
    Text(String),
    Series(Series),
    Many(Vec<Series>),
}

/// What an expression can refer to.
pub(crate) struct Scope<'a> {
    /// What other questions came to, by their ids.
    pub(crate) known: &'a BTreeMap<String, Series>,
    /// Those among them that are metrics, not expressions.
    pub(crate) metrics: &'a [String],
    /// The starts of the periods that are asked about.
    pub(crate) moments: &'a [Time],
    /// The length of a period.
    pub(crate) period: Duration,
}

impl Outcome {
    /// As one series; a number is the same in every period.
    pub(crate) fn series(self, scope: &Scope<'_>) -> Result<Series, String> {
        match self {
            Outcome::Series(series) => Ok(series),
            Outcome::Number(number) => Ok(scope.moments.iter().map(|it| (*it, number)).collect()),
            Outcome::Many(mut many) if many.len() == 1 => Ok(many.remove(0)),
            Outcome::Many(_) => Err("The expression must return a single time series".to_owned()),
            Outcome::Text(text) => Err(format!("Unexpected \"{text}\"")),
        }
    }
}

/// Computes an expression.
pub(crate) fn compute(expression: &Expression, scope: &Scope<'_>) -> Result<Outcome, String> {
    match expression {
        Expression::Number(number) => Ok(Outcome::Number(*number)),
        Expression::Text(text) => Ok(Outcome::Text(text.clone())),
        Expression::Name(name) if name == "REPEAT" || name == "LINEAR" => {
            Ok(Outcome::Text(name.clone()))
        }
        Expression::Name(name) => match scope.known.get(name) {
            Some(series) => Ok(Outcome::Series(series.clone())),
            None => Err(format!("Undefined variable {name}")),
        },
        Expression::List(items) => many(items, scope).map(Outcome::Many),
        Expression::Minus(inner) => Ok(each(compute(inner, scope)?, |it| -it)),
        Expression::Binary(left, operator, right) => {
            let (left, right) = (compute(left, scope)?, compute(right, scope)?);
            pair(left, right, |one, other| apply(operator, one, other))
        }
        Expression::Call(name, arguments) => call(name, arguments, scope),
    }
}

fn many(items: &[Expression], scope: &Scope<'_>) -> Result<Vec<Series>, String> {
    let items = items.iter().map(|it| match compute(it, scope)? {
        Outcome::Many(many) => Ok(many),
        other => Ok(vec![other.series(scope)?]),
    });
    let items: Result<Vec<_>, String> = items.collect();
    Ok(items?.into_iter().flatten().collect())
}

fn each(of: Outcome, change: impl Fn(f64) -> f64) -> Outcome {
    let series = |it: Series| it.into_iter().map(|(at, it)| (at, change(it))).collect();
    match of {
        Outcome::Number(number) => Outcome::Number(change(number)),
        Outcome::Series(it) => Outcome::Series(series(it)),
        Outcome::Many(many) => Outcome::Many(many.into_iter().map(series).collect()),
        Outcome::Text(text) => Outcome::Text(text),
    }
}

/// Period by period, where both have a value.
fn pair(
    left: Outcome,
    right: Outcome,
    join: impl Fn(f64, f64) -> Option<f64> + Copy,
) -> Result<Outcome, String> {
    let with = |series: Series, other: &dyn Fn(&Time, f64) -> Option<f64>| -> Series {
        let joined = series.into_iter();
        joined
            .filter_map(|(at, it)| Some((at, other(&at, it)?)))
            .collect()
    };
    Ok(match (left, right) {
        (Outcome::Number(one), Outcome::Number(other)) => {
            Outcome::Number(join(one, other).unwrap_or_default())
        }
        (Outcome::Series(one), Outcome::Number(other)) => {
            Outcome::Series(with(one, &|_, it| join(it, other)))
        }
        (Outcome::Number(one), Outcome::Series(other)) => {
            Outcome::Series(with(other, &|_, it| join(one, it)))
        }
        (Outcome::Series(one), Outcome::Series(other)) => {
            Outcome::Series(with(one, &|at, it| join(it, *other.get(at)?)))
        }
        (Outcome::Many(all), right @ (Outcome::Number(_) | Outcome::Series(_))) => {
            let joined = all
                .into_iter()
                .map(|it| single(pair(Outcome::Series(it), right.clone(), join)?));
            Outcome::Many(joined.collect::<Result<_, _>>()?)
        }
        (left @ (Outcome::Number(_) | Outcome::Series(_)), Outcome::Many(all)) => {
            let joined = all
                .into_iter()
                .map(|it| single(pair(left.clone(), Outcome::Series(it), join)?));
            Outcome::Many(joined.collect::<Result<_, _>>()?)
        }
        _ => return Err("The operands do not fit together".to_owned()),
    })
}

fn single(outcome: Outcome) -> Result<Series, String> {
    match outcome {
        Outcome::Series(series) => Ok(series),
        _ => Err("The operands do not fit together".to_owned()),
    }
}

/// What an operator makes of two values; nothing, where it is not defined.
fn apply(operator: &str, one: f64, other: f64) -> Option<f64> {
    let truth = |it: bool| Some(f64::from(u8::from(it)));
    let value = match operator {
        "+" => one + other,
        "-" => one - other,
        "*" => one * other,
        "/" => one / other,
        "^" => one.powf(other),
        "<" => return truth(one < other),
        ">" => return truth(one > other),
        "<=" => return truth(one <= other),
        ">=" => return truth(one >= other),
        "==" => return truth(one == other),
        "!=" => return truth(one != other),
        "&&" | "AND" => return truth(one != 0.0 && other != 0.0),
        _ => return truth(one != 0.0 || other != 0.0),
    };
    value.is_finite().then_some(value)
}

fn call(name: &str, arguments: &[Expression], scope: &Scope<'_>) -> Result<Outcome, String> {
    let argument = |place: usize| match arguments.get(place) {
        Some(it) => compute(it, scope),
        None => Err(format!("{name} is given too few arguments")),
    };
    match name {
        "ABS" => Ok(each(argument(0)?, f64::abs)),
        "CEIL" => Ok(each(argument(0)?, f64::ceil)),
        "FLOOR" => Ok(each(argument(0)?, f64::floor)),
        "DIFF" | "RATE" => {
            let series = argument(0)?.series(scope)?;
            Ok(Outcome::Series(changes(&series, name == "RATE")))
        }
        "FILL" => fill(argument(0)?, &argument(1)?, scope),
        "IF" => {
            let otherwise = arguments.get(2).map(|it| compute(it, scope)).transpose()?;
            choose(argument(0)?, argument(1)?, otherwise, scope)
        }
        "METRICS" => Ok(Outcome::Many(metrics(arguments, scope)?)),
        "PERIOD" => Ok(Outcome::Number(scope.period.as_secs_f64())),
        _ => match argument(0)? {
            Outcome::Many(all) => Ok(Outcome::Series(across(name, &all))),
            // Over one series: a number that stands for it.
            other => {
                let series = other.series(scope)?;
                let values: Vec<f64> = series.into_values().collect();
                Ok(match values.is_empty() {
                    true => Outcome::Series(Series::new()),
                    false => Outcome::Number(fold(name, &values)),
                })
            }
        },
    }
}

/// The metrics asked for, or those whose id contains a text.
fn metrics(arguments: &[Expression], scope: &Scope<'_>) -> Result<Vec<Series>, String> {
    let part = match arguments {
        [] => "",
        [Expression::Text(part)] => part.as_str(),
        _ => return Err("METRICS is given nothing, or a text".to_owned()),
    };
    let named = scope.metrics.iter().filter(|it| it.contains(part));
    Ok(named
        .filter_map(|it| scope.known.get(it))
        .cloned()
        .collect())
}

fn across(name: &str, all: &[Series]) -> Series {
    let mut moments: Vec<Time> = all.iter().flat_map(|it| it.keys().copied()).collect();
    moments.sort_unstable();
    moments.dedup();
    let at = |moment: &Time| -> Vec<f64> {
        let values = all.iter().filter_map(|it| it.get(moment));
        values.copied().collect()
    };
    moments
        .iter()
        .map(|it| (*it, fold(name, &at(it))))
        .collect()
}

fn fold(name: &str, values: &[f64]) -> f64 {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    match name {
        "SUM" => values.iter().sum(),
        "AVG" => mean,
        "MAX" => values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        "MIN" => values.iter().copied().fold(f64::INFINITY, f64::min),
        _ => (values.iter().map(|it| (it - mean).powi(2)).sum::<f64>() / count).sqrt(),
    }
}

fn changes(series: &Series, by_the_second: bool) -> Series {
    let pairs = series.iter().zip(series.iter().skip(1));
    pairs
        .map(|((before, one), (at, other))| {
            let seconds = match by_the_second {
                true => at.since(*before).as_secs_f64(),
                false => 1.0,
            };
            (*at, (other - one) / seconds)
        })
        .collect()
}

fn fill(of: Outcome, with: &Outcome, scope: &Scope<'_>) -> Result<Outcome, String> {
    if let Outcome::Many(all) = of {
        let filled = all.iter().map(|it| filled(it, with, scope));
        return Ok(Outcome::Many(filled.collect::<Result<_, _>>()?));
    }
    let series = of.series(scope)?;
    filled(&series, with, scope).map(Outcome::Series)
}

fn filled(series: &Series, with: &Outcome, scope: &Scope<'_>) -> Result<Series, String> {
    let missing = scope.moments.iter().filter(|it| !series.contains_key(it));
    let mut all = series.clone();
    for at in missing {
        let before = series.range(..*at).next_back();
        let after = series.range(*at..).next();
        let value = match with {
            Outcome::Number(number) => Some(*number),
            Outcome::Text(text) if text == "REPEAT" => before.map(|(_, it)| *it),
            Outcome::Text(text) if text == "LINEAR" => before.zip(after).map(|(one, other)| {
                let part = at.since(*one.0).as_secs_f64() / other.0.since(*one.0).as_secs_f64();
                one.1 + (other.1 - one.1) * part
            }),
            Outcome::Series(other) => other.get(at).copied(),
            _ => return Err("FILL is given a number, a series, REPEAT or LINEAR".to_owned()),
        };
        all.extend(value.map(|it| (*at, it)));
    }
    Ok(all)
}

/// IF: where the condition is not zero, the one; elsewhere the other, or nothing.
fn choose(
    condition: Outcome,
    then: Outcome,
    otherwise: Option<Outcome>,
    scope: &Scope<'_>,
) -> Result<Outcome, String> {
    let condition = condition.series(scope)?;
    let then = then.series(scope)?;
    let otherwise = otherwise.map(|it| it.series(scope)).transpose()?;
    let chosen = condition.into_iter().filter_map(|(at, it)| {
        let value = match it != 0.0 {
            true => then.get(&at),
            false => otherwise.as_ref().and_then(|it| it.get(&at)),
        };
        Some((at, *value?))
    });
    Ok(Outcome::Series(chosen.collect()))
}

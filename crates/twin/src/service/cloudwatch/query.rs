//! What is asked of metrics: one of them, or an expression of several.

use super::statistic::Statistic;
use crate::Refusal;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

/// A question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Query {
    pub(crate) id: String,
    pub(crate) source: Source,
    pub(crate) label: Option<String>,
    /// Whether the answer is shown, or serves only other questions.
    pub(crate) returned: bool,
    /// The period of an expression, if it says one.
    pub(crate) period: Option<Duration>,
}

/// What a question is about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Source {
    Metric(Watched),
    Expression(String),
}

/// A statistic of a metric.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Watched {
    pub(crate) namespace: String,
    pub(crate) name: String,
    pub(crate) dimensions: BTreeMap<String, String>,
    pub(crate) period: Duration,
    pub(crate) statistic: Statistic,
    pub(crate) unit: Option<String>,
}

/// Dimensions from a list of `{Name, Value}`.
pub(crate) fn dimensions(list: &[Value]) -> BTreeMap<String, String> {
    let text = |it: &Value, name: &str| {
        let value = it.get(name).and_then(Value::as_str);
        value.unwrap_or_default().to_owned()
    };
    list.iter()
        .map(|it| (text(it, "Name"), text(it, "Value")))
        .collect()
}

/// Dimensions as a list of `{Name, Value}`.
pub(crate) fn shown_dimensions(dimensions: &BTreeMap<String, String>) -> Value {
    dimensions
        .iter()
        .map(|(name, value)| serde_json::json!({ "Name": name, "Value": value }))
        .collect()
}

/// An error as CloudWatch tells of what its model does not know.
pub(crate) fn invalid(text: impl Into<String>) -> Refusal {
    Refusal::new("ValidationError", text)
}

/// Questions from a list of MetricDataQuery.
pub(crate) fn read(list: &[Value]) -> Result<Vec<Query>, Refusal> {
    let queries = list.iter().map(read_one).collect::<Result<Vec<_>, _>>()?;
    let ids: BTreeSet<&str> = queries.iter().map(|it| it.id.as_str()).collect();
    match ids.len() == queries.len() {
        true => Ok(queries),
        false => Err(invalid(
            "The values for parameter id in MetricDataQueries are not unique.",
        )),
    }
}

fn read_one(query: &Value) -> Result<Query, Refusal> {
    let text = |name: &str| query.get(name).and_then(Value::as_str);
    let id = text("Id").unwrap_or_default();
    let begins = id.starts_with(|it: char| it.is_ascii_lowercase());
    if !begins || !id.chars().all(|it| it.is_ascii_alphanumeric() || it == '_') {
        return Err(invalid(format!(
            "The value {id} for parameter MetricDataQueries.member.Id is not matching the \
             expected pattern ^[a-z][a-zA-Z0-9_]*$."
        )));
    }
    let source = match (query.get("MetricStat"), text("Expression")) {
        (Some(stat), None) => Source::Metric(watched(stat)?),
        (None, Some(expression)) => {
            super::expression::parse(expression)
                .map_err(|why| invalid(format!("Error in expression '{id}': {why}")))?;
            Source::Expression(expression.to_owned())
        }
        _ => {
            return Err(invalid(format!(
                "Exactly one of MetricStat and Expression must be specified for {id}."
            )));
        }
    };
    let period = query.get("Period").and_then(Value::as_u64);
    Ok(Query {
        id: id.to_owned(),
        source,
        label: text("Label").map(str::to_owned),
        returned: query.get("ReturnData").and_then(Value::as_bool) != Some(false),
        period: period.map(this_period).transpose()?,
    })
}

fn watched(stat: &Value) -> Result<Watched, Refusal> {
    let metric = stat.get("Metric").unwrap_or(&Value::Null);
    let text = |of: &Value, name: &str| of.get(name).and_then(Value::as_str).map(str::to_owned);
    let named = text(stat, "Stat").unwrap_or_default();
    let statistic = Statistic::parse(&named).ok_or_else(|| {
        invalid(format!(
            "The value {named} for parameter MetricStat.Stat is not supported."
        ))
    })?;
    let list = metric.get("Dimensions").and_then(Value::as_array);
    Ok(Watched {
        namespace: text(metric, "Namespace").unwrap_or_default(),
        name: text(metric, "MetricName").unwrap_or_default(),
        dimensions: dimensions(list.map_or(&[], Vec::as_slice)),
        // Scaling policies leave the period to the service.
        period: this_period(stat.get("Period").and_then(Value::as_u64).unwrap_or(60))?,
        statistic,
        unit: text(stat, "Unit"),
    })
}

/// A length that a period can have: 1, 5, 10, 20, 30 seconds, or whole minutes.
pub(crate) fn this_period(seconds: u64) -> Result<Duration, Refusal> {
    let is_possible =
        [1, 5, 10, 20, 30].contains(&seconds) || seconds > 0 && seconds.is_multiple_of(60);
    match is_possible {
        true => Ok(Duration::from_secs(seconds)),
        false => Err(invalid(
            "The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60.",
        )),
    }
}

//! Which metrics there are.

use super::{metric::Metric, query};
use crate::{Action, Answer, Input, Refusal, World, call::page};
use serde_json::{Value, json};
use std::time::Duration;

/// How long ago a metric may have got its last value to count as active.
const ACTIVE: Duration = Duration::from_secs(3 * 3600);

/// How long ago, to be listed at all.
const LISTED: Duration = Duration::from_secs(14 * 86_400);

pub(crate) fn actions() -> Vec<Action> {
    vec![Action::new("ListMetrics", list_metrics)]
}

fn list_metrics(world: &mut World, input: &Input) -> Answer {
    let within = match input.has("RecentlyActive") {
        true => ACTIVE,
        false => LISTED,
    };
    let metrics: Vec<Value> = world
        .cloudwatch
        .metrics
        .values()
        .filter(|it| world.now.since(it.put_at) <= within && is_asked(it, input))
        .map(|it| {
            json!({
                "Namespace": it.namespace,
                "MetricName": it.name,
                "Dimensions": query::shown_dimensions(&it.dimensions),
            })
        })
        .collect();
    let (metrics, next) = page(&metrics, input.maybe("NextToken"), 500).ok_or_else(|| {
        Refusal::new(
            "InvalidParameterValue",
            "Request parameter NextToken is not valid.",
        )
    })?;
    let mut answer = json!({ "Metrics": metrics });
    if let Some(next) = next {
        answer["NextToken"] = next.into();
    }
    Ok(answer)
}

fn is_asked(metric: &Metric, input: &Input) -> bool {
    let is = |name: &str, value: &str| input.maybe(name).is_none_or(|it| it == value);
    let has = |filter: &Value| {
        let text = |name: &str| filter.get(name).and_then(Value::as_str);
        let found = metric.dimensions.get(text("Name").unwrap_or_default());
        found.is_some_and(|it| text("Value").is_none_or(|value| value == it))
    };
    is("Namespace", &metric.namespace)
        && is("MetricName", &metric.name)
        && input.list("Dimensions").iter().all(has)
}

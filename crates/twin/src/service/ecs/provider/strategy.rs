//! Strategies: how tasks are spread over capacity providers.

use super::is_fargate;
use crate::{Refusal, service::ecs::cluster::invalid};
use serde_json::Value;

/// How many providers a strategy or a cluster has at most.
pub(super) const MOST: usize = 20;

/// Checks a strategy for a cluster that has `providers`, and fills in what AWS fills in. That all
/// weights are zero is refused only where tasks are to be run with it.
pub fn check(providers: &[String], strategy: &[Value]) -> Result<Vec<Value>, Refusal> {
    if strategy.len() > MOST {
        return Err(invalid(
            "A capacity provider strategy can contain a maximum of 20 capacity providers.",
        ));
    }
    let names: Vec<&str> = strategy.iter().map(name).collect();
    if names
        .iter()
        .any(|it| !providers.iter().any(|has| has == it))
    {
        return Err(invalid(
            "The specified capacity provider strategy cannot contain a capacity provider that is \
             not associated with the cluster. Associate the capacity provider with the cluster \
             and try again.",
        ));
    }
    if has_twice(&names) {
        return Err(invalid(
            "A capacity provider strategy cannot contain the same capacity provider twice.",
        ));
    }
    let on_fargate = names.iter().filter(|it| is_fargate(it)).count();
    if on_fargate > 0 && on_fargate < names.len() {
        return Err(invalid(
            "The capacity provider strategy cannot contain a mix of capacity providers using \
             Fargate and Auto Scaling groups. Specify one or the other and try again.",
        ));
    }
    let has_base = |it: &&Value| it["base"].as_i64().unwrap_or_default() > 0;
    if strategy.iter().filter(has_base).count() > 1 {
        return Err(invalid(
            "A capacity provider strategy cannot contain more than one capacity provider with a \
             defined base value. Specify a base value for one capacity provider and try again.",
        ));
    }
    Ok(strategy.iter().map(filled).collect())
}

fn name(item: &Value) -> &str {
    item["capacityProvider"].as_str().unwrap_or_default()
}

fn filled(item: &Value) -> Value {
    let mut item = item.clone();
    for member in ["weight", "base"] {
        if item.get(member).is_none() {
            item[member] = Value::from(0);
        }
    }
    item
}

/// Whether a name is there twice.
pub(super) fn has_twice(names: &[&str]) -> bool {
    let mut sorted = names.to_vec();
    sorted.sort_unstable();
    sorted.windows(2).any(|pair| pair[0] == pair[1])
}

/// Whether a strategy, as services show it, names a provider.
pub(super) fn names(strategy: &Value, provider: &str) -> bool {
    let items = strategy.as_array().into_iter().flatten();
    items.into_iter().any(|it| name(it) == provider)
}

//! Capacity provider strategies.

use crate::{Refusal, World};
use serde_json::{Value, json};

/// A strategy with its defaults filled in, if the cluster can follow it.
pub(crate) fn checked(
    world: &World,
    cluster: &str,
    written: &[Value],
) -> Result<Vec<Value>, Refusal> {
    let refuse = |text: &str| Err(Refusal::new("InvalidParameterException", text));
    let attached = world.ecs.clusters.get(cluster);
    let attached = attached.map_or(&[][..], |it| it.providers.as_slice());
    let number = |item: &Value, member: &str| item[member].as_i64().unwrap_or_default();
    let name = |item: &Value| {
        item["capacityProvider"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    if written.len() > 20 {
        return refuse(
            "A capacity provider strategy can contain a maximum of 20 capacity providers.",
        );
    }
    if written.iter().any(|it| !attached.contains(&name(it))) {
        return refuse(
            "The specified capacity provider strategy cannot contain a capacity provider that is \
             not associated with the cluster. Associate the capacity provider with the cluster \
             and try again.",
        );
    }
    if written.iter().filter(|it| number(it, "base") > 0).count() > 1 {
        return refuse(
            "The specified capacity provider strategy contains more than one capacity provider \
             with a base value. Only one capacity provider can have a base defined.",
        );
    }
    // AWS takes a single provider without a weight: there is nothing to weigh.
    if written.len() > 1 && written.iter().all(|it| number(it, "weight") == 0) {
        return refuse(
            "The specified capacity provider strategy must contain at least one capacity provider \
             with a weight value greater than 0.",
        );
    }
    let full = |item: &Value| {
        json!({
            "capacityProvider": name(item),
            "weight": number(item, "weight"),
            "base": number(item, "base"),
        })
    };
    Ok(written.iter().map(full).collect())
}

/// The provider that the next task goes to, if `running` tells how many each has now.
pub(crate) fn next(strategy: &[Value], running: impl Fn(&str) -> i64) -> Option<String> {
    let name = |item: &Value| {
        item["capacityProvider"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    let base = |item: &Value| item["base"].as_i64().unwrap_or_default();
    if let Some(item) = strategy.iter().find(|it| running(&name(it)) < base(it)) {
        return Some(name(item));
    }
    let load = |item: &&Value| {
        let weight = item["weight"].as_i64().unwrap_or_default().max(1);
        // Counted in thousandths: how full its share would be with one task more.
        (running(&name(item)) - base(item) + 1) * 1000 / weight
    };
    let weighed = |item: &&Value| item["weight"].as_i64().unwrap_or_default() > 0;
    let chosen = strategy.iter().filter(weighed).min_by_key(load);
    chosen.or(strategy.first()).map(name)
}

//! Reading services.

use super::{lookup, show};
use crate::{Answer, Grant, Input, Refusal, World, call};
use serde_json::{Value, json};

/// What the caller of DescribeServices must be allowed.
pub(super) fn needs(world: &World, input: &Input) -> Vec<Grant> {
    let named = input.texts("services").into_iter();
    named
        .map(|it| lookup::on_service(world, input, it))
        .collect()
}

pub(super) fn describe_services(world: &mut World, input: &Input) -> Answer {
    let cluster = lookup::cluster(world, input)?;
    let refuse = |text: &str| Err(Refusal::new("InvalidParameterException", text));
    let named = input.texts("services");
    match named.len() {
        0 => return refuse("Services cannot be empty."),
        1..=10 => {}
        _ => return refuse("Service list cannot be longer than 10."),
    }
    let with_tags = input.texts("include").contains(&"TAGS");
    let mut shown: Vec<Value> = Vec::new();
    let mut failures = Vec::new();
    for written in named {
        let key = lookup::key(&cluster, written)?;
        match world.ecs.services.get(&key) {
            Some(service) => {
                let service = show::service(world, service, with_tags);
                if !shown.contains(&service) {
                    shown.push(service);
                }
            }
            None => {
                let arn = world.arn("ecs", &format!("service/{key}"));
                failures.push(json!({"arn": arn, "reason": "MISSING"}));
            }
        }
    }
    Ok(json!({"services": shown, "failures": failures}))
}

pub(super) fn list_services(world: &mut World, input: &Input) -> Answer {
    let cluster = lookup::cluster(world, input)?;
    let refuse = |text: &str| Err(Refusal::new("InvalidParameterException", text));
    let limit = input.integer("maxResults").unwrap_or(10);
    if !(1..=100).contains(&limit) {
        return refuse("maxResults must be between 1 and 100.");
    }
    let asked = |member: &str, shown: &Value| {
        input
            .maybe(member)
            .is_none_or(|it| shown.as_str() == Some(it))
    };
    let all: Vec<String> = world
        .ecs
        .services
        .values()
        .filter(|it| it.cluster == cluster && it.status == "ACTIVE")
        .filter(|it| asked("launchType", &it.document["launchType"]))
        .filter(|it| asked("schedulingStrategy", &it.document["schedulingStrategy"]))
        .filter(|_| asked("resourceManagementType", &json!("CUSTOMER")))
        .map(|it| it.arn.clone())
        .collect();
    let Some((arns, next)) = call::page(&all, input.maybe("nextToken"), limit as usize) else {
        return refuse("Invalid token.");
    };
    Ok(call::object([
        ("serviceArns", Some(json!(arns))),
        ("nextToken", next.map(Value::from)),
    ]))
}

//! What the service refuses in the same words in many places.

use super::{Group, group};
use crate::{Refusal, World, call};
use serde_json::Value;

/// `ValidationError`.
pub(super) fn invalid(text: impl Into<String>) -> Refusal {
    Refusal::new("ValidationError", text)
}

/// A group by its name or ARN.
pub(super) fn named<'a>(world: &'a World, name: &str) -> Result<&'a Group, Refusal> {
    let found = world.autoscaling.groups.get(group::name_in(name));
    found.ok_or_else(|| {
        invalid(format!(
            "AutoScalingGroup name not found - AutoScalingGroup '{name}' not found"
        ))
    })
}

/// A group that is not being deleted: its name.
pub(super) fn lasting(world: &World, name: &str) -> Result<String, Refusal> {
    let group = named(world, name)?;
    match group.deleting {
        false => Ok(group.name.clone()),
        true => Err(invalid(format!(
            "AutoScalingGroup {} is pending delete",
            group.name
        ))),
    }
}

/// The name of the group of which the instance is, or is not, a part.
pub(super) fn with_member(world: &World, name: &str, instance: &str) -> Result<(), Refusal> {
    let group = named(world, name)?;
    match group.members.contains_key(instance) {
        true => Ok(()),
        false => Err(invalid(format!(
            "The instance {instance} is not part of Auto Scaling group {}.",
            group.name
        ))),
    }
}

/// A page of a listing, as `member` with `NextToken`.
pub(super) fn paged(
    all: &[Value],
    input: &crate::Input,
    member: &str,
    usual: usize,
    most: i64,
) -> crate::Answer {
    let limit = match input.integer("MaxRecords") {
        None => usual,
        Some(limit) if (1..=most).contains(&limit) => limit as usize,
        Some(limit) => {
            return Err(invalid(format!(
                "The maximum number of records must be between 1 and {most}, but was {limit}"
            )));
        }
    };
    let token = input.maybe("NextToken").filter(|it| !it.is_empty());
    let Some((page, next)) = call::page(all, token, limit) else {
        let text = format!("The token '{}' is invalid.", input.text("NextToken"));
        return Err(Refusal::new("InvalidNextToken", text));
    };
    Ok(call::object([
        (member, Some(page.into())),
        ("NextToken", next.map(Value::from)),
    ]))
}

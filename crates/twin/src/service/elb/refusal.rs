//! What the service refuses in the same words in many places, and how it pages.

use crate::{Answer, Input, Refusal, call};
use serde_json::Value;

/// `ValidationError`.
pub(super) fn invalid(text: impl Into<String>) -> Refusal {
    Refusal::new("ValidationError", text)
}

/// No such thing, by its ARN or name: `LoadBalancerNotFound` and the like.
pub(super) fn missing(code: &str, kind: &str, name: &str) -> Refusal {
    let subject = match name.starts_with("arn:") {
        true => format!("{kind} '{name}' not found"),
        false => format!("{kind}s '[{name}]' not found"),
    };
    Refusal::new(code, subject)
}

/// Checks the name of a load balancer or a target group.
pub(super) fn check_name(name: &str, kind: &str) -> Result<(), Refusal> {
    if name.is_empty() || name.chars().count() > 32 {
        return Err(invalid(format!(
            "{kind} name '{name}' cannot be longer than '32' characters"
        )));
    }
    if !name
        .chars()
        .all(|it| it.is_ascii_alphanumeric() || it == '-')
    {
        return Err(invalid(format!(
            "{kind} name '{name}' can only contain characters that are alphanumeric characters \
             and hyphens(-)"
        )));
    }
    if name.starts_with('-') || name.ends_with('-') {
        return Err(invalid(format!(
            "{kind} name '{name}' cannot begin or end with '-'"
        )));
    }
    Ok(())
}

/// A page of a listing, as `member` with `NextMarker`.
pub(super) fn paged(all: &[Value], input: &Input, member: &str) -> Answer {
    let limit = input.integer("PageSize").unwrap_or(400).clamp(1, 400) as usize;
    let marker = input.maybe("Marker").filter(|it| !it.is_empty());
    let Some((page, next)) = call::page(all, marker, limit) else {
        return Err(invalid(format!(
            "The specified marker '{}' is not valid",
            input.text("Marker")
        )));
    };
    Ok(call::object([
        (member, Some(page.into())),
        ("NextMarker", next.map(Value::from)),
    ]))
}

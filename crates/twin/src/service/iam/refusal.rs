//! What IAM answers where it does not do what it is asked.

use crate::Refusal;

pub(super) fn no_such(text: impl Into<String>) -> Refusal {
    Refusal::new("NoSuchEntity", text).status(404)
}

pub(super) fn no_role(name: &str) -> Refusal {
    no_such(format!("The role with name {name} cannot be found."))
}

pub(super) fn no_profile(name: &str) -> Refusal {
    no_such(format!("Instance Profile {name} cannot be found."))
}

pub(super) fn no_policy(arn: &str) -> Refusal {
    no_such(format!("Policy {arn} was not found."))
}

pub(super) fn exists(text: impl Into<String>) -> Refusal {
    Refusal::new("EntityAlreadyExists", text).status(409)
}

pub(super) fn conflict(text: impl Into<String>) -> Refusal {
    Refusal::new("DeleteConflict", text).status(409)
}

pub(super) fn limit(text: impl Into<String>) -> Refusal {
    Refusal::new("LimitExceeded", text).status(409)
}

/// A quota that would be exceeded: `Cannot exceed quota for RolesPerAccount: 1000`.
pub(super) fn quota(name: &str, most: usize) -> Refusal {
    limit(format!("Cannot exceed quota for {name}: {most}"))
}

pub(super) fn invalid(text: impl Into<String>) -> Refusal {
    Refusal::new("InvalidInput", text).status(400)
}

pub(super) fn validation(text: impl Into<String>) -> Refusal {
    Refusal::new("ValidationError", text).status(400)
}

pub(super) fn protected(role: &str) -> Refusal {
    let text = format!(
        "Cannot perform the operation on the protected role '{role}' - this role is only \
         modifiable by AWS"
    );
    Refusal::new("UnmodifiableEntity", text).status(400)
}

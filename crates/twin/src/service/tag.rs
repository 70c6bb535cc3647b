//! The Resource Groups Tagging API: an index of what is tagged.

mod arn;
mod index;
mod query;
#[cfg(test)]
mod tests;
mod write;

use crate::{Action, Refusal};
pub use index::{Index, observe};

/// The service's actions.
pub fn actions() -> Vec<Action> {
    vec![
        Action::new("GetResources", query::resources),
        Action::new("GetTagKeys", query::keys),
        Action::new("GetTagValues", query::values),
        Action::on("TagResources", write::tag, write::tag_needs),
        Action::on("UntagResources", write::untag, write::untag_needs),
    ]
}

fn invalid(text: impl Into<String>) -> Refusal {
    Refusal::new("InvalidParameterException", text)
}

//! What every Describe action does with what there is: by ids, by filters, by pages.

use super::{
    filter::{self, Filters},
    refusal,
};
use crate::{Answer, Input, Refusal, call};
use serde_json::{Map, Value};

/// How many are shown on a page where nothing else is asked for.
const PAGE: usize = 1000;

/// How one kind of resource is listed.
pub(super) struct Listing {
    /// The output's member.
    pub(super) member: &'static str,
    /// The input's member with ids, the prefix of those, and the member that shows the id.
    pub(super) ids: Option<(&'static str, &'static str, &'static str)>,
    /// What it can be filtered by.
    pub(super) filters: Filters,
}

impl Listing {
    /// What of everything that could be shown the input asks for.
    pub(super) fn select(&self, input: &Input, shown: Vec<Value>) -> Result<Vec<Value>, Refusal> {
        let shown = match self.ids {
            Some((member, prefix, id)) => by_ids(input, (member, prefix, id), shown)?,
            None => shown,
        };
        filter::keep(input, self.filters, shown)
    }

    /// The answer of a Describe action.
    pub(super) fn answer(&self, input: &Input, shown: Vec<Value>) -> Answer {
        let shown = self.select(input, shown)?;
        paged(input, self.member, &shown)
    }
}

fn by_ids(
    input: &Input,
    (member, prefix, id): (&str, &str, &str),
    shown: Vec<Value>,
) -> Result<Vec<Value>, Refusal> {
    let asked = input.texts(member);
    if asked.is_empty() {
        return Ok(shown);
    }
    for it in &asked {
        refusal::formed(prefix, it)?;
        if !shown.iter().any(|view| view[id].as_str() == Some(it)) {
            return Err(refusal::absent_as(prefix, it));
        }
    }
    let is_asked = |view: &Value| view[id].as_str().is_some_and(|it| asked.contains(&it));
    Ok(shown.into_iter().filter(is_asked).collect())
}

/// One page of what is shown.
pub(super) fn paged(input: &Input, member: &str, shown: &[Value]) -> Answer {
    pages(input, member, shown, PAGE)
}

/// The same, with `most` on a page at most.
pub(super) fn pages(input: &Input, member: &str, shown: &[Value], most: usize) -> Answer {
    let asked = input
        .integer("MaxResults")
        .and_then(|it| usize::try_from(it).ok());
    let limit = asked.map_or(most, |it| it.min(most));
    let (page, next) = call::page(shown, input.maybe("NextToken"), limit)
        .ok_or_else(|| Refusal::new("InvalidNextToken", "The specified NextToken is not valid."))?;
    let mut answer = Map::new();
    answer.insert(member.to_owned(), Value::Array(page));
    if let Some(next) = next {
        answer.insert("NextToken".to_owned(), Value::from(next));
    }
    Ok(Value::Object(answer))
}

/// Refuses a page size beside ids, where EC2 takes only one of them.
pub(super) fn ids_or_pages(input: &Input, ids: &str) -> Result<(), Refusal> {
    match input.has("MaxResults") && !input.list(ids).is_empty() {
        true => Err(refusal::combined(format!(
            "The parameter {ids} cannot be used with the parameter MaxResults"
        ))),
        false => Ok(()),
    }
}

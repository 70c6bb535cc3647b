//! Links that lead nowhere, told where they stand and with what may have been meant.

use super::{SECTIONS, Stack, read::nearest};
use crate::source::{Problem, Source};
use setpoint_core::PlanError;

pub(super) fn dangling(stack: &Stack, source: &Source) -> Vec<Problem> {
    let desired = stack.desired();
    let errors = match setpoint_core::check_links(&desired) {
        Ok(()) => return Vec::new(),
        Err(errors) => errors.0,
    };
    let known = |kind| {
        desired
            .addresses()
            .filter(move |it| it.kind == kind)
            .map(|it| it.name.as_str())
    };
    let problem = |err: PlanError| {
        let PlanError::UnknownLink { from, to } = &err else {
            return Problem {
                place: source.place(&[]),
                message: err.to_string(),
                hint: None,
            };
        };
        let section = |kind| SECTIONS.iter().find(|it| it.1 == kind).map(|it| it.0);
        let home = section(from.kind).unwrap_or("clusters");
        let path = [home.into(), from.name.as_str().into()];
        let target = section(to.kind).unwrap_or("resources");
        Problem {
            place: source.place_of_text(&path, to.name.as_str()),
            message: format!(
                "{from} asks for the {} `{}`, which the stack does not declare",
                words(to.kind.0),
                to.name
            ),
            hint: Some(match nearest(to.name.as_str(), known(to.kind)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!(
                    "declare it under `{target}:`, or name it under `existing: {{{target}: […]}}`"
                ),
            }),
        }
    };
    errors.into_iter().map(problem).collect()
}

/// `taskDefinition` as a reader says it: `task definition`.
fn words(kind: &str) -> String {
    let mut words = String::new();
    for letter in kind.chars() {
        if letter.is_uppercase() {
            words.push(' ');
        }
        words.extend(letter.to_lowercase());
    }
    words
}

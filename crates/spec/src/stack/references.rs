//! Links that lead nowhere, told where they stand and with what may have been meant.

use super::{SECTIONS, Stack, read::nearest};
use crate::{
    kind::Image,
    problem::{Code, Edit, Problem},
    source::{Source, Step},
};
use serde_json::Value;
use setpoint_core::{PlanError, Resource};

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
            return Problem::error(Code::CIRCLE, source.head(&[]), err.to_string());
        };
        let section = |kind| SECTIONS.iter().find(|it| it.1 == kind).map(|it| it.0);
        let home = section(from.kind).unwrap_or("clusters");
        let path = item(source, home, from.name.as_str());
        let target = section(to.kind).unwrap_or("resources");
        let span = source.span_of_text(&path, to.name.as_str());
        let message = format!(
            "{from} asks for the {} `{}`, which the stack does not declare",
            words(to.kind.0),
            to.name
        );
        let problem = Problem::error(Code::DANGLING, span, message);
        match nearest(to.name.as_str(), known(to.kind)) {
            Some(near) => {
                let edit = Edit {
                    span,
                    text: near.to_owned(),
                };
                let problem = problem.hint(format!("did you mean `{near}`?"));
                problem.fix(format!("write `{near}`"), vec![edit])
            }
            None if to.kind == Image::KIND => {
                problem.hint("declare it under `images:`, with its `repository` and `context`")
            }
            None => problem.hint(format!(
                "declare it under `{target}:`, or name it under `existing: {{{target}: […]}}`"
            )),
        }
    };
    errors.into_iter().map(problem).collect()
}

/// Where an item of a section stands: under its name, or in a list of pasted documents.
fn item(source: &Source, section: &str, name: &str) -> Vec<Step> {
    let list = source.value[section].as_array();
    let is_it = |it: &Value| it["family"] == name || it["serviceName"] == name;
    match list.and_then(|it| it.iter().position(is_it)) {
        Some(index) => vec![section.into(), index.into()],
        None => vec![section.into(), name.into()],
    }
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

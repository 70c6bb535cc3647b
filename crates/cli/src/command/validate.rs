use super::Ended;
use crate::{
    arguments::{Common, ValidateOptions},
    reading::{Reading, read, stops},
    render,
};

/// Reads and checks the stack, and tells every problem of it.
pub(crate) fn validate(common: &Common, options: &ValidateOptions) -> Ended {
    let Reading {
        files,
        stack,
        problems,
        ..
    } = read(common)?;
    match (options.json, options.sarif, &stack) {
        (true, _, _) => render::problems_as_json(&files, &problems)?,
        (_, true, _) => render::problems_as_sarif(&files, &problems)?,
        (_, _, Some(stack)) if problems.is_empty() => {
            let resources = stack.desired().managed().count();
            render::valid(common.stack(), &stack.name, resources)?;
        }
        _ => render::problems(&files, &problems, common.stack()),
    }
    Ok(u8::from(problems.iter().any(|it| stops(common, it))))
}

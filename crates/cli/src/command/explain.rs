use super::Ended;
use crate::{failure::Failure, render};
use setpoint_check::{explain as page, explained};

/// Prints the page of a code, or what each code means.
pub(crate) fn explain(code: Option<&str>) -> Ended {
    let text = match code {
        Some(code) => {
            let found = page(code).ok_or_else(|| Failure::UnknownCode(code.to_owned()))?;
            found.page.to_owned()
        }
        None => explained().map(|it| format!("{}\n", it.title())).collect(),
    };
    render::raw(text.as_bytes())?;
    Ok(0)
}

//! Why services are not as they should be.

use super::{
    Paint, documents,
    observed::{gaps, painted},
    raw,
};
use crate::failure::Failure;
use setpoint_observe::{
    Picture,
    why::{Finding, lines},
};
use std::io;

/// Tells what was found, service by service.
pub(crate) fn findings(picture: &Picture, all: &[(String, Vec<Finding>)]) -> Result<(), Failure> {
    let paint = Paint::of(&io::stdout());
    let texts = all
        .iter()
        .map(|(service, found)| painted(&lines(service, found), &paint));
    raw(texts.collect::<Vec<String>>().join("\n").as_bytes())?;
    gaps(&picture.not_shown);
    Ok(())
}

/// The same for programs.
pub(crate) fn findings_as_json(
    picture: &Picture,
    all: &[(String, Vec<Finding>)],
) -> Result<(), Failure> {
    super::document(&documents::findings(picture, all))
}

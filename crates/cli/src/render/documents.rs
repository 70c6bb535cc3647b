//! What is seen of services, as the documents that `--json` prints.

use serde_json::{Value, json};
use setpoint_observe::{
    Picture, endpoints::endpoints as found, status::status as states, timeline::Happening,
    why::Finding,
};

/// How services do.
pub fn status(picture: &Picture) -> Value {
    json!({
        "version": 1,
        "at": picture.at,
        "services": states(picture),
        "absent": picture.absent,
        "notShown": picture.not_shown,
    })
}

/// Where services answer.
pub fn endpoints(picture: &Picture) -> Value {
    json!({
        "version": 1,
        "at": picture.at,
        "endpoints": found(picture),
        "absent": picture.absent,
        "notShown": picture.not_shown,
    })
}

/// What happened, an object a line.
pub fn happenings(happenings: &[Happening]) -> String {
    let line = |it: &Happening| format!("{}\n", json!(it));
    happenings.iter().map(line).collect()
}

/// Why services are not as they should be.
pub fn findings(picture: &Picture, all: &[(String, Vec<Finding>)]) -> Value {
    let findings: Vec<&Finding> = all.iter().flat_map(|it| &it.1).collect();
    json!({
        "version": 1,
        "at": picture.at,
        "wrong": findings.iter().any(|it| it.wrong),
        "findings": findings,
        "notShown": picture.not_shown,
    })
}

//! The registry as a whole.

use super::invalid;
use crate::{Action, Answer, Input, World, habits::ACCOUNT};
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use serde_json::{Value, json};
use std::time::Duration;

const TOKEN_LIFE: Duration = Duration::from_secs(12 * 3600);

pub(super) fn actions() -> Vec<Action> {
    vec![
        Action::new("GetAuthorizationToken", authorize),
        Action::new("DescribeRegistry", describe),
        Action::new("PutRegistryScanningConfiguration", put_scanning),
        Action::new("GetRegistryScanningConfiguration", get_scanning),
    ]
}

/// The host that docker is given.
pub(super) fn host(world: &World) -> String {
    format!("{ACCOUNT}.dkr.ecr.{}.amazonaws.com", world.region)
}

/// One token is good for every registry that the caller can reach; the one for a named registry
/// says where that is.
fn authorize(world: &mut World, input: &Input) -> Answer {
    let mut registries = input.texts("registryIds");
    if registries.is_empty() {
        registries.push(ACCOUNT);
    }
    let password = BASE64.encode(world.ids.hex(512));
    let token = BASE64.encode(format!("AWS:{password}"));
    let expires_at = (world.now + TOKEN_LIFE).value();
    let region = &world.region;
    let data: Vec<Value> = registries
        .into_iter()
        .map(|registry| {
            json!({
                "authorizationToken": token,
                "expiresAt": expires_at,
                "proxyEndpoint": format!("https://{registry}.dkr.ecr.{region}.amazonaws.com"),
            })
        })
        .collect();
    Ok(json!({ "authorizationData": data }))
}

fn describe(_world: &mut World, _input: &Input) -> Answer {
    Ok(json!({ "registryId": ACCOUNT, "replicationConfiguration": { "rules": [] } }))
}

fn put_scanning(world: &mut World, input: &Input) -> Answer {
    let kind = input.maybe("scanType").unwrap_or("BASIC");
    let rules = input.list("rules");
    let frequencies = rules.iter().filter_map(|it| it["scanFrequency"].as_str());
    if kind == "BASIC" && frequencies.into_iter().any(|it| it == "CONTINUOUS_SCAN") {
        let text = "CONTINUOUS_SCAN is not a scan frequency of scan type BASIC";
        return Err(invalid("rules", text));
    }
    let configuration = json!({ "scanType": kind, "rules": rules });
    world.ecr.scanning = Some(configuration.clone());
    Ok(json!({ "registryScanningConfiguration": configuration }))
}

fn get_scanning(world: &mut World, _input: &Input) -> Answer {
    let put = world.ecr.scanning.clone();
    let configuration = put.unwrap_or_else(|| json!({ "scanType": "BASIC", "rules": [] }));
    Ok(json!({ "registryId": ACCOUNT, "scanningConfiguration": configuration }))
}

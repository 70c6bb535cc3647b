//! AWS Systems Manager's parameters: the account's own, and the public ones of the ECS-optimised
//! images.

mod describe;
mod parameter;
mod read;
#[cfg(test)]
mod tests;
mod write;

pub(super) use describe::tagged;

use crate::{Action, World};
use parameter::Own;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The service's part of the world.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Ssm {
    /// The account's own parameters, by name.
    parameters: BTreeMap<String, Own>,
}

/// The service's actions.
pub fn actions() -> Vec<Action> {
    [read::actions(), write::actions(), describe::actions()]
        .into_iter()
        .flatten()
        .collect()
}

/// A parameter's value, such as that of
/// `/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id`.
pub fn parameter(world: &World, name: &str) -> Option<String> {
    read::value(world, name)
}

/// A parameter's name without the version, and without the ARN around it.
pub(crate) fn plain(name: &str) -> &str {
    let name = match name.split_once(":parameter/") {
        Some((before, _)) => &name[before.len() + ":parameter".len()..],
        None => name,
    };
    name.split_once(':').map_or(name, |it| it.0)
}

/// The name of the account's own parameter that is meant by a name as it stands in an ARN, where
/// each begins with a slash.
fn known(world: &World, name: &str) -> Option<String> {
    let own = &world.ssm.parameters;
    let bare = name.trim_start_matches('/');
    let found = [name, bare].into_iter().find(|it| own.contains_key(*it));
    found.map(str::to_owned)
}

/// The ARN of a parameter by its name. Public parameters are of no account.
pub(crate) fn arn(world: &World, name: &str) -> String {
    match name.starts_with("/aws/service/") {
        true => format!("arn:aws:ssm:{}::parameter{name}", world.region),
        false => world.arn(
            "ssm",
            &format!("parameter/{}", name.trim_start_matches('/')),
        ),
    }
}

//! Rolling an instance refresh back.

use super::{
    Group, create, group, look,
    refresh::{self, Rollback},
    refusal::lasting,
};
use crate::{Action, Answer, Input, Refusal, World};
use serde_json::{Value, json};

pub(super) fn actions() -> Vec<Action> {
    vec![Action::on(
        "RollbackInstanceRefresh",
        roll_back,
        create::on_group,
    )]
}

/// Refuses where there is no way back: without a desired configuration, or to a version that may
/// have become another one.
pub(super) fn check(desired: &Value, before: &Value) -> Result<(), Refusal> {
    let version = group::template_in(before)["Version"].clone();
    let moves = ["$Latest", "$Default"].iter().any(|it| version == **it);
    let text = match (desired.is_null(), moves) {
        (true, _) => "A desired configuration was not found for the instance refresh.",
        (_, true) => {
            "The launch template version $Latest or $Default of the Auto Scaling group does not \
             support a rollback."
        }
        _ => return Ok(()),
    };
    Err(Refusal::new("IrreversibleInstanceRefresh", text))
}

fn roll_back(world: &mut World, input: &Input) -> Answer {
    let name = lasting(world, input.text("AutoScalingGroupName"))?;
    let group = &world.autoscaling.groups[&name];
    let refresh = group.refreshes.last().filter(|it| it.is_active());
    let Some(refresh) = refresh.filter(|it| it.rollback.is_none()) else {
        return Err(refresh::none_active(&name));
    };
    check(&refresh.desired, &refresh.before)?;
    let id = refresh.id.clone();
    begin(world, &name, "Rollback was requested by the user.");
    Ok(json!({ "InstanceRefreshId": id }))
}

/// Begins to replace what a refresh has launched with what was there before.
pub(super) fn begin(world: &mut World, name: &str, reason: &str) {
    let now = world.now;
    let Some(group) = world.autoscaling.groups.get_mut(name) else {
        return;
    };
    let launched = launched(group);
    group.surge = 0;
    let Some(refresh) = group.refreshes.last_mut() else {
        return;
    };
    refresh.rollback = Some(Rollback {
        started_at: now,
        reason: reason.to_owned(),
        percentage: refresh.percentage(),
        left: refresh.total - refresh.done,
    });
    refresh.status = "RollbackInProgress".into();
    refresh.reason = Some(reason.to_owned());
    refresh.total = launched.len() as i64;
    refresh.targets = launched;
    refresh.done = 0;
    refresh.moved_at = now;
    refresh.rests_until = None;
    look::soon(world, name);
}

/// The members that the refresh launched.
fn launched(group: &Group) -> Vec<String> {
    let Some(refresh) = group.refreshes.last() else {
        return Vec::new();
    };
    let live = group.live();
    live.filter(|(_, it)| it.launched_at > refresh.started_at)
        .map(|(id, _)| id.clone())
        .collect()
}

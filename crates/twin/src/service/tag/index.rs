//! The index: what the services have, as it was some time ago.

use crate::{
    Time, World,
    service::{cloudwatch, ec2, ecr, ecs, elb, logs, scaling, ssm, tags::Tags},
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};

/// What the index shows, and what it is about to.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Index {
    /// What it shows, by ARN; nothing before the world was first looked at.
    shown: Option<BTreeMap<String, Tags>>,
    /// What there was when the world was last looked at.
    newest: BTreeMap<String, Tags>,
    /// What changed and does not show yet, in order: when, the ARN, and the tags if it is there
    /// still.
    coming: VecDeque<(Time, String, Option<Tags>)>,
}

/// Notes what has changed up to now. To be called before time goes on; it costs nothing while
/// `Habits::index_lag` is zero. What there is when the world is first looked at shows at once.
pub fn observe(world: &mut World) {
    if world.habits.index_lag.is_zero() {
        if world.index.shown.is_some() {
            world.index = Index::default();
        }
        return;
    }
    let current = tagged(world);
    let (now, lag) = (world.now, world.habits.index_lag);
    let index = &mut world.index;
    match &mut index.shown {
        None => index.shown = Some(current.clone()),
        Some(shown) => {
            let changed = current
                .iter()
                .filter(|(arn, tags)| index.newest.get(*arn) != Some(*tags))
                .map(|(arn, tags)| (now, arn.clone(), Some(tags.clone())));
            index.coming.extend(changed);
            let gone = index.newest.keys().filter(|it| !current.contains_key(*it));
            index
                .coming
                .extend(gone.map(|arn| (now, arn.clone(), None)));
            while index
                .coming
                .front()
                .is_some_and(|(at, _, _)| *at + lag <= now)
            {
                match index.coming.pop_front() {
                    Some((_, arn, Some(tags))) => shown.insert(arn, tags),
                    Some((_, arn, None)) => shown.remove(&arn),
                    None => None,
                };
            }
        }
    }
    index.newest = current;
}

/// What the index shows now, by ARN.
pub(super) fn shown(world: &mut World) -> BTreeMap<String, Tags> {
    observe(world);
    match &world.index.shown {
        Some(shown) => shown.clone(),
        None => tagged(world),
    }
}

/// Everything of the services that AWS has in the index. Auto Scaling groups are not, and IAM's
/// roles and instance profiles are not in any region's but us-east-1's, and there only some: they
/// are left out.
///
/// Resources that once had tags and have none now would be listed, too, without tags; the services
/// do not remember those.
fn tagged(world: &World) -> BTreeMap<String, Tags> {
    let all = [
        cloudwatch::tagged(world),
        ec2::tagged(world),
        ecr::tagged(world),
        ecs::tagged(world),
        elb::tagged(world),
        logs::tagged(world),
        scaling::tagged(world),
        ssm::tagged(world),
    ];
    all.into_iter().flatten().collect()
}

//! Listing task definitions.

use crate::{
    Answer, Input, World,
    service::ecs::cluster::{limit, paged},
};
use std::collections::BTreeMap;

pub(super) fn revisions(world: &mut World, input: &Input) -> Answer {
    let limit = limit(input, 100)?;
    let status = input.maybe("status").unwrap_or("ACTIVE");
    let mut all: Vec<_> = world
        .ecs
        .definitions
        .values()
        .filter(|it| it.status == status)
        // It is called a prefix, and is the whole family.
        .filter(|it| input.maybe("familyPrefix").is_none_or(|of| of == it.family))
        .collect();
    all.sort_by(|a, b| (&a.family, a.revision).cmp(&(&b.family, b.revision)));
    if input.text("sort") == "DESC" {
        all.reverse();
    }
    let arns: Vec<&str> = all.iter().map(|it| it.arn.as_str()).collect();
    paged("taskDefinitionArns", &arns, input, limit)
}

pub(super) fn families(world: &mut World, input: &Input) -> Answer {
    let limit = limit(input, 100)?;
    // By family, whether a revision is ACTIVE.
    let mut there: BTreeMap<&str, bool> = BTreeMap::new();
    let definitions = world.ecs.definitions.values();
    for definition in definitions.filter(|it| it.status != "DELETE_IN_PROGRESS") {
        *there.entry(&definition.family).or_default() |= definition.status == "ACTIVE";
    }
    let prefix = input.text("familyPrefix");
    let families: Vec<&str> = there
        .into_iter()
        .filter(|(family, _)| family.starts_with(prefix))
        .filter(|(_, active)| match input.maybe("status") {
            Some("ACTIVE") => *active,
            Some("INACTIVE") => !active,
            _ => true,
        })
        .map(|(family, _)| family)
        .collect();
    paged("families", &families, input, limit)
}

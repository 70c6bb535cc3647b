//! The world moves between the plan and its application.

use crate::{
    stacks::{cases, stack},
    toys::*,
};
use proptest::{prelude::*, sample::Index};
use setpoint_core::{
    Desired, Owner,
    testkit::{At, Fault},
};
use std::time::Duration;

/// Plans the step, lets `meddle` move the world, applies, and lists the troubles.
async fn check(
    before: &Desired,
    after: &Desired,
    meddle: impl FnOnce(&World),
    troubles: &[&str],
    done: &[&str],
) -> World {
    let world = world();
    world.reach(before).await;
    let plan = world.plan(after).await;
    meddle(&world);
    world.account.clear();
    let told = world.apply(plan).await;
    assert_eq!(told.troubles(), troubles);
    assert_eq!(told.done(), done);
    world
}

fn noted(note: u32) -> Part {
    Part { note, ..part(&[]) }
}

fn two(note: u32) -> Desired {
    Desired::default()
        .and("a", noted(note))
        .and("b", noted(note))
}

#[tokio::test(start_paused = true)]
async fn a_change_whose_field_was_moved_is_stale_and_the_rest_goes_on() {
    let world = check(
        &two(0),
        &two(1),
        |world| world.parts.meddle("a", |it| it.note = 5),
        &["failed part.a: stale: note changed; plan again"],
        &["part.b"],
    )
    .await;
    assert_eq!(world.account.writes(), ["update part.b"]);
    world.reach(&two(1)).await;
}

#[tokio::test(start_paused = true)]
async fn a_change_whose_other_field_was_moved_is_stale_too() {
    check(
        &two(0),
        &two(1),
        |world| world.parts.meddle("a", |it| it.version = 9),
        &["failed part.a: stale: version changed; plan again"],
        &["part.b"],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_count_that_an_autoscaler_moved_meanwhile_is_tolerated_and_kept() {
    let world = check(
        &web("web:1", None),
        &web("web:2", None),
        |world| world.services.meddle("web", |it| it.count = Some(9)),
        &[],
        &["task-definition.web", "service.web"],
    )
    .await;
    assert_eq!(world.services.get("web").and_then(|it| it.count), Some(9));
    world.is_at(&web("web:2", None)).await;
}

#[tokio::test(start_paused = true)]
async fn what_somebody_else_did_already_is_done() {
    let world = check(
        &two(0),
        &two(1),
        |world| world.parts.meddle("a", |it| it.note = 1),
        &[],
        &["part.a", "part.b"],
    )
    .await;
    assert_eq!(world.account.writes(), ["update part.b"]);
}

#[tokio::test(start_paused = true)]
async fn what_somebody_else_did_half_of_is_stale() {
    let whole = Part {
        version: 2,
        ..noted(1)
    };
    check(
        &two(0),
        &two(0).and("a", whole),
        |world| world.parts.meddle("a", |it| it.note = 1),
        &["failed part.a: stale: note changed; plan again"],
        &[],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_plan_that_is_applied_twice_writes_once() {
    let world = world();
    world.reach(&web("web:1", 1).and("other", role("x"))).await;
    let next = web("web:2", 1).and("a", part(&["b"])).and("b", part(&[]));
    let plan = world.plan(&next).await;
    world.apply(plan.clone()).await;
    let effects = world.account.effects();
    let told = world.apply(plan).await;
    assert_eq!(told.troubles(), [""; 0]);
    assert_eq!(told.done().len(), 5);
    assert_eq!(world.account.effects(), effects);
}

#[tokio::test(start_paused = true)]
async fn something_foreign_under_a_name_to_create_is_stale_and_untouched() {
    let world = check(
        &Desired::default(),
        &two(1),
        |world| world.parts.put("a", noted(8), Owner::Nobody),
        &["failed part.a: stale: it appeared, and is not this stack's; plan again"],
        &["part.b"],
    )
    .await;
    assert_eq!(world.parts.get("a").map(|it| it.note), Some(8));
    assert_eq!(world.account.effects(), ["create part.b"]);
}

#[tokio::test(start_paused = true)]
async fn something_foreign_that_is_as_asked_is_stale_all_the_same() {
    let world = check(
        &Desired::default(),
        &two(1),
        |world| world.parts.put("a", noted(1), Owner::Stack("other".into())),
        &["failed part.a: stale: it appeared, and is not this stack's; plan again"],
        &["part.b"],
    )
    .await;
    assert_eq!(world.account.effects(), ["create part.b"]);
}

#[tokio::test(start_paused = true)]
async fn what_another_run_of_this_stack_made_meanwhile_is_taken_as_made() {
    let world = check(
        &Desired::default(),
        &two(1),
        |world| {
            let made = Part {
                shade: Some(7),
                ..noted(1)
            };
            world.parts.put("a", made, Owner::Ours)
        },
        &[],
        &["part.b", "part.a"],
    )
    .await;
    assert_eq!(world.account.effects(), ["create part.b"]);
}

#[tokio::test(start_paused = true)]
async fn what_another_run_of_this_stack_made_otherwise_is_stale_and_untouched() {
    let stale =
        "failed part.a: stale: it appeared, and differs from what is asked in note; plan again";
    let world = check(
        &Desired::default(),
        &two(1),
        |world| world.parts.put("a", noted(8), Owner::Ours),
        &[stale],
        &["part.b"],
    )
    .await;
    assert_eq!(world.parts.get("a").map(|it| it.note), Some(8));
    assert_eq!(world.account.effects(), ["create part.b"]);
}

#[tokio::test(start_paused = true)]
async fn what_changed_hands_is_stale_and_untouched() {
    let world = check(
        &two(0),
        &Desired::default().and("a", noted(1)),
        |world| {
            world.parts.give("a", Owner::Stack("other".into()));
            world.parts.give("b", Owner::Nobody);
        },
        &[
            "failed part.a: stale: it has changed hands; plan again",
            "failed part.b: stale: it is no longer this stack's; plan again",
        ],
        &[],
    )
    .await;
    assert_eq!(world.account.writes(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn what_is_gone_is_deleted_and_cannot_be_updated() {
    check(
        &two(0),
        &Desired::default().and("a", noted(1)),
        |world| {
            world.parts.remove("a");
            world.parts.remove("b");
        },
        &["failed part.a: stale: it is gone; plan again"],
        &["part.b"],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn what_was_made_anew_is_not_deleted() {
    let world = check(
        &two(0),
        &Desired::default().and("a", noted(0)),
        |world| {
            world.parts.remove("b");
            world.parts.put("b", noted(4), Owner::Ours);
        },
        &["failed part.b: stale: it was deleted and made anew; plan again"],
        &[],
    )
    .await;
    assert_eq!(world.parts.get("b").map(|it| it.note), Some(4));
}

#[tokio::test(start_paused = true)]
async fn what_needs_a_stale_change_is_skipped() {
    check(
        &web("web:1", 1),
        &web("web:2", 1),
        |world| {
            world
                .task_definitions
                .meddle("web", |it| it.image = "by-hand".into())
        },
        &[
            "failed task-definition.web: stale: image changed; plan again",
            "skipped service.web: task-definition.web",
        ],
        &[],
    )
    .await;
}

/// Applies while the write on this line fails, and meddles before AWS is looked at again.
async fn meddled_after_a_fault(
    after: &Desired,
    line: &str,
    meddle: impl FnOnce(&World),
) -> Vec<String> {
    let world = world();
    world.reach(&two(0)).await;
    let plan = world.plan(after).await;
    world.account.clear();
    world.account.fault(At::Line(line.into()), Fault::Unsure);
    let (told, ()) = futures::join!(world.apply(plan), async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        meddle(&world);
    });
    assert_eq!(world.account.writes(), [line]);
    told.troubles()
}

#[tokio::test(start_paused = true)]
async fn what_changes_hands_after_a_failed_update_is_stale_and_untouched() {
    let after = two(0).and("a", noted(1));
    let give = |world: &World| world.parts.give("a", Owner::Nobody);
    assert_eq!(
        meddled_after_a_fault(&after, "update part.a", give).await,
        ["failed part.a: stale: it has changed hands; plan again"]
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_made_anew_after_a_failed_deletion_is_stale_and_untouched() {
    let after = Desired::default().and("b", noted(0));
    let anew = |world: &World| {
        world.parts.remove("a");
        world.parts.put("a", noted(4), Owner::Ours);
    };
    assert_eq!(
        meddled_after_a_fault(&after, "delete part.a", anew).await,
        ["failed part.a: stale: it was deleted and made anew; plan again"]
    );
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn whatever_moves_meanwhile_the_next_run_converges(
        before in stack(),
        after in stack(),
        moves in prop::collection::vec((any::<Index>(), 0..4), 0..4),
    ) {
        run(async {
            let world = world_with(|parts| parts.leaving_for(1));
            world.reach(&before).await;
            let plan = world.plan(&after).await;
            for (at, how) in moves {
                let names: Vec<_> = world.parts.all().into_keys().collect();
                if names.is_empty() {
                    break;
                }
                let name = at.get(&names).as_str();
                match how {
                    0 => world.parts.meddle(name, |it| it.note = 9),
                    1 => world.parts.meddle(name, |it| it.shade = Some(9)),
                    2 => world.parts.meddle(name, |it| it.version = 9),
                    _ => world.parts.remove(name),
                }
            }
            world.apply(plan).await;
            world.reach(&after).await;
        });
    }
}
